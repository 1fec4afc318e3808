from django.urls import path

from cards.api import bill_payments, books, payouts, views

urlpatterns = [
    path("cards", views.Cards.as_view()),
    path("credit-cards", views.CreditCards.as_view()),
    path("cards/<uuid:card_id>", views.Card.as_view()),
    path("cards/<uuid:card_id>/statements", views.Statements.as_view()),
    path("cards/<uuid:card_id>/activate", views.Activation.as_view()),
    path("cards/<uuid:card_id>/block", views.Block.as_view()),
    path("cards/<uuid:card_id>/unblock", views.Unblock.as_view()),
    path("cards/<uuid:card_id>/replace", views.Replacement.as_view()),
    path("cards/<uuid:card_id>/cancel", views.Cancellation.as_view()),
    path("cards/<uuid:card_id>/limits", views.Limits.as_view()),
    path("cards/<uuid:card_id>/credit-limit", views.CreditLimit.as_view()),
    path("cards/<uuid:card_id>/payments", views.Payments.as_view()),
    path("cards/<uuid:card_id>/bill-payments", bill_payments.BillPayments.as_view()),
    path("bill-payments/<uuid:payment_id>", bill_payments.BillPayment.as_view()),
    path("cards/<uuid:card_id>/payouts", payouts.Payouts.as_view()),
    path("card-payouts/<uuid:payout_id>", payouts.Payout.as_view()),
    path("card-payments", views.CardPayments.as_view()),
    path("card-payments/<uuid:payment_id>", views.CardPayment.as_view()),
    path("card-payments/<uuid:payment_id>/capture", views.Capture.as_view()),
    path("card-payments/<uuid:payment_id>/reverse", views.Reversal.as_view()),
    path("card-payments/<uuid:payment_id>/refund", views.Refunds.as_view()),
    path("card-books", books.Books.as_view()),
]
