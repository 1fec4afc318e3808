from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from bank.http import configuration


def offered(prefix: str, package: str) -> list[URLResolver]:
    """The URLs of a package, where it has some."""
    parent = package.rpartition(".")[0]
    found = find_spec(parent) and find_spec(package) and find_spec(f"{package}.urls")
    return [path(prefix, include(f"{package}.urls"))] if found else []


urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    path("", include("allauth.idp.urls")),
    path("identity/", include("allauth.account.urls")),
    *offered("", "bank.http"),
    *[url for context in settings.CONTEXTS for url in offered("api/v1/", f"{context}.api")],
]
handler400, handler403, handler404, handler500 = (
    configuration.HANDLERS[f"handler{code}"] for code in (400, 403, 404, 500)
)
