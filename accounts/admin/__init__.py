"""Accounts as operators see them, down to the posting. What they change, they change by commands."""

from accounts.admin import accounts, books, orders, transit
from bank.console.kernel_pages import register_kernel_pages

__all__ = ["accounts", "books", "orders", "transit"]

register_kernel_pages("accounts")
