"""The rows of the table of sentences that are about signing in by providers."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from console.ui.phrases import Action

SIGN_IN_PROVIDERS: Final[dict[str, Action]] = {
    "sign_in_provider.added": Action(
        _("Sign-in provider added"), _("%(actor)s added sign-in provider %(target)s")
    ),
    "sign_in_provider.edited": Action(
        _("Sign-in provider edited"), _("%(actor)s changed sign-in provider %(target)s")
    ),
    "sign_in_provider.enabled": Action(
        _("Sign-in provider enabled"), _("%(actor)s let people sign in by %(target)s")
    ),
    "sign_in_provider.disabled": Action(
        _("Sign-in provider disabled"), _("%(actor)s let nobody sign in by %(target)s any more")
    ),
    "sign_in_provider.removed": Action(
        _("Sign-in provider removed"),
        _("%(actor)s removed sign-in provider %(target)s and all links to it"),
    ),
    "sign_in_provider.tried": Action(
        _("Sign-in provider tried"), _("%(actor)s tried sign-in provider %(target)s: it works")
    ),
    "sign_in.provider_refused": Action(
        _("Sign-in by a provider refused"), _("Somebody was not let in by %(target)s")
    ),
    "identity.sso_linked": Action(
        _("Account at a provider linked"),
        _("%(target)s can sign in by an account at a sign-in provider"),
    ),
    "identity.sso_unlinked": Action(
        _("Account at a provider unlinked"),
        _("%(actor)s ended that %(target)s signs in by an account at a sign-in provider"),
    ),
    "tenant_setting.sso_only_changed": Action(
        _("SSO only changed"), _("%(actor)s changed whether passwords sign in")
    ),
}
