"""The filters and orders that the vendor documents for its collections, on rows of ours."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Identity, Source
from tests.doors.sailpoint.caller import Caller
from tests.factories import make_account, make_person
from tests.factories.imports import bring, make_source, rows
from tests.factories.profiles import make_profile, process
from tokens.usage.models import AccountUse

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(ada: Identity) -> Caller:
    return Caller(ada)


@pytest.fixture
def sources(db: None) -> None:
    """A file with accounts that leads a profile, an empty one, one that fails, and a directory."""
    full = make_source("Full")
    bring(full, rows("SA-1,audit01,audit@example.com,Reports"))
    process(make_profile(full))
    make_source("Empty")
    for name in ("Broken", "Directory"):
        made = make_source(name)
        Source.objects.filter(pk=made.pk).update(failing_since=timezone.now())
    Source.objects.filter(name="Directory").update(connector="ldap")


def found(caller: Caller, path: str, member: str = "name", **query: str) -> list[str]:
    answer = caller.get(path, **query)
    assert answer.status_code == 200, answer.content
    return [each[member] for each in answer.json()]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ("healthy eq true", ["Full"]),
        ("healthy isnull", []),
        ("not healthy isnull", ["Broken", "Directory", "Empty", "Full"]),
        ("authoritative ne true", ["Broken", "Directory", "Empty"]),
        ('features ca ("DISCOVER_SCHEMA", "NO_RANDOM_ACCESS")', ["Broken", "Empty", "Full"]),
        ('features co "DISCOVER_SCHEMA" and type ne "DelimitedFile"', ["Directory"]),
        ('features ca ("SYNC_PROVISIONING")', []),
        ('connectorName sw "delim"', ["Broken", "Empty", "Full"]),
        ('connectionType in ("direct")', ["Directory"]),
        ('status sw "SOURCE_STATE_ERROR"', ["Broken", "Directory"]),
        ('status eq "SOURCE_STATE_ERROR_ACCOUNT_FILE_IMPORT"', ["Broken"]),
        ('category eq "CredentialProvider"', []),
        ('category ne "CredentialProvider"', ["Broken", "Directory", "Empty", "Full"]),
        ("managementWorkgroup.id isnull", ["Broken", "Directory", "Empty", "Full"]),
        ("name isnull or created isnull", []),
    ],
)
def test_sources(caller: Caller, sources: None, filters: str, names: list[str]) -> None:
    assert found(caller, "/sources/v1", filters=filters) == names


@pytest.mark.parametrize(
    ("sorters", "names"),
    [
        ("connectorName,name", ["Broken", "Empty", "Full", "Directory"]),
        ("connectionType,name", ["Directory", "Broken", "Empty", "Full"]),
        ("-healthy,name", ["Full", "Broken", "Directory", "Empty"]),
        ("-authoritative,-name", ["Full", "Empty", "Directory", "Broken"]),
        ("status", ["Broken", "Directory", "Full", "Empty"]),
    ],
)
def test_sources_in_order(caller: Caller, sources: None, sorters: str, names: list[str]) -> None:
    assert found(caller, "/sources/v1", sorters=sorters) == names


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ('identity.name eq "audit01"', ["audit01"]),
        ('identity.name in ("nobody")', []),
        ("identity.correlated eq false", ["stray"]),
        ('source.displayableName eq "Empty"', ["stray"]),
        ("source.authoritative eq true", ["audit01"]),
        ('source.connectionType eq "file" and origin eq "AGGREGATED"', ["audit01", "stray"]),
        ('origin eq "PROVISIONED"', []),
        ("hasEntitlements eq true or manuallyCorrelated eq true", []),
        ("hasEntitlements eq false", ["audit01", "stray"]),
    ],
)
def test_accounts(caller: Caller, sources: None, filters: str, names: list[str]) -> None:
    bring(Source.objects.get(name="Empty"), rows("SA-9,stray,stray@example.com,None"))
    query = {"filters": filters, "sorters": "-source.displayableName"}
    assert found(caller, "/accounts/v1", **query) == names


def test_identities_in_the_order_of_their_status(caller: Caller) -> None:
    make_person("zoe")
    gone = make_person("bob")
    Identity.objects.filter(pk=gone.pk).update(disabled_at=timezone.now(), disabled_by="ada")
    aliases = found(caller, "/identities/v1", "alias", sorters="cloudStatus,alias")
    assert aliases[0] == "bob"
    assert found(caller, "/identities/v1", "alias", sorters="-cloudStatus")[-1] == "bob"
    assert found(caller, "/identities/v1", filters='processingState eq "ERROR"') == []


def test_oauth_clients_by_when_they_were_last_used(caller: Caller) -> None:
    for name, days in (("old", 400), ("new", 1)):
        holder = make_account(name).account.identity
        AccountUse.objects.create(
            identity=holder, last_used_at=timezone.now() - timedelta(days=days)
        )
    make_account("unused")
    long_ago = (timezone.now() - timedelta(days=90)).isoformat()
    path = "/oauth-clients/v1"
    assert found(caller, path, filters=f"lastUsed le {long_ago}") == ["old"]
    assert found(caller, path, filters="lastUsed isnull") == ["unused"]
    assert found(caller, path, filters=f"not lastUsed le {long_ago}") == ["new", "unused"]


def test_an_answer_that_says_nothing_has_no_kind(caller: Caller) -> None:
    otto = make_person("otto")
    reset = caller.send("POST", f"/identities/v1/{otto.pk}/reset")
    deleted = caller.send("DELETE", f"/identities/v1/{otto.pk}")
    for answer, status in ((reset, 202), (deleted, 204)):
        assert (answer.status_code, answer.content) == (status, b"")
        assert "Content-Type" not in answer.headers
        assert ("Content-Length" in answer.headers) == (status != 204)
        assert answer.headers["Cache-Control"] == "no-store"
