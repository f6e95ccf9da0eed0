"""What a proof of a provider does: it lets somebody in, or links an account there to one here."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.audit.actors import Actor
from accounts.authorization.permissions import Permission
from accounts.identities.locking import lock
from accounts.identities.models import Identity
from accounts.identities.policies import check_may_act_on
from accounts.lib.errors import DomainError
from accounts.sign_in_providers import policies, sso_only
from accounts.sign_in_providers.actions import ProviderGone
from accounts.sign_in_providers.kinds.base import LEEWAY, Attempt, NotProved, Proof
from accounts.sign_in_providers.models import SignInProvider, SsoLink, UsedProof
from accounts.sign_in_providers.policies import NobodyKnown


class LinkedElsewhere(DomainError):
    """The account at the provider belongs to somebody else here, or they have another there."""

    code = "linked_elsewhere"


class OnlyWayIn(DomainError):
    """Without this link they could not sign in any more."""

    code = "only_way_in"


@transaction.atomic
def admit(*, provider: SignInProvider, proof: Proof, at: datetime) -> Identity:
    """Find who signs in by this proof, and link them where the tenant lets an e-mail address do.

    Raises:
        ProviderGone, NotProved, NobodyKnown
    """
    current = _taken(provider, proof)
    link = _link_of(current, proof)
    if link is None:
        link = _link_by_email(current, proof, at)
    policies.check_may_come_in(link.identity, at=at)
    link.used_at = at
    link.save(update_fields=["used_at"])
    worked(current, at=at)
    return link.identity


@transaction.atomic
def link(*, by: Identity, provider: SignInProvider, proof: Proof, at: datetime) -> SsoLink:
    """Link an account at a provider to one's own here. Linking it twice is harmless.

    Raises:
        ProviderGone, NotProved
        LinkedElsewhere: either of them has a link already.
    """
    person = lock(by)
    current = _taken(provider, proof)
    had = SsoLink.objects.filter(provider=current, identity=person).first()
    if had is not None and had.subject == proof.subject:
        return had
    if had is not None or _link_of(current, proof) is not None:
        raise LinkedElsewhere(
            _("This account is linked to somebody else already, or you have linked another one.")
        )
    worked(current, at=at)
    return _add(current, person, proof, at, how="by oneself")


def is_fresh(proof: Proof, attempt: Attempt) -> bool:
    """Whether somebody proved themselves to the provider for this attempt: else it only knew them
    still, and whoever sits at an unlocked screen has done nothing."""
    since = proof.authenticated_at
    return since is not None and since >= attempt.started_at - LEEWAY


@transaction.atomic
def confirm(
    *, by: Identity, provider: SignInProvider, proof: Proof, attempt: Attempt, at: datetime
) -> None:
    """Take a proof for that somebody who is signed in is still there.

    Raises:
        ProviderGone
        NotProved: they did not prove themselves anew, or are somebody else there.
    """
    current = _taken(provider, proof)
    link = _link_of(current, proof)
    if link is None or link.identity_id != by.pk:
        raise NotProved(_("This is the account of somebody else at the provider."))
    if not is_fresh(proof, attempt):
        raise NotProved(_("The provider did not ask anew who you are."))
    record("sign_in.confirmed", by=by, subject=by, detail={"provider": current.name}, at=at)


@transaction.atomic
def unlink(*, by: Actor, link: SsoLink, at: datetime) -> None:
    """End a link: one's own, or that of somebody on whom one may act; harmless where it is gone.

    Raises:
        NotAllowed, AboveOneself
        OnlyWayIn: passwords do not sign in, and it is one's last.
    """
    identity = lock(link.identity)
    if by.actor_id != identity.actor_id:
        check_may_act_on(by, identity, Permission.IDENTITY_MANAGE)
    elif not sso_only.current().lets_in(identity) and not _has_another(link):
        raise OnlyWayIn(_("Without it you could not sign in any more. Link another one first."))
    if SsoLink.objects.filter(pk=link.pk).delete()[0]:
        record(
            "identity.sso_unlinked",
            by=by,
            subject=identity,
            detail={"provider": link.provider.name, "account": link.label},
            at=at,
        )


def forget(*, by: Actor, identity: Identity, at: datetime) -> int:
    """End all links of somebody who starts over; part of a reset."""
    del by, at
    return SsoLink.objects.filter(identity=identity).delete()[0]


def worked(provider: SignInProvider, *, at: datetime) -> None:
    SignInProvider.objects.filter(pk=provider.pk).update(worked_at=at)


def forget_used(*, now: datetime) -> int:
    """Delete what is kept of answers that have expired meanwhile; upkeep."""
    return UsedProof.objects.filter(expires_at__lt=now).delete()[0]


def _taken(provider: SignInProvider, proof: Proof) -> SignInProvider:
    """The provider as it stands, and the proof noted: of two uses one succeeds."""
    current = SignInProvider.objects.enabled().filter(pk=provider.pk).first()
    if current is None:
        raise ProviderGone
    try:
        with transaction.atomic():
            UsedProof.objects.create(
                provider=current, proof_id=proof.proof_id, expires_at=proof.expires_at
            )
    except IntegrityError as error:
        raise NotProved(_("This answer of the provider was used already.")) from error
    return current


def _link_of(provider: SignInProvider, proof: Proof) -> SsoLink | None:
    rows = SsoLink.objects.select_related("identity")
    return rows.filter(provider=provider, subject=proof.subject).first()


def _link_by_email(provider: SignInProvider, proof: Proof, at: datetime) -> SsoLink:
    if not provider.links_by_email:
        raise NobodyKnown(_("nobody is linked to this account"))
    if not proof.email_is_verified:
        raise NobodyKnown(_("nobody is linked, and the provider has not verified the e-mail"))
    person = lock(policies.found_by_email(proof.email, at=at))
    if SsoLink.objects.filter(provider=provider, identity=person).exists():
        raise NobodyKnown(_("the identity with this e-mail is linked to another account"))
    return _add(provider, person, proof, at, how="by e-mail")


def _add(
    provider: SignInProvider, identity: Identity, proof: Proof, at: datetime, *, how: str
) -> SsoLink:
    made = SsoLink.objects.create(
        provider=provider,
        identity=identity,
        subject=proof.subject,
        label=(proof.label or proof.email)[:200],
        linked_at=at,
    )
    record(
        "identity.sso_linked",
        by=identity,
        subject=identity,
        detail={"provider": provider.name, "account": made.label, "how": how},
        at=at,
    )
    return made


def _has_another(link: SsoLink) -> bool:
    rows = SsoLink.objects.filter(identity=link.identity_id, provider__disabled_at=None)
    return rows.exclude(pk=link.pk).exists()
