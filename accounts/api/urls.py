from django.urls import path

from accounts.api import payment_files, standing_orders, statements, views

urlpatterns = [
    path("accounts", views.Accounts.as_view()),
    path("accounts/<uuid:account_id>", views.Account.as_view()),
    path("accounts/<uuid:account_id>/deposits", views.Deposits.as_view()),
    path("accounts/<uuid:account_id>/withdrawals", views.Withdrawals.as_view()),
    path("accounts/<uuid:account_id>/entries", views.Entries.as_view()),
    path("accounts/<uuid:account_id>/holds", views.Holds.as_view()),
    path("accounts/<uuid:account_id>/statement", statements.AccountStatement.as_view()),
    path("accounts/<uuid:account_id>/freeze", views.Freezes.as_view()),
    path("accounts/<uuid:account_id>/unfreeze", views.Unfreezes.as_view()),
    path("accounts/<uuid:account_id>/overdraft", views.Overdrafts.as_view()),
    path("accounts/<uuid:account_id>/terms", views.TermsChanges.as_view()),
    path("accounts/<uuid:account_id>/settlement", views.Settlements.as_view()),
    path("accounts/<uuid:account_id>/close", views.Closings.as_view()),
    path("accounts/<uuid:account_id>/entries/<int:version>/reversal", views.Reversals.as_view()),
    path("accounts/<uuid:account_id>/standing-orders", standing_orders.AccountStandingOrders.as_view()),
    path("standing-orders/<uuid:order_id>", standing_orders.StandingOrder.as_view()),
    path("standing-orders/<uuid:order_id>/end", standing_orders.StandingOrderEndings.as_view()),
    path("transfers", views.Transfers.as_view()),
    path("transfers/<uuid:transfer_id>", views.Transfer.as_view()),
    path("transfers/<uuid:transfer_id>/reversal", views.TransferReversals.as_view()),
    path("payment-files", payment_files.PaymentFiles.as_view()),
    path("payment-files/<uuid:file_id>", payment_files.PaymentFile.as_view()),
    path("payment-files/<uuid:file_id>/lines", payment_files.PaymentFileLines.as_view()),
    path("books", views.Books.as_view()),
    path("postings", views.Postings.as_view()),
    path("postings/<int:posting_id>", views.Posting.as_view()),
    path("business-days", views.BusinessDays.as_view()),
]
