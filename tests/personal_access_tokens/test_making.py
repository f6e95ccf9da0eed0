"""Who may make a token for whom, how many, and what is kept of it."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit.plain import without_secrets
from accounts.authorization.policies import NotAllowed
from accounts.identities import actions as identities
from accounts.lib.errors import DomainError
from accounts.models import Event, Identity
from accounts.tenant import actions as tenant
from console.ui.sentences import sentence
from tests.at_once import at_once
from tests.factories import make_account, make_person
from tests.factories.tokens import make_token
from tokens.credentials.models import Credential
from tokens.credentials.types import personal_access_token as kind
from tokens.personal_access_tokens import actions, lifetimes, queries
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime

pytestmark = pytest.mark.django_db


def test_only_a_hash_is_kept_of_a_secret_that_scanners_know(otto: Identity) -> None:
    made = make_token(otto)
    assert re.fullmatch(r"steward_pat_[0-9A-Za-z]{49}", made.secret)
    assert made.secret[-6:] == kind.checksum(made.secret[:-6])
    assert made.client_id == made.token.pk.hex
    stored = Credential.objects.get(pk=made.token.pk)
    assert stored.secret_hash is not None
    assert bytes(stored.secret_hash) == kind.digest(made.secret)
    event = Event.objects.get(action="personal_access_token.created")
    assert made.secret not in str(event.detail)
    assert (event.actor_label, event.subject_label) == ("otto", "otto")
    assert sentence(event) == "otto made the personal access token Nightly export for otto"
    assert without_secrets(f"pasted {made.secret} here") == "pasted [secret] here"


def test_what_happens_to_one_of_an_account_stands_on_its_page(otto: Identity) -> None:
    account = make_account(owner=otto).account
    token = make_token(account.identity, by=otto).token
    now = timezone.now()
    actions.edit(by=otto, token=token, within=None, name="Weekly", at=now)
    actions.revoke(by=otto, token=token, at=now)
    events = Event.objects.about("service_account", account.pk)
    told = events.filter(action__startswith="personal_access_token.").order_by("pk")
    assert [sentence(event) for event in told] == [
        "otto made the personal access token Nightly export for audit01",
        "otto changed the personal access token Weekly of audit01",
        "otto revoked the personal access token Weekly of audit01",
    ]


def test_owner_and_administrator_make_them_for_a_service_account(
    ada: Identity, otto: Identity
) -> None:
    account = make_account(owner=otto).account.identity
    assert make_token(account, "one", by=otto).token.identity == account
    assert make_token(account, "two", by=ada).token.created_by == "ada"


@pytest.mark.parametrize("who", ["vera", "mallory"])
def test_nobody_else_does(otto: Identity, who: str, request: pytest.FixtureRequest) -> None:
    account = make_account(owner=otto).account.identity
    with pytest.raises(NotAllowed):
        make_token(account, by=request.getfixturevalue(who))


def test_nobody_makes_one_for_another_person(ada: Identity, otto: Identity) -> None:
    with pytest.raises(NotAllowed):
        make_token(otto, by=ada)


def test_an_owner_makes_none_for_an_account_that_may_do_more(ada: Identity, otto: Identity) -> None:
    account = make_account(owner=otto).account.identity
    now = timezone.now()
    identities.set_levels(by=ada, identity=account, levels=["admin"], at=now)
    account = Identity.objects.get(pk=account.pk)
    with pytest.raises(NotAllowed):
        make_token(account, by=otto)
    assert make_token(account, by=ada).token.identity == account


def test_a_disabled_holder_gets_none(ada: Identity) -> None:
    account = make_account().account.identity
    account.disabled_at, account.disabled_by = timezone.now(), "ada"
    account.save()
    with pytest.raises(DomainError, match="Enable it first"):
        make_token(account, by=ada)


def test_ten_are_the_most_and_a_revoked_one_makes_room(otto: Identity) -> None:
    made = [make_token(otto, f"Token {number}") for number in range(10)]
    with pytest.raises(actions.TooManyTokens):
        make_token(otto, "One more")
    actions.revoke(by=otto, token=made[0].token, at=timezone.now())
    make_token(otto, "Token 0")


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_only_one_is_the_tenth() -> None:
    otto = make_person("otto")
    for number in range(9):
        make_token(otto, f"Token {number}")
    made = at_once([lambda n=n: make_token(otto, f"Last {n}").client_id for n in range(4)])  # type: ignore[misc]
    assert sum(isinstance(one, str) for one in made) == 1
    assert sum(isinstance(one, actions.TooManyTokens) for one in made) == 3
    assert queries.held_by(otto).count() == 10


def test_names_are_unique_for_their_holder(otto: Identity, ada: Identity) -> None:
    make_token(otto, "Nightly export")
    with pytest.raises(actions.NameTaken):
        make_token(otto, "nightly  EXPORT")
    make_token(ada, "Nightly export")


def test_a_form_makes_one(otto: Identity) -> None:
    form, now = uuid.uuid4(), timezone.now()
    draft = Draft("x", ["fr:am:*"], Lifetime(now + timedelta(days=7)))
    actions.create(by=otto, holder=otto, draft=draft, within=None, at=now, submission=form)
    with pytest.raises(DomainError, match="sent before"):
        actions.create(by=otto, holder=otto, draft=draft, within=None, at=now, submission=form)
    assert queries.held_by(otto).count() == 1


def test_no_expiry_needs_a_tick_and_the_tenants_leave(otto: Identity, ada: Identity) -> None:
    now = timezone.now()

    def make(lifetime: Lifetime) -> Credential:
        draft = Draft("x", ["fr:am:*"], lifetime)
        return actions.create(by=otto, holder=otto, draft=draft, within=None, at=now).token

    for refused in (Lifetime(None), Lifetime(None, never_expires=True)):
        with pytest.raises(lifetimes.BadLifetime):
            make(refused)
    tenant.set_switches(by=ada, states={lifetimes.MAY_NEVER_EXPIRE.name: True}, at=now)
    with pytest.raises(lifetimes.BadLifetime):
        make(Lifetime(None))
    assert make(Lifetime(None, never_expires=True)).expires_at is None


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "yet to come"), (0, "yet to come"), (3651, "ten years")]
)
def test_an_expiry_lies_in_the_future(otto: Identity, days: int, words: str) -> None:
    with pytest.raises(lifetimes.BadLifetime, match=words):
        make_token(otto, expires_in=timedelta(days=days))
