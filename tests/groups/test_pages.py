"""The pages of groups: found, added, changed, deleted, and their members beside them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Event, Group, Identity, Membership
from console.ui.confirmation import CONFIRMED_AT
from tests.factories import make_account, make_person
from tests.factories.groups import join, make_group, make_role

ClientOf = Callable[[Identity], Client]


@pytest.fixture
def admin(client_of: ClientOf, ada: Identity) -> Client:
    return client_of(ada)


def page(browser: Client, url: str, status: int = 200) -> str:
    answer = browser.get(url)
    assert answer.status_code == status
    return answer.content.decode()


def url_of(name: str, *args: Any) -> str:
    return reverse(f"groups:{name}", args=args)


def test_from_nothing_to_a_group_with_a_role_and_a_member(admin: Client, otto: Identity) -> None:
    assert "No group yet" in page(admin, "/groups/")
    role = make_role("itil", scopes=["fr:idm:*"])
    typed = {"name": "Service desk", "description": "Who <b>answers</b>.", "roles": [str(role.pk)]}
    answer = admin.post("/groups/new/", typed | {"may_be_requested": "on"})
    group = Group.objects.get()
    assert answer["Location"] == url_of("members", group.pk)
    assert "Nobody belongs to it" in page(admin, answer["Location"])

    answer = admin.post(url_of("add_member", group.pk), {"identity": "OTTO", "until": ""})
    assert answer["Location"] == url_of("members", group.pk)
    assert otto.user_name in page(admin, url_of("members", group.pk))
    shown = page(admin, url_of("detail", group.pk))
    assert "Who &lt;b&gt;answers&lt;/b&gt;." in shown
    assert "This group" in shown
    assert "May be requested" in shown
    assert "Service desk" in page(admin, "/groups/")


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(admin: Client) -> None:
    make_group("Operators")
    shown = admin.post("/groups/new/", {"name": "operators", "description": "Mine"})
    assert "There already is a group named “Operators”" in shown.content.decode()
    assert "Mine" in shown.content.decode()
    make_role()
    shown = admin.post("/groups/new/", {"name": "x", "roles": [str(uuid4())]})
    assert "One of the roles does not exist any more." in shown.content.decode()
    assert "Type a name." in admin.post("/groups/new/", {"name": ""}).content.decode()
    assert Group.objects.count() == 1


def test_inherited_roles_say_from_where_and_the_parent_cannot_be_a_child(admin: Client) -> None:
    top = make_group("Top", roles=[make_role("itil")])
    below = make_group("Below", parent=top)
    assert "Inherited from" in page(admin, url_of("detail", below.pk))
    assert "Below" in page(admin, url_of("detail", top.pk))
    typed = {"name": "Top", "parent": str(below.pk), "revision": "1"}
    shown = admin.post(url_of("edit", top.pk), typed).content.decode()
    assert "Choose a parent that does not stand below this group." in shown


def test_who_comes_second_sees_what_changed_and_saves_again(admin: Client) -> None:
    role, other = make_role("itil"), make_role("other")
    group = make_group("Desk", roles=[role])
    url = url_of("edit", group.pk)
    opened = admin.get(url).context["form"]["opened"].value()
    first = {"name": "Desk", "description": "Theirs", "roles": [str(role.pk), str(other.pk)]}
    assert admin.post(url, first | {"revision": "1"}).status_code == 302
    mine = {"name": "My desk", "roles": [str(role.pk)], "revision": "1", "opened": opened}
    answer = admin.post(url, mine)
    shown = answer.content.decode()
    assert "changed this group while you were editing it" in shown
    assert "itil, other" in shown
    assert Group.objects.get().name == "Desk"
    form = answer.context["form"]
    again = {name: form[name].value() for name in ("name", "description", "roles", "revision")}
    assert again == {
        "name": "My desk",
        "description": "Theirs",
        "roles": sorted([str(role.pk), str(other.pk)]),
        "revision": "2",
    }
    assert admin.post(url, again).status_code == 302
    assert Group.objects.get().name == "My desk"
    assert Group.objects.get().group_roles.count() == 2


def test_the_list_is_searched_narrowed_and_ordered(admin: Client, ada: Identity) -> None:
    make_group("Alpha", manager=ada)
    make_group("Beta", may_be_requested=True)
    shown = page(admin, "/groups/?q=alp")
    assert "Alpha" in shown
    assert "Beta" not in shown
    assert "Beta" not in page(admin, "/groups/?show=mine")
    assert "Alpha" not in page(admin, "/groups/?show=requestable")
    assert "No group matches" in page(admin, "/groups/?q=zzz")
    shown = page(admin, "/groups/?sort=-name&show=nonsense")
    assert shown.index("Beta") < shown.index("Alpha")


def test_hundreds_of_groups_and_members_cost_no_more_statements(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    role = make_role()
    groups = [make_group(f"Group {number:03}", roles=[role]) for number in range(60)]
    for number in range(60):
        join(groups[0], make_person(f"person{number:03}"))
    for url in ("/groups/", url_of("members", groups[0].pk), url_of("detail", groups[0].pk)):
        admin.get(url)
        with django_assert_max_num_queries(22):
            shown = page(admin, url)
    first = page(admin, url_of("members", groups[0].pk))
    assert "50 of 60" in first
    second = admin.get(url_of("members", groups[0].pk))
    shown = page(admin, second.context["page"].next_url)
    assert "person059" in shown


def test_a_member_is_found_in_every_way_and_what_is_unclear_is_told(
    admin: Client, otto: Identity
) -> None:
    group = make_group("Desk")
    url = url_of("add_member", group.pk)
    account = make_account("report-job").account
    for typed in (str(otto.pk), "report-job"):
        assert admin.post(url, {"identity": typed}).status_code == 302
    assert set(group.memberships.values_list("identity_id", flat=True)) == {otto.pk, account.pk}
    make_person("anna1", first_name="Anna")
    make_person("anna2", first_name="Anna")
    shown = admin.post(url, {"identity": "anna"}).content.decode()
    assert "anna1, anna2" in shown
    shown = admin.post(url, {"identity": "<b>no</b>"}).content.decode()
    assert "There is nobody called “&lt;b&gt;no&lt;/b&gt;”" in shown
    shown = admin.post(url, {"identity": "anna1", "until": "2001-01-01"}).content.decode()
    assert "The end must lie in the future." in shown
    assert "anna2" in page(admin, url_of("names", group.pk) + "?identity=ann")
    answer = admin.post(url, {"identity": "anna1", "another": "1"})
    assert answer["Location"] == url


def test_the_last_day_is_set_changed_and_taken_away(admin: Client, otto: Identity) -> None:
    group = make_group("Desk", members=[otto])
    url = url_of("member", group.pk, otto.pk)
    day = (timezone.now() + timedelta(days=40)).date()
    assert admin.post(url, {"until": day.isoformat()}).status_code == 302
    until = Membership.objects.get().until
    assert until is not None
    assert until.date() == day
    assert f'value="{day.isoformat()}"' in page(admin, url)
    assert admin.post(url, {"until": ""}).status_code == 302
    assert Membership.objects.get().until is None


def test_removing_asks_first_and_goes_back_to_own_pages_only(admin: Client, otto: Identity) -> None:
    group = make_group("Desk", roles=[make_role(permissions=["audit.view"])], members=[otto])
    url = url_of("remove_member", group.pk, otto.pk)
    assert "Read the audit log" in page(admin, url)
    answer = admin.post(url + "?back=//evil.example/")
    assert answer["Location"] == url_of("members", group.pk)
    assert not group.memberships.exists()
    assert admin.get(url).status_code == 404


def test_deleting_says_how_many_lose_what_and_wants_the_name(
    admin: Client, otto: Identity, mallory: Identity
) -> None:
    role = make_role("reader", permissions=["audit.view"])
    group = make_group("Desk", roles=[role], members=[otto, mallory])
    url = url_of("delete", group.pk)
    shown = page(admin, url)
    assert "2 members do not belong to it any more" in shown
    assert "Read the audit log" in shown
    assert "reader" in shown
    assert "This is not its name" in admin.post(url, {"name": "desk"}).content.decode()
    assert admin.post(url, {"name": "Desk"})["Location"] == "/groups/"
    assert not Group.objects.exists()
    assert Event.objects.filter(action="group.deleted").count() == 1


def test_a_group_with_others_below_it_is_not_deleted(admin: Client) -> None:
    top = make_group("Top")
    make_group("Below", parent=top)
    assert "Groups stand below it" in page(admin, url_of("delete", top.pk))
    shown = admin.post(url_of("delete", top.pk), {"name": "Top"}).content.decode()
    assert "These groups stand below it: Below." in shown
    assert Group.objects.count() == 2


def test_who_merely_belongs_to_a_group_sees_it_and_of_its_members_themselves(
    client_of: ClientOf, otto: Identity, mallory: Identity
) -> None:
    group = make_group("Desk", roles=[make_role("itil")], members=[otto])
    join(group, make_person("someone"))
    other = make_group("Other")
    browser = client_of(otto)
    shown = page(browser, "/groups/")
    assert "Desk" in shown
    assert "Other" not in shown
    shown = page(browser, url_of("members", group.pk))
    assert "otto" in shown
    assert "someone" not in shown
    assert "itil" in page(browser, url_of("detail", group.pk))
    page(browser, url_of("detail", other.pk), 404)
    for name in ("edit", "delete", "add_member", "activity"):
        page(browser, url_of(name, group.pk), 403)
    stranger = client_of(mallory)
    assert "You belong to no group" in page(stranger, "/groups/")
    for name in ("detail", "members"):
        page(stranger, url_of(name, group.pk), 404)


def test_a_manager_changes_the_members_of_their_group_alone(
    client_of: ClientOf, mallory: Identity
) -> None:
    manager = make_person("manager", levels=["role_subadmin"])
    mine, other = make_group("Mine", manager=manager), make_group("Other")
    browser = client_of(manager)
    assert "Add Member" in page(browser, url_of("members", mine.pk))
    browser.post(url_of("add_member", mine.pk), {"identity": "mallory"})
    assert mine.memberships.count() == 1
    assert "Add Member" not in page(browser, url_of("members", other.pk))
    page(browser, url_of("add_member", other.pk), 403)
    page(browser, url_of("edit", mine.pk), 403)
    shown = page(browser, url_of("join", mallory.pk))
    assert "Other" not in shown
    answer = browser.post(url_of("join", mallory.pk), {"group": str(other.pk)})
    assert "No group is left" in answer.content.decode()
    assert not other.memberships.exists()


def test_changing_members_asks_for_the_password_and_anonymous_for_a_sign_in(
    admin: Client, otto: Identity
) -> None:
    group = make_group("Desk", members=[otto])
    session = admin.session
    session[CONFIRMED_AT] = 0.0
    session.save()
    for name in ("edit", "delete", "add_member"):
        assert "step_up_password" in page(admin, url_of(name, group.pk))
    assert "step_up_password" in page(admin, url_of("member", group.pk, otto.pk))
    assert "step_up_password" in page(admin, url_of("join", otto.pk))
    for url in ("/groups/", url_of("detail", group.pk), url_of("members", group.pk)):
        assert admin.post(url).status_code == 405
        assert Client().get(url)["Location"].startswith("/sign-in/")


def test_the_activity_names_members_and_the_audit_log_links_the_group(
    admin: Client, otto: Identity
) -> None:
    group = make_group("Desk", members=[otto])
    assert "added otto to group Desk" in page(admin, url_of("activity", group.pk))
    assert url_of("detail", group.pk) in page(admin, "/audit/")


def test_who_decides_about_requests_is_chosen_with_the_group(
    client_of: ClientOf, ada: Identity
) -> None:
    browser = client_of(ada)
    form = {"name": "Desk", "may_be_requested": "on", "approvers": "both"}
    browser.post("/groups/new/", form)
    group = Group.objects.get(name="Desk")
    assert (group.may_be_requested, group.approvers) == (True, "both")
    page = browser.get(f"/groups/{group.pk}/").content.decode()
    assert "The manager of who asks, and the group&#x27;s" in page


def test_a_choice_that_is_made_already_is_not_called_optional(admin: Client) -> None:
    form = page(admin, "/groups/new/")
    assert "Role Admin or Role Sub-Admin" in form
    legend = form[form.index("Who decides about requests") :][:120]
    assert "optional" not in legend
