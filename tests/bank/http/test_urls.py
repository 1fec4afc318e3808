"""What a service answers: the API of each of its contexts, or it does not start."""

import runpy

import pytest
from pytest_django import Settings

from bank.runtime.home import PROJECT


def test_a_context_without_its_api_is_an_error_and_not_a_silent_service(settings: Settings) -> None:
    settings.CONTEXTS = ("customers", "bench")
    with pytest.raises(ModuleNotFoundError, match=r"bench\.api"):
        runpy.run_path(str(PROJECT / "config" / "urls.py"))
