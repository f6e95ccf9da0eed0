"""Passwords of people: what is refused, and how one is set and changed."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from urllib.parse import urlsplit

import zxcvbn
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record
from accounts.identities import notices
from accounts.identities.models import Identity, Invitation
from accounts.lib.errors import DomainError

LONGEST = 128
"""Characters; nothing is cut off or changed, so there must be an end."""
LOOKED_AT = 72
"""Characters that are searched for guessable parts; the search takes longer than in proportion."""
FEWEST_GUESSES = 10**8
"""Below, whoever has stolen the hashes finds a password in weeks, and a botnet without them."""
LEFT_OVER = 6
"""Letters and digits that must remain of a password without the words that anyone would guess."""
GUESSABLE = ("steward", "password", "passwort", "serviceaccount", "administrator", "admin")
"""The product's own words (ASVS 6.2.11); the environment's and the person's come to them."""


class BadPassword(DomainError):
    """The password is against the policy."""

    code = "bad_password"


class NoLongerThan:
    """Validator: an end to the length, with a message instead of a cut."""

    def validate(self, password: str, user: Identity | None = None) -> None:
        del user
        if len(password) > LONGEST:
            message = _("Shorten it to at most %(most)d characters.")
            raise ValidationError(message % {"most": LONGEST}, code="password_too_long")

    def get_help_text(self) -> str:
        return _("It may have at most %(most)d characters.") % {"most": LONGEST}


class NotGuessedFirst:
    """Validator: nothing that lists of leaked passwords hold, or that is made from them.

    `zxcvbn` brings lists (leaked passwords, words, names, titles of films; some 4,000 of them
    have twelve characters or more) and knows the ways in which people decorate them; Django
    brings another. Neither asks anybody: no part of a password leaves this machine (ASVS 6.2.4,
    6.2.12).
    """

    def __init__(self, from_length: int = 0) -> None:
        self.from_length = from_length
        """Of shorter ones another validator has said enough."""
        self.leaked = CommonPasswordValidator().passwords

    def validate(self, password: str, user: Identity | None = None) -> None:
        if len(password) < self.from_length:
            return
        around = sorted(_words_around(user))
        found = zxcvbn.zxcvbn(password[:LOOKED_AT], user_inputs=around, max_length=LOOKED_AT)
        is_leaked = password.casefold().strip() in self.leaked
        if is_leaked or found["guesses"] < FEWEST_GUESSES:
            raise ValidationError(
                _(
                    "This is guessed too easily: it is a leaked password, a common word, a row "
                    "of keys, or one of them with digits added. Take a few words in a row."
                ),
                code="password_guessed_first",
            )

    def get_help_text(self) -> str:
        return _("It is not among those that are guessed first.")


class NotOnlyOurWords:
    """Validator: more than the names of the product, the company and the person, decorated."""

    def validate(self, password: str, user: Identity | None = None) -> None:
        rest = _plain(password)
        for word in sorted(_words_around(user), key=len, reverse=True):
            rest = rest.replace(word, "")
        letters = re.sub(r"[\W\d_]+", "", rest)
        if letters != re.sub(r"[\W\d_]+", "", _plain(password)) and len(letters) < LEFT_OVER:
            raise ValidationError(
                _("Use other words than those of this product, your company and your name."),
                code="password_context_words",
            )

    def get_help_text(self) -> str:
        return _("It is not made of your name or the words of this product.")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _words_around(user: Identity | None) -> set[str]:
    """Words of four letters and more that stand on the page on which the password is typed."""
    host = urlsplit(settings.STEWARD_PUBLIC_URL).hostname or ""
    texts = [*GUESSABLE, settings.STEWARD_ENVIRONMENT, host]
    if user is not None:
        texts += [user.user_name, user.display_name, user.email]
    found = (word for text in texts for word in re.split(r"[\W_]+", _plain(text)))
    return {word for word in found if len(word) > 3}


POLICY = (
    gettext_lazy("At least 12 characters, at most 128; a few words in a row are a good choice."),
    gettext_lazy("Any characters, also spaces; none is asked for."),
    gettext_lazy("Not a leaked or common password, and no row of keys."),
    gettext_lazy("Not made of your name, your company's or this product's."),
)
"""What to tell people beforehand, one sentence a line."""


SET_TOGETHER = ("password", "password_set_at", "password_warned_at", "password_expired_at")
"""What is said of a password is said of the one that is set now."""


def check(password: str, identity: Identity) -> None:
    """Refuse a password that is against the policy.

    Raises:
        BadPassword: with every rule that it breaks.
    """
    try:
        validate_password(password, identity)
    except ValidationError as error:
        raise BadPassword(message=" ".join(error.messages), field="password") from error


def store(*, identity: Identity, password: str, at: datetime) -> None:
    """Make this the password of an identity, for the actions that mean it.

    It ends all sessions (they carry a hash of the password) and every link to set one.

    Raises:
        BadPassword: with every rule that it breaks; also where it is the one of before, which
            would be none the younger for it.
    """
    check(password, identity)
    if identity.is_registered and check_password(password, identity.password):
        raise BadPassword(
            message=_("This is the password of before. Choose another."), field="password"
        )
    identity.set_password(password)
    identity.password_set_at = at
    identity.password_warned_at = identity.password_expired_at = None
    identity.save(update_fields=SET_TOGETHER)
    Invitation.objects.filter(identity=identity).withdraw(at)


@transaction.atomic
def change(*, by: Identity, password: str, at: datetime) -> None:
    """Change one's own password; whoever calls this has made sure of the old one.

    Raises:
        BadPassword: with every rule that it breaks.
    """
    store(identity=by, password=password, at=at)
    record("identity.password_changed", by=by, subject=by, at=at)
    notices.tell(by, notices.PASSWORD_CHANGED, at=at)


def forget(identity: Identity) -> None:
    """Leave an identity without a password, for the actions that mean it."""
    identity.set_unusable_password()
    identity.password_set_at = None
    identity.password_warned_at = identity.password_expired_at = None
    identity.save(update_fields=SET_TOGETHER)
