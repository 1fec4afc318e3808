"""What every process answers, whatever contexts it serves: health, the internal feed, and the API's documentation."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from bank.http import internal
from bank.runtime import health

urlpatterns = [
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("internal/v1/<str:context>/events", internal.Events.as_view()),
    path("internal/v1/<str:context>/heads", internal.Heads.as_view()),
    path("internal/v1/<str:context>/commands/<uuid:id>", internal.Commands.as_view()),
    path("api/schema", SpectacularAPIView.as_view(permission_classes=(), authentication_classes=()), name="schema"),
    path(
        "api/docs",
        SpectacularSwaggerView.as_view(url_name="schema", permission_classes=(), authentication_classes=()),
        name="docs",
    ),
]
