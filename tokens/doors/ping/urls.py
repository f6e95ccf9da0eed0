from django.urls import path, re_path

from tokens.doors.ping import elsewhere, identities, info, service_accounts

urlpatterns = [
    path("am/json/serverinfo/*", info.server),
    path("am/json/serverinfo/version", info.version),
    path("am/oauth2/tokeninfo", info.token_info),
    path("am/oauth2/realms/root/tokeninfo", info.token_info),
    path("openidm/info/login", info.login),
    path("openidm/managed/alpha_user", identities.many),
    path("openidm/managed/alpha_user/<str:identity_id>", identities.one),
    path("openidm/managed/svcacct", service_accounts.many),
    path("openidm/managed/svcacct/<str:account_id>", service_accounts.one),
    path("environment/info", info.environment),
    path("environment/scopes/service-accounts", info.scopes),
    path("feature", info.features),
    re_path(r"^environment/", elsewhere.environment),
    re_path(r"^(?:am|openidm|oauth|\.well-known|feature)/", elsewhere.not_found),
]
