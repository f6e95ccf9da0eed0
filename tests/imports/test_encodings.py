"""What is certain is detected; what could be read in several ways is asked for, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from accounts.imports import actions
from accounts.imports.actions import UnknownEncoding
from accounts.imports.files.encodings import ENCODINGS, Detected, detect, encoding_choices
from accounts.imports.states import State
from accounts.models import Identity
from tests.factories.imports import accounts_of, apply, make_source, rows, upload, work


@pytest.fixture
def found(tmp_path: Path) -> object:
    def of(text: str, codec: str) -> Detected:
        path = tmp_path / "file"
        path.write_bytes(text.encode(codec))
        return detect(path)

    return of


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("text", "codec", "encoding"),
    [
        ("id,name\n1,plain\n", "ascii", "utf-8"),
        ("id,name\n1,Zoë Œuvre\n", "utf-8", "utf-8"),
        ("id,name\n1,日本語\n", "utf-8-sig", "utf-8"),
        ("id,name\n1,Привет\n", "utf-16", "utf-16"),
        ("id,name\n1,Jürgen Größmann\n", "cp1252", "windows-1252"),
        ("id,name\n1,José André Köhler\n", "cp1252", "windows-1252"),
        ("id,name\n1,“quoted” – 5 €\n", "cp1252", "windows-1252"),
    ],
)
def test_what_is_certain_is_detected(found: object, text: str, codec: str, encoding: str) -> None:
    assert found(text, codec) == Detected(encoding)  # type: ignore[operator]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Žaneta Kučera", "cp1250"),
        ("Łukasz Gęś", "cp1250"),
        ("Gökçe Yıldız", "cp1254"),
        ("Привет мир", "cp1251"),
        ("Jānis Bērziņš", "cp1257"),
        ("5 € œuvre", "iso8859-15"),
        ("Jürgen Müller", "cp850"),
        ("Jürgen Müller", "mac_roman"),
        ("François Hélène", "cp1252"),
        ("Œuvre", "cp1252"),
        ("Привет", "koi8-r"),
        ("Καλημέρα", "cp1253"),
        ("日本語", "shift_jis"),
        ("ü", "cp1252"),
    ],
)
def test_what_could_be_something_else_is_not_guessed(found: object, text: str, codec: str) -> None:
    detected = found(f"id,name\n1,plain\n2,{text}\n", codec)  # type: ignore[operator]
    assert detected.encoding == ""
    assert "line 3" in detected.evidence
    assert "Windows-1252" in detected.evidence or "byte" in detected.evidence


@pytest.mark.sqlite
def test_a_byte_that_is_no_text_at_all_is_evidence_too(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"id\n" + b"\x81\n")
    assert detect(path).encoding == ""


@pytest.mark.django_db
def test_the_person_chooses_and_the_plan_is_made(ada: Identity) -> None:
    source = make_source()
    run = upload(source, rows("SA-1,Hélène,h@x.fr,çà").encode("cp1252"), by=ada)
    assert (run.state, run.encoding, run.job_id) == (State.UPLOADED, "", None)
    assert "“è” in Windows-1252" in run.encoding_evidence
    with pytest.raises(UnknownEncoding):
        actions.plan_again(by=ada, import_run=run, at=timezone.now())
    with pytest.raises(UnknownEncoding):
        actions.choose_encoding(by=ada, import_run=run, encoding="rot13", at=timezone.now())
    run = actions.choose_encoding(
        by=ada, import_run=run, encoding="windows-1252", at=timezone.now()
    )
    apply(work(run))
    assert accounts_of(source)["SA-1"]["name"] == "Hélène"


@pytest.mark.django_db
def test_a_wrong_choice_is_refused_with_its_line_and_can_be_corrected(ada: Identity) -> None:
    source = make_source()
    run = upload(source, rows("SA-1,a,,", "SA-2,Hélène,,").encode("cp1252"), encoding="utf-8")
    work(run)
    assert (run.state, run.failure_reason, run.failure_line) == (State.FAILED, "not_decodable", 3)
    run = actions.choose_encoding(
        by=ada, import_run=run, encoding="windows-1252", at=timezone.now()
    )
    assert (work(run).state, run.failure) == (State.PLANNED, "")


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", sorted(ENCODINGS))
def test_every_encoding_that_can_be_chosen_can_be_read(encoding: str) -> None:
    source = make_source()
    codec = ENCODINGS[encoding][0]
    text = "Привет" if encoding == "windows-1251" else "Müller"
    run = (
        upload(source, rows(f"SA-1,{text},,").encode(codec), encoding=encoding)
        if (encoding not in ("utf-16-le", "utf-16-be"))
        else upload(source, ("\ufeff" + rows(f"SA-1,{text},,")).encode(codec), encoding=encoding)
    )
    apply(work(run))
    assert accounts_of(source)["SA-1"]["name"] == text
    assert encoding in dict(encoding_choices())
    assert run.encoding_label == ENCODINGS[encoding][1]


@pytest.mark.django_db
def test_utf_16_without_its_mark_is_refused_with_the_way_out() -> None:
    run = work(upload(make_source(), rows("SA-1,é,,").encode("cp1252"), encoding="utf-16"))
    assert (run.failure_reason, run.failure_line) == ("no_byte_order", 1)
    assert "UTF-16 LE" in run.failure


@pytest.mark.django_db
def test_half_a_character_at_the_end_is_refused() -> None:
    run = work(
        upload(make_source(), rows("SA-1,a,,x").encode() + b"SA-2,b,,\xc3", encoding="utf-8")
    )
    assert (run.failure_reason, run.failure_line) == ("not_decodable", 3)
