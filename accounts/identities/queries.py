from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.authorization.levels import ADMIN, USER
from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity, IdentityQuerySet, Invitation


def visible_to(person: Identity) -> IdentityQuerySet:
    """Whom someone may see: everybody by permission, else only themselves."""
    if may(person, Permission.IDENTITY_VIEW):
        return Identity.objects.existing()
    return Identity.objects.existing().filter(pk=person.pk)


def for_list(person: Identity) -> IdentityQuerySet:
    return (
        visible_to(person).select_related("service_account").prefetch_related("level_assignments")
    )


def search(rows: IdentityQuerySet, text: str) -> IdentityQuerySet:
    """Those whose name, user name or e-mail address holds the text, or whose id it is."""
    return rows.filter(
        Q(display_name__icontains=text)
        | Q(user_name__icontains=text)
        | Q(email__icontains=text)
        | Q(pk__in=_ids_in(text))
    )


def _ids_in(text: str) -> list[str]:
    bare = text.strip().replace("-", "").lower()
    return [bare] if len(bare) == 32 and all(c in "0123456789abcdef" for c in bare) else []


def holding_level(rows: IdentityQuerySet, level: str) -> IdentityQuerySet:
    """Those who hold a level; `user` is what people hold who hold no other."""
    if level == USER:
        return rows.filter(level_assignments=None)
    return rows.holding(level)


def possible_owners() -> IdentityQuerySet:
    """Who may own a service account: people who can sign in."""
    return Identity.objects.active().people().order_by("display_name", "id")


def has_administrator() -> bool:
    return Identity.objects.active().holding(ADMIN).exists()


def last_invitation(identity: Identity) -> Invitation | None:
    return Invitation.objects.filter(identity=identity).order_by("-created_at").first()


def due_invitations(now: datetime, *, limit: int = 100) -> list[Invitation]:
    """Invitations that should be mailed now, the longest due first."""
    return list(Invitation.objects.to_be_mailed(now).order_by("next_try_at")[:limit])
