"""Settings of every process. What differs between processes and machines comes from the environment."""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from bank.http import configuration
from bank.runtime import databases, home
from config import environment

BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = environment.PRODUCTION

if not PRODUCTION:
    home.load_environment(os.environ.get("BANK_RUNTIME", "embedded"))

# What this process serves.

CONTEXTS: tuple[str, ...] = tuple(filter(None, os.environ.get("CONTEXTS", "").split(","))) or databases.CONTEXTS
OWNS_IDENTITY = "bankview" in CONTEXTS
"""Whether people sign in here: this process keeps their logins and issues tokens, which the others check."""
PORT = int(os.environ.get("PORT", "8000"))
ASGI_PORT = int(os.environ.get("ASGI_PORT", PORT + 1))
BANK_RUNTIME = os.environ.get("BANK_RUNTIME", "embedded")
BANK_ROLE = os.environ.get("BANK_ROLE", "application")

# Secrets.

SECRET_KEY = environment.secret("DJANGO_SECRET_KEY", development="unconfigured")
MASTER_KEYS = environment.keys("BANK_MASTER_KEYS")
MASTER_KEY_ID = environment.secret("BANK_MASTER_KEY_ID", development="k1")
BLIND_INDEX_KEY = (
    environment.key(environment.secret("BANK_BLIND_INDEX_KEY"), "BANK_BLIND_INDEX_KEY")
    if "customers" in CONTEXTS
    else b""
)
MESSAGE_KEYS = environment.keys("BANK_MESSAGE_KEYS")
"""By context: its own, which it signs with, and those of whom it hears."""
SERVICE_KEYS = environment.keys("BANK_SERVICE_KEYS")
"""By context: its own, which it asks with, and those of who asks it."""

# Databases: `default` is identity alone; each context has its own.

DATABASE_URLS = {alias: os.environ.get(databases.variable(alias), "") for alias in databases.aliases(CONTEXTS)}
OWNER_DATABASE_URLS = {
    alias: os.environ.get(databases.variable(alias, owner=True), "") for alias in databases.aliases(CONTEXTS)
}
DATABASES: dict[str, dict[str, Any]] = {
    alias: environment.database(
        OWNER_DATABASE_URLS[alias] if BANK_ROLE == "owner" else DATABASE_URLS[alias],
        databases.variable(alias, owner=BANK_ROLE == "owner"),
        owner=BANK_ROLE == "owner",
        context=alias != "default",
    )
    for alias in databases.aliases(CONTEXTS)
}
DATABASE_ROUTERS = [
    *(f"{context}.router.{context.capitalize()}Router" for context in CONTEXTS),
    "bank.router.IdentityRouter",
]
IDENTITY_APP_LABELS = (
    "identity",
    "admin",
    "auth",
    "contenttypes",
    "sessions",
    "account",
    "allauth_idp_oidc",
    "django_cache",
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Broker and cache.

BROKER_URL = environment.broker_url()
BROKER_DATABASE_URL = environment.broker_database_url(BROKER_URL)
BROKER_PREFIX = os.environ.get("BROKER_PREFIX", "")
"""Before the names of RabbitMQ's exchange and queues, where one broker serves several banks, or tests."""
LANE_GROUPS = int(os.environ.get("LANE_GROUPS", "1"))
CATCH_ALL_CONTEXTS = ("bankview",)
"""Whose queues hear everything: they are declared before anything is published, so that every message has a place."""
RELAYS = int(os.environ.get("RELAYS", "2"))
"""Relays that may work on one context's outbox at a time."""
DOORBELL = os.environ.get("DOORBELL", "1") == "1"
"""Whether a commit wakes a relay; without it the sweep comes by each second."""

CACHE_URL = os.environ.get("CACHE_URL", "")
CACHES: dict[str, dict[str, Any]] = {
    "default": environment.redis_cache(CACHE_URL)
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}
}

# Celery. Tasks are hints and sweeps; whatever must not be lost is a row.

CELERY_BROKER_URL = BROKER_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_TIME_LIMIT = 300
"""Below what a broker waits for an acknowledgement. A task that may take longer is acknowledged when it begins."""
WHOLE = set(CONTEXTS) == set(databases.CONTEXTS)
CELERY_TASK_DEFAULT_QUEUE = BROKER_PREFIX + ("celery" if WHOLE else f"celery-{'-'.join(CONTEXTS)}")
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = os.environ.get("BEAT_SCHEDULE_FILE", str(home.path() / "beat"))
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "init_extension": False,
        "conn_string": BROKER_DATABASE_URL,  # else pgmq takes DATABASE_URL, which is the identity database
        "wait_time_seconds": 0,
        "polling_interval": 0.05,
        "use_notify": True,
        "notify_throttle_interval_ms": 0,
        "visibility_timeout": CELERY_TASK_TIME_LIMIT + 60,
    }
    if BROKER_DATABASE_URL
    else {"confirm_publish": True, "confirm_timeout": 10}
)
CANARY = "worker" if WHOLE else f"worker-{'-'.join(CONTEXTS)}"
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "canary": {"task": "bank.canary", "schedule": 2.0, "args": [CANARY], "options": {"expires": 30}},
    "sweep": {"task": "bank.sweep", "schedule": 1.0, "options": {"expires": 1}},
    "retry-parked": {"task": "bank.retry_parked", "schedule": 5.0, "options": {"expires": 5}},
    "drive-sagas": {"task": "bank.drive_sagas", "schedule": 5.0, "options": {"expires": 5}},
}
if OWNS_IDENTITY:
    CELERY_BEAT_SCHEDULE["forget-logins"] = {
        "task": "identity.forget_logins",
        "schedule": 10.0,
        "options": {"expires": 10},
    }
END_OF_DAY_AT = environment.time_of_day("END_OF_DAY_AT", "00:30")
"""From when on the day before is ended by itself, in the bank's time zone; None leaves it to `manage.py end_of_day`."""
if "accounts" in CONTEXTS and END_OF_DAY_AT is not None:
    CELERY_BEAT_SCHEDULE["end-of-day"] = {
        "task": "accounts.end_of_day",
        "schedule": 60.0,
        "options": {"expires": 60},
    }
if "accounts" in CONTEXTS:
    CELERY_BEAT_SCHEDULE["execute-payment-files"] = {
        "task": "accounts.execute_payment_files",
        "schedule": 1.0,
        "options": {"expires": 1},
    }
if "customers" in CONTEXTS:
    CELERY_BEAT_SCHEDULE["send-notices"] = {
        "task": "customers.send_notices",
        "schedule": 5.0,
        "options": {"expires": 5},
    }
if "cards" in CONTEXTS:
    CELERY_BEAT_SCHEDULE["expire-authorizations"] = {
        "task": "cards.expire_authorizations",
        "schedule": 60.0,
        "options": {"expires": 60},
    }
    CELERY_BEAT_SCHEDULE["age-cards"] = {
        "task": "cards.age_cards",
        "schedule": 600.0,
        "options": {"expires": 600},
    }
    CELERY_BEAT_SCHEDULE["give-up-bill-payments"] = {
        "task": "cards.give_up_bill_payments",
        "schedule": 60.0,
        "options": {"expires": 60},
    }
if "loans" in CONTEXTS:
    CELERY_BEAT_SCHEDULE["age-loans"] = {
        "task": "loans.age_loans",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    }

# A mobile number is changed by a choreography, in which all hear of it, or by an orchestration, in which one asks each.
MOBILE_NUMBER_CHANGE = os.environ.get("MOBILE_NUMBER_CHANGE", "choreography")
if MOBILE_NUMBER_CHANGE not in ("choreography", "orchestration"):
    raise ImproperlyConfigured("MOBILE_NUMBER_CHANGE is choreography or orchestration.")

# How contexts reach one another over HTTP.

INTERNAL_URLS = {
    context: os.environ.get(f"INTERNAL_URL_{context.upper()}", f"http://127.0.0.1:{PORT}")
    for context in databases.CONTEXTS
}
CONSOLE_URLS = {
    context: os.environ.get(f"CONSOLE_URL_{context.upper()}", INTERNAL_URLS[context]) for context in databases.CONTEXTS
}
"""Where operators' browsers find the console of each context, which need not be where the contexts find one another."""
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
SIDECAR_URL = os.environ.get("SIDECAR_URL", "")

# Mail, by Django's own settings; without a server it is printed. Texts to mobile phones go through a port.

EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "0") == "1"
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "The bank <no-reply@bank.example>")
SMS_SENDER = os.environ.get("SMS_SENDER", "customers.sms.by_mail")
SMS_GATEWAY = os.environ.get("SMS_GATEWAY", "sms.bank.example")

# Django.

DEBUG = False
ALLOWED_HOSTS = list(filter(None, os.environ.get("ALLOWED_HOSTS", "" if PRODUCTION else "*").split(",")))
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SESSION_COOKIE_NAME = "sessionid" if OWNS_IDENTITY else f"sessionid-{'-'.join(CONTEXTS)}"
"""Each service's own: under one name at several ports of a host, signing in here would sign out there."""
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("BEHIND_PROXY") == "1" else None
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
INSTALLED_APPS = [
    "unfold",
    "config.identity",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.idp.oidc",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "bank",
    *CONTEXTS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"

# Access tokens are JWTs: each context checks them without asking. Who owns identity has the key that signs them; the
# others know the keys it publishes, and could not make a token.

OIDC_ISSUER = os.environ.get("OIDC_ISSUER", INTERNAL_URLS["bankview"])
OIDC_JWKS_URL = os.environ.get("OIDC_JWKS_URL", f"{OIDC_ISSUER}/.well-known/jwks.json")
IDP_OIDC_PRIVATE_KEY = environment.secret("BANK_OIDC_PRIVATE_KEY") if OWNS_IDENTITY else ""
IDP_OIDC_ADAPTER = "config.identity.adapter.OIDCAdapter"
IDP_OIDC_ACCESS_TOKEN_FORMAT = "jwt"
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 900

LANGUAGE_CODE = "en"
TIME_ZONE = environment.time_zone("BANK_TIME_ZONE")
"""Whose calendar and clock the bank goes by: what today is, and when a day ends."""
USE_I18N = False
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"
STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("STATIC_ROOT") or (str(BASE_DIR / "static") if PRODUCTION else None)
WHITENOISE_USE_FINDERS = not PRODUCTION
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname:<7} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        **{name: {"level": "WARNING"} for name in ("httpx", "celery", "kombu", "amqp", "pgmq", "matplotlib")},
        "psycopg.pool": {"level": "ERROR"},
        "django.request": {"level": "ERROR"},  # what a client did wrong, he has been told
    },
}

# The API.

REST_FRAMEWORK: dict[str, Any] = configuration.REST_FRAMEWORK
SPECTACULAR_SETTINGS: dict[str, Any] = configuration.SPECTACULAR
UNFOLD: dict[str, Any] = configuration.UNFOLD
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
