"""What the reader makes of single mails: senders, proofs, machines, bounces, files and hostile input."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.channels.email.message import Delivery, MailRules, ParsedMail, parse_mail
from switchboard.channels.email.samples import plain_mail
from switchboard.channels.email.threading import make_thread_token, read_thread_token
from switchboard.channels.email.worker_pool import MailReaderPool
from switchboard.domain.inbound import InboundKind
from switchboard.domain.message import DeliveryState
from switchboard.errors import TooLarge
from tests.channels.email.mail_cases import MAILS

RULES = MailRules(
    own_addresses=("help@shop.example", "orders@shop.example"),
    own_domains=("shop.example",),
    trusted_authserv_ids=("mx.shop.example",),
    thread_secret=b"thread secret",
)


def read(headers: str, body: str = "Hello", rules: MailRules = RULES) -> ParsedMail:
    return parse_mail(f"{headers}\n\n{body}".encode(), rules=rules)


class TestWhoWrote:
    def test_an_encoded_word_inside_an_address_is_not_decoded(self) -> None:
        mail = read("From: =?utf-8?Q?boss?=@shop.example")

        assert mail.from_address == "=?utf-8?q?boss?=@shop.example"

    def test_a_contact_form_speaks_for_the_customer_in_reply_to(self) -> None:
        mail = read("From: Shop <form@shop.example>\nReply-To: Ann <ann@example.com>")

        assert (mail.from_address, mail.from_name) == ("ann@example.com", "Ann")
        assert not mail.event.senders[0].verified
        assert not mail.event.automatic

    def test_a_differing_reply_to_is_where_answers_go_but_nobodys_identity(self) -> None:
        mail = read("From: ann@example.com\nReply-To: victim@example.org")

        assert [sender.address for sender in mail.event.senders] == ["ann@example.com"]
        assert mail.event.metadata["reply_to"] == "victim@example.org"

    @pytest.mark.parametrize(
        "header", ["From: a@example.com, b@example.com", "From: a@example.com\nFrom: b@example.com"]
    )
    def test_of_two_authors_the_first_counts_and_none_is_proven(self, header: str) -> None:
        mail = read(f"Authentication-Results: mx.shop.example; dmarc=pass header.from=example.com\n{header}")

        assert mail.from_address == "a@example.com"
        assert not mail.event.senders[0].verified

    def test_a_mail_without_anybody_still_becomes_an_event(self) -> None:
        mail = read("Subject: hi")

        assert mail.event.senders == ()
        assert mail.event.content.text == "Hello"


class TestWhoIsProven:
    @pytest.mark.parametrize(
        ("note", "proven"),
        [
            ("mx.shop.example; dmarc=pass header.from=example.com", True),
            ("mx.shop.example; dmarc=pass (p=reject dis=none) header.from=example.com", True),
            ("MX.shop.example 1; dkim=pass header.d=example.com header.s=k1", True),
            ("mx.shop.example; dkim=pass header.i=@mail.example.com", True),
            ("mx.shop.example; spf=pass smtp.mailfrom=bounce@example.com", True),
            ("mx.shop.example; dkim=pass header.d=evil.example", False),
            ("mx.shop.example; spf=pass smtp.mailfrom=evil@evil.example", False),
            ("mx.shop.example; dkim=pass header.d=com", False),
            ("mx.shop.example; dmarc=fail header.from=example.com; spf=none", False),
            ("mx.shop.example; dmarc=none (dmarc=pass) header.from=example.com", False),
            ("mx.shop.example; dmarc=pass header.from=evil.example", False),
            ("evil.example; dmarc=pass header.from=example.com", False),
            ("evil.example; x=mx.shop.example; dmarc=pass", False),
            ("dmarc=pass", False),
        ],
    )
    def test_only_an_aligned_pass_of_our_own_server_counts(self, note: str, proven: bool) -> None:
        mail = read(f"Authentication-Results: {note}\nFrom: ann@example.com")

        assert mail.event.senders[0].verified is proven

    def test_a_note_below_our_servers_own_is_forged(self) -> None:
        mail = read(
            "Authentication-Results: mx.shop.example; dmarc=fail\n"
            "Authentication-Results: mx.shop.example; dmarc=pass header.from=example.com\nFrom: ann@example.com"
        )

        assert not mail.event.senders[0].verified
        assert mail.event.metadata["warning"] == "dmarc_failed"

    def test_without_a_trusted_server_nobody_is_proven(self) -> None:
        raw = plain_mail("a@example.com", "help@shop.example", "x", "y", message_id="m@example.com", authenticated=True)

        assert not parse_mail(raw).event.senders[0].verified


class TestMachines:
    @pytest.mark.parametrize(
        "header",
        [
            "Auto-Submitted: auto-replied",
            "X-Auto-Response-Suppress: OOF, AutoReply",
            "X-Autoreply: yes",
            "Precedence: bulk",
            "List-Id: <news.example.com>",
            "List-Unsubscribe: <mailto:u@example.com>",
            "X-Loop: help@shop.example",
            "X-Switchboard-Loop: shop.example",
            "Message-ID: <1@shop.example>",
        ],
    )
    def test_a_machines_mail_is_marked(self, header: str) -> None:
        assert read(f"From: ann@example.com\n{header}").event.automatic

    def test_our_own_mailbox_is_not_answered(self) -> None:
        assert read("From: orders@shop.example").event.automatic

    @pytest.mark.parametrize("header", ["Auto-Submitted: no", "Precedence: normal", "X-Autoreply: no"])
    def test_a_persons_mail_is_not(self, header: str) -> None:
        mail = read(f"From: ann@example.com\n{header}")

        assert not mail.event.automatic
        assert "no_answer" not in mail.event.metadata

    @pytest.mark.parametrize("headers", ["From: no-reply@example.com", "Return-Path: <>\nFrom: a@example.com"])
    def test_a_sender_nobody_reads_is_noted(self, headers: str) -> None:
        assert read(headers).event.metadata["no_answer"]


def bounce(action: str, status: str) -> ParsedMail:
    return read(
        'From: mailer-daemon@example.com\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"',
        f"--b\n\nNot delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"
        f"Final-Recipient: rfc822; Ann@Example.com\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 no such user\n--b\nContent-Type: text/rfc822-headers\n\n"
        "Message-ID: <out-1@shop.example>\nSubject: hi\n--b--",
    )


class TestBounces:
    def test_a_final_bounce_fails_our_mail(self) -> None:
        event = bounce("failed", "5.1.1").event

        assert (event.kind, event.bounce, event.automatic) == (InboundKind.STATUS, True, True)
        assert (event.target, event.delivery) == ("<out-1@shop.example>", DeliveryState.FAILED)
        assert event.metadata["failed_recipient"] == "ann@example.com"
        assert event.delivery_error == "The mail came back: there is no such address (5.1.1 smtp; 550 no such user)"

    def test_a_delay_does_not(self) -> None:
        event = bounce("delayed", "4.4.7").event

        assert (event.kind, event.delivery) == (InboundKind.STATUS, None)

    def test_who_gave_up_after_days_of_trying_failed_it_and_says_nothing_against_the_address(self) -> None:
        event = bounce("failed", "4.2.2").event

        assert event.delivery is DeliveryState.FAILED
        assert event.metadata["permanent"] == "no"
        assert (event.delivery_error or "").startswith("The mail came back: the mailbox is full")

    @pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
    def test_good_news_is_no_trouble(self, action: str) -> None:
        assert bounce(action, "2.0.0").event.delivery_error is None

    def test_a_complaint_is_noted(self) -> None:
        mail = parse_mail((MAILS / "mime" / "flanker-yahoo.eml").read_bytes())

        assert mail.complaint
        assert mail.event.metadata["complaint"] == "yes"
        assert mail.event.kind is InboundKind.SYSTEM


class TestThreads:
    @settings(max_examples=100, deadline=None)
    @given(conversation=st.one_of(st.from_regex(r"cnv_[0-9a-f]{32}", fullmatch=True), st.text(min_size=1, max_size=40)))
    def test_a_token_leads_back_and_survives_a_change_of_case(self, conversation: str) -> None:
        token = make_thread_token(b"secret", conversation)

        assert read_thread_token(b"secret", token.upper()) == conversation
        assert read_thread_token(b"other", token) is None

    def test_a_token_fits_into_an_address(self) -> None:
        assert len("orders+" + make_thread_token(b"secret", "cnv_" + "f" * 32)) <= 64

    def test_keys_come_strongest_first(self) -> None:
        token = make_thread_token(b"thread secret", "cnv_" + "a" * 32)
        mail = read(
            f"From: a@example.com\nTo: help+{token}@shop.example\nIn-Reply-To: <r@x>, <s@x> (comment)\n"
            "References: <1@x>\n <2@x>\n <r@x>\nSubject: Re: Parcel [#4711]"
        )

        assert mail.event.thread_keys == (
            "conversation:cnv_" + "a" * 32, "<r@x>", "<s@x>", "<2@x>", "<1@x>", "subject-token:4711"
        )  # fmt: skip

    def test_words_of_the_subject_name_no_conversation(self) -> None:
        assert read("From: a@example.com\nSubject: Re: Re: my order 4711").event.thread_keys == ()

    def test_a_mail_without_id_is_recognised_when_it_comes_again(self) -> None:
        first, again = read("From: a@example.com\nSubject: x"), read("Received: x\nFrom: a@example.com\nSubject: x")
        other = read("From: a@example.com\nSubject: x", "Another text")

        assert first.event.external_id == again.event.external_id != other.event.external_id

    def test_the_mailbox_that_received_it_is_named(self) -> None:
        assert (
            read("From: a@x.com\nDelivered-To: orders+1@shop.example\nTo: help@shop.example").event.account
            == "orders@shop.example"
        )
        assert read("From: a@x.com\nTo: undisclosed-recipients:;").event.account == "help@shop.example"


class TestForwards:
    def test_what_was_forwarded_is_what_counts(self) -> None:
        body = "See below\n\n---------- Forwarded message ---------\nFrom: X <x@y.z>\nSubject: Invoice\n\nYou owe 5."

        assert read("From: a@example.com\nSubject: Fwd: Invoice", body).event.content.fresh_text is None


class TestHtml:
    def test_nothing_active_is_left(self) -> None:
        page = (
            "<p onclick=x()>Hi<script>alert(1)</script><iframe src=//evil></iframe><form action=//evil><input></form>"
            '<a href="javascript:x()">go</a><img src="cid:pic"><style>p{}</style><svg onload=x()></svg>'
        )

        content = read("From: a@example.com\nContent-Type: text/html", page).event.content

        assert content.html is not None
        for active in ("script", "onclick", "iframe", "form", "style", "svg", "onload"):
            assert active not in content.html
        assert 'src="cid:pic"' in content.html
        assert content.text.split() == ["Hi", "go"]

    def test_remote_pictures_wait_for_a_click(self) -> None:
        page = '<img alt="a > b" src="https://t.example/1.gif"><img src=//t.example/2><img src="cid:own"><img src="data:x">'

        content = read("From: a@example.com\nContent-Type: text/html", page).event.content

        assert content.html is not None
        assert ' src="https' not in content.html
        assert ' src="//' not in content.html
        assert 'data-remote-src="https://t.example/1.gif"' in content.html
        assert ' src="cid:own"' in content.html

    def test_quoted_blocks_become_quotes(self) -> None:
        page = "<p>Yes</p><p>On 1 May 2024, Bob wrote:</p><blockquote>Do you<br>want?</blockquote>"

        content = read("From: a@example.com\nContent-Type: text/html", page).event.content

        assert content.fresh_text == "Yes"
        assert "> Do you\n> want?" in content.text

    @pytest.mark.timeout(40)  # going down anew for every element takes minutes
    def test_thousands_of_nested_elements_are_read(self) -> None:
        content = read(
            "From: a@example.com\nContent-Type: text/html", "<div>" * 50_000 + "deep" + "</div>" * 50_000
        ).event.content

        assert "deep" in content.text


class TestFiles:
    def test_names_cannot_leave_their_folder_or_hide_their_ending(self) -> None:
        names = ["../../etc/passwd", "C:\\x\\evil.exe", "a\u202egpj.exe", "", "x" * 400 + ".pdf", "..", "nul.txt"]
        parts = "".join(
            f"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''{_quoted(name)}\n\nx\n"
            for name in names
        )

        mail = read('From: a@example.com\nContent-Type: multipart/mixed; boundary="b"', parts + "--b--")

        got = [file.attachment.name or "" for file in mail.files]
        assert got[:4] == ["passwd", "evil.exe", "agpj.exe", "file.pdf"]
        assert len(got[4].encode()) == 255
        assert got[4].endswith(".pdf")
        assert got[5:] == ["file", "file-nul.txt"]


def _quoted(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode())


NASTY = {
    "nothing": b"",
    "blank lines": b"\r\n" * 5_000,
    "one long line": b"a" * 3_000_000,
    "long header": b"Subject: " + b"x" * 200_000 + b"\r\n\r\nhi",
    "encoded words without end": b"Subject: " + b"=?utf-8?q?a" * 10_000 + b"\r\n\r\nhi",
    "open quotes": b'From: "' + b'\\"' * 8_000 + b"\r\n\r\nhi",
    "open comments": b"From: " + b"(" * 16_000 + b"\r\n\r\nhi",
    "many addresses": b"To: " + b"a@b.c," * 20_000 + b"\r\n\r\nhi",
    "parameters": b"Content-Type: text/plain" + b"; a*0*=x" * 2_000 + b"\r\n\r\nhi",
    "parameters with blanks": b"Content-Type: text/plain" + b"; " * 8_000 + b"\r\n\r\nhi",
    "boundary lines": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b \r\n" * 150,
    "almost boundaries": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--bb\r\n" * 300_000,
    "dashes": b'Content-Type: multipart/mixed; boundary="-"\r\n\r\n' + b"-" * 1_000_000,
    "no boundary": b"Content-Type: multipart/mixed\r\n\r\n" + b"--x\r\n" * 200_000,
    "entities": b"Content-Type: text/html\r\n\r\n" + b"&amp" * 300_000,
    "open tags": b"Content-Type: text/html\r\n\r\n" + b"<b" * 300_000,
    "unclosed links": b"Content-Type: text/html\r\n\r\n" + b"<a href=x>" * 50_000,
    "nested tables": b"Content-Type: text/html\r\n\r\n" + b"<table><tr><td>" * 20_000,
    "open comment": b"Content-Type: text/html\r\n\r\n" + b"<!--" * 200_000,
    "attributes": b"Content-Type: text/html\r\n\r\n<p " + b'a="b" ' * 100_000 + b">x</p>",
    "quotes": b"\r\n\r\n" + b">" * 1_000_000,
    "deep quotes": b"\r\n\r\n" + b"> " * 200 + (b"\n" + b"> " * 200) * 2_000,
    "attributions": b"\r\n\r\n" + b"On 1.1.2020 a@b.c\n" * 20_000,
    "colons": b"\r\n\r\n" + b"From: a\n" * 19_000,
    "lone breaks": b"\r\n\r\n" + b"\r" * 500_000,
    "quoted printable": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"= \t" * 300_000,
    "base64": b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=" * 1_000_000,
    "uuencoded": b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\n" + b"M\n" * 200_000,
    "japanese escapes": b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + b"\x1b$B\x7f" * 100_000,
    "bytes": bytes(range(256)) * 4_000,
    "utf-7": b"Content-Type: text/plain; charset=utf-7\r\n\r\n+ADw-script+AD4-",
    "codec that is no charset": b"Content-Type: text/plain; charset=hex\r\n\r\n4142",
    "idna": b"Content-Type: text/plain; charset=idna\r\n\r\n" + b"xn--a" * 10_000,
}


@pytest.fixture(scope="module")
def pool() -> Iterator[MailReaderPool]:
    pool = MailReaderPool()
    yield pool
    pool.close()


class TestHostileMails:
    @pytest.mark.timeout(60)  # 2 s of reading and, after a stopped one, the start of a new reader
    @pytest.mark.parametrize("raw", NASTY.values(), ids=NASTY.keys())
    def test_is_read_or_refused_in_time(self, raw: bytes, pool: MailReaderPool) -> None:
        try:
            text = pool.read(raw, RULES, Delivery()).event.content.text
        except TooLarge:
            text = ""

        assert "\x00" not in text
        text.encode("utf-8")

    def test_nesting_parts_and_headers_have_limits(self) -> None:
        deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(500))
        wide = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 300
        for raw in (
            deep,
            wide,
            b"X: y\r\n" * 501 + b"\r\nhi",
            b"X: " + b"y" * 300_000 + b"\r\n\r\nhi",
            b"x" * (26 * 2**20),
        ):
            with pytest.raises(TooLarge):
                parse_mail(raw)

    @settings(max_examples=150, deadline=None)
    @given(data=st.data())
    def test_damaged_real_mails_are_always_read(self, data: st.DataObject) -> None:
        names = ("mail014", "mail062", "mail068", "mail078", "mail091", "mail099", "mail055")
        raw = bytearray((MAILS / "zammad" / f"{data.draw(st.sampled_from(names))}.box").read_bytes()[:20_000])
        for _ in range(data.draw(st.integers(1, 8))):
            position = data.draw(st.integers(0, len(raw) - 1))
            raw[position : position + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))

        event = parse_mail(bytes(raw), rules=RULES).event

        assert event.external_id
        event.content.text.encode("utf-8")

    @settings(max_examples=150, deadline=None)
    @given(raw=st.binary(max_size=2_000))
    def test_any_bytes_are_read(self, raw: bytes) -> None:
        assert parse_mail(raw).event.external_id
