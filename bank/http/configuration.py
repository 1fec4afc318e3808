"""What settings.py says about the API: plain values, so that settings can import them."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "bank.http.principal.BearerAuthentication",
        "bank.http.principal.OwnSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["bank.http.principal.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["bank.http.strict_json.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["bank.http.strict_json.StrictJSON"],
    "DEFAULT_SCHEMA_CLASS": "bank.http.openapi.BankSchema",
    "EXCEPTION_HANDLER": "bank.http.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}

SPECTACULAR: dict[str, Any] = {
    "TITLE": "The bank",
    "DESCRIPTION": (
        "Every write needs an `Idempotency-Key`; errors are RFC 9457 problems with a stable `code`; amounts are decimal"
        " strings with their currency; lists are pages with a cursor. A customer sees what is his; operators see all."
        " Who has signed up and is no customer yet opens himself by `POST /customers`: tokens issued after the bank has"
        " heard of it, a moment later, name him as that customer."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [],
    "COMPONENT_SPLIT_REQUEST": False,
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True, "docExpansion": "list"},
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "The bank",
    "SITE_HEADER": "The bank",
    "SITE_SUBHEADER": "Operators",
    "SITE_SYMBOL": "account_balance",
    "SITE_URL": "/api/docs",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "bank.console.dashboard.sidebar"},
    "DASHBOARD_CALLBACK": "bank.console.dashboard.dashboard",
}

HANDLERS = {
    "handler400": "bank.http.problems.bad_request_page",
    "handler403": "bank.http.problems.permission_denied_page",
    "handler404": "bank.http.problems.page_not_found",
    "handler500": "bank.http.problems.server_error",
}
"""For the URLs: what answers Django's own errors, as problems where programs ask."""
