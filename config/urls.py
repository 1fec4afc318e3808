from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path


def served(prefix: str, module: str) -> list[URLResolver]:
    """A module's URLs, where it has some."""
    return [path(prefix, include(module))] if find_spec(module) else []


urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("", include("allauth.idp.urls")),
    path("accounts/", include("allauth.account.urls")),
]
