"""What the token endpoint answered is counted, for whoever watches it."""

from __future__ import annotations

import pytest

from tests.oauth.holder import Holder
from tokens.health import counters

pytestmark = pytest.mark.django_db

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def counted(outcome: str, grant: str, account_class: str) -> float:
    labels = {"outcome": outcome, "grant": grant, "account_class": account_class}
    return counters.REGISTRY.get_sample_value("steward_token_requests_total", labels) or 0


def test_a_token_is_counted_with_the_class_of_its_account(holder: Holder) -> None:
    before = counted("issued", GRANT, "service")
    assert holder.ask().status_code == 200
    assert counted("issued", GRANT, "service") == before + 1


def test_a_refusal_is_counted_by_its_error(holder: Holder) -> None:
    before = counted("invalid_scope", GRANT, "unknown")
    assert holder.ask(scope="").status_code == 400
    assert counted("invalid_scope", GRANT, "unknown") == before + 1


def test_a_grant_that_a_caller_invents_gets_no_line_of_its_own(holder: Holder) -> None:
    before = counted("unsupported_grant_type", "unknown", "unknown")
    assert holder.post("grant_type=invented").status_code == 400
    assert counted("unsupported_grant_type", "unknown", "unknown") == before + 1
    assert counted("unsupported_grant_type", "invented", "unknown") == 0


def test_how_long_it_took_is_kept(holder: Holder) -> None:
    def kept() -> float:
        labels = {"outcome": "issued"}
        return (
            counters.REGISTRY.get_sample_value("steward_token_request_seconds_count", labels) or 0
        )

    before = kept()
    holder.ask()
    assert kept() == before + 1
