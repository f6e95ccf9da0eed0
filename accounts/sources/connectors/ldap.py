"""Accounts from a directory, read by LDAP: OpenLDAP, Active Directory and their like."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar, Final

import sansldap
from cryptography import x509
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.sources.connectors.base import (
    AttributeDraft,
    BadConfig,
    ConfigField,
    Connector,
    Intake,
    Reading,
    SecretField,
    Start,
    Text,
    Trial,
    Type,
)
from accounts.sources.directory import discovery
from accounts.sources.directory.connection import (
    LDAPS,
    PLAIN,
    STARTTLS,
    Directory,
    Search,
    Server,
)
from accounts.sources.directory.errors import DirectoryRefused
from accounts.sources.directory.reading import (
    DN,
    Column,
    DirectoryReading,
    columns_of,
    filter_of,
    mapping_of,
)

SCOPES: Final = {
    "subtree": sansldap.SearchScope.SUBTREE,
    "one_level": sansldap.SearchScope.ONE_LEVEL,
    "base": sansldap.SearchScope.BASE,
}
REACHED_BY: Final = ("host", "port", "security", "ca", "bind_dn")

HOST: Final = re.compile(
    r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*", re.ASCII
)
TRIED_ENTRIES: Final = 3
TRIAL_SECONDS: Final = 15


class Ldap(Connector):
    label: ClassVar[Text] = gettext_lazy("LDAP / Active Directory")
    connection_type: ClassVar[Text] = gettext_lazy("LDAP")
    takes_files: ClassVar[bool] = False
    discovers: ClassVar[bool] = True
    fields: ClassVar[Sequence[ConfigField]] = (
        ConfigField(
            "host",
            gettext_lazy("Host"),
            gettext_lazy("Name or address alone, such as ldap.example.com."),
            max_length=253,
            required=True,
            first=True,
        ),
        ConfigField(
            "port",
            gettext_lazy("Port"),
            gettext_lazy("Usually 636 for LDAPS, 389 for STARTTLS."),
            kind=int,
            default=636,
            least=1,
            most=65535,
            first=True,
        ),
        ConfigField(
            "security",
            gettext_lazy("Encryption"),
            gettext_lazy("The certificate is always checked: who signed it, its name and dates."),
            default=LDAPS,
            choices=(
                (LDAPS, gettext_lazy("LDAPS: TLS from the start")),
                (STARTTLS, gettext_lazy("STARTTLS: TLS before anything else is said")),
                (PLAIN, gettext_lazy("None: password and accounts can be read on the way")),
            ),
            required=True,
            first=True,
        ),
        ConfigField(
            "ca",
            gettext_lazy("CA certificate"),
            gettext_lazy(
                "In PEM, if your own authority signed the certificate; then only that is trusted. "
                "Empty: those that the system trusts."
            ),
            max_length=60_000,
            lines=4,
            first=True,
        ),
        ConfigField(
            "bind_dn",
            gettext_lazy("Bind DN"),
            gettext_lazy(
                "Who reads, such as cn=reader,dc=example,dc=com; with Active Directory also "
                "reader@example.com. Empty: the directory is read without signing in."
            ),
            max_length=1000,
            first=True,
        ),
        ConfigField(
            "base_dn",
            gettext_lazy("Base DN"),
            gettext_lazy("Where the accounts are, such as ou=services,dc=example,dc=com."),
            max_length=1000,
            required=True,
            first=True,
        ),
        ConfigField(
            "filter",
            gettext_lazy("Filter"),
            gettext_lazy(
                "Which entries are accounts. With Active Directory for example "
                "(&(objectCategory=person)(objectClass=user))."
            ),
            default="(objectClass=person)",
            max_length=4000,
            required=True,
            lines=2,
            first=True,
        ),
        ConfigField(
            "scope",
            gettext_lazy("Scope"),
            default="subtree",
            choices=(
                ("subtree", gettext_lazy("The base and everything below")),
                ("one_level", gettext_lazy("One level below the base")),
                ("base", gettext_lazy("The base alone")),
            ),
            required=True,
        ),
        ConfigField(
            "mapping",
            gettext_lazy("Attribute mapping"),
            gettext_lazy(
                "One a line: attribute of the account schema = attribute of the directory, such "
                "as purpose = description. What is not listed is called the same in both. Beside "
                "attributes there are dn, and userAccountControl:disabled (true or false)."
            ),
            max_length=20_000,
            lines=4,
        ),
        ConfigField(
            "page_size",
            gettext_lazy("Page size"),
            gettext_lazy("Entries asked for at a time; Active Directory allows 1000."),
            kind=int,
            default=500,
            least=1,
            most=5000,
        ),
        ConfigField(
            "timeout_seconds",
            gettext_lazy("Time-out"),
            gettext_lazy("Seconds that each answer may take, 1 to 300."),
            kind=int,
            default=30,
            least=1,
            most=300,
        ),
    )
    secrets: ClassVar[Sequence[SecretField]] = (
        SecretField(
            "password",
            gettext_lazy("Password"),
            gettext_lazy("Of the bind DN. It is sealed, and never shown again."),
            after="bind_dn",
            bound_to=REACHED_BY,
        ),
    )
    first_attributes: ClassVar[Sequence[AttributeDraft]] = (
        AttributeDraft("entryUUID", _("The unique ID of the entry"), is_account_id=True),
        AttributeDraft("uid", _("The user name"), is_account_name=True),
        AttributeDraft("cn", _("The full name"), is_multi_valued=True),
        AttributeDraft("givenName", _("The first name"), is_multi_valued=True),
        AttributeDraft("sn", _("The last name"), is_multi_valued=True),
        AttributeDraft("mail", _("E-mail addresses"), is_multi_valued=True),
        AttributeDraft("description", _("What it is for"), is_multi_valued=True),
        AttributeDraft("dn", _("Where the entry is")),
    )
    starts: ClassVar[Mapping[str, Start]] = {
        "general": Start(gettext_lazy("OpenLDAP and others: entryUUID, uid"), first_attributes),
        "active_directory": Start(
            gettext_lazy("Active Directory: objectGUID, sAMAccountName"),
            (
                AttributeDraft("objectGUID", _("The unique ID of the object"), is_account_id=True),
                AttributeDraft("sAMAccountName", _("The logon name"), is_account_name=True),
                AttributeDraft("userPrincipalName", _("The logon name with its domain")),
                AttributeDraft("displayName", _("The name that is shown")),
                AttributeDraft("givenName", _("The first name")),
                AttributeDraft("sn", _("The last name")),
                AttributeDraft("mail", _("The primary e-mail address")),
                AttributeDraft("description", _("What it is for"), is_multi_valued=True),
                AttributeDraft("manager", _("The DN of the manager")),
                AttributeDraft(
                    "memberOf", _("The groups it is in"), is_entitlement=True, is_multi_valued=True
                ),
                AttributeDraft("objectSid", _("The security identifier")),
                AttributeDraft("userAccountControl", _("Flags of the account"), type=Type.LONG),
                AttributeDraft("accountExpires", _("When it expires"), type=Type.DATE),
                AttributeDraft("lastLogonTimestamp", _("When it was last used"), type=Type.DATE),
                AttributeDraft("dn", _("Where the object is")),
            ),
        ),
    }

    def open(self, intake: Intake) -> AbstractContextManager[Reading]:
        return _open(intake)

    def nothing_read(self) -> DirectoryRefused:
        return DirectoryRefused("no_entries")

    def wants_secret(self, name: str, config: Mapping[str, Any]) -> bool | None:
        return bool(config["bind_dn"])

    def try_out(self, intake: Intake) -> Trial:
        columns = columns_of(intake.schema, intake.config)
        with Directory(_server(intake.config, most_seconds=TRIAL_SECONDS)) as directory:
            directory.bind(str(intake.config["bind_dn"]), intake.secret("password"))
            search = _search(intake.config, columns)
            entries = list(directory.first(search, TRIED_ENTRIES))
            references = directory.references
        return Trial(
            columns=[column.name for column in columns],
            rows=[[column.shown(entry) for column in columns] for entry in entries],
            name_place=next(i for i, a in enumerate(intake.schema) if a.is_account_name),
            left_out=references,
        )

    def discover(self, intake: Intake) -> list[AttributeDraft]:
        with Directory(_server(intake.config, most_seconds=TRIAL_SECONDS)) as directory:
            directory.bind(str(intake.config["bind_dn"]), intake.secret("password"))
            found = discovery.discover(directory, _search(intake.config, []))
        known = {name.lower() for name in intake.columns}
        known |= {theirs.lower() for theirs in mapping_of(intake.config).values()}
        return [draft for draft in found if draft.name.lower() not in known]

    def check(self, config: Mapping[str, Any]) -> None:
        if not HOST.fullmatch(config["host"]):
            message = _("Type the name or address alone: no ldap://, no port, no path.")
            raise BadConfig(message, field="host")
        if config["ca"]:
            _check_certificates(config["ca"])
        mapping_of(config)
        filter_of(config)


def _check_certificates(text: str) -> None:
    if "PRIVATE KEY" in text:
        message = _("This holds a private key. Paste the certificate alone.")
        raise BadConfig(message, field="ca")
    try:
        x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        message = _("This is no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----.")
        raise BadConfig(message, field="ca") from error


def _server(config: Mapping[str, Any], **limits: float) -> Server:
    return Server(
        host=str(config["host"]),
        port=int(config["port"]),
        security=str(config["security"]),
        ca=str(config["ca"]),
        timeout_seconds=int(config["timeout_seconds"]),
        loopback=settings.STEWARD_SOURCES_ON_LOOPBACK,
        **limits,
    )


def _search(config: Mapping[str, Any], columns: Sequence[Column]) -> Search:
    wanted = {column.key.partition(":")[0] for column in columns} - {DN}
    return Search(
        base=str(config["base_dn"]),
        scope=SCOPES[str(config["scope"])],
        filter=filter_of(config),
        attributes=sorted(wanted) or ["1.1"],  # RFC 4511 section 4.5.1.8: none at all
        page_size=int(config["page_size"]),
    )


@contextmanager
def _open(intake: Intake) -> Iterator[Reading]:
    columns = columns_of(intake.schema, intake.config)
    with Directory(_server(intake.config)) as directory:
        directory.bind(str(intake.config["bind_dn"]), intake.secret("password"))
        yield DirectoryReading(directory.search(_search(intake.config, columns)), columns)
