"""Cards and payments as operators see them. What they change, they change by commands."""

from bank.console.kernel_pages import register_kernel_pages
from cards.admin import cards, credit, payments

__all__ = ["cards", "credit", "payments"]

register_kernel_pages("cards")
