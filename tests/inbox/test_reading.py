"""What a mail becomes: text alone, whatever it holds."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.inbox import reading
from tests.factories.inbox import CODE, letter


def test_a_mail_is_read() -> None:
    read = reading.mail(letter())
    assert read.sender == "Slack <no-reply@slack.example>"
    assert read.subject == "Confirm your address"
    assert CODE in read.text
    assert read.message_id == "<one@slack.example>"
    assert not read.is_automatic


def test_of_html_only_what_it_says_is_left() -> None:
    made = EmailMessage()
    made["Subject"] = "Grüße"
    made.set_content(
        "<html><head><title>T</title><style>p{background:url(https://evil.example/a)}</style>"
        "<script>alert(1)</script><body><p>Your code</p><h1>481516</h1>"
        '<img src="https://evil.example/pixel.gif"><a href="https://ok.example/go">Go</a>'
        '<a href="javascript:alert(2)">No</a><table><tr><td>A</td><td>B</td></tr></table>',
        subtype="html",
    )
    read = reading.mail(made.as_bytes())
    assert read.subject == "Grüße"
    assert "Your code\n\n481516" in read.text
    assert "Go (https://ok.example/go)" in read.text
    for gone in ("evil.example", "alert", "background", "javascript", "<"):
        assert gone not in read.text


def test_attachments_are_named_and_not_kept() -> None:
    made = EmailMessage()
    made.set_content("See the file.")
    made.add_attachment(b"x" * 1234, maintype="application", subtype="pdf", filename="a\tb.pdf")
    read = reading.mail(made.as_bytes())
    assert read.text == "See the file."
    assert [each.size_bytes for each in read.attachments] == [1234]
    assert "\t" not in read.attachments[0].name


def test_what_turns_the_direction_or_controls_a_terminal_is_left_out() -> None:
    read = reading.mail(letter("a\u202eb\x1b[31mc\x07\u2066d"))
    assert read.text == "ab[31mcd"


def test_a_long_text_is_cut() -> None:
    read = reading.mail(letter("word " * 20_000))
    assert len(read.text) == reading.LONGEST_TEXT
    assert read.is_cut


NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(2000)
)
"""Deeper than anybody reads."""


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0",
        b"Subject: =?utf-8?q?\xff?=\n\nx",
        b"Subject: =?nothing?b?AA?=\n\nx",
        b"Content-Type: text/plain; charset=nothing\n\n\xff\xfe",
        b"Content-Type: text/plain; charset=\xff\n\nx",
        b"Content-Type: multipart/mixed\n\nno boundary",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!",
        b"Content-Type: text/plain\nContent-Transfer-Encoding: uuencode\n\nbegin x\nM",
        b"Content-Disposition: attachment; filename*=utf-8''%ff%00\n\nx",
        NESTED,
        b"Content-Type: text/html\n\n" + b"<div><a href=x>" * 30_000,
    ],
)
def test_a_broken_mail_breaks_nothing(raw: bytes) -> None:
    try:
        read = reading.mail(raw)
    except reading.Unreadable:
        return
    assert len(read.text) <= reading.LONGEST_TEXT


@given(st.binary(max_size=400))
def test_whatever_comes_is_read_or_refused(raw: bytes) -> None:
    try:
        reading.mail(b"Subject: x\nContent-Type: " + raw)
        reading.mail(raw)
    except reading.Unreadable:
        pass


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ({"Auto_Submitted": "auto-replied (vacation)"}, True),
        ({"Auto_Submitted": "auto-generated"}, False),
        ({"From": "MAILER-DAEMON@example.com"}, True),
        ({reading.OWN_MARK.replace("-", "_"): "yes"}, True),
        ({}, False),
    ],
)
def test_what_would_go_in_circles_is_known(headers: dict[str, str], automatic: bool) -> None:
    assert reading.mail(letter(**headers)).is_automatic is automatic


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: " + b"=?a?q?x" * 40_000 + b"\r\n\r\nx",
        b"Content-Disposition: attachment;\r\n"
        + b"".join(b' filename*%d="%s";\r\n' % (n, b"=?a?q?x" * 100) for n in range(60))
        + b"\r\nx",
        b'Content-Type: text/plain; charset="a' + b";" * 50_000 + b'"\r\n\r\nx',
        b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
            for n in range(400)
        )
        + b"x\r\n" * 20_000,
        b"Content-Type: text/html\r\n\r\n" + b"<a b='" * 60_000,
    ],
    ids=["subject", "attachment", "charset", "nested", "page"],
)
def test_a_mail_that_takes_long_to_read_is_refused_soon(raw: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(reading.Unreadable):
        reading.mail(raw)
    assert time.process_time() - begun < 10
