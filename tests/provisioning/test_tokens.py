"""What a provisioning token proves, and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import Event, Identity, Role
from accounts.service_accounts import actions as service_accounts
from tests.doors.scim.caller import Caller, replace
from tests.oauth.program import Program
from tests.provisioning.test_pages import add, call
from tokens.credentials.types import personal_access_token, provisioning_token
from tokens.models import Credential
from tokens.provisioning import actions, policies
from tokens.provisioning.handover import follow_hands
from tokens.usage import queries as usage
from tokens.usage.buffer import buffer

pytestmark = pytest.mark.django_db


def test_it_names_itself_and_ends_in_a_checksum() -> None:
    made = add()
    plain = made.secret.take()

    assert provisioning_token.id_in(plain) == made.token.pk
    assert personal_access_token.checksum(plain[:-6]) == plain[-6:]


def test_calls_are_those_of_its_account(otto: Identity) -> None:
    made = add()
    scim = Caller(made.account.identity, bearer=made.secret.take())

    assert scim.patch(f"/Users/{otto.pk}", replace("title", "Boss")).status_code < 300
    event = Event.objects.get(action="identity.edited", subject_id=str(otto.pk))
    assert (event.actor_id, event.credential_kind) == (str(made.account.pk), "provisioning_token")
    assert event.credential_id == made.token.pk
    buffer.flush()
    made.token.refresh_from_db()
    assert made.token.last_used_at is not None


def test_what_depends_on_it_is_told_by_its_name() -> None:
    made = add()
    assert call(made.secret.take()) == 200

    found = usage.impact(made.account, timezone.now())
    assert [consumer.token_names for consumer in found.consumers] == [{"Entra ID"}]
    assert not usage.impact(made.account, timezone.now(), keys_only=True).consumers


@pytest.mark.parametrize("change", ["secret", "id", "cut", "longer", "other"])
def test_one_that_was_changed_proves_nothing(change: str) -> None:
    plain, other = add().secret.take(), add("Okta").secret.take()
    wrong = {
        "secret": plain[:-1] + ("0" if plain[-1] != "0" else "1"),
        "id": other[:45] + plain[45:],
        "cut": plain[:-1],
        "longer": plain + "x",
        "other": plain.replace("steward_scim_", "steward_pat_"),
    }[change]

    assert call(wrong) == 401


def test_it_ends_with_its_time_its_account_and_its_revocation() -> None:
    ends = timezone.now() + timedelta(days=1)
    made = add(expires_at=ends)
    plain, account = made.secret.take(), made.account
    assert call(plain) == 200

    service_accounts.disable(by=SYSTEM, account=account, at=timezone.now())
    assert call(plain) == 401
    service_accounts.enable(by=SYSTEM, account=account, at=timezone.now())
    assert call(plain) == 200
    Credential.objects.filter(pk=made.token.pk).update(expires_at=timezone.now())
    assert call(plain) == 401
    Credential.objects.filter(pk=made.token.pk).update(expires_at=None)
    actions.revoke(by=SYSTEM, token=made.token, at=timezone.now())
    assert call(plain) == 401


def test_it_opens_no_other_door_and_is_traded_for_nothing() -> None:
    made = add()
    plain = made.secret.take()
    headers = {"Authorization": f"Bearer {plain}"}

    for path in ("/api/v1/identities", "/api/now/table/sys_user", "/openidm/managed/alpha_user"):
        assert Program().get(path, headers=headers).status_code in (401, 403, 404)
    form = f"grant_type=client_credentials&client_id={made.token.pk.hex}&client_secret={plain}"
    answer = Program().post("/oauth/token", form, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (400, 401)


def test_one_without_groups_keeps_people_only() -> None:
    made = add(groups=False)
    scim = Caller(made.account.identity, bearer=made.secret.take())

    assert scim.get("/Users").status_code == 200
    assert scim.get("/Groups").status_code == 403


def test_what_the_role_loses_no_token_has() -> None:
    made = add()
    plain = made.secret.take()
    Role.objects.filter(name=policies.ROLE).update(permissions=[])

    assert call(plain) == 403


def test_it_ends_with_the_ownership_of_who_was_shown_it(ada: Identity) -> None:
    made = actions.add_client(by=ada, name="Okta", groups=True, expires_at=None, at=timezone.now())
    plain = made.secret.take()
    assert (made.account.owner, call(plain)) == (ada, 200)

    follow_hands(by=SYSTEM, before=[made.account], keep=True, at=timezone.now())
    assert call(plain) == 200
    follow_hands(by=SYSTEM, before=[made.account], keep=False, at=timezone.now())
    assert call(plain) == 401


def test_two_rotations_of_one_token_make_one() -> None:
    made, hour = add(), timedelta(hours=1)
    now = timezone.now()
    actions.rotate(by=SYSTEM, token=made.token, keep_old_for=hour, expires_at=None, at=now)

    with pytest.raises(actions.Replaced):
        actions.rotate(by=SYSTEM, token=made.token, keep_old_for=hour, expires_at=None, at=now)
    late, newest = timedelta(days=8), Credential.objects.get(retires_at=None)
    with pytest.raises(actions.BadLifetime):
        actions.rotate(by=SYSTEM, token=newest, keep_old_for=late, expires_at=None, at=now)
    assert Credential.objects.count() == 2


def test_a_rotation_leaves_no_older_token_longer_than_the_one_before_it() -> None:
    first, now = add(), timezone.now()
    week, account = timedelta(days=7), first.account
    oldest = first.secret.take()
    second = actions.rotate(
        by=SYSTEM, token=first.token, keep_old_for=week, expires_at=None, at=now
    )
    middle = second.secret.take()
    assert (call(oldest), call(middle)) == (200, 200)

    third = actions.rotate(
        by=SYSTEM, token=second.token, keep_old_for=timedelta(0), expires_at=None, at=now
    )

    assert (call(oldest), call(middle), call(third.secret.take())) == (401, 401, 200)
    kept = Credential.objects.filter(identity=account.identity, retires_at=None)
    assert kept.get() == third.token


def test_a_rotation_lets_none_live_longer_than_it_did() -> None:
    first, now, hour = add(), timezone.now(), timedelta(hours=1)
    second = actions.rotate(
        by=SYSTEM, token=first.token, keep_old_for=hour, expires_at=None, at=now
    )
    actions.rotate(
        by=SYSTEM, token=second.token, keep_old_for=timedelta(days=7), expires_at=None, at=now
    )

    first.token.refresh_from_db()
    assert first.token.retires_at == now + hour


def test_a_token_lives_for_a_year_at_most() -> None:
    now = timezone.now()
    made = actions.add_client(by=SYSTEM, name="A year", groups=True, expires_at=None, at=now)
    assert made.token.expires_at == now + timedelta(days=365)
    with pytest.raises(actions.BadLifetime, match="a year at most"):
        add("More", expires_at=now + timedelta(days=367))
    with pytest.raises(actions.BadLifetime, match="a year at most"):
        actions.rotate(
            by=SYSTEM,
            token=made.token,
            keep_old_for=timedelta(0),
            expires_at=now + timedelta(days=800),
            at=now,
        )
    assert call(made.secret.take()) == 200
