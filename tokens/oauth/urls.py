from django.urls import path

from tokens.access_tokens.guard import RESOURCE_METADATA_PATH
from tokens.oauth.audiences import TOKEN_PATHS
from tokens.oauth.endpoints import introspect, jwks, metadata, revoke
from tokens.oauth.endpoints.token import token

urlpatterns = [
    *(path(address.lstrip("/"), token) for address in TOKEN_PATHS),
    *(path(address.lstrip("/"), introspect.introspect) for address in introspect.PATHS),
    *(path(address.lstrip("/"), revoke.revoke) for address in revoke.PATHS),
    path(metadata.SERVER_PATH.lstrip("/"), metadata.authorization_server),
    path(RESOURCE_METADATA_PATH.lstrip("/"), metadata.protected_resource),
    path(jwks.PATH.lstrip("/"), jwks.jwks),
]
