from django.urls import path

from loans.api import products, views

urlpatterns = [
    path("loans", views.Loans.as_view()),
    path("loans/<uuid:loan_id>", views.Loan.as_view()),
    path("loans/<uuid:loan_id>/schedule", views.Schedule.as_view()),
    path("loans/<uuid:loan_id>/approve", views.Approvals.as_view()),
    path("loans/<uuid:loan_id>/reject", views.Rejections.as_view()),
    path("loans/<uuid:loan_id>/withdraw", views.Withdrawals.as_view()),
    path("loans/<uuid:loan_id>/account", views.PayoutAccounts.as_view()),
    path("loans/<uuid:loan_id>/collection", views.Collections.as_view()),
    path("loans/<uuid:loan_id>/write-off", views.WriteOffs.as_view()),
    path("loans/<uuid:loan_id>/write-off/withdraw", views.WriteOffWithdrawals.as_view()),
    path("loans/<uuid:loan_id>/repayments", views.Repayments.as_view()),
    path("loans/<uuid:loan_id>/payoff-quote", views.PayoffQuotes.as_view()),
    path("loans/<uuid:loan_id>/payoff", views.Payoffs.as_view()),
    path("loan-repayments/<uuid:repayment_id>", views.Repayment.as_view()),
    path("loan-products", products.LoanProducts.as_view()),
    path("loan-arrears", views.Arrears.as_view()),
    path("loan-books", views.Books.as_view()),
]
