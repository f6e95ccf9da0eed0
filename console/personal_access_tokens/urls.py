from __future__ import annotations

from django.urls import path

from console.personal_access_tokens.views import change, detail, export, issued, lists, new, pickup

app_name = "personal_access_tokens"

urlpatterns = [
    path("personal-access-tokens/", lists.list_, name="list"),
    path("personal-access-tokens/export/", export.export, name="export"),
    path("personal-access-tokens/new/", new.for_oneself, name="new"),
    path(
        "service-accounts/<uuid:account_id>/personal-access-tokens/new/",
        new.for_account,
        name="new_for",
    ),
    path("personal-access-tokens/pickups/<uuid:token_pickup_id>/", pickup.pickup, name="pickup"),
    path("personal-access-tokens/<uuid:token_id>/", detail.detail, name="detail"),
    path("personal-access-tokens/<uuid:token_id>/stored/", new.stored, name="stored"),
    path("personal-access-tokens/<uuid:token_id>/edit/", change.edit, name="edit"),
    path("personal-access-tokens/<uuid:token_id>/revoke/", change.revoke, name="revoke"),
    path(
        "personal-access-tokens/<uuid:token_id>/revoke-issued/",
        issued.of_token,
        name="revoke_issued",
    ),
    path(
        "identities/<uuid:identity_id>/revoke-issued-tokens/",
        issued.of_identity,
        name="revoke_issued_of",
    ),
]
