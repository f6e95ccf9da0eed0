"""Settings that are numbers: their fields on Global Settings, and their action."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.authorization.policies import NotAllowed
from accounts.lib.registry import UnknownPart
from accounts.models import Event, Identity, TenantSetting
from accounts.tenant import actions, queries
from accounts.tenant.actions import BadNumber
from accounts.tenant.catalogue import IDM_REACHES_ESV, numbers
from console.ui.sentences import sentence
from tests.tenant.test_switches import URL, form_of
from tokens.access_tokens.lifetimes import LONGEST, USUAL, usual_seconds

SignedIn = Callable[[Identity], Client]


def test_every_number_has_a_field_with_its_words(client_of: SignedIn, ada: Identity) -> None:
    page = client_of(ada).get(URL).content.decode()
    for name, setting in numbers.items():
        assert f'name="{name}" value="{setting.default}"' in page
        assert str(setting.label) in page
        assert str(setting.help_text) in page


def test_an_administrator_sets_both_at_once(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)
    typed = {LONGEST.name: "600", USUAL.name: "300"}
    answer = client.post(URL, form_of(client, **typed), follow=True)
    page = answer.content.decode()
    assert "The settings are saved." in page
    assert "600 seconds, the maximum of this tenant" in page, "of tokens by a key"
    assert queries.all_numbers().items() >= {LONGEST.name: 600, USUAL.name: 300}.items()
    events = Event.objects.filter(action="tenant_setting.changed").order_by("pk")
    told = {
        event.subject_label: (event.detail["before"], event.detail["after"]) for event in events
    }
    assert told == {
        LONGEST.name: ({LONGEST.name: 43_200}, {LONGEST.name: 600}),
        USUAL.name: ({USUAL.name: 750}, {USUAL.name: 300}),
    }
    assert "ada set to 600: Maximum lifetime of access tokens" in {sentence(e) for e in events}
    page = client.get(f"/audit/{events[0].pk}/").content.decode()
    assert str(numbers.get(events[0].subject_label).label) in page


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        (LONGEST.name, "59", "Type a whole number from 60 to 43200."),
        (LONGEST.name, "43201", "Type a whole number from 60 to 43200."),
        (LONGEST.name, "ten", "Type a whole number from 60 to 43200."),
        (LONGEST.name, "1e3", "Type a whole number from 60 to 43200."),
        (LONGEST.name, "-750", "Type a whole number from 60 to 43200."),
        (LONGEST.name, "9" * 500, "Type a whole number from 60 to 43200."),
        (USUAL.name, "14", "Type a whole number from 15 to 43200."),
        (USUAL.name, "750.5", "Type a whole number from 15 to 43200."),
        (LONGEST.name, "", "Type a whole number from 60 to 43200."),
        (LONGEST.name, "749", "This may be at most 749, which is set as “Maximum lifetime"),
    ],
)
def test_what_makes_no_sense_is_refused_and_stays_typed(
    client_of: SignedIn, ada: Identity, name: str, typed: str, said: str
) -> None:
    client = client_of(ada)
    sent = form_of(client, **{IDM_REACHES_ESV.name: ""}) | {name: typed}
    page = client.post(URL, sent).content.decode()
    assert said in page
    assert f'value="{typed}"' in page or not typed
    assert not TenantSetting.objects.exists(), "nor is the rest saved"


def test_what_a_colleague_set_meanwhile_stays(client_of: SignedIn, ada: Identity) -> None:
    client = client_of(ada)
    opened = form_of(client, **{USUAL.name: "60"})
    actions.set_numbers(by=ada, values={LONGEST.name: 900}, at=timezone.now())
    assert client.post(URL, opened).status_code == 302
    assert queries.all_numbers().items() >= {LONGEST.name: 900, USUAL.name: 60}.items()


def test_a_default_above_the_maximum_that_two_left_at_once_is_cut(ada: Identity) -> None:
    TenantSetting.objects.create(
        name=LONGEST.name, value=600, changed_at=timezone.now(), changed_by="ada"
    )
    assert usual_seconds() == 600


def test_an_auditor_reads_and_cannot_change(client_of: SignedIn, vera: Identity) -> None:
    client = client_of(vera)
    page = client.get(URL).content.decode()
    assert str(LONGEST.label) in page
    assert client.post(URL, form_of(client, **{LONGEST.name: "600"})).status_code == 403
    assert queries.number(LONGEST) == 43_200


def test_the_action_refuses_who_may_not_and_what_is_not_there(
    ada: Identity, vera: Identity
) -> None:
    now = timezone.now()
    with pytest.raises(NotAllowed):
        actions.set_numbers(by=vera, values={LONGEST.name: 600}, at=now)
    with pytest.raises(UnknownPart):
        actions.set_numbers(by=ada, values={USUAL.name: 60, "no_such": 1}, at=now)
    with pytest.raises(BadNumber) as refused:
        actions.save(by=ada, states={}, values={LONGEST.name: 600}, at=now)
    assert refused.value.field == USUAL.name, "that is what to change first"
    with pytest.raises(UnknownPart):
        actions.save(by=ada, states={"no_such": True}, values={USUAL.name: 60}, at=now)
    assert not TenantSetting.objects.exists()
