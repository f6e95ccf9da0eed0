"""One call as a form, made of what its operation says can be filled in."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity
from accounts.service_accounts import queries as service_accounts
from console.ui.fields import not_called_optional
from tokens.explorer.dispatch import Sent
from tokens.explorer.operations import JSON, MULTIPART, Operation, Parameter
from tokens.personal_access_tokens.policies import why_not_for

EXACT: Final = {"autocomplete": "off", "spellcheck": "false", "class": "mono"}
LONGEST_VALUE: Final = 4_000
LONGEST_BODY: Final = 256 * 1024
FREE_ROWS: Final = range(1, 4)
"""Members of a body, and parameters of a query, that the document does not name."""
BUILDER: Final = "builder"
RAW: Final = "raw"
WAYS: Final = ((BUILDER, _("Builder")), (RAW, _("Raw")))
WRITTEN_AS_JSON: Final = frozenset({"array", "object", "integer", "number", "boolean"})


class CallForm(forms.Form):
    """Answers what is to be sent, and as whom."""

    account = forms.CharField(
        label=_("Send as"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "own-accounts"}),
        help_text=_(
            "Empty: as yourself. Or the name or ID of a service account that you may make tokens "
            "for: it then gets one for this one call."
        ),
    )

    def __init__(self, *args: Any, operation: Operation, person: Identity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operation, self.person = operation, person
        for each in operation.parameters:
            self.fields[_name(each)] = _field(each)
        self._free("query", _("Parameter"))
        self._body_fields()
        free = [name for name in self.fields if "_free_" in name]
        needed = [
            _name(each)
            for each in (operation.body.members if operation.body else ())
            if each.required
        ]
        not_called_optional(self, "account", *needed, *free)

    def _body_fields(self) -> None:
        body = self.operation.body
        if body is None:
            return
        for each in body.members:
            self.fields[_name(each)] = _field(each)
        if MULTIPART in body.media_types:
            return
        usual = RAW if body.example and not body.members else BUILDER
        self.fields["way"] = forms.ChoiceField(
            label=_("How the body is written"),
            choices=WAYS,
            widget=forms.RadioSelect,
            initial=usual,
        )
        if not body.members:
            self._free("body", _("Field"))
        self.fields["raw"] = forms.CharField(
            label=_("Body"),
            required=False,
            strip=False,
            max_length=LONGEST_BODY,
            initial=body.example,
            widget=forms.Textarea(attrs={"rows": 12, **EXACT}),
        )

    def _free(self, where: str, label: Any) -> None:
        for row in FREE_ROWS:
            for part, said in (("name", _("name")), ("value", _("value"))):
                self.fields[f"{where}_free_{part}_{row}"] = forms.CharField(
                    label=f"{label} {row}, {said}",
                    required=False,
                    max_length=LONGEST_VALUE,
                    widget=forms.TextInput(attrs=EXACT),
                )

    def clean_account(self) -> Identity:
        """Who the call acts as."""
        text = str(self.cleaned_data["account"]).strip()
        if not text:
            return self.person
        account = service_accounts.called(self.person, text)
        if account is None:
            raise ValidationError(gettext("There is no service account of this name or ID."))
        if why_not := why_not_for(self.person, account.identity):
            raise ValidationError(why_not)
        return account.identity

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for each in self.operation.of("path"):
            if "/" in cleaned.get(_name(each), ""):
                self.add_error(_name(each), gettext("A part of the address holds no slash."))
        for each in self.operation.body.members if self.operation.body else ():
            if cleaned.get("way") != RAW and each.kind in WRITTEN_AS_JSON:
                self._check_json(each)
        return cleaned

    def _check_json(self, member: Parameter) -> None:
        text = self.cleaned_data.get(_name(member), "")
        if text:
            try:
                json.loads(text)
            except (ValueError, RecursionError):
                said = gettext("Write it as JSON: %(kind)s, such as %(example)s.")
                example = EXAMPLES.get(member.kind, "null")
                self.add_error(_name(member), said % {"kind": member.kind, "example": example})

    def sent(self) -> Sent:
        """What is sent, of a form that is valid."""
        cleaned, path = self.cleaned_data, self.operation.path
        for each in self.operation.of("path"):
            path = path.replace(f"{{{each.name}}}", cleaned[_name(each)])
        query = [(each.name, cleaned[_name(each)]) for each in self.operation.of("query")]
        query += list(self._free_values("query"))
        headers = {e.name: cleaned[_name(e)] for e in self.operation.of("header")}
        kind, body = self._body()
        headers |= {"Accept": JSON, "Content-Type": kind}
        return Sent(
            method=self.operation.method,
            path=path,
            query=urlencode([(name, value) for name, value in query if value], quote_via=quote),
            headers={name: value for name, value in headers.items() if value},
            body=body,
        )

    def _body(self) -> tuple[str, bytes]:
        """The media type and the body; both empty where there is none."""
        body = self.operation.body
        if body is None:
            return "", b""
        kind, cleaned = body.media_types[0], self.cleaned_data
        values = {e.name: (e, cleaned[_name(e)]) for e in body.members if cleaned[_name(e)]}
        if MULTIPART in body.media_types:
            return _multipart({name: text for name, (_each, text) in values.items()})
        if cleaned["way"] == RAW:
            text = str(cleaned["raw"])
            return (kind, text.encode()) if text.strip() else ("", b"")
        members: dict[str, Any] = {
            name: json.loads(text) if each.kind in WRITTEN_AS_JSON else text
            for name, (each, text) in values.items()
        }
        members |= dict(self._free_values("body"))
        return kind, json.dumps(members).encode()

    def _free_values(self, where: str) -> Iterator[tuple[str, str]]:
        for row in FREE_ROWS:
            name = self.cleaned_data.get(f"{where}_free_name_{row}", "")
            if name:
                yield name, self.cleaned_data[f"{where}_free_value_{row}"]

    @property
    def path_rows(self) -> list[BoundField]:
        return self._rows("path")

    @property
    def query_rows(self) -> list[BoundField]:
        return self._rows("query")

    @property
    def header_rows(self) -> list[BoundField]:
        return self._rows("header")

    @property
    def members(self) -> list[BoundField]:
        body = self.operation.body
        return [self[_name(each)] for each in body.members] if body else []

    @property
    def free_query(self) -> list[tuple[BoundField, BoundField]]:
        return self._pairs("query")

    @property
    def free_body(self) -> list[tuple[BoundField, BoundField]]:
        return self._pairs("body")

    def _rows(self, where: str) -> list[BoundField]:
        return [self[_name(each)] for each in self.operation.of(where)]

    def _pairs(self, where: str) -> list[tuple[BoundField, BoundField]]:
        return [
            (self[f"{where}_free_name_{row}"], self[f"{where}_free_value_{row}"])
            for row in FREE_ROWS
            if f"{where}_free_name_{row}" in self.fields
        ]


EXAMPLES: Final = {
    "array": '["a", "b"]',
    "object": '{"a": 1}',
    "integer": "12",
    "number": "1.5",
    "boolean": "true",
}


def _name(parameter: Parameter) -> str:
    return f"{parameter.where}.{parameter.name}"


def _help(parameter: Parameter) -> str:
    """Descriptions are Markdown, whose marks of code would be read as they are."""
    told = [parameter.description.replace("`", "")]
    if parameter.where == "body" and parameter.required:
        told.append(gettext("The call needs it."))
    if parameter.where == "body" and parameter.kind in ("array", "object"):
        said = gettext("Written as JSON, such as %(example)s.")
        told.append(said % {"example": EXAMPLES[parameter.kind]})
    return " ".join(filter(None, told))


def _field(parameter: Parameter) -> forms.Field:
    shared: dict[str, Any] = {
        "label": parameter.name,
        "required": parameter.required and parameter.where != "body",
        "help_text": _help(parameter),
        "initial": parameter.default,
    }
    choices = parameter.choices or (("true", "false") if parameter.kind == "boolean" else ())
    if choices:
        empty = [] if shared["required"] else [("", "—")]
        return forms.ChoiceField(choices=[*empty, *((c, c) for c in choices)], **shared)
    is_long = parameter.kind in ("array", "object") or parameter.kind == "binary"
    widget = forms.Textarea({"rows": 4, **EXACT}) if is_long else forms.TextInput(EXACT)
    return forms.CharField(
        max_length=LONGEST_BODY if is_long else LONGEST_VALUE, widget=widget, **shared
    )


def _multipart(values: dict[str, str]) -> tuple[str, bytes]:
    """A form with each value as a file of its own (RFC 7578)."""
    boundary = f"steward-{secrets.token_hex(12)}"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; '
        f'filename="{name}.csv"\r\nContent-Type: text/csv\r\n\r\n{text}\r\n'
        for name, text in values.items()
    ]
    body = "".join([*parts, f"--{boundary}--\r\n"]).encode()
    return f"{MULTIPART}; boundary={boundary}", body
