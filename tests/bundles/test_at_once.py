"""Two bundles at the same moment: one comes in, the other learns of it."""

from __future__ import annotations

import pytest

from accounts.bundles.actions import PlanChanged
from accounts.bundles.plan import BundlePlan
from accounts.models import Event, IdentityProfile, Source
from tests.at_once import at_once
from tests.bundles.tenants import empty, exported, fill, imported, planned


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_of_one_plan_the_second_is_planned_again() -> None:
    fill()
    text = exported()
    empty()
    digest = planned(text).digest
    answers = at_once([lambda: imported(text, digest=digest)] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["BundlePlan", "PlanChanged"]
    late = next(answer for answer in answers if isinstance(answer, PlanChanged))
    assert late.plan.differences == 0
    assert Event.objects.filter(action="configuration.imported").count() == 1
    assert (Source.objects.count(), IdentityProfile.objects.count()) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_plans_made_at_once_agree() -> None:
    fill()
    text = exported().replace("Badge number", "Number")
    plans = at_once([lambda: planned(text)] * 3)
    assert all(isinstance(plan, BundlePlan) for plan in plans)
    assert len({plan.digest for plan in plans if isinstance(plan, BundlePlan)}) == 1
