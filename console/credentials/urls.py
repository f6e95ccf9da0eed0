from __future__ import annotations

from django.urls import path

from console.credentials import views

app_name = "credentials"

urlpatterns = [
    path("service-accounts/<uuid:account_id>/regenerate-key/", views.regenerate, name="regenerate"),
    path(
        "service-accounts/<uuid:account_id>/keys/<uuid:credential_id>/revoke/",
        views.revoke,
        name="revoke",
    ),
    path("keys/<uuid:credential_id>/stored/", views.stored, name="stored"),
    path("key-pickups/<uuid:pickup_id>/", views.pickup, name="pickup"),
    path("key-pickups/<uuid:pickup_id>/withdraw/", views.withdraw, name="withdraw"),
]
