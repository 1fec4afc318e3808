from django.urls import path

from customers.api import views

urlpatterns = [
    path("customers", views.Customers.as_view()),
    path("customers/<uuid:customer_id>", views.Customer.as_view()),
    path("customers/<uuid:customer_id>/mobile-number", views.MobileNumbers.as_view()),
    path("customers/<uuid:customer_id>/mobile-number/confirmation", views.Confirmations.as_view()),
    path("customers/<uuid:customer_id>/kyc", views.Identities.as_view()),
    path("customers/<uuid:customer_id>/suspend", views.Suspensions.as_view()),
    path("customers/<uuid:customer_id>/reinstate", views.Reinstatements.as_view()),
    path("customers/<uuid:customer_id>/close", views.Closings.as_view()),
    path("customers/<uuid:customer_id>/consent", views.Consents.as_view()),
    path("customers/<uuid:customer_id>/erasure", views.Erasures.as_view()),
]
