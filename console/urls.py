"""All addresses, one line a slice."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api-explorer/", include("console.api_explorer.urls")),
    path("", include("console.apis.urls")),
    path("", include("console.audit.urls")),
    path("", include("console.bundles.urls")),
    path("", include("console.credentials.urls")),
    path("", include("console.groups.urls")),
    path("", include("console.roles.urls")),
    path("", include("console.integrations.urls")),
    path("service-accounts/", include("console.service_accounts.urls")),
    path("", include("console.identities.urls")),
    path("identity-attributes/", include("console.identity_attributes.urls")),
    path("identity-profiles/", include("console.profiles.urls")),
    path("sources/<uuid:source_id>/imports/", include("console.imports.urls")),
    path("", include("console.inbox.urls")),
    path("jobs/", include("console.jobs.urls")),
    path("", include("console.lifecycle_states.urls")),
    path("", include("console.mail.urls")),
    path("", include("console.mail_templates.urls")),
    path("", include("console.overview.urls")),
    path("", include("console.personal_access_tokens.urls")),
    path("", include("console.preferences.urls")),
    path("", include("console.profile.urls")),
    path("tenant-settings/provisioning/", include("console.provisioning.urls")),
    path("tenant-settings/sealing-keys/", include("console.sealing.urls")),
    path("requests/", include("console.requests.urls")),
    path("", include("console.search.urls")),
    path("", include("console.second_factors.urls")),
    path("", include("console.sessions.urls")),
    path("", include("console.setup.urls")),
    path("", include("console.sign_in.urls")),
    path("", include("console.sign_in_providers.urls")),
    path("", include("console.tenant.urls")),
    path("sources/", include("console.sources.urls")),
    path("", include("console.takeovers.urls")),
    path("transforms/", include("console.transforms.urls")),
    path("vault/trusted-sessions/", include("console.trusted_sessions.urls")),
    path("vault/", include("console.vault.urls")),
    path("", include("tokens.urls")),
]

handler429 = "console.sign_in.lockout.too_many"
"""allauth looks it up here."""
