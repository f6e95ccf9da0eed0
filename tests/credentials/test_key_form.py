"""The part of a form that says where a key comes from."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.lib.errors import DomainError
from console.ui.key_forms import KeyForm
from tests.credentials.forms import key_form, regenerate_form, regenerate_url
from tests.credentials.keys import ec_jwk, rsa_jwk
from tests.factories.accounts import Made
from tokens.credentials.models import Credential, KeyOrigin
from tokens.credentials.types.key_pair import BadKey, UnknownAlgorithm

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


def filled(**changed: Any) -> KeyForm:
    return KeyForm(key_form(**changed), now=NOW)


def test_each_expiry_says_the_exact_time_with_its_zone() -> None:
    page = str(KeyForm(now=NOW)["key_expiry"])
    for days, date in ((30, "22 Dec 2026"), (90, "20 Feb 2027"), (365, "22 Nov 2027")):
        assert f"{days} days ({date}, 14:00 UTC)" in page
    assert "No expiry" in page
    assert '<option value="365" selected>' in page


def test_steward_makes_an_rsa_key_for_a_year_unless_told_otherwise() -> None:
    form = KeyForm(now=NOW)
    assert form["key_origin"].initial == KeyOrigin.STEWARD
    assert form["algorithm"].initial == "RSA-4096"
    assert form["submission"].initial != KeyForm(now=NOW)["submission"].initial


@pytest.mark.parametrize(
    ("value", "lifetime"),
    [("30", timedelta(days=30)), ("365", timedelta(days=365)), ("never", None)],
)
def test_the_choice_is_what_was_chosen(value: str, lifetime: timedelta | None) -> None:
    form = filled(key_expiry=value, algorithm="Ed25519")
    assert form.is_valid()
    choice = form.choice()
    assert (choice.origin, choice.algorithm) == (KeyOrigin.STEWARD, "Ed25519")
    assert choice.lifetime == lifetime


def test_only_the_key_that_belongs_to_the_choice_is_taken() -> None:
    pasted, made = json.dumps(ec_jwk()), json.dumps(rsa_jwk())
    both = {"public_key_text": pasted, "public_key": made}
    for origin, key in (("steward", ""), ("owner", ""), ("uploaded", pasted), ("browser", made)):
        form = filled(key_origin=origin, **both)
        assert form.is_valid(), form.errors
        assert form.choice().public_key == key


def test_what_the_chosen_way_does_not_ask_for_is_not_judged() -> None:
    assert filled(public_key_text="nonsense" * 9_000).is_valid()
    form = filled(key_origin="uploaded", public_key_text=json.dumps(ec_jwk()), algorithm="")
    assert form.is_valid()
    assert not filled(algorithm="").is_valid()


@pytest.mark.parametrize(
    ("origin", "field"), [("uploaded", "public_key_text"), ("browser", "key_origin")]
)
def test_a_refusal_of_the_key_stands_where_the_key_comes_from(origin: str, field: str) -> None:
    weak = json.dumps(rsa_jwk(e=3))
    form = filled(key_origin=origin, public_key_text=weak, public_key=weak)
    assert not form.is_valid()
    assert list(form.errors) == [field]
    later = filled(key_origin=origin, public_key_text=json.dumps(ec_jwk()))
    later.is_valid()
    assert later.explain(BadKey("no"))
    assert "no" in later.errors[field]


def test_other_refusals_stand_at_their_fields_or_are_left_to_the_page() -> None:
    form = filled()
    assert form.is_valid()
    assert form.explain(UnknownAlgorithm())
    assert form.explain(DomainError("name an owner", field="owner"))
    assert set(form.errors) == {"algorithm", "key_origin"}
    assert not form.explain(DomainError("taken", field="name"))
    assert not form.explain(DomainError("gone"))


def test_a_public_key_that_is_refused_stays_in_the_form() -> None:
    weak = json.dumps(rsa_jwk(e=3))
    form = filled(key_origin="uploaded", public_key_text=weak)
    assert not form.is_valid()
    assert "AQAB" not in str(form["public_key_text"])
    assert "kty" in str(form["public_key_text"])


def test_a_form_keeps_its_submission_when_it_is_shown_again() -> None:
    form = filled(algorithm="RSA-1")
    assert not form.is_valid()
    assert form.data["submission"] in str(form["submission"])


@pytest.mark.django_db
def test_ten_megabytes_are_refused_before_they_are_read(admin: Client, made: Made) -> None:
    form = regenerate_form(key_origin="uploaded", public_key_text="A" * 10_000_000)
    answer = admin.post(regenerate_url(made.account), form)
    assert answer.status_code in {400, 413}
    assert Credential.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["\0", "\ud83d\ude00", "[" * 15_000, "<script>alert(1)</script>"])
def test_odd_characters_break_nothing(admin: Client, made: Made, text: str) -> None:
    form = regenerate_form(
        key_origin="uploaded",
        public_key_text=text.encode("utf-16", "surrogatepass").decode("utf-16"),
    )
    answer = admin.post(regenerate_url(made.account), form)
    assert answer.status_code == 200
    assert b"There is a problem" in answer.content
    assert b"<script>alert" not in answer.content
