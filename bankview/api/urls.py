"""Below /api/v1/."""

from django.urls import path

from bankview.api import views

urlpatterns = [
    path("customers/<uuid:customer_id>/bank-view", views.CustomerBankView.as_view()),
    path("customers/<uuid:customer_id>/bank-view/composed", views.Composed.as_view()),
    path("customers/<uuid:customer_id>/bank-view/compare", views.Compared.as_view()),
    path("customers/<uuid:customer_id>/activity", views.Activity.as_view()),
    path("customers/<uuid:customer_id>/stream", views.Stream.as_view()),
    path("bank-views", views.BankViews.as_view()),
    path("processes", views.Processes.as_view()),
    path("operations/<uuid:operation_id>", views.Operation.as_view()),
]
