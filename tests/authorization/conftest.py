from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.audit.proof import actions as proof
from accounts.authorization.levels import ADMIN
from accounts.identities.invitations import invite
from accounts.models import (
    Event,
    Identity,
    Job,
    LifecycleState,
    RemovedAccount,
    ServiceAccount,
    Takeover,
    Transform,
)
from accounts.profiles import custom_attributes
from accounts.roles import assigning
from accounts.sealing import queries as sealing
from accounts.sources import accounts
from accounts.takeovers import actions as takeovers
from tests.factories import (
    apis,
    imports,
    inbox,
    local_vaults,
    make_account,
    make_person,
    profiles,
    requests,
    vault,
)
from tests.factories.groups import make_group, make_role
from tests.factories.integrations import make_integration
from tests.factories.lifecycle import make_lifecycle, make_run
from tests.factories.sign_in_providers import make_link
from tests.factories.tokens import make_token
from tokens.credentials import pickups
from tokens.models import Credential, KeyPickup, TokenPickup
from tokens.personal_access_tokens import pickups as token_pickups
from tokens.personal_access_tokens.actions import Draft
from tokens.personal_access_tokens.lifetimes import Lifetime
from tokens.provisioning import actions as provisioning

Examples = dict[tuple[str, str], Any]
FILE = imports.rows("SA-001,audit01,one@example.com,Audit", "SA-002,audit02,two@example.com,")
A_CALL = {
    ("slug", "namespace"): "sailpoint",
    ("str", "version"): "v1",
    ("str", "operation"): "listSources",
}


def offered_key(account: ServiceAccount) -> KeyPickup:
    offer = pickups.Offer(algorithm="P-256", key_lifetime=None, keep_old_for=timedelta(hours=1))
    with transaction.atomic():
        return pickups.offer(by=SYSTEM, account=account, offer=offer, at=timezone.now())


def offered_token(account: ServiceAccount) -> TokenPickup:
    now, life = timezone.now(), timedelta(days=9)
    draft = Draft("Asked for", ["fr:am:*"], Lifetime(now + life))
    return token_pickups.offer(by=SYSTEM, account=account, draft=draft, lifetime=life, at=now)


def provisioned() -> Credential:
    """The token of a provisioning client."""
    now = timezone.now()
    return provisioning.add_client(
        by=SYSTEM, name="Directory", groups=True, expires_at=None, at=now
    ).token


def handed_over(owner: Identity) -> Takeover:
    """An account that somebody is offered."""
    account = make_account("given", owner=owner, scopes=[]).account
    taker = make_person("taker")
    return takeovers.offer(by=owner, account=account, to=taker, note="", at=timezone.now())


def stored(owner: Identity) -> Examples:
    """An account in a vault, and what belongs to it."""
    item = vault.make_item(owner)
    message = inbox.make_message(item)
    inbox.make_number(item)
    vault.set_password(item, "another-one")
    vault.save_codes(item)
    return {
        ("uuid", "item_id"): item.pk,
        ("uuid", "message_id"): message.pk,
        ("uuid", "number_id"): inbox.make_number(number="+12015550199").pk,
        ("slug", "provider"): "postmark",
        ("uuid", "vault_id"): vault.make_vault("of an example").pk,
        ("uuid", "share_id"): item.shares.get().pk,
        ("uuid", "password_id"): item.passwords.exclude(replaced_at=None).get().pk,
        ("uuid", "code_id"): item.backup_codes.get(position=1).pk,
        ("uuid", "application_id"): vault.make_application().pk,
        **kept_in_browsers(),
    }


def kept_in_browsers() -> Examples:
    """An account in a local vault, and what belongs to it."""
    keeper = make_person("keeper", levels=[ADMIN])
    session = local_vaults.trust(keeper)
    found = local_vaults.make_local_vault(keeper, session)
    item = local_vaults.make_local_item(keeper, session, found)
    return {
        ("uuid", "local_vault_id"): found.pk,
        ("uuid", "trusted_session_id"): session.pk,
        ("uuid", "local_item_id"): item.pk,
        ("uuid", "local_secret_id"): item.local_secrets.get().pk,
        ("int", "member_id"): found.local_members.get().pk,
        ("slug", "secret_name"): "password",
    }


@pytest.fixture
def world(db: None) -> Examples:
    """One of everything that addresses name, none of it of anybody who asks for it."""
    now = timezone.now()
    owner = make_person("owner")
    made = make_account("build", owner=owner)
    source = imports.make_source("Payroll")
    imports.bring(source, FILE)
    first, second = accounts.source_accounts(source).order_by("pk")
    accounts.remove(by=SYSTEM, account=second, at=now)
    run = imports.plan(source, FILE)
    profile = profiles.make_profile(imports.make_source("People"))
    attribute = custom_attributes.add(by=SYSTEM, label="Badge", name="badge", at=now)
    state = LifecycleState.objects.filter(profile=profile).earliest("pk")
    processing = profiles.plan(profile)
    role = make_role("of an example")
    group = make_group("of an example", roles=[role], members=[owner])
    assigning.assign(by=SYSTEM, identity=owner, role=role, at=now)
    asked = requests.ask(owner, "new_service_account", name="wanted", purpose="A wish")
    return {
        ("uuid", "request_id"): asked.pk,
        ("uuid", "takeover_id"): handed_over(owner).pk,
        ("slug", "kind"): asked.kind,
        **A_CALL,
        ("uuid", "account_id"): made.account.pk,
        ("uuid", "credential_id"): made.credential.pk,
        ("uuid", "pickup_id"): offered_key(made.account).pk,
        ("uuid", "token_pickup_id"): offered_token(made.account).pk,
        ("uuid", "provisioning_token_id"): provisioned().pk,
        ("uuid", "token_id"): make_token(made.account.identity, by=SYSTEM).token.pk,
        ("uuid", "identity_id"): owner.pk,
        ("uuid", "integration_id"): make_integration(made.account).pk,
        ("uuid", "invitation_id"): invite(by=SYSTEM, identity=owner, at=now).pk,
        ("slug", "name"): "invitation",
        ("int", "event_id"): Event.objects.earliest("pk").pk,
        ("uuid", "source_id"): source.pk,
        ("int", "attribute_id"): source.attributes.earliest("pk").pk,
        ("int", "account_id"): first.pk,
        ("int", "removed_id"): RemovedAccount.objects.get(source=source).pk,
        ("uuid", "import_id"): run.pk,
        ("uuid", "job_id"): Job.objects.earliest("created_at").pk,
        ("uuid", "profile_id"): profile.pk,
        ("uuid", "processing_id"): processing.pk,
        ("int", "identity_attribute_id"): attribute.pk,
        ("uuid", "state_id"): state.pk,
        ("uuid", "transform_id"): Transform.objects.earliest("name").pk,
        ("uuid", "group_id"): group.pk,
        ("uuid", "role_id"): role.pk,
        **stored(owner) | signing_in(owner),
        **api() | kept(),
    }


def kept() -> Examples:
    """An application whose accounts are kept, with a plan; and a checkpoint of the log."""
    proof.make_next(at=timezone.now())
    run = make_run(make_lifecycle())
    return {("uuid", "lifecycle_id"): run.integration_id, ("uuid", "lifecycle_run_id"): run.pk}


def api() -> Examples:
    """An API of the tenant, and the key that seals."""
    scope = apis.make_scope(apis.make_api())
    key = sealing.all_keys(timezone.now())[0]
    return {
        ("uuid", "api_id"): scope.api_id,
        ("uuid", "scope_id"): scope.pk,
        ("slug", "key"): key.key_id,
    }


def signing_in(owner: Identity) -> Examples:
    link = make_link(owner)
    return {
        ("uuid", "provider_id"): link.provider_id,
        ("uuid", "sso_link_id"): link.pk,
        ("slug", "provider_kind"): link.provider.kind,
    }


@pytest.fixture
def sue(db: None) -> Identity:
    """Manages the sources that she owns, and owns none."""
    return make_person("sue", levels=["source_subadmin"])
