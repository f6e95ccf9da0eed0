"""scim2-tester, which others run against their servers, finds nothing to complain of."""

from __future__ import annotations

import pytest
from django.conf import settings
from httpx import Client

from tests.doors.scim.caller import BASE, Caller
from tests.doors.scim.engine import InProcess, complaints

pytestmark = pytest.mark.django_db


def test_every_check_passes_in_process(scim: Caller) -> None:
    url = f"{settings.STEWARD_PUBLIC_URL}{BASE}"
    with Client(transport=InProcess(scim), base_url=url) as client:
        count, bad = complaints(client)
    assert not bad, "\n".join(bad)
    assert count > 80
