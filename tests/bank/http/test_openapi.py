"""The API's documentation: complete, quiet, and the same as the code."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

WRITES = ("post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file: Path = tmp_path_factory.mktemp("schema") / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", file=str(file))
    return yaml.safe_load(file.read_text())


def operations(schema: Any) -> list[tuple[str, str, Any]]:
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        if path.startswith("/api/v1/")
        for method, operation in methods.items()
    ]


def test_it_is_openapi_3_1_and_says_how_to_sign_in(schema: Any) -> None:
    assert schema["openapi"].startswith("3.1")
    assert "bearer" in schema["components"]["securitySchemes"]


def test_every_write_documents_its_key_and_what_can_go_wrong(schema: Any) -> None:
    writes = [(path, operation) for path, method, operation in operations(schema) if method in WRITES]
    assert writes
    for path, operation in writes:
        required = {parameter["name"] for parameter in operation["parameters"] if parameter.get("required")}
        assert "Idempotency-Key" in required, path
        assert {"400", "401", "404", "409", "412", "413", "415", "422", "503"} <= set(operation["responses"]), path
        problem = operation["responses"]["422"]["content"]
        assert list(problem) == ["application/problem+json"], path


def test_every_operation_says_what_it_does_under_a_name_of_its_own(schema: Any) -> None:
    found = operations(schema)
    assert all(operation.get("summary") for _, _, operation in found)
    assert len({operation["operationId"] for _, _, operation in found}) == len(found)


def test_nothing_internal_is_documented(schema: Any) -> None:
    assert all(path.startswith("/api/") for path in schema["paths"])


@pytest.mark.django_db(transaction=True)
def test_the_documentation_is_readable_without_signing_in_or_the_internet() -> None:
    page = Client().get("/api/docs").content.decode()
    assert "swagger-ui" in page
    assert "cdn." not in page
    assert Client().get("/api/schema").status_code == 200
