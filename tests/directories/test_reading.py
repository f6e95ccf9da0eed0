"""Entries of a real directory become accounts, by the plan that every connector has."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.audit.actors import SYSTEM
from accounts.models import RejectedRow
from accounts.sources import schema
from accounts.sources.connectors.base import AttributeDraft
from tests.directories.reading import SERVICES, bring, make_ldap_source, person, plan
from tests.factories.imports import accounts_of
from tests.openldap import SIZE_LIMIT, SUFFIX, Directory

pytestmark = pytest.mark.django_db


def test_more_entries_than_a_page_and_than_the_size_limit_all_come(directory: Directory) -> None:
    source = make_ldap_source(directory)
    run = bring(source)
    assert SIZE_LIMIT < 120
    assert (run.state, run.scanned, run.new, run.rejected) == ("applied", 120, 120, 0)
    found = {values["uid"]: values for values in accounts_of(source).values()}
    assert len(found) == 120
    assert found["svc-00042"]["purpose"] == "Service 42"
    assert found["svc-00042"]["e-mail"] == "svc-42@example.org"
    assert len(found["svc-00042"]["id"]) == 36


def test_reading_again_changes_nothing(directory: Directory) -> None:
    source = make_ldap_source(directory)
    bring(source)
    run = plan(source)
    assert (run.unchanged, run.new, run.changed, run.missing) == (120, 0, 0, 0)


def test_what_changed_is_added_and_left_is_found(own_directory: Directory) -> None:
    source = make_ldap_source(own_directory)
    bring(source)
    own_directory.change(
        f"dn: uid=svc-00001,{SERVICES}\nchangetype: modify\nreplace: description\n"
        f"description: Another\n\ndn: uid=svc-00002,{SERVICES}\nchangetype: delete\n"
    )
    own_directory.add(person("newcomer"))
    run = plan(source)
    assert (run.new, run.changed, run.missing, run.unchanged) == (1, 1, 1, 118)


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"filter": "(uid=svc-0000*)"}, 10),
        ({"filter": "(|(uid=svc-00001)(description=Service 2))"}, 2),
        ({"filter": "(&(objectClass=inetOrgPerson)(!(uid=svc-00001)))"}, 119),
        ({"base_dn": f"uid=svc-00003,{SERVICES}", "scope": "base"}, 1),
        ({"base_dn": SUFFIX, "scope": "subtree"}, 120),
        ({"scope": "one_level"}, 120),
        ({"page_size": 1}, 120),
        ({"page_size": 1000}, 120),
    ],
)
def test_base_scope_filter_and_page_size_are_kept_to(
    directory: Directory, changed: dict[str, Any], names: int
) -> None:
    assert plan(make_ldap_source(directory, **changed)).new == names


def test_several_values_are_collected_in_an_order_that_stays(own_directory: Directory) -> None:
    own_directory.add(person("many", "mail: b@x.org", "mail: a@x.org", "description: =1+1"))
    source = make_ldap_source(own_directory, filter="(uid=many)")
    mails = source.attributes.get(name="e-mail")
    draft = AttributeDraft("e-mail", is_multi_valued=True)
    schema.edit(by=SYSTEM, source=source, attribute=mails, draft=draft, at=timezone.now())
    bring(source)
    (values,) = accounts_of(source).values()
    assert values["e-mail"] == ["a@x.org", "b@x.org"]
    assert values["purpose"] == "=1+1"
    assert plan(source).unchanged == 1


def test_several_values_of_what_has_room_for_one_are_rejected_not_chosen(
    own_directory: Directory,
) -> None:
    own_directory.add(person("many", "mail: b@x.org", "mail: a@x.org"))
    source = make_ldap_source(own_directory)
    run = plan(source)
    assert (run.new, run.rejected) == (120, 1)
    row = RejectedRow.objects.get(plan=run.plan or 0)
    assert (row.reason_code, row.column, row.value) == ("several", "e-mail", "a@x.org, b@x.org")
    assert len(row.native_identity) == 36


def test_an_account_that_is_rejected_is_not_missing(own_directory: Directory) -> None:
    source = make_ldap_source(own_directory)
    bring(source)
    own_directory.change(
        f"dn: uid=svc-00001,{SERVICES}\nchangetype: modify\nadd: mail\nmail: second@x.org\n"
    )
    run = plan(source)
    assert (run.rejected, run.missing, run.unchanged) == (1, 0, 119)


def test_binary_values_and_times_of_active_directory_become_text(
    own_directory: Directory,
) -> None:
    guid = "AQIDBAUGBwgJCgsMDQ4PEA=="
    sid = "AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAA9AEAAA=="
    own_directory.add(
        person(
            "ad",
            "objectClass: extensibleObject",
            f"objectGUID:: {guid}",
            f"objectSid:: {sid}",
            "sAMAccountName: ad",
            "userAccountControl: 514",
            "accountExpires: 9223372036854775807",
            "lastLogonTimestamp: 133500000000000000",
        )
    )
    source = make_ldap_source(
        own_directory,
        header="objectGUID,sAMAccountName,objectSid,dn,accountExpires,lastLogonTimestamp,disabled",
        mapping="disabled = userAccountControl:disabled",
        filter="(uid=ad)",
    )
    bring(source)
    (values,) = accounts_of(source).values()
    assert values["objectGUID"] == "04030201-0605-0807-090a-0b0c0d0e0f10"
    assert values["objectSid"] == "S-1-5-21-1-2-3-500"
    assert values["dn"] == f"uid=ad,{SERVICES}"
    assert values["lastLogonTimestamp"] == "2024-01-17T21:20:00Z"
    assert values["disabled"] == "true"
    assert "accountExpires" not in values


def test_referrals_are_not_followed(own_directory: Directory) -> None:
    own_directory.add(
        f"dn: ou=elsewhere,{SERVICES}\nobjectClass: referral\nobjectClass: extensibleObject\n"
        f"ou: elsewhere\nref: ldap://192.0.2.1/{SERVICES}\n"
    )
    assert plan(make_ldap_source(own_directory)).new == 120
