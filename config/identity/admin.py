from allauth.idp.oidc.admin import ClientAdmin, TokenAdmin
from allauth.idp.oidc.models import Client, Token
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from config.identity.models import User


@admin.register(User)
class BankUserAdmin(UserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "customer_id", "is_staff", "is_active", "last_login")
    search_fields = ("username", "email", "=customer_id")
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "customer_id")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )


for model in (Group, Client, Token):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Group)
class BankGroupAdmin(GroupAdmin, ModelAdmin):
    """Groups of operators."""


@admin.register(Client)
class BankClientAdmin(ClientAdmin, ModelAdmin):
    """OAuth clients."""


@admin.register(Token)
class BankTokenAdmin(TokenAdmin, ModelAdmin):
    """Tokens given out; only their hashes are kept."""
