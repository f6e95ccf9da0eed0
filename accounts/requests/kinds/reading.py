"""What the details of a request name: each found anew, since all of it may change meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.groups.models import Group
from accounts.identities.models import Identity
from accounts.lib.errors import DomainError
from accounts.requests.kinds.base import Detail, Details, Shown
from accounts.service_accounts.models import ServiceAccount, ServiceAccountQuerySet

NOBODY: Final = UUID(int=0)
OWN_ACCOUNT: Final = Detail(
    "account", gettext_lazy("ID of a service account that you own."), required=True
)


class NotYours(DomainError):
    """The account is none that the person owns."""

    code = "not_yours"

    def __init__(self) -> None:
        super().__init__(_("Choose an account that you own."), field="account")


class NotTheirsAnyMore(DomainError):
    """Somebody else answers for the account by now than who asked."""

    code = "not_theirs_any_more"

    def __init__(self, requester: Identity, account: ServiceAccount) -> None:
        message = _(
            "%(requester)s does not own %(account)s any more. Whoever owns it now may ask anew."
        )
        said = {"requester": requester.display_name, "account": account.name}
        super().__init__(message % said)


class NotToBeRequested(DomainError):
    """The group is gone, or not open to requests."""

    code = "not_to_be_requested"

    def __init__(self) -> None:
        super().__init__(_("Choose a group that can be asked for."), field="group")


class BadDate(DomainError):
    """No date and time, or one that is over."""

    code = "bad_date"


class NobodySuch(DomainError):
    """No person of that id."""

    code = "nobody_such"


class BadList(DomainError):
    """No list of names."""

    code = "bad_list"

    def __init__(self) -> None:
        super().__init__(_("Choose from the list."), field="scopes")


class Gone(DomainError):
    """What was asked about does not exist any more."""

    code = "gone"

    def __init__(self, what: str) -> None:
        super().__init__(_("%(what)s does not exist any more.") % {"what": what})


def own_account(owner: Identity, details: Details) -> ServiceAccount:
    """The account meant, which `owner` owns.

    Raises:
        NotYours
    """
    found = _accounts().filter(pk=_id(details.get("account")), owner=owner).first()
    if found is None:
        raise NotYours
    return found


def account_now(details: Details) -> ServiceAccount:
    """The account meant, whoever owns it by now.

    Raises:
        Gone
    """
    found = _accounts().filter(pk=_id(details.get("account"))).first()
    if found is None:
        raise Gone(_("The service account"))
    return found


def check_still_theirs(requester: Identity, account: ServiceAccount) -> None:
    """Raises NotTheirsAnyMore, Gone."""
    if account.deleted_at is not None:
        raise Gone(account.name)
    if account.owner_id != requester.pk:
        raise NotTheirsAnyMore(requester, account)


def group_to_ask_for(details: Details) -> Group:
    """Raises NotToBeRequested."""
    groups = Group.objects.select_related("manager")
    found = groups.filter(pk=_id(details.get("group")), may_be_requested=True).first()
    if found is None:
        raise NotToBeRequested
    return found


def person(details: Details, name: str) -> Identity | None:
    """A person by their id; None where nobody is named.

    Raises:
        NobodySuch: there is none of that id.
    """
    if not details.get(name):
        return None
    found = Identity.objects.people().filter(pk=_id(details[name])).first()
    if found is None:
        raise NobodySuch(_("Choose another person who can sign in."), field=name)
    return found


def moment(details: Details, name: str) -> datetime | None:
    """A date and time with its zone; None where there is none.

    Raises:
        BadDate: it is no such thing.
    """
    text = str(details.get(name) or "")
    if not text:
        return None
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadDate(_("Give a date."), field=name)
    return found


def words(details: Details, name: str) -> list[str]:
    """A list of texts; raises BadList where it is none."""
    found = details.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise BadList
    return found


def line_of(account: ServiceAccount, label: str) -> Shown:
    return Shown(label, account.name, ("service_account", str(account.pk)))


def _accounts() -> ServiceAccountQuerySet:
    return ServiceAccount.objects.existing().select_related("identity", "owner")


def _id(text: Any) -> UUID:
    """The id meant; what is none is nobody's."""
    try:
        return UUID(str(text))
    except ValueError:
        return NOBODY
