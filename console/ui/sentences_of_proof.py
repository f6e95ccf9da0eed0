"""The rows of the table of sentences that are about what can be proved: keys, tokens, scopes."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui import phrases
from console.ui.phrases import Action
from console.ui.sentences_of_sign_in_providers import SIGN_IN_PROVIDERS

PROOF: Final[dict[str, Action]] = {
    **SIGN_IN_PROVIDERS,
    "key.issued": Action(_("Key made or added"), phrases.issued),
    "key.replaced": Action(_("Keys replaced"), phrases.replaced),
    "key.revoked": Action(
        _("Key revoked"), _("%(actor)s revoked key %(kid)s of %(target)s and its tokens")
    ),
    "key.stored": Action(
        _("Key stored"), _("%(actor)s confirmed that key %(kid)s of %(target)s is stored")
    ),
    "key.offered": Action(
        _("Key offered to the owner"), _("%(actor)s offered %(owner)s a key of %(target)s")
    ),
    "key.offer_mailed": Action(
        _("Owner told of a key"), _("%(owner)s was told by e-mail that a key of %(target)s waits")
    ),
    "key.offer_withdrawn": Action(
        _("Key offer withdrawn"), _("%(actor)s withdrew the offer of a key of %(target)s")
    ),
    "key.reminded": Action(_("Reminded of a key"), phrases.reminded_of_key),
    "key.expired": Action(_("Key expired"), phrases.late(_("Key %(kid)s of %(target)s expired"))),
    "key.retired": Action(
        _("Replaced key stopped"),
        phrases.late(_("The replaced key %(kid)s of %(target)s stopped working")),
    ),
    "token.issued": Action(_("Access token issued"), phrases.token_issued),
    "token.refused": Action(
        _("Access token refused"),
        phrases.refusals(
            _("%(who)s was refused an access token"),
            _("%(count)d more token requests were refused"),
        ),
    ),
    "token.revoked": Action(
        _("Access token revoked"), _("%(actor)s revoked an access token of %(target)s")
    ),
    "token.introspection_refused": Action(
        _("Token introspection refused"),
        phrases.refusals(
            _("%(who)s was refused to ask about an access token"),
            _("%(count)d more questions about access tokens were refused"),
        ),
    ),
    "token.revocation_refused": Action(
        _("Token revocation refused"),
        phrases.refusals(
            _("%(who)s was refused to revoke an access token"),
            _("%(count)d more requests to revoke an access token were refused"),
        ),
    ),
    "token.revoked_all": Action(
        _("Access tokens revoked"), _("%(actor)s revoked all access tokens of %(target)s")
    ),
    "personal_access_token.created": Action(
        _("Personal access token made"),
        _("%(actor)s made the personal access token %(name)s for %(target)s"),
    ),
    "personal_access_token.offered": Action(
        _("Personal access token offered to the owner"),
        _("%(actor)s let %(owner)s have the personal access token %(name)s of %(target)s made"),
    ),
    "personal_access_token.offer_withdrawn": Action(
        _("Offer of a personal access token withdrawn"),
        _("The personal access token %(name)s of %(target)s cannot be claimed any more"),
    ),
    "personal_access_token.offer_edited": Action(
        _("Offer of a personal access token changed"),
        _(
            "Scopes that are no more were taken from the personal access token %(name)s of "
            "%(target)s, which waits to be claimed"
        ),
    ),
    "personal_access_token.edited": Action(
        _("Personal access token edited"),
        _("%(actor)s changed the personal access token %(name)s of %(target)s"),
    ),
    "personal_access_token.stored": Action(
        _("Personal access token stored"),
        _("%(actor)s confirmed that the secret of %(name)s of %(target)s is stored"),
    ),
    "personal_access_token.revoked": Action(
        _("Personal access token revoked"),
        _("%(actor)s revoked the personal access token %(name)s of %(target)s"),
    ),
    "personal_access_token.kept": Action(
        _("Personal access token kept at a change of owner"),
        _("%(actor)s let %(name)s of %(target)s, known to its owner before, go on working"),
    ),
    "personal_access_token.issued_revoked": Action(
        _("Issued tokens of a personal access token revoked"),
        _("%(actor)s revoked the access tokens issued for %(name)s of %(target)s"),
    ),
    "personal_access_token.reminded": Action(
        _("Reminded of a personal access token"), phrases.reminded_of_token
    ),
    "personal_access_token.expired": Action(
        _("Personal access token expired"),
        phrases.late(_("The personal access token %(name)s of %(target)s expired")),
    ),
    "provisioning_token.created": Action(
        _("Provisioning client added"), _("%(actor)s added provisioning client %(target)s")
    ),
    "provisioning_token.rotated": Action(
        _("Provisioning token rotated"),
        _("%(actor)s made a new token for provisioning client %(target)s"),
    ),
    "provisioning_token.stored": Action(
        _("Provisioning token stored"),
        _("%(actor)s confirmed that the token of provisioning client %(target)s is stored"),
    ),
    "provisioning_token.reminded": Action(
        _("Reminded of a provisioning token"), phrases.reminded_of_provisioning
    ),
    "provisioning_token.revoked": Action(
        _("Provisioning token revoked"),
        _("%(actor)s revoked a token of provisioning client %(target)s"),
    ),
    "identity.password_expired": Action(
        _("Password too old"), _("The password of %(target)s is too old and must be changed")
    ),
    "identity.password_expires_soon": Action(
        _("Password expires soon"), _("The password of %(target)s expires soon")
    ),
    "identity.password_exemption_set": Action(
        _("Exemption from password age set"),
        _("%(actor)s set until when %(target)s is exempt from password age"),
    ),
    "scope.implied": Action(
        _("Deprecated scope used"), _("%(target)s reached %(reached)s through %(granted)s")
    ),
    "api_explorer.sent": Action(
        _("Call tried"), _("%(actor)s tried %(method)s %(path)s as %(target)s: %(status)s")
    ),
}
