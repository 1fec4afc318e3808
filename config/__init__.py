"""Settings, URLs and the Celery app: where the kernel and the contexts become one deployable thing."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
