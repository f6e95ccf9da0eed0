"""The page of one token: what it can do and why not, editing and revoking it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.identities import actions as identities
from accounts.models import Event, Identity, ServiceAccount
from accounts.service_accounts import actions as service_accounts
from accounts.tenant import actions as tenant
from tests.factories import make_person
from tests.factories.tokens import make_token
from tests.personal_access_tokens.conftest import ClientOf
from tokens.models import Credential
from tokens.personal_access_tokens import actions, lifetimes
from tokens.usage.buffer import buffer
from tokens.usage.models import Use

pytestmark = pytest.mark.django_db


def page(token: Credential, name: str = "") -> str:
    return f"/personal-access-tokens/{token.pk}/{name}"


def test_a_scope_beyond_the_levels_is_struck_through_with_the_reason(
    owner: Client, otto: Identity, ada: Identity
) -> None:
    token = make_token(otto, scopes=["idn:sources:manage", "sp:scopes:default"]).token
    seen = owner.get(page(token)).content.decode()
    assert '<del class="refused"><code>idn:sources:manage</code></del>' in seen
    assert "the holder has User" in seen
    assert "<code>sp:scopes:default</code>" in seen
    assert "1 scope gives nothing" in seen
    identities.set_levels(by=ada, identity=otto, levels=["source_admin"], at=timezone.now())
    assert "<del" not in owner.get(page(token)).content.decode()


def test_a_scope_beyond_the_account_is_struck_through(
    owner: Client, ada: Identity, account: ServiceAccount
) -> None:
    token = make_token(account.identity, scopes=["fr:am:*", "fr:iga:*"], by=ada).token
    seen = owner.get(page(token)).content.decode()
    assert '<del class="refused"><code>fr:iga:*</code></del>' in seen
    assert "Neither the account nor a role of it has this scope." in seen


def test_it_says_what_stops_it_and_what_to_do(
    owner: Client, otto: Identity, ada: Identity, account: ServiceAccount
) -> None:
    token = make_token(account.identity, by=ada).token
    service_accounts.disable(by=ada, account=account, at=timezone.now())
    seen = owner.get(page(token)).content.decode()
    assert "Suspended: audit01 is disabled" in seen
    assert "It works again once audit01 is enabled." in seen
    assert f'<a href="/service-accounts/{account.pk}/">Open audit01</a>' in seen
    assert "While it is suspended it does nothing." in seen
    service_accounts.enable(by=ada, account=account, at=timezone.now())
    ServiceAccount.objects.filter(pk=account.pk).update(ends_at=timezone.now())
    assert "Suspended: audit01 has ended" in owner.get(page(token)).content.decode()
    late = make_token(otto, at=timezone.now() - timedelta(days=60)).token
    assert "This token has expired" in owner.get(page(late)).content.decode()


def test_what_is_over_is_not_said_to_do_anything(owner: Client, otto: Identity) -> None:
    late = make_token(otto, "Late", at=timezone.now() - timedelta(days=60)).token
    assert "It has expired and does nothing any more." in owner.get(page(late)).content.decode()
    gone = make_token(otto, "Gone").token
    assert "does nothing" not in owner.get(page(gone)).content.decode()
    actions.revoke(by=otto, token=gone, at=timezone.now())
    assert "It is revoked and does nothing any more." in owner.get(page(gone)).content.decode()


def test_the_call_that_works_needs_nothing_that_its_holder_does_not_carry(
    owner: Client, ada: Identity, account: ServiceAccount
) -> None:
    token = make_token(account.identity, scopes=["fr:am:*", "fr:idm:*"], by=ada).token
    assert "/openidm/managed/alpha_user" in owner.get(page(token)).content.decode()
    ServiceAccount.objects.filter(pk=account.pk).update(scopes=["fr:am:*"])
    seen = owner.get(page(token)).content.decode()
    assert "/openidm/managed/alpha_user" not in seen
    assert "/environment/info" in seen


def test_it_says_when_and_from_where_it_was_used(owner: Client, otto: Identity) -> None:
    token = make_token(otto, scopes=["sp:scopes:all"]).token
    buffer.add(
        identity_id=otto.pk,
        use=Use.TOKEN,
        credential_id=token.pk,
        scopes=["sp:scopes:all"],
        address="192.0.2.7",
        client="robot/1",
        at=timezone.now(),
    )
    seen = owner.get(page(token)).content.decode()
    assert "192.0.2.7" in seen
    assert owner.get(page(token)).context["rights"][0].last_used_at is not None


def test_another_persons_token_is_not_there_and_may_be_read_but_not_changed(
    client_of: ClientOf, owner: Client, vera: Identity, ada: Identity, otto: Identity
) -> None:
    """Nobody makes tokens of other people, or changes what one may do."""
    token = make_token(otto).token
    stranger, auditor, admin = map(client_of, (make_person("stranger"), vera, ada))
    for name in ("", "edit/", "revoke/"):
        assert stranger.get(page(token, name)).status_code == 404
    assert auditor.get(page(token)).status_code == 200
    form = {"name": "Mine now", "scopes": ["sp:scopes:all"]}
    for browser in (auditor, admin):
        assert browser.get(page(token, "edit/")).status_code == 403
        assert browser.post(page(token, "edit/"), form).status_code == 403
    assert auditor.post(page(token, "revoke/")).status_code == 403
    token.refresh_from_db()
    assert (token.name, token.revoked_at) == ("Nightly export", None)
    assert owner.put(page(token, "edit/")).status_code == 405
    assert owner.post(page(token)).status_code == 405


def test_name_and_scopes_are_edited(owner: Client, otto: Identity) -> None:
    token = make_token(otto, scopes=["idn:sources:manage", "sp:scopes:default"]).token
    kept = {"name": "Weekly export", "scopes": ["idn:sources:manage"]}
    assert "Choose at least one scope" in (
        owner.post(page(token, "edit/"), kept | {"scopes": []}).content.decode()
    )
    refused = owner.post(page(token, "edit/"), kept | {"scopes": ["idn:accounts:manage"]})
    assert "not a scope that this token can be given" in refused.content.decode()
    assert owner.post(page(token, "edit/"), kept).status_code == 302
    token.refresh_from_db()
    assert (token.name, token.scopes) == ("Weekly export", ["idn:sources:manage"])
    event = Event.objects.get(action="personal_access_token.edited")
    assert event.detail["before"]["scopes"] == ["sp:scopes:default", "idn:sources:manage"]


def edited(browser: Client, token: Credential, **changed: str) -> str:
    form = {"name": token.name, "scopes": list(token.scopes)} | changed
    return browser.post(page(token, "edit/"), form).content.decode()


def test_its_expiry_is_changed_and_stays_unless_another_is_chosen(
    owner: Client, otto: Identity
) -> None:
    token = make_token(otto, scopes=["sp:scopes:all"]).token
    assert "As it is (" in owner.get(page(token, "edit/")).content.decode()
    was = token.expires_at
    edited(owner, token, name="Weekly", expiry="keep")
    token.refresh_from_db()
    assert (token.name, token.expires_at) == ("Weekly", was)
    edited(owner, token, expiry="7")
    token.refresh_from_db()
    assert was is not None
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    day = (timezone.now() + timedelta(days=50)).date()
    edited(owner, token, expiry="date", expires_on=day.isoformat())
    token.refresh_from_db()
    assert token.expires_at.isoformat() == f"{day}T23:59:59+00:00"
    told = Event.objects.filter(action="personal_access_token.edited").latest("pk").detail
    assert told["after"]["expires_at"] == token.expires_at.isoformat()
    assert told["before"]["expires_at"] < told["after"]["expires_at"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"expiry": "date"}, "Choose when the token expires"),
        ({"expiry": "date", "expires_on": "2020-01-01"}, "yet to come"),
        ({"expiry": "date", "expires_on": "9999-12-31"}, "ten years"),
        ({"expiry": "never", "never_expires": "on"}, "Select a valid choice"),
        ({"expiry": "8"}, "Select a valid choice"),
    ],
)
def test_an_expiry_that_cannot_be_had_changes_nothing(
    owner: Client, otto: Identity, changed: dict[str, str], said: str
) -> None:
    token = make_token(otto, scopes=["sp:scopes:all"]).token
    seen = edited(owner, token, name="Typed before", **changed)
    assert said in seen
    assert 'value="Typed before"' in seen
    was = token.expires_at
    token.refresh_from_db()
    assert (token.name, token.expires_at) == ("Nightly export", was)


def test_an_expired_one_works_again_with_a_later_expiry(owner: Client, otto: Identity) -> None:
    late = timezone.now() - timedelta(days=60)
    token = make_token(otto, scopes=["sp:scopes:all"], at=late).token
    edited(owner, token, expiry="keep", name="Only renamed")
    assert "This token has expired" in owner.get(page(token)).content.decode()
    edited(owner, token, expiry="30")
    assert "This token has expired" not in owner.get(page(token)).content.decode()


def test_it_never_expires_only_by_a_tick_and_the_tenants_leave(
    owner: Client, otto: Identity, ada: Identity
) -> None:
    token = make_token(otto, scopes=["sp:scopes:all"]).token
    states = {lifetimes.MAY_NEVER_EXPIRE.name: True}
    tenant.set_switches(by=ada, states=states, at=timezone.now())
    assert "tick that it never does" in edited(owner, token, expiry="never")
    edited(owner, token, expiry="never", never_expires="on")
    token.refresh_from_db()
    assert token.expires_at is None
    assert "As it is (Never)" in owner.get(page(token, "edit/")).content.decode()


def test_an_edit_moves_it_to_nobody_else(owner: Client, otto: Identity, ada: Identity) -> None:
    token = make_token(otto, scopes=["sp:scopes:all"]).token
    form = {"name": "x", "scopes": ["sp:scopes:all"], "identity": str(ada.pk), "owner": "ada"}
    owner.post(page(token, "edit/"), form)
    token.refresh_from_db()
    assert (token.identity_id, token.name) == (otto.pk, "x")


def test_it_is_revoked_after_a_question_and_stays_readable(owner: Client, otto: Identity) -> None:
    token = make_token(otto).token
    assert "This cannot be undone" in owner.get(page(token, "revoke/")).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is None
    assert owner.post(page(token, "revoke/")).status_code == 302
    token.refresh_from_db()
    assert token.revoked_by == "otto"
    assert "revoked already" in owner.get(page(token, "revoke/")).content.decode()
    assert owner.post(page(token, "revoke/")).status_code == 302
    assert Event.objects.filter(action="personal_access_token.revoked").count() == 1
    edited = owner.post(page(token, "edit/"), {"name": "x", "scopes": ["sp:scopes:default"]})
    assert "This token is revoked" in edited.content.decode()


def test_an_administrator_revokes_any(admin: Client, otto: Identity) -> None:
    token = make_token(otto).token
    assert admin.post(page(token, "revoke/")).status_code == 302
    with pytest.raises(actions.TokenGone):
        actions.edit(by=otto, token=token, within=None, name="y", at=timezone.now())


def test_the_password_is_asked_before_anything_sensitive(
    owner: Client, otto: Identity, account: ServiceAccount
) -> None:
    token = make_token(otto).token
    session = owner.session
    session["steward_confirmed_at"] = 0
    session.save()
    for address in (
        "/personal-access-tokens/new/",
        f"/service-accounts/{account.pk}/personal-access-tokens/new/",
        page(token, "edit/"),
        page(token, "revoke/"),
    ):
        for answer in (owner.get(address), owner.post(address, {"name": "x"})):
            assert "step_up_password" in answer.content.decode(), address
    token.refresh_from_db()
    assert token.revoked_at is None
