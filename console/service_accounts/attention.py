"""What about an account needs somebody's attention, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.authorization.permissions import Permission
from accounts.identities.gui_access import may_remove
from accounts.models import Identity, ServiceAccount, Takeover
from accounts.service_accounts import obligatory
from accounts.service_accounts.states import Status
from accounts.takeovers.states import Cause
from accounts.tenant.queries import is_on
from console.ui import times
from console.ui.asking import whom_to_ask
from console.ui.phrases import and_more
from tokens.credentials.models import CredentialStatus
from tokens.models import Credential, KeyPickup
from tokens.reminders.queries import Told
from tokens.service_accounts.gui_access import is_ready, missing
from tokens.service_accounts.left_behind import left_behind
from tokens.service_accounts.queries import EXPIRING_WITHIN

TONES = ("danger", "notice", "info")
KID_SHOWN = 8
"""Characters of a key id; the whole one stands on the tab of keys."""


@dataclass(frozen=True)
class Note:
    """One thing to know, and where to mend it (only for whoever may)."""

    tone: str
    title: str
    text: str
    url: str = ""
    action: str = ""
    posts: bool = False
    """The mend is a POST without further question."""
    ask: tuple[str, str] | None = None
    """Where its owner asks for the mend, who may not make it, and how that is called."""


@dataclass(frozen=True)
class Facts:
    """What the notes are about."""

    account: ServiceAccount
    keys: Sequence[Credential]
    offer: KeyPickup | None
    now: datetime
    told: Mapping[UUID | None, Told] = field(default_factory=dict)
    """Who was reminded of an end, by key; of the account's own under None."""
    has_token: bool = False
    """A token of it works: a personal access token, or one for provisioning."""

    def reminded(self, key: Credential | None = None) -> str:
        """A further sentence: that somebody was told; empty where nobody was."""
        told = self.told.get(key.pk if key else None)
        if told is None:
            return ""
        text = (
            ngettext(
                "Owner reminded %(days)d day before.",
                "Owner reminded %(days)d days before.",
                told.days,
            )
            if told.is_owner
            else ngettext(
                "%(to)s was reminded %(days)d day before.",
                "%(to)s was reminded %(days)d days before.",
                told.days,
            )
        )
        return " " + text % {"to": told.to, "days": told.days}

    @property
    def usable(self) -> list[Credential]:
        working = (CredentialStatus.ACTIVE, CredentialStatus.RETIRING)
        return [key for key in self.keys if key.status_at(self.now) in working]


def notes(facts: Facts, *, person: Identity, may_manage: bool) -> list[Note]:
    """Everything to be noted; who may not manage the account is told whom to ask for a mend."""
    found = [*_state(facts), *_keys(facts), *_owner(facts), *_successor(facts)]
    found += [*_scopes(facts), *_levels(facts)]
    if not may_manage:
        found = _asking(found, is_owner=facts.account.owner_id == person.pk)
    found += [*_offer(facts, person), *_no_successor(facts, person, may_manage)]
    return sorted(found, key=lambda note: TONES.index(note.tone))


def _asking(found: Sequence[Note], *, is_owner: bool) -> list[Note]:
    """The notes without their mends, but with where an owner asks for it, or whom to ask."""
    said = ""
    asked = []
    for note in found:
        if note.url and is_owner and note.ask:
            asked.append(Note(note.tone, note.title, note.text, *note.ask))
        elif note.url:
            said = said or whom_to_ask(Permission.SERVICE_ACCOUNT_MANAGE)
            asked.append(Note(note.tone, note.title, f"{note.text} {said}"))
        else:
            asked.append(note)
    return asked


def _levels(facts: Facts) -> Iterator[Note]:
    if facts.account.identity.is_administrator:
        text = _(
            "Whoever gets hold of its password, or of one of its keys or tokens, could administer "
            "the whole tenant. Give it the least level that its work needs."
        )
        url = reverse("identities:set_levels", args=[facts.account.pk])
        yield Note("danger", _("It is over-privileged"), text, url, _("Set User Levels"))


def gui_access(account: ServiceAccount, person: Identity) -> Iterator[Note]:
    """Offered once a call has succeeded: then its owner has worked out how to use it."""
    if may_remove(person, account.identity) and is_ready(account):
        text = _(
            "A program uses it, and it can still sign in to the console. Take that away: its keys "
            "and tokens go on working."
        )
        url = reverse("service_accounts:remove_gui_access", args=[account.pk])
        yield Note(
            "info", _("It is ready to be for web services only"), text, url, _("Remove GUI access")
        )


def missing_to_remove(account: ServiceAccount) -> str:
    """Why it is early for taking GUI access away; empty where it is not, or it is gone."""
    lacking = missing(account.identity)
    return lacking.in_words if lacking else ""


def short(key_id: str) -> str:
    return key_id if len(key_id) <= KID_SHOWN + 1 else f"{key_id[:KID_SHOWN]}…"


def _edit_url(facts: Facts) -> str:
    return reverse("service_accounts:edit", args=[facts.account.pk])


def _regenerate_url(facts: Facts) -> str:
    return reverse("credentials:regenerate", args=[facts.account.pk])


def _ask_url(facts: Facts, kind: str, **given: str) -> str:
    account = str(facts.account.pk)
    return f"{reverse('requests:new', args=[kind])}?{urlencode({'account': account} | given)}"


def _ask_for_key(facts: Facts) -> tuple[str, str]:
    url = _ask_url(facts, "new_credential", credential="key_pair")
    return url, _("Ask for a new key")


def _state(facts: Facts) -> Iterator[Note]:
    account, identity = facts.account, facts.account.identity
    match account.status_at(facts.now):
        case Status.ENDED:
            assert account.ends_at is not None
            text = _("It ended on %(at)s, and its keys and tokens are refused since.")
            yield Note(
                "danger",
                _("This account has ended"),
                text % {"at": times.exact(account.ends_at)},
                _edit_url(facts),
                _("Change the end date"),
                ask=(_ask_url(facts, "longer_life"), _("Ask for a later end")),
            )
        case Status.DISABLED:
            assert identity.disabled_at is not None
            text = _("%(who)s disabled it %(when)s. Its keys and tokens are refused.")
            yield Note(
                "notice",
                _("This account is disabled"),
                text
                % {
                    "who": identity.disabled_by,
                    "when": times.relative(identity.disabled_at, facts.now),
                },
                reverse("service_accounts:enable", args=[account.pk]),
                _("Enable"),
                posts=True,
            )
        case _ if account.ends_at and account.ends_at <= facts.now + EXPIRING_WITHIN:
            title = _("This account ends %(when)s")
            text = _("From %(at)s on its keys and tokens are refused.")
            yield Note(
                "notice",
                title % {"when": times.relative(account.ends_at, facts.now)},
                text % {"at": times.exact(account.ends_at)} + facts.reminded(),
                _edit_url(facts),
                _("Change the end date"),
                ask=(_ask_url(facts, "longer_life"), _("Ask for a later end")),
            )


def _keys(facts: Facts) -> Iterator[Note]:
    if not facts.usable:
        if facts.offer is None:
            yield from _without_key(facts)
        return
    lasting = [k for k in facts.usable if not _ends_soon(k, facts.now)]
    for key in facts.usable:
        if _ends_soon(key, facts.now):
            yield _ending(key, facts, last_one=not lasting)
    yield from _unconfirmed(facts)


def _without_key(facts: Facts) -> Iterator[Note]:
    """What never had a key and lives by personal access tokens lacks nothing."""
    if not facts.has_token:
        text = _("Nothing can get an access token with this account.")
    elif facts.keys:
        text = _("It gets access tokens by its personal access tokens alone.")
    else:
        return
    tone = "info" if facts.has_token else "danger"
    mend = _regenerate_url(facts), _("Regenerate Key")
    yield Note(tone, _("No usable key"), text, *mend, ask=_ask_for_key(facts))


def _unconfirmed(facts: Facts) -> Iterator[Note]:
    keys = [k for k in facts.usable if k.stored_at is None and k.last_used_at is None]
    if not keys:
        return
    count = len(keys)
    title = ngettext(
        "A key that was perhaps never stored",
        "%(count)d keys that were perhaps never stored",
        count,
    )
    text = ngettext(
        "Nobody has confirmed that the private key of %(kids)s was stored, and it was never used. "
        "It cannot be shown again: if it was lost, regenerate it.",
        "Nobody has confirmed that the private keys of %(kids)s were stored, and they were never "
        "used. They cannot be shown again: if they were lost, regenerate the key.",
        count,
    )
    values = {"count": count, "kids": ", ".join(short(key.key_id) for key in keys)}
    mend = _regenerate_url(facts), _("Regenerate Key")
    yield Note("notice", title % values, text % values, *mend, ask=_ask_for_key(facts))


def _ends_soon(key: Credential, now: datetime) -> bool:
    return key.ends_at is not None and key.ends_at <= now + EXPIRING_WITHIN


def _ending(key: Credential, facts: Facts, *, last_one: bool) -> Note:
    assert key.ends_at is not None
    values = {
        "kid": short(key.key_id),
        "when": times.relative(key.ends_at, facts.now),
        "at": times.exact(key.ends_at),
    }
    if not last_one:
        title, text = _("Key %(kid)s ends %(when)s"), _("Another key works on after %(at)s.")
        return Note("info", title % values, text % values + facts.reminded(key))
    return Note(
        "notice",
        _("Key %(kid)s ends %(when)s") % values,
        _("After %(at)s no key of this account works. Regenerate it before then.") % values
        + facts.reminded(key),
        _regenerate_url(facts),
        _("Regenerate Key"),
        ask=_ask_for_key(facts),
    )


def takeovers(facts: Facts, person: Identity) -> Iterator[Note]:
    """That it came from somebody who left, and which of its secrets owners before may have."""
    account = facts.account
    found = Takeover.objects.waiting().filter(account=account).select_related("giver", "taker")
    waiting = found.first()
    if waiting is not None:
        yield _takeover(waiting, person)
    left = left_behind(account, facts.keys, facts.now)
    if left:
        names = [token.name for token in left.tokens] + [short(key.key_id) for key in left.keys]
        text = ngettext(
            "%(names)s was made or downloaded by somebody who has left or owns the account no "
            "more. It goes on working: have a new one made, then this one revoked.",
            "%(names)s were made or downloaded by people who have left or own the account no "
            "more. They go on working: have new ones made, then these revoked.",
            len(names),
        )
        page = "service_accounts:tokens" if left.tokens else "service_accounts:keys"
        yield Note(
            "notice",
            _("Secrets that an owner before may know"),
            text % {"names": and_more(names)},
            reverse(page, args=[account.pk]),
            _("See them"),
        )


def _takeover(waiting: Takeover, person: Identity) -> Note:
    names = {"giver": waiting.giver.display_name, "taker": waiting.taker.display_name}
    mine = person.pk in {waiting.taker_id, waiting.giver_id}
    url = reverse("takeovers:detail", args=[waiting.pk]) if mine else ""
    if waiting.cause == Cause.OFFERED:
        text = _("%(giver)s hands it over to %(taker)s, who has not answered yet.")
        return Note("info", _("It is being handed over"), text % names, url, _("Look at it"))
    if waiting.taker_id == person.pk:
        text = _("%(giver)s has left. Say that you answer for it, or name somebody who does.")
        return Note("notice", _("Its owner left"), text % names, url, _("Take it over"))
    text = _("%(giver)s has left. It passed to %(taker)s, who has not confirmed that yet.")
    return Note("notice", _("Its owner left"), text % names)


def _owner(facts: Facts) -> Iterator[Note]:
    owner = facts.account.owner
    if owner is not None and owner.is_active:
        return
    if owner is None:
        title, text = _("No owner"), _("Nobody answers for this account.")
    elif owner.deleted_at is not None:
        title = _("Its owner left")
        text = _("%(name)s was deleted, and there is nobody to own it. Choose somebody else.")
    else:
        title = _("Its owner left")
        text = _("%(name)s is disabled, and there is nobody to own it. Choose somebody else.")
    name = {"name": owner.display_name if owner else ""}
    yield Note("notice", title, text % name, _edit_url(facts), _("Choose an owner"))


def _successor(facts: Facts) -> Iterator[Note]:
    successor = facts.account.successor
    if successor is not None and not successor.is_active:
        text = _("%(name)s cannot sign in. Name somebody else to own the account after its owner.")
        name = {"name": successor.display_name}
        url = _edit_url(facts)
        yield Note("info", _("The successor has left"), text % name, url, _("Name a successor"))


def _no_successor(facts: Facts, person: Identity, may_manage: bool) -> Iterator[Note]:
    """Asked for of who may name one: an account that has changed hands has none."""
    account = facts.account
    owns = account.owner_id == person.pk
    if account.successor_id or not account.owner_id or not (owns or may_manage):
        return
    if is_on(obligatory.SUCCESSOR):
        text = _(
            "This tenant wants one for every account: who owns it once its owner has left. An "
            "account that has changed hands has none until somebody names one."
        )
        url = reverse("service_accounts:successor", args=[account.pk])
        url = url if owns else _edit_url(facts)
        yield Note("info", _("No successor is named"), text, url, _("Name a successor"))


def _scopes(facts: Facts) -> Iterator[Note]:
    if not facts.account.scopes and not facts.has_token:
        text = _("A token request must ask for a scope, and this account has none to give.")
        ask = (_ask_url(facts, "more_scopes"), _("Ask for scopes"))
        yield Note("notice", _("No scopes"), text, _edit_url(facts), _("Choose scopes"), ask=ask)


def _offer(facts: Facts, person: Identity) -> Iterator[Note]:
    if facts.offer is None:
        return
    until = times.exact(facts.offer.expires_at)
    if facts.offer.owner_id == person.pk:
        text = _("It is made when you download it, once, until %(until)s. Nobody else sees it.")
        url = reverse("credentials:pickup", args=[facts.offer.pk])
        title = _("A key waits for you")
        yield Note("info", title, text % {"until": until}, url, _("Download the key"))
        return
    text = _("An offer of a key waits for %(name)s until %(until)s.")
    values = {"name": facts.offer.owner.display_name, "until": until}
    yield Note("info", _("The owner has not downloaded the key yet"), text % values)
