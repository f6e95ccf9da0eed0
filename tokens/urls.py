"""All addresses for programs; the last include answers for everything else below them."""

from django.urls import include, path

urlpatterns = [
    path("", include("tokens.oauth.urls")),
    path("", include("tokens.health.urls")),
    path("api/v1/", include("tokens.doors.rest.urls")),
    path("scim/v2", include("tokens.doors.scim.urls")),
    path("", include("tokens.doors.inbox.urls")),
    path("", include("tokens.doors.sailpoint.urls")),
    path("", include("tokens.doors.servicenow.urls")),
    path("", include("tokens.doors.ping.urls")),
]
