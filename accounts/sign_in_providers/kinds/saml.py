"""SAML 2.0: our request by redirect, the answer by a form, judged by `saml_answers`."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree
from lxml.builder import ElementMaker

from accounts.lib import web
from accounts.sign_in_providers.kinds import saml_answers
from accounts.sign_in_providers.kinds.base import (
    Attempt,
    BadProvider,
    Facts,
    NotProved,
    Proof,
    Setting,
)
from accounts.sign_in_providers.kinds.saml_answers import (
    ASSERTION_NS,
    METADATA_NS,
    POST_BINDING,
    PROTOCOL_NS,
    REDIRECT_BINDING,
    SIGNATURE_NS,
)
from accounts.tenant import outgoing

TIMEOUT_SECONDS: Final = 8.0
MOST_METADATA_BYTES: Final = 2 * 1024 * 1024
MOST_CERTIFICATES: Final = 4
LEAST_RSA_BITS: Final = 2048
NAME_IDS: Final = (
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
)


class Saml:
    label: str | Promise = gettext_lazy("SAML 2.0")
    answers_by_form = True
    issuer_label: str | Promise = gettext_lazy("Entity ID of the provider")
    issuer_help: str | Promise = gettext_lazy("As it stands in the provider's metadata.")
    secret_label: str | Promise | None = None
    secret_help: str | Promise = ""
    settings: tuple[Setting, ...] = (
        Setting(
            "sso_url",
            gettext_lazy("Sign-in address"),
            gettext_lazy("SingleSignOnService with the binding HTTP-Redirect."),
            max_length=1000,
        ),
        Setting(
            "certificates",
            gettext_lazy("Signing certificates"),
            gettext_lazy(
                "PEM, one after the other: at most four, for when the provider changes them. "
                "Assertions must be signed with one of them."
            ),
            multiline=True,
            max_length=20_000,
        ),
        Setting(
            "metadata_url",
            gettext_lazy("Address of its metadata"),
            gettext_lazy("Testing the connection compares them with what is set here."),
            required=False,
            max_length=1000,
        ),
        Setting(
            "email_attribute",
            gettext_lazy("Attribute of the e-mail address"),
            default="email",
            required=False,
            max_length=200,
        ),
        Setting(
            "vouched_domains",
            gettext_lazy("Domains whose addresses it verifies"),
            gettext_lazy(
                "Such as company.example, with commas between. SAML does not say whether an "
                "address is verified; addresses of other domains count as not verified."
            ),
            required=False,
            max_length=500,
        ),
        Setting(
            "name_attribute",
            gettext_lazy("Attribute of the user name"),
            gettext_lazy("How an account there is called in lists here. Empty: its NameID."),
            required=False,
            max_length=200,
        ),
    )

    def check(self, issuer: str, config: Mapping[str, Any]) -> None:
        del issuer
        for name in ("sso_url", "metadata_url"):
            if not config[name]:
                continue
            try:
                web.check(config[name])
            except web.CannotReach as error:
                raise BadProvider(error.message, field=name) from error
        certificates(config["certificates"])

    def look_at(self, facts: Facts) -> list[tuple[str, str]]:
        expiry = [
            (_("A certificate here ends"), found.not_valid_after_utc.date().isoformat())
            for found in certificates(facts.config["certificates"])
        ]
        if not facts.config["metadata_url"]:
            raise NotProved(
                _("There is nothing to ask: set the address of its metadata, or try signing in.")
            )
        return [*_compared(facts, _fetched(facts.config["metadata_url"])), *expiry]

    def address(self, facts: Facts, attempt: Attempt) -> str:
        parts = urlsplit(str(facts.config["sso_url"]))
        sent = zlib.compress(_request(facts, attempt))[2:-4]  # the bare stream of RFC 1951
        asked = {"SAMLRequest": base64.b64encode(sent).decode(), "RelayState": attempt.state}
        own = [pair for pair in parse_qsl(parts.query) if pair[0] not in asked]
        return urlunsplit(parts._replace(query=urlencode([*own, *asked.items()]), fragment=""))

    def prove(
        self, facts: Facts, attempt: Attempt, answer: Mapping[str, str], *, at: datetime
    ) -> Proof:
        expected = saml_answers.Expected(
            issuer=facts.issuer,
            audience=facts.metadata_uri,
            address=facts.redirect_uri,
            request_id=request_id(attempt),
            sso_url=facts.config["sso_url"],
            certificates=tuple(
                found.public_bytes(Encoding.PEM).decode()
                for found in certificates(facts.config["certificates"])
            ),
        )
        told = saml_answers.verified(answer.get("SAMLResponse", ""), expected, at=at)
        return saml_answers.proof(
            told,
            email_attribute=facts.config["email_attribute"],
            name_attribute=facts.config["name_attribute"],
            vouched=_domains(facts.config["vouched_domains"]),
        )


def certificates(text: str) -> list[x509.Certificate]:
    """
    Raises:
        BadProvider: they are none, too many, or of a key that is too weak.
    """
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        message = _("Paste certificates as PEM, from BEGIN CERTIFICATE to END CERTIFICATE.")
        raise BadProvider(message, field="certificates") from error
    if len(found) > MOST_CERTIFICATES:
        message = _("Paste at most %(most)d certificates.") % {"most": MOST_CERTIFICATES}
        raise BadProvider(message, field="certificates")
    for each in found:
        key = each.public_key()
        strong = isinstance(key, EllipticCurvePublicKey) or (
            isinstance(key, RSAPublicKey) and key.key_size >= LEAST_RSA_BITS
        )
        if not strong:
            message = _("A certificate has a key that is too short, or of a kind not known here.")
            raise BadProvider(message, field="certificates")
    return found


def request_id(attempt: Attempt) -> str:
    return f"_{attempt.nonce}"


def own_metadata(entity_id: str, address: str) -> bytes:
    """What a provider is told of Steward (SAML metadata 2.0)."""
    md = ElementMaker(namespace=METADATA_NS, nsmap={"md": METADATA_NS})
    service = md.SPSSODescriptor(
        *(md.NameIDFormat(each) for each in NAME_IDS),
        md.AssertionConsumerService(
            Binding=POST_BINDING, Location=address, index="0", isDefault="true"
        ),
        AuthnRequestsSigned="false",
        WantAssertionsSigned="true",
        protocolSupportEnumeration=PROTOCOL_NS,
    )
    described = md.EntityDescriptor(service, entityID=entity_id)
    return bytes(etree.tostring(described, xml_declaration=True, encoding="utf-8"))


def _request(facts: Facts, attempt: Attempt) -> bytes:
    names = {"samlp": PROTOCOL_NS, "saml": ASSERTION_NS}
    samlp = ElementMaker(namespace=PROTOCOL_NS, nsmap=names)
    saml = ElementMaker(namespace=ASSERTION_NS, nsmap=names)
    made = samlp.AuthnRequest(
        saml.Issuer(facts.metadata_uri),
        samlp.NameIDPolicy(AllowCreate="true"),
        ID=request_id(attempt),
        Version="2.0",
        IssueInstant=attempt.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        Destination=facts.config["sso_url"],
        ProtocolBinding=POST_BINDING,
        AssertionConsumerServiceURL=facts.redirect_uri,
        **({"ForceAuthn": "true"} if attempt.afresh else {}),
    )
    return bytes(etree.tostring(made))


def _fetched(url: str) -> Any:
    answer = web.call(
        "GET",
        url,
        {"Accept": "application/samlmetadata+xml, application/xml"},
        timeout=TIMEOUT_SECONDS,
        limit=MOST_METADATA_BYTES,
        policy=outgoing.policy(),
    )
    if answer.status != 200:
        said = _("%(host)s answered with status %(status)d.")
        raise NotProved(said % {"host": urlsplit(url).hostname or "", "status": answer.status})
    return saml_answers.parsed(answer.body)


def _compared(facts: Facts, root: Any) -> list[tuple[str, str]]:
    """
    Raises:
        NotProved: the metadata say something else than what is set here.
    """
    names = {"md": METADATA_NS, "ds": SIGNATURE_NS}
    described = [
        each
        for each in root.iter(f"{{{METADATA_NS}}}EntityDescriptor")
        if each.get("entityID") == facts.issuer
    ]
    if len(described) != 1:
        raise NotProved(_("Its metadata do not name the entity ID that is set here."))
    services = described[0].findall("md:IDPSSODescriptor/md:SingleSignOnService", names)
    addresses = [
        each.get("Location") for each in services if each.get("Binding") == REDIRECT_BINDING
    ]
    if facts.config["sso_url"] not in addresses:
        raise NotProved(_("Its metadata name another sign-in address for HTTP-Redirect."))
    listed = {
        "".join((each.text or "").split())
        for each in described[0].iterfind("md:IDPSSODescriptor//ds:X509Certificate", names)
    }
    ours = certificates(facts.config["certificates"])
    encoded = [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in ours]
    if not any(each in listed for each in encoded):
        raise NotProved(_("None of the certificates here stands in its metadata."))
    return [
        (_("Entity ID"), facts.issuer),
        (_("Sign-in address"), facts.config["sso_url"]),
        (_("Certificates in its metadata"), str(len(listed))),
    ]


def _domains(text: str) -> frozenset[str]:
    return frozenset(each.strip().lower() for each in text.split(",") if each.strip())
