"""An object for each part of an address, in the state that an operation is for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.authorization.levels import ADMIN
from accounts.identities import actions as identities
from accounts.identities import invitations
from accounts.jobs import schedules
from accounts.models import (
    AccessRequest,
    Event,
    Identity,
    IdentityAccount,
    IdentityProfile,
    ImportRun,
    Invitation,
    Job,
    LifecycleState,
    Processing,
    Schedule,
    ServiceAccount,
    Source,
    SourceAccount,
    Takeover,
    Transform,
)
from accounts.profiles import library
from accounts.profiles.lifecycle_states import actions as states
from accounts.sources import actions as sources
from accounts.takeovers import actions as takeovers
from accounts.takeovers.states import Cause, Right
from tests.factories import make_account, make_person
from tests.factories.apis import make_api, make_scope
from tests.factories.groups import make_group, make_role
from tests.factories.imports import bring, make_source, plan, rows, upload
from tests.factories.integrations import make_integration
from tests.factories.profiles import make_profile, process
from tests.factories.profiles import plan as plan_profile
from tests.factories.requests import ask
from tests.factories.tokens import make_token
from tokens.credentials import actions as credentials
from tokens.credentials.actions import KeyChoice
from tokens.credentials.models import KeyOrigin
from tokens.credentials.types.key_pair import KEY_PAIR
from tokens.models import Credential, KeyPickup, TokenPickup
from tokens.personal_access_tokens import pickups as token_pickups
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime
from tokens.personal_access_tokens.queries import held_by

THREE: Final = rows("SA-1,one,a@example.com,A", "SA-2,two,,B", "SA-3,three,,C")
ONE: Final = rows("SA-1,one,a@example.com,changed")
LDAP: Final[dict[str, Any]] = {
    "host": "127.0.0.1",
    "port": 1,
    "bind_dn": "cn=reader",
    "base_dn": "dc=example,dc=com",
}

Parts = dict[str, Any]
Make = Callable[[Identity], Parts]


def name(of: str = "contract") -> str:
    """Nothing else is called so."""
    return f"{of}-{uuid4().hex}"


def person() -> Identity:
    return make_person(name())


def account(owner: Identity | None = None) -> ServiceAccount:
    return make_account(name(), owner=owner or person()).account


def source(content: str = "", **more: Any) -> Source:
    """With the accounts of a file, if there is one."""
    made = make_source(name(), **more)
    if content:
        bring(made, content)
    return made


def directory() -> Source:
    """A source whose accounts are read without a file, where nothing answers."""
    details = sources.Details(name=name(), config=LDAP, secrets={"password": "x"})
    return sources.create(by=SYSTEM, connector="ldap", details=details, at=timezone.now())


def import_run() -> ImportRun:
    """A plan that waits for its confirmation; two accounts are missing in it."""
    return plan(source(THREE, threshold=100), ONE)


def profile() -> IdentityProfile:
    return make_profile(source(THREE, threshold=100))


def held_import() -> ImportRun:
    """A plan that would remove more than it may by itself."""
    return plan(source(THREE), ONE)


def processing() -> Processing:
    return plan_profile(profile())


def transform() -> Transform:
    definition: dict[str, Any] = {"type": "lower", "attributes": {}}
    return library.create(by=SYSTEM, name=name(), definition=definition, at=timezone.now())


def job(by: Identity) -> Job:
    run = upload(source(), THREE, by=by)
    return Job.objects.get(pk=str(run.job_id))


def request(by: Identity | None = None) -> AccessRequest:
    return ask(by or person(), "new_service_account", name=name(), purpose="For a test")


def offered_key(owner: Identity) -> KeyPickup:
    issued = credentials.regenerate(
        by=make_person(name(), levels=[ADMIN]),
        account=account(owner),
        choice=KeyChoice(KeyOrigin.OWNER, "P-256"),
        keep_old_for=timedelta(0),
        revoke_tokens=False,
        within=None,
        at=timezone.now(),
    )
    assert issued.pickup is not None
    return issued.pickup


def offered_token(owner: Identity) -> TokenPickup:
    now, life = timezone.now(), timedelta(days=9)
    draft = Draft("Asked for", ["fr:am:*"], Lifetime(now + life))
    made = account(owner)
    return token_pickups.offer(by=SYSTEM, account=made, draft=draft, lifetime=life, at=now)


def offer(*, to: Identity) -> Takeover:
    """An account that its owner hands over."""
    owner = person()
    made = account(owner)
    return takeovers.offer(by=owner, account=made, to=to, note="", at=timezone.now())


def left(*, to: Identity) -> Takeover:
    """An account whose owner left, and that came to somebody."""
    made = account(to)
    return Takeover.objects.create(
        account=made,
        giver=person(),
        taker=to,
        cause=Cause.LEFT,
        right=Right.MANAGER,
        created_at=timezone.now(),
    )


def key() -> Credential:
    return Credential.objects.get(kind=KEY_PAIR, identity=account().pk)


def token(holder: Identity) -> Credential:
    """One that is there already, if any: nobody has more than ten. Never that of the call."""
    found = held_by(holder).exclude(name__startswith="For calls").first()
    return found or make_token(holder, name()).token


def _below_a_source(by: Identity) -> Parts:
    made = source(THREE)
    attribute = made.attributes.get(name="purpose")
    found = SourceAccount.objects.filter(source=made).order_by("pk")[0]
    return {"source_id": made.pk, "attribute_id": attribute.pk, "account_id": found.pk}


def _below_a_profile(by: Identity) -> Parts:
    made = processing()
    return {
        "profile_id": made.profile_id,
        "processing_id": made.pk,
        "state_id": state(made.profile).pk,
    }


def state(
    of: IdentityProfile, technical_name: str = "", *, enabled: bool = False
) -> LifecycleState:
    """A life-cycle state in which nobody is."""
    called = technical_name or name()
    now = timezone.now()
    made = states.add(
        by=SYSTEM, profile=of, technical_name=called, draft=states.Draft(called), at=now
    )
    if enabled:
        states.set_enabled(by=SYSTEM, state=made, enabled=True, at=now)
    return made


def of_a_profile() -> tuple[Identity, IdentityProfile]:
    """An identity that a profile made, and that one."""
    found = make_profile(source(rows(f"{name()},{name()},a@example.com,A")))
    process(found)
    link = IdentityAccount.objects.filter(source=found.source_id, leads=True).order_by("pk")[0]
    return link.identity, found


def invitation() -> Invitation:
    """One whose mail did not go out."""
    who = identities.create_person(
        by=SYSTEM,
        user_name=name(),
        first_name="Nora",
        last_name="",
        email="nora@example.com",
        levels=[],
        at=timezone.now(),
    )
    return invitations.invite(by=SYSTEM, identity=who, at=timezone.now())


def schedule() -> Schedule:
    return schedules.put(
        by=SYSTEM, name=name(), kind="reminder.find", times=["08:00"], at=timezone.now()
    )


def _below_jobs(by: Identity) -> Parts:
    return {"job_id": job(by).pk, "schedule_id": schedule().pk}


def _below_an_api(by: Identity) -> Parts:
    api = make_api(name(), audience=f"https://{uuid4().hex}.example.com")
    return {"api_id": api.pk, "scope_id": make_scope(api, f"{name()}:read").pk}


OF_NOUNS: Final[dict[str, Make]] = {
    "apis": _below_an_api,
    "audit": lambda by: {"event_id": Event.objects.order_by("pk")[0].pk},
    "groups": lambda by: {
        "group_id": (made := make_group(name(), members=[person()])).pk,
        "identity_id": made.memberships.get().identity_id,
    },
    "identities": lambda by: {"identity_id": person().pk},
    "imports": lambda by: {"import_id": import_run().pk},
    "integrations": lambda by: {"integration_id": make_integration(account(), name()).pk},
    "jobs": _below_jobs,
    "keys": lambda by: {"key_id": key().pk, "pickup_id": offered_key(by).pk},
    "personal-access-tokens": lambda by: {
        "token_id": token(by).pk,
        "token_pickup_id": offered_token(by).pk,
    },
    "profiles": _below_a_profile,
    "requests": lambda by: {"request_id": request().pk},
    "roles": lambda by: {"role_id": make_role(name()).pk, "identity_id": person().pk},
    "service-accounts": lambda by: {"account_id": account().pk},
    "sources": _below_a_source,
    "takeovers": lambda by: {"takeover_id": offer(to=by).pk},
    "transforms": lambda by: {"transform_id": transform().pk},
}
"""The parts of all addresses below a noun; what an example has deleted is made again."""


def parts_of(path: str, by: Identity) -> Parts:
    """An object for each part of `path`, such as `/groups/{uuid:group_id}`, that `by` sees."""
    if "{" not in path:
        return {}
    return OF_NOUNS[path.split("/")[1]](by)
