from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path

from bank.http import configuration
from config.identity import consoles


def home(request: HttpRequest) -> HttpResponse:
    """Operators work in the console, and enter it from where they sign in. Customers, who may not enter it, find what
    they may ask for."""
    user = request.user
    if not (user.is_authenticated or settings.OWNS_IDENTITY):
        return redirect(f"{settings.CONSOLE_URLS['bankview']}/identity/consoles/{settings.CONTEXTS[0]}/")
    return redirect("/api/docs" if user.is_authenticated and not user.is_staff else "/admin/")


IDENTITY: list[URLPattern | URLResolver] = [
    path("", include("allauth.idp.urls")),
    path("identity/", include("allauth.account.urls")),
    path("identity/consoles/<slug:context>/", consoles.leave, name="console_of"),
]
ELSEWHERE: list[URLPattern | URLResolver] = [path("admin/enter/", consoles.enter, name="enter_console")]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home),
    *(IDENTITY if settings.OWNS_IDENTITY else ELSEWHERE),
    path("admin/", admin.site.urls),
    path("", include("bank.http.urls")),
    *[path("api/v1/", include(f"{context}.api.urls")) for context in settings.CONTEXTS],
]
handler400, handler403, handler404, handler500 = (
    configuration.HANDLERS[f"handler{code}"] for code in (400, 403, 404, 500)
)
