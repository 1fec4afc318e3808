"""The small ASGI process: composition, comparison and server-sent events, which wait for others."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from bankview.sidecar import application  # noqa: E402 - the app needs Django's registry

__all__ = ["application"]
