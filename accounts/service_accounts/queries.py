from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.authorization.permissions import Permission
from accounts.authorization.policies import may
from accounts.identities.models import Identity, IdentityQuerySet
from accounts.lib.names import skeleton
from accounts.service_accounts.models import ServiceAccount, ServiceAccountQuerySet


def visible_to(person: Identity) -> ServiceAccountQuerySet:
    """The accounts that someone may see, each with its identity, owner and successor."""
    rows = ServiceAccount.objects.visible_to(person)
    return rows.select_related("identity", "owner", "successor")


def choosable_by(person: Identity) -> IdentityQuerySet:
    """Whom somebody may choose: all that they see in lists, else themselves and what they own."""
    rows = Identity.objects.get_queryset().existing()
    if may(person, Permission.IDENTITY_VIEW):
        return rows
    own = ServiceAccount.objects.visible_to(person).values("pk")
    return rows.filter(Q(pk=person.pk) | Q(pk__in=own))


def owners(*, limit: int) -> IdentityQuerySet:
    """People who own a service account, by name; at most `limit` of them."""
    owned = ServiceAccount.objects.existing().filter(owner=OuterRef("pk"))
    people = Identity.objects.people().filter(Exists(owned))
    return people.order_by("display_name", "pk")[:limit]


def spelling_of(name: str, *, but: ServiceAccount | None = None) -> str:
    """How the account is spelled that counts as called `name`; empty where that is free."""
    namesakes = ServiceAccount.objects.filter(name_key=skeleton(name))
    if but is not None:
        namesakes = namesakes.exclude(pk=but.pk)
    return namesakes.values_list("name", flat=True).first() or ""


def called(person: Identity, text: str) -> ServiceAccount | None:
    """The account with this name or id, if there is one that `person` may see."""
    try:
        wanted = {"pk": UUID(text.strip())}
    except ValueError:
        return visible_to(person).filter(name_key=skeleton(text)).first()
    return visible_to(person).filter(**wanted).first()
