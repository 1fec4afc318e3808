from django.apps import AppConfig


class BankviewConfig(AppConfig):
    name = "bankview"
    verbose_name = "Bank view"
    default_auto_field = "django.db.models.BigAutoField"
