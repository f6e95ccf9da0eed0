from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity, SignInProvider
from accounts.sign_in_providers.actions import Draft
from accounts.sign_in_providers.kinds.base import Kind

LONGEST_INPUT: Final = 30_000
"""Characters; the domain has the real bounds, and says them better."""


class ProviderForm(forms.Form):
    """A field for every setting that the kind declares."""

    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name"),
        strip=False,
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("It stands on the button of the sign-in page, such as Company account."),
        error_messages={"required": _("Type a name.")},
    )
    issuer = forms.CharField(
        max_length=LONGEST_INPUT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Fill in this field.")},
    )
    links_by_email = forms.BooleanField(
        label=_("Link a first sign-in by its verified e-mail address"),
        required=False,
        help_text=_(
            "Only where the provider says that it has verified the address, exactly one identity "
            "has it, and that one has followed a link that was mailed there. Otherwise people "
            "link their account themselves, under Your account."
        ),
    )
    counts_second_factor = forms.BooleanField(
        label=_("A second factor that the provider asked for counts here"),
        required=False,
        help_text=_("Where it says so of a sign-in. Otherwise Steward asks for its own."),
    )

    def __init__(
        self, *args: Any, part: Kind, provider: SignInProvider | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **({"initial": _initial(part, provider)} | kwargs))
        self.part = part
        issuer = self.fields["issuer"]
        issuer.label, issuer.help_text = str(part.issuer_label), str(part.issuer_help)
        if provider is not None:
            del self.fields["issuer"]
        for setting in part.settings:
            widget = forms.Textarea(attrs={"rows": 8}) if setting.multiline else forms.TextInput()
            widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
            self.fields[setting.name] = forms.CharField(
                label=str(setting.label),
                help_text=str(setting.help_text),
                required=setting.required,
                max_length=LONGEST_INPUT,
                widget=widget,
                error_messages={"required": gettext("Fill in this field.")},
            )
        if part.secret_label:
            self._add_secret(part, provider)
        self.order_fields(
            ["name", "issuer", *(s.name for s in part.settings), "secret", "forget_secret"]
        )

    def _add_secret(self, part: Kind, provider: SignInProvider | None) -> None:
        kept = gettext("Empty: it stays as it is.") if provider is not None else ""
        self.fields["secret"] = forms.CharField(
            label=str(part.secret_label),
            help_text=kept or str(part.secret_help),
            required=False,
            strip=False,
            max_length=LONGEST_INPUT,
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        )
        if provider is not None:
            self.fields["forget_secret"] = forms.BooleanField(
                label=gettext("Forget the secret that is stored"), required=False
            )

    def draft(self) -> Draft:
        values = self.cleaned_data
        return Draft(
            name=values["name"],
            config={setting.name: values[setting.name] for setting in self.part.settings},
            links_by_email=values["links_by_email"],
            counts_second_factor=values["counts_second_factor"],
            secret=values.get("secret", ""),
            forget_secret=values.get("forget_secret", False),
        )


def _initial(part: Kind, provider: SignInProvider | None) -> dict[str, Any]:
    if provider is None:
        return {setting.name: setting.default for setting in part.settings}
    return {
        "revision": provider.revision,
        "name": provider.name,
        "links_by_email": provider.links_by_email,
        "counts_second_factor": provider.counts_second_factor,
        **provider.config,
    }


class SsoOnlyForm(forms.Form):
    is_on = forms.BooleanField(
        label=_("Only sign-in providers let people in"),
        required=False,
        help_text=_(
            "Passwords and passkeys alone sign nobody in any more, and forgotten passwords are "
            "not set anew. Sessions that are open go on; keys and tokens are not touched."
        ),
    )
    named = forms.CharField(
        label=_("Break-glass people"),
        required=False,
        strip=True,
        max_length=LONGEST_INPUT,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "User names, one a line. Their passwords go on working, for when the providers do not."
        ),
    )

    def clean_named(self) -> list[Identity]:
        found: dict[str, Identity] = {}
        for line in self.cleaned_data["named"].splitlines()[:100]:
            typed = line.strip()
            if not typed:
                continue
            try:
                person = Identity.objects.get_by_natural_key(typed)
            except Identity.DoesNotExist as error:
                message = gettext("There is no identity with the user name “%(name)s”.")
                raise forms.ValidationError(message % {"name": typed[:80]}) from error
            found[person.actor_id] = person
        return list(found.values())
