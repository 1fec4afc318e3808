"""Columns of a list and fields of a page that say one thing of their row: an amount, an id, a link, a label."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString

from bank.console.formats import page_of, short, shown

Cell = Callable[[Any, Any], str]
"""As a page's method: of the page and the row."""


def money(field: str, description: str, *, sorts: bool = False) -> Cell:
    """An amount of minor units in the row's `currency`; `sorts` where the field is a column of the table."""

    @admin.display(description=description, ordering=field if sorts else None)
    def cell(page: Any, row: Any) -> SafeString:
        return shown(getattr(row, field), row.currency)

    return cell


def page(context: str, model: str, field: str, description: str, *, whole: bool = False) -> Cell:
    """A link to the page that the field's id names, short as in a list, or `whole`."""

    @admin.display(description=description, ordering=field)
    def cell(page: Any, row: Any) -> SafeString:
        id = getattr(row, field)
        return page_of(context, model, id, short(id) if id and not whole else None)

    return cell


def short_id(field: str, description: str = "ID") -> Cell:
    @admin.display(description=description, ordering=field)
    def cell(page: Any, row: Any) -> SafeString:
        return short(getattr(row, field))

    return cell


def label(field: str, colours: Mapping[str, str], description: str = "", *, sorts: bool = True) -> Cell:
    """What the field says, as a label in the colour that belongs to its value."""

    @admin.display(description=description or field, ordering=field if sorts else None)
    def cell(page: Any, row: Any) -> str:
        return str(getattr(row, field))

    cell.label = colours  # type: ignore[attr-defined]
    return cell
