from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path

from bank.http import configuration


def home(request: HttpRequest) -> HttpResponse:
    """Operators work in the console. Customers, who may not enter it, find what they may ask for."""
    user = request.user
    return redirect("/api/docs" if user.is_authenticated and not user.is_staff else "/admin/")


IDENTITY: list[URLPattern | URLResolver] = [
    path("", include("allauth.idp.urls")),
    path("identity/", include("allauth.account.urls")),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home),
    path("admin/", admin.site.urls),
    *(IDENTITY if settings.OWNS_IDENTITY else ()),
    path("", include("bank.http.urls")),
    *[path("api/v1/", include(f"{context}.api.urls")) for context in settings.CONTEXTS],
]
handler400, handler403, handler404, handler500 = (
    configuration.HANDLERS[f"handler{code}"] for code in (400, 403, 404, 500)
)
