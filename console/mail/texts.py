"""The mails about identities, with the words that they have until somebody changes them."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.identities import notices
from accounts.mail_templates.kinds import Kind, Placeholder
from console.ui.letters import COMMON

INVITATION: Final = "invitation"
PASSWORD_LINK: Final = "password_link"  # noqa: S105  # a mail, not a secret
FORGOTTEN: Final = "forgotten_password"

LINK: Final = (
    Placeholder(
        "link",
        _("The address of the page to choose a password on; it works once"),
        "https://steward.example.com/register/…",
        is_required=True,
        is_secret=True,
    ),
    Placeholder("expires", _("Until when the link works"), "29 Nov 2026, 14:00 UTC"),
)
CHANGE: Final = (
    Placeholder("at", _("When it happened"), "22 Nov 2026, 14:00 UTC"),
    Placeholder("sign_in", _("The address of the sign-in page"), "https://steward.example.com/"),
)
ADDRESS: Final = Placeholder("address", _("The network address it came from"), "203.0.113.9")

KINDS: Final[dict[str, Kind]] = {
    INVITATION: Kind(
        label=_("User Invitation"),
        occasion=_("Sent to whoever is invited and has no password yet."),
        subject=_("Set up your account: {{ user_name }}"),
        body=_(
            "Hello {{ name }},\n\n"
            "you have been invited to {{ product }} ({{ environment }}), where service accounts "
            "are looked after.\n\n"
            "    Your user name: {{ user_name }}\n\n"
            "Choose the password here:\n\n{{ link }}\n\n"
            "The link works once, until {{ expires }}. After that, a tenant administrator can "
            "send another one.\n\n"
            "If you did not expect this mail, you need not do anything."
        ),
        placeholders=(*COMMON, *LINK),
    ),
    PASSWORD_LINK: Kind(
        label=_("Link for a new password"),
        occasion=_("Sent when an administrator sends a link to somebody who has a password."),
        subject=_("Set a new password for {{ user_name }}"),
        body=_(
            "Hello {{ name }},\n\n"
            "a tenant administrator of {{ product }} ({{ environment }}) sends you a link to set "
            "a new password.\n\n"
            "    Your user name: {{ user_name }}\n\n"
            "Choose the new password here:\n\n{{ link }}\n\n"
            "The link works once, until {{ expires }}. Until you use it, your present password "
            "stays as it is.\n\n"
            "If you did not ask for this, tell a tenant administrator."
        ),
        placeholders=(*COMMON, *LINK),
    ),
    FORGOTTEN: Kind(
        label=_("Forgotten password"),
        occasion=_("Sent to whoever says on the sign-in page that they forgot their password."),
        subject=_("Set a new password for {{ user_name }}"),
        body=_(
            "Hello {{ name }},\n\n"
            "somebody, probably you, said on the sign-in page of {{ product }} "
            "({{ environment }}) that the password of this account is forgotten.\n\n"
            "    Your user name: {{ user_name }}\n\n"
            "Choose a new password here:\n\n{{ link }}\n\n"
            "The link works once, until {{ expires }}. It stops working when you sign in, or ask "
            "for another one.\n\n"
            "If you did not ask for this, you need not do anything: your password stays as it is."
        ),
        placeholders=(*COMMON, *LINK),
    ),
    notices.PASSWORD_EXPIRES: Kind(
        label=_("Password expires soon"),
        occasion=_("Sent once, seven days before a password is older than the tenant allows."),
        subject=_("The password of {{ user_name }} expires soon"),
        body=_(
            "Hello {{ name }},\n\n"
            "the password of the account {{ user_name }} in {{ product }} ({{ environment }}) "
            "expires on {{ expires }}.\n\n"
            "Sign in and change it before: Your account, Change password. After that day, whoever "
            "signs in with it has to choose another one before anything else.\n\n"
            "{{ sign_in }}"
        ),
        placeholders=(
            *COMMON,
            CHANGE[1],
            Placeholder("expires", _("When the password expires"), "29 Nov 2026, 14:00 UTC"),
        ),
    ),
    notices.PASSWORD_CHANGED: Kind(
        label=_("Password changed"),
        occasion=_("Sent after a password was changed."),
        subject=_("Your password was changed"),
        body=_(
            "Hello {{ name }},\n\n"
            "the password of your account {{ user_name }} in {{ product }} ({{ environment }}) "
            "was changed on {{ at }}, from the address {{ address }}.\n\n"
            "All other sessions of yours were ended.\n\n"
            "If this was not you, tell a tenant administrator at once: they can send you a link "
            "to set another password.\n\n"
            "{{ sign_in }}"
        ),
        placeholders=(*COMMON, *CHANGE, ADDRESS),
    ),
    notices.EMAIL_CHANGED: Kind(
        label=_("E-mail address changed"),
        occasion=_("Sent to the old and to the new address after it was changed."),
        subject=_("Your e-mail address was changed"),
        body=_(
            "Hello {{ name }},\n\n"
            "the e-mail address of your account {{ user_name }} in {{ product }} "
            "({{ environment }}) was changed on {{ at }}. This mail goes to the old and to the "
            "new address.\n\n"
            "If you did not expect this, tell a tenant administrator.\n\n"
            "{{ sign_in }}"
        ),
        placeholders=(*COMMON, *CHANGE, ADDRESS),
    ),
    notices.SECOND_FACTOR_ADDED: Kind(
        label=_("Second factor added"),
        occasion=_("Sent after a second factor was set up."),
        subject=_("A second factor was added to your account"),
        body=_(
            "Hello {{ name }},\n\n"
            "a second factor was set up for your account {{ user_name }} in {{ product }} "
            "({{ environment }}) on {{ at }}, from the address {{ address }}. From now on it is "
            "asked for when you sign in.\n\n"
            "If this was not you, change your password and tell a tenant administrator at once."
            "\n\n{{ sign_in }}"
        ),
        placeholders=(*COMMON, *CHANGE, ADDRESS),
    ),
    notices.SECOND_FACTOR_REMOVED: Kind(
        label=_("Second factor removed"),
        occasion=_("Sent after a second factor was removed, by its owner or an administrator."),
        subject=_("A second factor was removed from your account"),
        body=_(
            "Hello {{ name }},\n\n"
            "a second factor was removed from your account {{ user_name }} in {{ product }} "
            "({{ environment }}) on {{ at }}, from the address {{ address }}. It is not asked for "
            "any more when you sign in.\n\n"
            "If this was not you, change your password and tell a tenant administrator at once."
            "\n\n{{ sign_in }}"
        ),
        placeholders=(*COMMON, *CHANGE, ADDRESS),
    ),
    notices.SECOND_FACTOR_LOCKED: Kind(
        label=_("Wrong codes"),
        occasion=_("Sent when somebody gave the right password, and then too many wrong codes."),
        subject=_("Somebody typed wrong codes for your account"),
        body=_(
            "Hello {{ name }},\n\n"
            "somebody gave the right password of your account {{ user_name }} in {{ product }} "
            "({{ environment }}) and then too many wrong codes, on {{ at }}, from the address "
            "{{ address }}. For 15 minutes no code is accepted.\n\n"
            "If this was not you, change your password and tell a tenant administrator at once."
            "\n\n{{ sign_in }}"
        ),
        placeholders=(*COMMON, *CHANGE, ADDRESS),
    ),
    notices.RECOVERY_CODES_MADE: Kind(
        label=_("Recovery codes made"),
        occasion=_("Sent after somebody made new recovery codes."),
        subject=_("New recovery codes were made for your account"),
        body=_(
            "Hello {{ name }},\n\n"
            "new recovery codes were made for your account {{ user_name }} in {{ product }} "
            "({{ environment }}) on {{ at }}, from the address {{ address }}. Those of before work "
            "no longer.\n\n"
            "If this was not you, change your password and tell a tenant administrator at once."
            "\n\n{{ sign_in }}"
        ),
        placeholders=(*COMMON, *CHANGE, ADDRESS),
    ),
    notices.RECOVERY_CODE_USED: Kind(
        label=_("Recovery code used"),
        occasion=_("Sent after somebody signed in with a recovery code."),
        subject=_("A recovery code was used to sign in to your account"),
        body=_(
            "Hello {{ name }},\n\n"
            "a recovery code was used to sign in to your account {{ user_name }} in {{ product }} "
            "({{ environment }}) on {{ at }}, from the address {{ address }}. It does not work a "
            "second time; make new ones before you run out of them.\n\n"
            "If this was not you, change your password and tell a tenant administrator at once."
            "\n\n{{ sign_in }}"
        ),
        placeholders=(*COMMON, *CHANGE, ADDRESS),
    ),
    notices.OWNER_NOW: Kind(
        label=_("Tenant taken over"),
        occasion=_("Sent to whoever becomes the Owner of the tenant."),
        subject=_("You are the Owner of {{ product }} now"),
        body=_(
            "Hello {{ name }},\n\n"
            "on {{ at }} you became the Owner of {{ product }} ({{ environment }}), with your "
            "account {{ user_name }}. Before you it was {{ other }}.\n\n"
            "There is one Owner, who may do everything and stays until they hand the tenant over: "
            "Tenant settings, Owner.\n\n{{ sign_in }}"
        ),
        placeholders=(*COMMON, *CHANGE, Placeholder("other", _("Who was it before"), "Ada Winter")),
    ),
    notices.OWNER_BEFORE: Kind(
        label=_("Tenant handed over"),
        occasion=_("Sent to whoever was the Owner of the tenant until it was handed over."),
        subject=_("You handed {{ product }} over"),
        body=_(
            "Hello {{ name }},\n\n"
            "since {{ at }} the Owner of {{ product }} ({{ environment }}) is {{ other }}. Your "
            "account {{ user_name }} stays an Admin.\n\n"
            "If this was not you, tell a tenant administrator at once.\n\n{{ sign_in }}"
        ),
        placeholders=(*COMMON, *CHANGE, Placeholder("other", _("Who is it now"), "Otto Berger")),
    ),
}
"""Each is registered when Steward starts."""
