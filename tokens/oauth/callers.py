"""Who asks about a token: clients of the introspection and revocation endpoints."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest

from accounts.audit.context import Means, current
from tokens.access_tokens import actions as access_tokens
from tokens.access_tokens.claims import issuer
from tokens.access_tokens.verify import Holder
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.credentials.types.personal_access_token import PERSONAL_ACCESS_TOKEN
from tokens.oauth import client_auth, failures
from tokens.oauth import form as forms
from tokens.oauth.audiences import canonical
from tokens.oauth.client_auth import ClientSecret
from tokens.oauth.errors import InvalidClient, InvalidGrant, InvalidRequest, OAuthError
from tokens.oauth.grants import client_credentials, jwt_bearer
from tokens.oauth.grants.base import Asked, Form, Proof

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523 section 2.2."""
JWT_TYPES: Final = jwt_bearer.ACCEPTED_TYPES | {
    "client-authentication+jwt",
    "application/client-authentication+jwt",
}
"""RFC 10070 has clients type their assertions, and servers not insist on it."""
METHODS: Final = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
"""As the metadata names them."""
NOT_IN_ADDRESS: Final = ("token", "client_secret", "client_assertion")


def read(request: HttpRequest) -> Form:
    """The form, with a token in it.

    Raises:
        InvalidRequest: it is none, or secrets stand in the address, which ends up in logs.
    """
    if (request.content_type or "").lower() != forms.FORM_TYPE:
        raise InvalidRequest(f"Send the parameters as {forms.FORM_TYPE}.")
    if any(name in request.GET for name in NOT_IN_ADDRESS):
        raise InvalidRequest("Send all parameters in the body.")
    form = forms.read(request)
    if not form.get("token"):
        raise InvalidRequest("The parameter token is missing.")
    return form


def authenticate(request: HttpRequest, form: Form, now: datetime) -> Proof:
    """Who calls, by a personal access token or by an assertion that its key signed.

    Raises:
        InvalidRequest: it used two ways at once.
        InvalidClient: it proved nothing, or is stopped.
    """
    secret = client_auth.of_request(request, form)
    asserted = "client_assertion" in form or "client_assertion_type" in form
    if secret is not None and asserted:
        raise InvalidRequest("Authenticate in one way only.")
    if secret is not None:
        proof = _by_secret(form, secret, now)
    elif asserted:
        proof = _by_assertion(form, now)
    else:
        raise _refused("The caller did not authenticate.")
    if reason := proof.account.why_stopped(now):
        raise _refused(reason, account_id=proof.account.id, key_id=proof.key_id)
    return proof


def _by_secret(form: Form, secret: ClientSecret, now: datetime) -> Proof:
    """Failures count with those of the token endpoint."""
    address = current().address
    try:
        proof = client_credentials.ClientCredentials().prove(form, Asked(now, frozenset(), secret))
    except OAuthError as error:
        refusal = failures.after(error, secret, address)
        if refusal is error:
            raise
        raise refusal from error
    failures.passed(secret, address)
    return proof


def use_up(proof: Proof) -> None:
    """Goes with the act itself into one transaction: what failed may be asked again.

    The assertion is remembered beside those of the token endpoint, so that none serves twice,
    not even for another purpose.

    Raises:
        InvalidClient: it was used before.
    """
    replay, account = proof.replay, proof.account
    if replay and not access_tokens.use_up(identity_id=account.id, replay=replay):
        raise _refused("The assertion was used before.", account_id=account.id, key_id=proof.key_id)


def actor(proof: Proof) -> Holder:
    """The caller, as the audit log names it."""
    return Holder(proof.account.id, proof.account.name, proof.account.kind)


def means(proof: Proof) -> Means:
    """The credential by which the caller proved who it is, as the audit log has it."""
    kind = KEY_PAIR if proof.scopes is None else PERSONAL_ACCESS_TOKEN
    return Means(proof.credential_id, kind, proof.key_id)


def _by_assertion(form: Form, now: datetime) -> Proof:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _refused("client_assertion_type names no kind of assertion that is taken.")
    if not form.get("client_assertion"):
        raise _refused("client_assertion is missing.")
    # RFC 10070: the issuer alone, so that an assertion made for another server is none for us
    asked = Asked(now, frozenset({canonical(issuer())}))
    try:
        proof = jwt_bearer.prove(form["client_assertion"], asked, types=JWT_TYPES)
    except InvalidGrant as error:
        raise _refused(
            error.reason,
            account_id=error.account_id,
            claimed=error.claimed,
            key_id=error.key_id,
        ) from error
    named = form.get("client_id")
    if named is not None and named != str(proof.account.id):
        # RFC 7521 section 4.2
        raise _refused("client_id is not whom the assertion is about.", account_id=proof.account.id)
    return proof


def _refused(reason: str, **facts: Any) -> InvalidClient:
    """All cases look alike to the caller."""
    return InvalidClient(reason, status=HTTPStatus.UNAUTHORIZED, **facts)
