"""Countries, languages and phone numbers."""

from __future__ import annotations

import pytest

from accounts.profiles.transforms.data import key, rows
from tests.profiles.transforms.running import problems, transform, value_of

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ("ES", "ES ESP 724"),
        ("esp", "ES ESP 724"),
        ("724", "ES ESP 724"),
        ("Spain", "ES ESP 724"),
        ("España", "ES ESP 724"),
        ("espana", "ES ESP 724"),
        ("United States of America", "US USA 840"),
        ("  the united states ", "US USA 840"),
        ("U.S.A.", "US USA 840"),
        ("日本", "JP JPN 392"),
        ("Россия", "RU RUS 643"),
        ("Deutschland", "DE DEU 276"),
        ("8", "AL ALB 008"),
        ("Bosnia and Herzegovina", "BA BIH 070"),
        ("Bosnia & Herzegovina", "BA BIH 070"),
        ("Côte d’Ivoire", "CI CIV 384"),
        ("Korea, Republic of", "KR KOR 410"),
        ("Czech Republic", "CZ CZE 203"),
    ],
)
def test_countries_by_name_and_code(given: str, codes: str) -> None:
    formats = ("alpha2", "ALPHA3", "numeric")
    found = [value_of(transform("iso3166", format=name), given) for name in formats]
    assert found == codes.split()
    assert value_of({"type": "iso3166"}, given) == codes[:2]


@pytest.mark.parametrize("given", ["", " ", "Atlantis", "ZZ", "000", "1234", "E", "x" * 5000, "#"])
def test_what_is_no_country_has_no_value(given: str) -> None:
    assert value_of({"type": "iso3166"}, given) is None


@pytest.mark.parametrize(
    ("given", "tag"),
    [
        ("Spanish", "es"),
        ("SPA", "es"),
        ("spanish (mexico)", "es_MX"),
        ("English (United States)", "en_US"),
        ("Chinese (T)", "zh_TW"),
        ("Norwegian (Bokmål)", "nb"),
        ("Norwegian (Bokmål) (Norway)", "nb_NO"),
        ("Hebrew", "iw"),
        ("HEB", "iw"),
        ("DEU", "de"),
        ("GER", "de"),
        ("Farsi (Iran)", "fa_IR"),
    ],
)
def test_languages_by_name_and_code(given: str, tag: str) -> None:
    assert value_of({"type": "rfc5646"}, given) == tag


@pytest.mark.parametrize(
    "given", ["", "Klingon", "es", "XYZ", "English (Atlantis)", "(", "x" * 5000]
)
def test_what_is_no_language_has_no_value(given: str) -> None:
    assert value_of({"type": "rfc5646"}, given) is None


def test_no_name_stands_for_two() -> None:
    for file in ("countries.tsv", "languages.tsv"):
        owners: dict[str, str] = {}
        for owner, *codes, names in rows(file):
            for text in [*" ".join(codes).split(), *names.split("|")]:
                assert key(text)
                assert owners.setdefault(key(text), owner) == owner, text
        assert len(set(owners.values())) > 180


@pytest.mark.parametrize(
    ("given", "region", "expected"),
    [
        ("512-777-2222", "US", "+15127772222"),
        ("779.284.2727", "us", "+17792842727"),
        ("0412345678", "AU", "+61412345678"),
        ("+49 (0)30 901820", "US", "+4930901820"),
        ("12", "US", None),
        ("+999 1234", "US", None),
        ("not a number", "US", None),
        ("", "US", None),
        ("1" * 5000, "US", None),
    ],
)
def test_phone_numbers(given: str, region: str, expected: str | None) -> None:
    assert value_of(transform("e164phone", defaultRegion=region), given) == expected


def test_numbers_without_a_country_are_american_and_no_country_is_refused() -> None:
    assert value_of({"type": "e164phone"}, "(512) 346-2000") == "+15123462000"
    for attributes in ({"defaultRegion": "USA"}, {"defaultRegion": "ZZ"}):
        assert problems(transform("e164phone", **attributes))[0][0] == "$.attributes.defaultRegion"
    ((path, message),) = problems(transform("iso3166", format="alpha4"))
    assert (path, message) == (
        "$.attributes.format",
        "“alpha4” is none of: alpha2, alpha3, numeric.",
    )
