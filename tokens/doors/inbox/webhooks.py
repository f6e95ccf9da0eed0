"""Webhooks of providers. A message that nobody takes is answered as if it had been taken: the
provider cannot mend it, and a stranger learns nothing of which addresses there are."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from email.errors import MessageError
from http import HTTPStatus
from typing import Any, Final

import phonenumbers
from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from accounts.audit.actors import UnknownActor
from accounts.inbox import hooks, numbers, receiving
from accounts.inbox.reading import Unreadable, guard
from tokens.doors.inbox.proofs import MAKERS, is_of_twilio
from tokens.edge import refusals
from tokens.edge.machine import machine, unavailable

SMS_PATH: Final = "/inbound/sms/twilio"
MAIL_PATH: Final = "/inbound/mail/"
OLDEST: Final = timedelta(hours=24)
"""What a provider said it got longer ago is not taken: providers that fail try again for less."""
ONE_SIGNATURE_A_DELIVERY: Final = frozenset({"mailgun"})
"""Whose signature covers the name of a delivery, and not what is delivered."""
EMPTY_REPLY: Final = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
BROKEN: Final = (
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, LookupError, RecursionError),
    *(MessageError, AnymailError, Unreadable),
)
"""What comes of a form that is none of the provider's."""


class Forged(Exception):
    """The proof of a webhook does not hold, or is too old; the text says which."""


def problem(status: HTTPStatus, message: str) -> HttpResponse:
    response = JsonResponse({"status": status.value, "message": message}, status=status)
    response["Cache-Control"] = "no-store"
    if status is HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Basic realm="inbox"'
    return response


@machine(problem, "POST")
def mail(request: HttpRequest, provider: str) -> HttpResponse:
    secret = hooks.secret_of(provider) if provider in MAKERS else ""
    if not secret:
        return _nowhere()
    now = timezone.now()
    try:
        events = _events(request, provider, secret, now)
    except Forged as error:
        return _refused(provider, str(error), now)
    except BROKEN:
        return problem(HTTPStatus.BAD_REQUEST, "This is no mail that this provider would send.")
    for event in events:
        delivery = ""
        if provider in ONE_SIGNATURE_A_DELIVERY:
            delivery = f"{provider}:{event.event_id}"
        for address in _recipients(event)[: receiving.MOST_RECIPIENTS]:
            try:
                raw = event.message.as_bytes()
                receiving.receive_mail(to=address, raw=raw, delivery=delivery, at=now)
            except receiving.UnknownRecipient:
                continue
            except receiving.TooMany:
                return unavailable(problem)
            except BROKEN:
                return problem(HTTPStatus.BAD_REQUEST, "This mail cannot be read.")
    return problem(HTTPStatus.OK, "Thank you.")


@machine(problem, "POST")
def sms(request: HttpRequest) -> HttpResponse:
    token, now = hooks.secret_of("twilio"), timezone.now()
    if not token:
        return _nowhere()
    url = f"{settings.STEWARD_PUBLIC_URL}{request.get_full_path()}"
    signature = request.headers.get("X-Twilio-Signature", "")
    if not is_of_twilio(url=url, form=request.POST, signature=signature, token=token):
        return _refused("twilio", "The signature does not hold.", now)
    said = {name: request.POST.get(name, "") for name in ("MessageSid", "From", "To", "Body")}
    if not said["MessageSid"]:
        return problem(HTTPStatus.BAD_REQUEST, "This is no message that Twilio would send.")
    try:
        receiving.receive_sms(
            to=numbers.clean(said["To"]),
            sender=_sender(said["From"]),
            text=said["Body"],
            provider_id=said["MessageSid"],
            at=now,
        )
    except receiving.TooMany:
        return unavailable(problem)
    except (receiving.UnknownRecipient, numbers.BadNumber):
        pass
    return HttpResponse(EMPTY_REPLY, content_type="text/xml")


def _events(request: HttpRequest, provider: str, secret: str, now: datetime) -> list[Any]:
    """What a webhook brings, once it is known to be the provider's.

    Raises:
        Forged
        Unreadable: its mail would be read for too long.
    """
    taker = MAKERS[provider](secret)
    try:
        taker.run_validators(request)
    except AnymailWebhookValidationFailure as error:
        raise Forged("The signature or password does not hold.") from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise Forged("The signature cannot be read.") from error
    for text in _mails(request):
        guard(text.encode("utf-8", "surrogateescape"))
    events: list[Any] = taker.parse_events(request)
    for event in events:
        if event.timestamp is not None and abs(now - event.timestamp) > OLDEST:
            raise Forged("It was signed too long ago.")
    return events


def _mails(request: HttpRequest) -> list[str]:
    """The mails in a delivery that the library is going to read, whichever provider's it is."""
    found: list[Any] = [request.POST.get("body-mime")]
    if request.content_type == "application/json":
        told = json.loads(request.body)
        found = [told.get("RawEmail"), (told.get("data") or {}).get("raw")]
    return [text for text in found if isinstance(text, str)]


def _recipients(event: Any) -> list[str]:
    """To whom a mail was delivered: as the provider says, never as the mail does."""
    if isinstance(event.esp_event, dict) and "data" in event.esp_event:
        return [str(each["email"]) for each in event.esp_event["data"]["recipients"]["rcptTo"]]
    return [str(event.message.envelope_recipient or "")]


def _sender(text: str) -> str:
    """A phone number as people read it; others are names and stay as they are."""
    try:
        return numbers.written(numbers.clean(text))
    except (numbers.BadNumber, phonenumbers.NumberParseException):
        return text


def _nowhere() -> HttpResponse:
    return problem(HTTPStatus.NOT_FOUND, "Nothing is taken here.")


def _refused(provider: str, reason: str, now: datetime) -> HttpResponse:
    refusals.note(
        "inbox.webhook_refused",
        by=UnknownActor(label=provider),
        subject=None,
        code="forged",
        reason=reason,
        now=now,
    )
    return problem(HTTPStatus.UNAUTHORIZED, "Prove that you are who you say.")
