"""All addresses, one line a slice."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("console.sign_in.urls")),
]

handler429 = "console.sign_in.lockout.too_many"
"""allauth looks it up here."""
