import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("bank")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # threads other than the main one send tasks too
app.autodiscover_tasks(["bank.messaging", "bank.runtime"])
