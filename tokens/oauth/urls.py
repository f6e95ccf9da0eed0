from django.urls import path

from tokens.access_tokens.guard import RESOURCE_METADATA_PATH
from tokens.oauth.audiences import TOKEN_PATHS
from tokens.oauth.endpoints import jwks, metadata
from tokens.oauth.endpoints.token import token

urlpatterns = [
    *(path(address.lstrip("/"), token) for address in TOKEN_PATHS),
    path(metadata.SERVER_PATH.lstrip("/"), metadata.authorization_server),
    path(RESOURCE_METADATA_PATH.lstrip("/"), metadata.protected_resource),
    path(jwks.PATH.lstrip("/"), jwks.jwks),
]
