"""What the audit log keeps of people signing in and out."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest

from accounts.audit import record
from accounts.audit.actors import UnknownActor
from accounts.audit.models import Outcome
from accounts.models import Identity, SignInProvider
from console.sign_in import lockout


def succeeded(person: Identity, *, methods: list[str]) -> None:
    """`methods` are `password`, `passkey`, `sso`, `app` and `recovery_code`, as they were given.

    A person using a service account stands out: nobody should have to look for it.
    """
    action = "sign_in.succeeded" if person.is_person else "sign_in.service_account_succeeded"
    record(action, by=person, subject=person, detail={"methods": methods})


def passkey_failed(person: Identity | None) -> None:
    record(
        "sign_in.failed",
        by=UnknownActor(label=person.user_name) if person else UnknownActor(),
        subject=person,
        outcome=Outcome.REFUSED,
        reason="passkey not accepted",
    )


def for_programs_only(account: Identity) -> None:
    """The password was right, and the account signs in nowhere."""
    record(
        "sign_in.failed",
        by=UnknownActor(label=account.user_name),
        subject=account,
        outcome=Outcome.REFUSED,
        reason="the account is for API access only",
    )


def provider_failed(
    provider: SignInProvider, *, reason: str, person: Identity | None = None
) -> None:
    """Somebody was not let in by a provider; who it was is not known, or not believed."""
    record(
        "sign_in.provider_refused",
        by=person or UnknownActor(),
        subject=provider,
        outcome=Outcome.REFUSED,
        reason=reason,
    )


def only_by_provider(person: Identity) -> None:
    """The password or passkey was right, and counts no more."""
    record(
        "sign_in.failed",
        by=UnknownActor(label=person.user_name),
        subject=person,
        outcome=Outcome.REFUSED,
        reason="only sign-in providers let people in",
    )


def ended(person: Identity) -> None:
    record("sign_out", by=person, subject=person)


def failed(request: HttpRequest, *, claimed: str) -> None:
    """One event for an attempt, and one more for the attempt that locked the pair out."""
    by, subject = UnknownActor(label=claimed), _whom_it_concerns(claimed)
    refused_unread = lockout.was_locked_before(request)
    record(
        "sign_in.failed",
        by=by,
        subject=subject,
        outcome=Outcome.REFUSED,
        reason="locked out" if refused_unread else "wrong user name or password",
    )
    if lockout.is_locked(request) and not refused_unread:
        record("sign_in.locked_out", by=by, subject=subject, outcome=Outcome.REFUSED)


def _whom_it_concerns(claimed: str) -> Identity | None:
    """Looked up whether or not it exists, so that the answer takes as long in both cases."""
    try:
        return get_user_model().objects.get_by_natural_key(claimed)
    except ObjectDoesNotExist:
        return None
