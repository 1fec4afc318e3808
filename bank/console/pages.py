"""The console's base: pages that show and never change."""

from collections.abc import Sequence
from functools import cached_property

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

COUNT_UP_TO = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than anybody pages: `count(*)` of a large history takes longer than the page."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        return rows.order_by()[:COUNT_UP_TO].count() if isinstance(rows, QuerySet) else len(rows)


class ReadOnlyAdmin(ModelAdmin):
    """A page for operators that shows and never changes: people act by commands."""

    actions: Sequence[str] | None = None
    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False
    paginator = CappedPaginator
    change_list_template = "bank/list.html"

    class Media:
        css = {"all": ("bank/console.css",)}

    @admin.display(description="ID")
    def whole_id(self, row: Model) -> str:
        return str(row.pk)

    def may(self, request: HttpRequest, what: str) -> bool:
        """By Django's permission to `view` or to `change` the model. To change is to give the orders of its page."""
        return request.user.has_perm(f"{self.opts.app_label}.{what}_{self.opts.model_name}")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may(request, "view") or self.may(request, "change")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
