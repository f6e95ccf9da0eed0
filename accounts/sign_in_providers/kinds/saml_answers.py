"""Answers of SAML providers: SAML 2.0 profiles section 4.1.4.3, with every doubt a refusal.

The library verifies schema and signature. What it lets pass where a part is missing, or is only
alike, is asked for here; and a document in which something could be taken for something else (a
second assertion, an ID that comes twice, a comment within a name) is refused as a whole.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from lxml import etree
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from accounts.audit.plain import safe_line
from accounts.sign_in_providers.kinds.base import LEEWAY, NotProved, Proof

ASSERTION_NS: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL_NS: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
METADATA_NS: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE_NS: Final = "http://www.w3.org/2000/09/xmldsig#"
NAMES: Final = {"saml": ASSERTION_NS, "samlp": PROTOCOL_NS, "ds": SIGNATURE_NS}
POST_BINDING: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT_BINDING: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"
TRANSIENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
MOST_BYTES: Final = 256 * 1024
LONGEST_VALID: Final = timedelta(hours=24)
SECOND_FACTOR: Final = frozenset(
    {
        "https://refeds.org/profile/mfa",
        "http://schemas.microsoft.com/claims/multipleauthn",
    }
)
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNATURES: Final = frozenset(
    f"{_MORE}{kind}-{size}" for kind in ("rsa", "ecdsa") for size in ("sha256", "sha384", "sha512")
)
DIGESTS: Final = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmlenc#sha512",
        f"{_MORE}sha384",
    }
)
TRANSFORMS: Final = frozenset(
    {
        f"{SIGNATURE_NS}enveloped-signature",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    }
)
TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?Z")
"""Always UTC: SAML core section 1.3.3."""


@dataclass(frozen=True)
class Expected:
    issuer: str
    audience: str
    address: str
    request_id: str
    sso_url: str
    certificates: tuple[str, ...]


def parsed(data: bytes) -> Any:
    """The root of a document without a DTD; entities and the network are left alone.

    Raises:
        NotProved
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotProved(_("What the provider sent is no XML that can be read.")) from error
    if root.getroottree().docinfo.doctype:
        raise NotProved(_("What the provider sent holds a DTD, which is not taken."))
    return root


def verified(text: str, expected: Expected, *, at: datetime) -> Any:
    """The one assertion of an answer that holds.

    Raises:
        NotProved
    """
    if not text or len(text) > MOST_BYTES * 4 // 3:
        raise NotProved(_("The provider sent no answer, or one that is too long."))
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise NotProved(_("What the provider sent is no XML that can be read.")) from error
    root = parsed(data)
    assertion = _only_assertion(root)
    _check_signature(assertion)
    _check_response(root, expected)
    _check_assertion(assertion, expected, at)
    _check_by_library(base64.b64encode(data).decode(), expected)
    return assertion


def proof(
    assertion: Any, *, email_attribute: str, name_attribute: str, vouched: Collection[str]
) -> Proof:
    name_id = _one(assertion, "saml:Subject/saml:NameID")
    subject = (name_id.text or "").strip()
    if not subject or len(subject) > 255 or name_id.get("Format") == TRANSIENT:
        raise NotProved(_("The assertion names nobody who would be known again."))
    statement = _one(assertion, "saml:AuthnStatement")
    contexts = assertion.findall(".//saml:AuthnContextClassRef", NAMES)
    email, name = _attribute(assertion, email_attribute), _attribute(assertion, name_attribute)
    digest = hashlib.sha256(assertion.get("ID").encode()).hexdigest()
    return Proof(
        subject=subject,
        proof_id=f"assertion:{digest}",
        expires_at=_end(_one(assertion, "saml:Conditions")) + LEEWAY,
        label=safe_line(name or subject, 200),
        email=email if len(email) <= 254 else "",
        email_is_verified=email.rpartition("@")[2].lower() in vouched,
        second_factor=any((each.text or "").strip() in SECOND_FACTOR for each in contexts),
        authenticated_at=_time(statement.get("AuthnInstant")),
    )


def _only_assertion(root: Any) -> Any:
    """
    Raises:
        NotProved: something in the document could be taken for something else.
    """
    if root.tag != f"{{{PROTOCOL_NS}}}Response":
        raise NotProved(_("What the provider sent is no SAML response."))
    for each in root.iter():
        if not isinstance(each.tag, str):  # a comment, an instruction or an entity
            raise NotProved(_("What the provider sent holds comments or entities."))
    names = ("Assertion", "EncryptedAssertion")
    found = [each for each in root.iter() if etree.QName(each).localname in names]
    if len(found) != 1 or found[0].getparent() is not root:
        raise NotProved(_("A SAML response must hold one assertion, and nothing beside it."))
    if found[0].tag != f"{{{ASSERTION_NS}}}Assertion":
        raise NotProved(_("A SAML response must hold one assertion, and nothing beside it."))
    ids = Counter(value for each in root.iter() for value in _ids(each))
    if not found[0].get("ID") or any(count > 1 for count in ids.values()):
        raise NotProved(_("An ID comes twice in what the provider sent."))
    return found[0]


def _ids(element: Any) -> Iterator[str]:
    for name, value in element.attrib.items():
        if etree.QName(name).localname.lower() == "id":
            yield value


def _check_signature(assertion: Any) -> None:
    """That the assertion itself is what is signed, in a way that is still worth something. Whether
    the signature holds is asked of the library."""
    root = assertion.getparent()
    every = root.findall(".//ds:Signature", NAMES)
    own = assertion.findall("ds:Signature", NAMES)
    if len(own) != 1 or any(each.getparent() not in (root, assertion) for each in every):
        raise NotProved(_("The assertion is not signed itself."))
    if len(root.findall("ds:Signature", NAMES)) > 1:
        raise NotProved(_("The response is signed more than once."))
    for signature in every:
        references = signature.findall("ds:SignedInfo/ds:Reference", NAMES)
        wanted = f"#{signature.getparent().get('ID')}"
        if len(references) != 1 or references[0].get("URI") != wanted:
            raise NotProved(_("A signature is about something else than where it stands."))
        if signature.findall("ds:Object", NAMES):
            raise NotProved(_("A signature holds something of its own."))
        method = _one(signature, "ds:SignedInfo/ds:SignatureMethod").get("Algorithm")
        digest = _one(references[0], "ds:DigestMethod").get("Algorithm")
        steps = {each.get("Algorithm") for each in references[0].findall("ds:Transforms/*", NAMES)}
        if method not in SIGNATURES or digest not in DIGESTS or not steps <= TRANSFORMS:
            raise NotProved(_("The assertion is signed in a way that is not accepted."))


def _check_response(root: Any, expected: Expected) -> None:
    status = root.find("samlp:Status/samlp:StatusCode", NAMES)
    if status is None or status.get("Value") != SUCCESS:
        raise NotProved(_("The provider did not sign anybody in."))
    if root.get("Destination") not in (None, expected.address):
        raise NotProved(_("The response was sent to another address."))
    if root.get("InResponseTo") != expected.request_id:
        raise NotProved(_("The response answers another attempt to sign in, or none."))
    issuer = root.find("saml:Issuer", NAMES)
    if issuer is not None and (issuer.text or "").strip() != expected.issuer:
        raise NotProved(_("The response is of another provider."))


def _check_assertion(assertion: Any, expected: Expected, at: datetime) -> None:
    if (_one(assertion, "saml:Issuer").text or "").strip() != expected.issuer:
        raise NotProved(_("The assertion is of another provider."))
    conditions = _one(assertion, "saml:Conditions")
    begin, end = conditions.get("NotBefore"), _end(conditions)
    if end + LEEWAY <= at:
        raise NotProved(_("The assertion has expired."))
    if begin is not None and _time(begin) > at + LEEWAY:
        raise NotProved(_("The assertion does not count yet: compare the clocks."))
    issued = _time(assertion.get("IssueInstant"))
    if issued > at + LEEWAY or issued < at - LONGEST_VALID or end - issued > LONGEST_VALID:
        raise NotProved(_("The assertion is too old, or counts for too long."))
    restrictions = conditions.findall("saml:AudienceRestriction", NAMES)
    for restriction in restrictions:
        audiences = restriction.findall("saml:Audience", NAMES)
        if expected.audience not in [(each.text or "").strip() for each in audiences]:
            raise NotProved(_("The assertion is meant for another application."))
    if not restrictions:
        raise NotProved(_("The assertion does not say for whom it is."))
    confirmed = assertion.findall("saml:Subject/saml:SubjectConfirmation", NAMES)
    if not any(_confirms(each, expected, at) for each in confirmed):
        raise NotProved(_("The assertion was not made for this attempt to sign in."))


def _confirms(confirmation: Any, expected: Expected, at: datetime) -> bool:
    """Whether it says that whoever brings it now is meant (section 4.1.4.2)."""
    data = confirmation.find("saml:SubjectConfirmationData", NAMES)
    if confirmation.get("Method") != BEARER or data is None or data.get("NotBefore") is not None:
        return False
    return bool(
        data.get("Recipient") == expected.address
        and data.get("InResponseTo") == expected.request_id
        and data.get("NotOnOrAfter") is not None
        and _time(data.get("NotOnOrAfter")) + LEEWAY > at
    )


def _check_by_library(text: str, expected: Expected) -> None:
    here = urlsplit(expected.address)
    settings = OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {
                "entityId": expected.audience,
                "assertionConsumerService": {"url": expected.address, "binding": POST_BINDING},
            },
            "idp": {
                "entityId": expected.issuer,
                "singleSignOnService": {"url": expected.sso_url, "binding": REDIRECT_BINDING},
                "x509certMulti": {"signing": list(expected.certificates)},
            },
            "security": {
                "wantAssertionsSigned": True,
                "wantMessagesSigned": False,
                "wantAttributeStatement": False,
                "rejectUnsolicitedResponsesWithInResponseTo": True,
                "rejectDeprecatedAlgorithm": True,
                "requestedAuthnContext": False,
                "allowSingleLabelDomains": True,
            },
        }
    )
    asked: dict[str, Any] = {
        "https": "on" if here.scheme == "https" else "off",
        "http_host": here.netloc,
        "script_name": here.path,
        "get_data": {},
        "post_data": {},
    }
    if not OneLogin_Saml2_Response(settings, text).is_valid(asked, expected.request_id):
        raise NotProved(_("The signature of the assertion does not hold, or its form is wrong."))


def _attribute(assertion: Any, name: str) -> str:
    """The value of an attribute that has one; empty where it has none or several."""
    if not name:
        return ""
    values = [
        (value.text or "").strip()
        for each in assertion.findall("saml:AttributeStatement/saml:Attribute", NAMES)
        if each.get("Name") == name
        for value in each.findall("saml:AttributeValue", NAMES)
    ]
    return values[0] if len(values) == 1 else ""


def _one(element: Any, path: str) -> Any:
    found = element.findall(path, NAMES)
    if len(found) != 1:
        raise NotProved(_("The assertion lacks a part, or has it twice."))
    return found[0]


def _end(conditions: Any) -> datetime:
    return _time(conditions.get("NotOnOrAfter"))


def _time(text: str | None) -> datetime:
    found = TIME.fullmatch(text or "")
    try:
        return datetime.fromisoformat(found[1] if found else "").replace(tzinfo=UTC)
    except ValueError as error:
        raise NotProved(_("The assertion holds a time that cannot be read.")) from error
