"""A SAML provider on this machine that speaks HTTP, and lies as a test asks it to.

It writes its XML by hand and signs it with xmlsec, in the way that the roles of both allow.
"""

from __future__ import annotations

import base64
import secrets
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
NAMES = {"saml": SAML, "samlp": SAMLP, "ds": DS}

VALUE_LIES: dict[str, tuple[str, str]] = {
    "wrong_audience": ("audience", "https://another.example/metadata"),
    "no_audience": ("audience", ""),
    "wrong_issuer": ("issuer", "https://elsewhere.example"),
    "expired": ("end", "-120"),
    "not_yet": ("begin", "600"),
    "for_ever": ("end", "99999999"),
    "of_last_week": ("issued", "-604800"),
    "wrong_recipient": ("recipient", "https://another.example/acs"),
    "longer_recipient": ("recipient", "{recipient}more"),
    "no_recipient": ("recipient", ""),
    "wrong_destination": ("destination", "https://another.example/acs"),
    "another_request": ("request_id", "_another"),
    "no_request": ("request_id", ""),
    "confirmed_long_ago": ("confirmed", "-120"),
    "no_end_of_confirmation": ("confirmed", ""),
    "wrong_method": ("method", "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"),
    "nobody": ("name", ""),
    "transient": ("format", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"),
    "not_signed_in": ("status", "urn:oasis:names:tc:SAML:2.0:status:Responder"),
    "no_time": ("end", "tomorrow"),
}
"""Signed as it should be, and wrong in what it says."""


def _before(found: Any, root: Any) -> None:
    """An assertion of one's own stands first; the signed one follows."""
    forged = _forged(found)
    root.insert(list(root).index(found), forged)


def _within(found: Any, root: Any) -> None:
    """The signed assertion stands within the forged one."""
    forged = _forged(found)
    root.replace(found, forged)
    forged.append(found)


def _in_signature(found: Any, root: Any) -> None:
    """The forged assertion has the signature, and in it the assertion that was signed."""
    signature = found.find("ds:Signature", NAMES)
    found.remove(signature)
    forged = _forged(found, new_id=False)
    root.replace(found, forged)
    forged.insert(1, signature)
    etree.SubElement(signature, f"{{{DS}}}Object").append(found)


def _same_id(found: Any, root: Any) -> None:
    forged = _forged(found, new_id=False)
    root.insert(list(root).index(found), forged)


def _in_extensions(found: Any, root: Any) -> None:
    forged = _forged(found)
    root.replace(found, forged)
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    extensions.append(found)
    root.insert(1, extensions)


def _with_its_reference(found: Any, root: Any) -> None:
    """The forged assertion carries the whole signature, which names the other one."""
    forged = _forged(found)
    forged.insert(1, deepcopy(found.find("ds:Signature", NAMES)))
    root.replace(found, forged)


WRAPS: dict[str, Callable[[Any, Any], None]] = {
    "wrapped_before": _before,
    "wrapped_within": _within,
    "wrapped_in_signature": _in_signature,
    "wrapped_with_same_id": _same_id,
    "wrapped_in_extensions": _in_extensions,
    "wrapped_reference": _with_its_reference,
}
OTHER_LIES = (
    *("unsigned", "response_signed_only", "wrong_key", "sha1", "tampered", "comment_in_name"),
    *("entity", "dtd", "no_xml", "no_base64", "nothing", "too_long", "secret_signed"),
)
LIES = (*VALUE_LIES, *WRAPS, *OTHER_LIES)


@cache
def key_pair(which: str) -> tuple[bytes, str]:
    """A private key in PEM, and a certificate that its owner signed; made once."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, which)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=400))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, certificate.public_bytes(Encoding.PEM).decode()


@dataclass
class SamlProvider:
    port: int = 0
    host: str = "127.0.0.1"
    lie: str = ""
    values: dict[str, str] = field(default_factory=dict)
    """What it says otherwise than usual."""
    requests: list[str] = field(default_factory=list)
    """The requests that browsers brought."""

    @property
    def sso_url(self) -> str:
        return f"http://{self.host}:{self.port}/sso"

    @property
    def issuer(self) -> str:
        return f"http://{self.host}:{self.port}/metadata"

    @property
    def certificate(self) -> str:
        return key_pair("the right one")[1]

    def metadata(self) -> str:
        body = "".join(self.certificate.splitlines()[1:-1])
        md, redirect = "urn:oasis:names:tc:SAML:2.0:metadata", "bindings:HTTP-Redirect"
        return (
            f'<EntityDescriptor xmlns="{md}" entityID="{self.issuer}"><IDPSSODescriptor '
            f'protocolSupportEnumeration="{SAMLP}"><KeyDescriptor use="signing">'
            f'<KeyInfo xmlns="{DS}"><X509Data><X509Certificate>{body}</X509Certificate></X509Data>'
            f"</KeyInfo></KeyDescriptor><SingleSignOnService "
            f'Binding="urn:oasis:names:tc:SAML:2.0:{redirect}" Location="{self.sso_url}"/>'
            f"</IDPSSODescriptor></EntityDescriptor>"
        )

    def answer(self, request: str) -> str:
        """`SAMLResponse` for a `SAMLRequest`."""
        text = zlib.decompress(base64.b64decode(request), -15).decode()
        self.requests.append(text)
        root = etree.fromstring(self._response(etree.fromstring(text)))
        found = root.find("saml:Assertion", NAMES)
        if self.lie == "response_signed_only":
            _sign(root, root, self.lie)
        elif self.lie != "unsigned":
            _sign(root, found, self.lie)
        if self.lie in WRAPS:
            WRAPS[self.lie](found, root)
        return self._encoded(root)

    def _encoded(self, root: Any) -> str:
        data = etree.tostring(root)
        if self.lie == "tampered":
            data = data.replace(b">subject-1<", b">admin<")
        if self.lie == "comment_in_name":
            data = data.replace(b">subject-1<", b">subject-1<!-- -->.evil<")
        if self.lie == "dtd":
            data = b'<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">' + data
        if self.lie == "entity":
            head = b'<!DOCTYPE r [<!ENTITY n SYSTEM "file:///etc/hostname">]>'
            data = head + data.replace(b">subject-1<", b">&n;<")
        others = {"no_xml": b"<a", "nothing": b"", "too_long": data + b" " * 300_000}
        text = base64.b64encode(others.get(self.lie, data)).decode()
        return "*not base64*" if self.lie == "no_base64" else text

    def _response(self, asked: Any) -> str:
        now = datetime.now(UTC)
        said = {
            "audience": asked.find("saml:Issuer", NAMES).text,
            "recipient": asked.get("AssertionConsumerServiceURL"),
            "destination": asked.get("AssertionConsumerServiceURL"),
            "request_id": asked.get("ID"),
            "issuer": self.issuer,
            "issued": "0",
            "begin": "-5",
            "end": "300",
            "confirmed": "300",
            "authenticated": "0",
            "method": "urn:oasis:names:tc:SAML:2.0:cm:bearer",
            "name": "subject-1",
            "format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            "status": "urn:oasis:names:tc:SAML:2.0:status:Success",
            "context": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "email": "otto@example.com",
        } | self.values
        if self.lie in VALUE_LIES:
            name, value = VALUE_LIES[self.lie]
            said[name] = value.replace("{recipient}", said["recipient"])
        for name in ("issued", "begin", "end", "confirmed", "authenticated"):
            said[name] = _at(now, said[name])
        return _written({name: escape(value) for name, value in said.items()})


def _at(now: datetime, offset: str) -> str:
    """An offset in seconds as a time; what is none stays as it is."""
    try:
        return (now + timedelta(seconds=int(offset))).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return offset


def _attribute(name: str, value: str) -> str:
    return f' {name}="{value}"' if value else ""


def _written(said: dict[str, str]) -> str:
    answers = _attribute("InResponseTo", said["request_id"])
    audience = f"<saml:Audience>{said['audience']}</saml:Audience>"
    restriction = f"<saml:AudienceRestriction>{audience}</saml:AudienceRestriction>"
    return f"""<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}"
 ID="_{secrets.token_hex(16)}" Version="2.0"
 IssueInstant="{said["issued"]}"{answers} Destination="{said["destination"]}">
<saml:Issuer>{said["issuer"]}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="{said["status"]}"/></samlp:Status>
<saml:Assertion ID="_{secrets.token_hex(16)}" Version="2.0" IssueInstant="{said["issued"]}">
<saml:Issuer>{said["issuer"]}</saml:Issuer>
<saml:Subject><saml:NameID Format="{said["format"]}">{said["name"]}</saml:NameID>
<saml:SubjectConfirmation Method="{said["method"]}"><saml:SubjectConfirmationData{answers}
{_attribute("Recipient", said["recipient"])}{_attribute("NotOnOrAfter", said["confirmed"])}/>
</saml:SubjectConfirmation></saml:Subject>
<saml:Conditions NotBefore="{said["begin"]}" NotOnOrAfter="{said["end"]}">
{restriction if said["audience"] else ""}</saml:Conditions>
<saml:AuthnStatement AuthnInstant="{said["authenticated"]}"><saml:AuthnContext>
<saml:AuthnContextClassRef>{said["context"]}</saml:AuthnContextClassRef>
</saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement><saml:Attribute Name="email">
<saml:AttributeValue>{said["email"]}</saml:AttributeValue></saml:Attribute>
</saml:AttributeStatement></saml:Assertion></samlp:Response>"""


def _forged(found: Any, *, new_id: bool = True) -> Any:
    """A copy of an assertion without its signature, about somebody else."""
    made = deepcopy(found)
    signature = made.find("ds:Signature", NAMES)
    if signature is not None:
        made.remove(signature)
    made.find("saml:Subject/saml:NameID", NAMES).text = "admin"
    if new_id:
        made.set("ID", "_forged")
    return made


def _sign(root: Any, element: Any, lie: str) -> None:
    xmlsec.tree.add_ids(root, ["ID"])
    method, digest = xmlsec.Transform.RSA_SHA256, xmlsec.Transform.SHA256
    if lie == "sha1":
        method, digest = xmlsec.Transform.RSA_SHA1, xmlsec.Transform.SHA1
    if lie == "secret_signed":
        method = xmlsec.Transform.HMAC_SHA256
    signature = xmlsec.template.create(element, xmlsec.Transform.EXCL_C14N, method, ns="ds")
    element.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, digest, uri=f"#{element.get('ID')}")
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
    private, certificate = key_pair("another" if lie == "wrong_key" else "the right one")
    context = xmlsec.SignatureContext()
    if lie == "secret_signed":
        context.key = xmlsec.Key.from_binary_data(xmlsec.KeyData.HMAC, certificate.encode())
    else:
        context.key = xmlsec.Key.from_memory(private, xmlsec.KeyFormat.PEM)
    context.sign(signature)


@contextmanager
def running(provider: SamlProvider | None = None) -> Iterator[SamlProvider]:
    made = provider or SamlProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path == "/metadata":
                return self._send(made.metadata())
            acs = etree.fromstring(zlib.decompress(base64.b64decode(asked["SAMLRequest"]), -15))
            address = acs.get("AssertionConsumerServiceURL")
            fields = {
                "SAMLResponse": made.answer(asked["SAMLRequest"]),
                "RelayState": asked["RelayState"],
            }
            inputs = "".join(
                f'<input type="hidden" name="{name}" value="{escape(value)}">'
                for name, value in fields.items()
            )
            return self._send(
                f'<!doctype html><title>Provider</title><form method="post" action="{address}">'
                f"{inputs}<button>Sign in</button></form>"
            )

        def _send(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Tests say what they want to know."""

    with ThreadingHTTPServer(("127.0.0.1", made.port), Handler) as server:
        made.port = server.server_address[1]
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield made
        finally:
            server.shutdown()
