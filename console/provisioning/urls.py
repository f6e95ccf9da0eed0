from __future__ import annotations

from django.urls import path

from console.provisioning import views

app_name = "provisioning"

urlpatterns = [
    path("", views.list_, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:account_id>/", views.detail, name="detail"),
    path("<uuid:account_id>/rotate/", views.rotate, name="rotate"),
    path("tokens/<uuid:provisioning_token_id>/stored/", views.stored, name="stored"),
    path("tokens/<uuid:provisioning_token_id>/revoke/", views.revoke, name="revoke"),
]
