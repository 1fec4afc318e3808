import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("bank")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # threads other than the main one send tasks too
app.autodiscover_tasks(lambda: ["bank.messaging", "bank.runtime", "config.identity", *settings.CONTEXTS])
