"""Who signs in, and with what: operators make and change users, and see clients and tokens without their secrets."""

from allauth.account import admin as email_addresses  # noqa: F401  # registers what is taken out below
from allauth.account.models import EmailAddress
from allauth.idp.oidc.admin import ClientAdmin, TokenAdmin
from allauth.idp.oidc.models import Client, Token
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest
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
    filter_horizontal = ()
    readonly_fields = ("acts_for", "known_as")
    fieldsets = (
        (None, {"fields": ("username", "password", "email", "customer_id", "acts_for", "known_as")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    @admin.display(description="known to every service as", empty_value="nobody: known to this service alone")
    def known_as(self, user: User) -> str | None:
        return user.sub


for model in (Group, Client, Token, EmailAddress):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Group)
class BankGroupAdmin(GroupAdmin, ModelAdmin):
    """Groups of operators."""


@admin.register(Client)
class BankClientAdmin(ClientAdmin, ModelAdmin):
    """OAuth clients. The hash of the secret is nobody's to see; the secret itself is said once, when it is made."""

    exclude = ("secret", "data")
    readonly_fields = ("created_at",)


@admin.register(Token)
class BankTokenAdmin(TokenAdmin, ModelAdmin):
    """Tokens given out: to see, and to delete. Only their hashes are kept, and those are not shown."""

    exclude = ("hash", "data")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
