"""The pages of roles: found, added, changed, given, taken away and deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.audit.actors import SYSTEM
from accounts.models import Identity, Role, RoleAssignment
from accounts.roles import assigning
from console.ui.confirmation import CONFIRMED_AT
from tests.factories import make_account, make_person
from tests.factories.groups import join, make_group, make_role

ClientOf = Callable[[Identity], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


def page(browser: Client, url: str, status: int = 200) -> str:
    answer = browser.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def url_of(name: str, *args: Any) -> str:
    return reverse(f"roles:{name}", args=args)


def give(role: Role, identity: Identity) -> RoleAssignment:
    return assigning.assign(by=SYSTEM, identity=identity, role=role, at=timezone.now())


def test_from_nothing_to_a_role_in_words(admin: Client) -> None:
    assert "No role yet" in page(admin, "/roles/")
    typed = {"name": "itil", "scopes": ["fr:idm:*"], "permissions": ["audit.view"]}
    answer = admin.post("/roles/new/", typed)
    role = Role.objects.get()
    assert answer["Location"] == url_of("detail", role.pk)
    shown = page(admin, answer["Location"])
    assert "fr:idm:*" in shown
    assert "Read the audit log" in shown
    assert "Nobody has it" in shown
    typed = {"name": "outer", "contains": [str(role.pk)]}
    outer = admin.post("/roles/new/", typed)["Location"]
    shown = page(admin, outer)
    assert "Roles within it" in shown
    assert "Read the audit log" in shown
    assert "It stands within" in page(admin, url_of("detail", role.pk))
    assert "itil" in page(admin, "/roles/?q=FR:IDM")
    assert "No role matches" in page(admin, "/roles/?q=zzz")


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(admin: Client) -> None:
    role = make_role("itil", scopes=["fr:idm:*"])
    typed = {"name": "ITIL", "scopes": ["fr:am:*"], "permissions": ["audit.view"]}
    answer = admin.post("/roles/new/", typed)
    assert "There already is a role named “itil”" in answer.content.decode()
    assert answer.context["form"].chosen("scopes") == ["fr:am:*"]
    assert 'value="audit.view" checked' in answer.content.decode()
    shown = admin.post("/roles/new/", typed | {"scopes": ["no:such"]}).content.decode()
    assert "There is no scope “no:such”." in shown
    shown = admin.post("/roles/new/", typed | {"permissions": ["all"]}).content.decode()
    assert "You cannot give “all” by a role." in shown
    outer = make_role("outer", contains=[role])
    typed = {"name": "itil", "contains": [str(outer.pk)], "revision": "1"}
    shown = admin.post(url_of("edit", role.pk), typed).content.decode()
    assert "“outer” contains this role already" in shown


def test_who_comes_second_sees_what_changed(admin: Client) -> None:
    role = make_role("itil", scopes=["fr:idm:*"])
    url = url_of("edit", role.pk)
    opened = admin.get(url).context["form"]["opened"].value()
    first = {"name": "itil", "scopes": ["fr:idm:*", "fr:am:*"], "revision": "1"}
    assert admin.post(url, first).status_code == 302
    mine = {"name": "mine", "scopes": ["fr:idm:*"], "revision": "1", "opened": opened}
    answer = admin.post(url, mine)
    assert "changed this role while you were editing it" in answer.content.decode()
    assert set(answer.context["form"].chosen("scopes")) == {"fr:idm:*", "fr:am:*"}
    assert answer.context["form"]["name"].value() == "mine"
    assert Role.objects.get().name == "itil"


def test_what_comes_by_no_role_is_not_offered(admin: Client) -> None:
    shown = page(admin, "/roles/new/")
    assert 'value="tenant.manage"' not in shown
    assert 'value="identity.manage"' in shown
    answer = admin.post("/roles/new/", {"name": "x", "permissions": ["tenant.manage"]})
    assert "You cannot give “tenant.manage” by a role." in answer.content.decode()
    assert not Role.objects.exists()


def test_a_role_is_given_for_a_time_and_taken_away(admin: Client, otto: Identity) -> None:
    role = make_role("itil", permissions=["audit.view"])
    day = (timezone.now() + timedelta(days=9)).date().isoformat()
    typed = {"role": str(role.pk), "until": day}
    answer = admin.post(url_of("give", otto.pk), typed)
    assert answer["Location"] == reverse("identities:groups", args=[otto.pk])
    shown = page(admin, answer["Location"])
    assert "Given directly" in shown
    assert url_of("take", otto.pk, role.pk) in shown
    assert "otto" in page(admin, url_of("holders", role.pk))
    assert "No role is left" in page(admin, url_of("give", otto.pk))
    assert admin.post(url_of("given", otto.pk, role.pk), {"until": ""}).status_code == 302
    assert RoleAssignment.objects.get().until is None
    assert "Read the audit log" in page(admin, url_of("take", otto.pk, role.pk))
    assert admin.post(url_of("take", otto.pk, role.pk)).status_code == 302
    assert not RoleAssignment.objects.exists()
    assert admin.post(url_of("take", otto.pk, role.pk)).status_code == 404
    assert "Nobody has it directly" in page(admin, url_of("holders", role.pk))


def test_inherited_roles_say_from_where_and_cannot_be_taken(admin: Client, otto: Identity) -> None:
    inner = make_role("inner", scopes=["fr:idm:*"])
    outer = make_role("outer", contains=[inner])
    make_group("Below", parent=make_group("Top", roles=[outer]), members=[otto])
    shown = page(admin, reverse("identities:groups", args=[otto.pk]))
    assert "Inherited" in shown
    for name in ("Below", "Top", "outer", "inner"):
        assert f">{name}</a>" in shown
    assert url_of("take", otto.pk, inner.pk) not in shown
    assert admin.get(url_of("take", otto.pk, inner.pk)).status_code == 404


def test_an_owner_sees_why_their_account_has_a_scope(client_of: ClientOf, otto: Identity) -> None:
    account = make_account("report-job", owner=otto, scopes=["fr:am:*"]).account
    role = make_role("itil", scopes=["fr:idm:*"])
    group = make_group("Desk", roles=[role])
    join(group, account.identity)
    browser = client_of(otto)
    shown = page(browser, reverse("service_accounts:scopes", args=[account.pk]))
    assert "By role: [Desk]/itil" in shown
    assert shown.count("<code>fr:idm:*</code>") == 1
    # what a role carries as well is told, so that nobody takes only one of the two away
    join(make_group("Too", roles=[make_role("too", scopes=["fr:am:*"])]), account.identity)
    shown = page(browser, reverse("service_accounts:scopes", args=[account.pk]))
    assert "Assigned, also [Too]/too" in shown
    shown = page(browser, reverse("service_accounts:groups", args=[account.pk]))
    assert reverse("groups:detail", args=[group.pk]) in shown
    assert url_of("detail", role.pk) not in shown
    assert "Give Role" not in shown
    assert "Add to Group" not in shown


def test_deleting_says_who_loses_what(admin: Client, otto: Identity, vera: Identity) -> None:
    role = make_role("itil", scopes=["fr:idm:*"])
    make_role("outer", contains=[role])
    make_group("Desk", roles=[role], members=[vera])
    give(role, otto)
    url = url_of("delete", role.pk)
    shown = page(admin, url)
    assert "1 membership of a group gives it no more." in shown
    assert "It is taken off 1 identity that has it directly." in shown
    assert "Desk" in shown
    assert "outer" in shown
    assert "This is not its name" in admin.post(url, {"name": "x"}).content.decode()
    assert admin.post(url, {"name": "itil"})["Location"] == "/roles/"
    assert not Role.objects.filter(name="itil").exists()
    lonely = make_role("lonely")
    assert "Nobody has it: nobody loses anything." in page(admin, url_of("delete", lonely.pk))


def test_who_may_see_and_who_may_change(
    client_of: ClientOf, vera: Identity, mallory: Identity
) -> None:
    role = make_role("itil")
    auditor, stranger = client_of(vera), client_of(mallory)
    for name in ("detail", "holders", "activity"):
        page(auditor, url_of(name, role.pk))
        page(stranger, url_of(name, role.pk), 403)
        assert auditor.post(url_of(name, role.pk)).status_code == 405
    for name in ("edit", "delete"):
        page(auditor, url_of(name, role.pk), 403)
    page(auditor, url_of("give", mallory.pk), 403)
    page(auditor, url_of("detail", mallory.pk), 404)
    assert Client().get("/roles/")["Location"].startswith("/sign-in/")


def test_what_gives_rights_asks_for_the_password(admin: Client, otto: Identity) -> None:
    role = make_role("itil")
    session = admin.session
    session[CONFIRMED_AT] = 0.0
    session.save()
    urls = [url_of("new"), url_of("edit", role.pk), url_of("delete", role.pk)]
    for url in [*urls, url_of("give", otto.pk)]:
        assert "step_up_password" in page(admin, url)


def test_hundreds_of_roles_and_holders_cost_no_more_statements(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    roles = [make_role(f"role{number:03}") for number in range(60)]
    people = [make_person(f"person{number:03}") for number in range(60)]
    for person in people:
        give(roles[0], person)
    for role in roles[1:]:
        give(role, people[0])
    tab = reverse("identities:groups", args=[people[0].pk])
    for url in ("/roles/", url_of("holders", roles[0].pk), url_of("detail", roles[0].pk), tab):
        admin.get(url)
        with django_assert_max_num_queries(24):
            page(admin, url)
