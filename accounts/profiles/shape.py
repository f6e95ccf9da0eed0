"""What of the values becomes which column of an identity, by the rules that the console obeys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from accounts.audit.plain import SECRET_TEXT, safe_line
from accounts.identities.actions import PERSON_NAME_MAX_LENGTH
from accounts.lib.errors import DomainError
from accounts.lib.names import MAX_NAME, clean_text
from accounts.profiles.attributes import (
    DISPLAY_NAME,
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    PURPOSE,
    USER_NAME,
)
from accounts.profiles.evaluate import ValueProblem
from accounts.profiles.quick import (
    PLAIN_PERSON,
    email_of,
    holds_no_secret,
    key_of,
    name_of,
    user_name_of,
)
from accounts.service_accounts.actions import DESCRIPTION_MAX_LENGTH

DISPLAY_NAME_MAX_LENGTH: Final = 200
SHOWN_OF_A_VALUE: Final = 100
"""Characters of a value that is refused, without what looks like a secret."""


class Shaped(NamedTuple):
    """The columns of an identity."""

    user_name: str
    user_name_key: str
    first_name: str
    last_name: str
    display_name: str
    email: str
    name_key: str | None
    """Of the service account, where it differs from that of the user name."""
    purpose: str | None
    """None where it is not mapped."""


def shape_person(
    values: dict[str, Any], problems: list[ValueProblem], mapped: frozenset[str]
) -> Shaped:
    """The columns of a person; cleans `values` in place, and adds to `problems`."""
    del mapped
    user_name, email, last, first = _columns(values, problems)
    shown = _text(values, DISPLAY_NAME, _display_name, problems)
    if not shown:
        shown = f"{first} {last}".strip() if first != last else first
    return Shaped(user_name, key_of(user_name), first, last, shown or user_name, email, None, None)


def shape_service(
    values: dict[str, Any], problems: list[ValueProblem], mapped: frozenset[str]
) -> Shaped:
    """The columns of a service account and its identity; as `shape_person`."""
    user_name, email, last, first = _columns(values, problems)
    name = _text(values, DISPLAY_NAME, _account_name, problems)
    if not name and len(user_name) <= MAX_NAME:
        name = user_name
    elif not name:
        problems.append(ValueProblem(DISPLAY_NAME, "", _too_long_for_a_name()))
    purpose = _text(values, PURPOSE, _purpose, problems) if PURPOSE in mapped else None
    key = key_of(user_name)
    name_key = None if name == user_name else key_of(name)
    return Shaped(user_name, key, first, last, name, email, name_key, purpose)


def _columns(values: dict[str, Any], problems: list[ValueProblem]) -> tuple[str, str, str, str]:
    """User name, e-mail, last and first name; where all are plain, there is nothing to clean."""
    get = values.get
    user_name, email = get(USER_NAME), get(EMAIL, "")
    last, first = get(LAST_NAME, ""), get(FIRST_NAME, "")
    if PLAIN_PERSON.fullmatch(f"{user_name}\n{email}\n{last}\n{first}\n") and (
        user_name.__class__ is email.__class__ is last.__class__ is first.__class__ is str
        and holds_no_secret(user_name)
    ):
        return user_name, email, last, first
    return (
        _user_name(values, problems),
        _text(values, EMAIL, email_of, problems),
        _text(values, LAST_NAME, _person_name, problems),
        _text(values, FIRST_NAME, _person_name, problems),
    )


def _user_name(values: dict[str, Any], problems: list[ValueProblem]) -> str:
    name = _text(values, USER_NAME, user_name_of, problems)
    if name and len(name) > 8 and SECRET_TEXT.search(name):
        # names stand in the audit log, and no secret may
        problems.append(ValueProblem(USER_NAME, "", _("This looks like a key or token.")))
    return name


def _text(
    values: dict[str, Any],
    attribute: str,
    rule: Callable[[str], str],
    problems: list[ValueProblem],
) -> str:
    value = values.get(attribute)
    if value is None:
        return ""
    if value.__class__ is not str:
        if len(value) != 1:
            cause = _("There are %(count)d values, and only one can be taken.")
            problems.append(ValueProblem(attribute, "", cause % {"count": len(value)}))
            return ""
        value = str(value[0])
    try:
        clean = rule(value)
    except DomainError as error:
        said = {"why": error.message, "value": safe_line(value, SHOWN_OF_A_VALUE)}
        cause = _("%(why)s The value is “%(value)s”.") % said if value.strip() else error.message
        problems.append(ValueProblem(attribute, "", cause))
        return ""
    if clean:
        values[attribute] = clean
    else:
        del values[attribute]
    return clean


def _person_name(text: str) -> str:
    return name_of(text, PERSON_NAME_MAX_LENGTH) if text.strip() else ""


def _display_name(text: str) -> str:
    return name_of(text, DISPLAY_NAME_MAX_LENGTH) if text.strip() else ""


def _account_name(text: str) -> str:
    return name_of(text, MAX_NAME) if text.strip() else ""


def _purpose(text: str) -> str:
    return clean_text(text, max_length=DESCRIPTION_MAX_LENGTH, multiline=True)


def _too_long_for_a_name() -> str:
    return _("A service account's name has at most %(most)d characters: map a shorter one.") % {
        "most": MAX_NAME
    }


Shaper = Callable[[dict[str, Any], list[ValueProblem], frozenset[str]], Shaped]

SHAPERS: Final[Mapping[str, Shaper]] = {"person": shape_person, "service": shape_service}
"""By the kind of a profile."""
