"""Mails with every kind of trouble that senders, gateways and old programs put into them."""

from __future__ import annotations

import base64
import binascii
import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest

from switchboard.channels.email.message import ParsedMail, parse_mail
from switchboard.channels.email.refusals import in_words
from switchboard.domain.inbound import InboundKind
from switchboard.domain.message import DeliveryState
from switchboard.errors import TooLarge
from tests.channels.email.mail_cases import MAILS

HEAD = "From: Ann <ann@example.com>\nTo: help@shop.example\nSubject: Hi\nMessage-ID: <1@x>\n"


def typed(content_type: str, body: str | bytes = "", more: str = "") -> ParsedMail:
    raw = body.encode() if isinstance(body, str) else body
    return parse_mail(f"{HEAD}Content-Type: {content_type}\n{more}\n".encode() + raw)


def headed(*lines: str | bytes) -> ParsedMail:
    return parse_mail(b"\n".join(line.encode() if isinstance(line, str) else line for line in lines) + b"\n\nhi")


def multi(kind: str, *parts: str, boundary: str = "b") -> str:
    return "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"


def said(mail: ParsedMail) -> str:
    return mail.event.content.words.strip()


def file_names(mail: ParsedMail) -> list[str | None]:
    return [file.attachment.name for file in mail.files]


RUSSIAN = "Здравствуйте, где мой заказ? Я жду его уже две недели, и никто мне не отвечает."
JAPANESE = "お世話になっております。注文した商品がまだ届いていません。"


class TestCharsets:
    @pytest.mark.parametrize(
        ("declared", "codec", "words"),
        [
            ("x-foo-bar", "utf-8", "Grüße aus Köln"),
            ("x-foo-bar", "latin-1", "Grüße aus Köln"),
            ("utf-8", "latin-1", "Grüße aus Köln"),
            ("iso-8859-1", "utf-8", "Grüße aus Köln – schön"),
            ("iso-8859-1", "cp1252", "“Hi” – €5"),
            ("ANSI", "cp1252", "Grüße"),
            ("windows1250", "cp1250", "žluťoučký kůň"),
            ("win-1251", "cp1251", "Где мой заказ"),
            ("cp-1252", "cp1252", "Grüße"),
            ("8859-2", "iso-8859-2", "Łódź"),
            ("_iso-2022-jp$ESC", "iso2022_jp", JAPANESE),
            ("euc-jp", "euc_jis_2004", "お世話になっております①"),
            ("big5", "big5", "您好，我的訂單在哪裡？"),
            ("us-ascii", "koi8-r", RUSSIAN),
            ("us-ascii", "cp1251", RUSSIAN),
            ("us-ascii", "cp932", JAPANESE),
            ("'utf-8'", "utf-8", "Grüße"),
            ("utf-8;; x", "utf-8", "Grüße"),
        ],
    )
    def test_words_are_readable_whatever_is_declared(self, declared: str, codec: str, words: str) -> None:
        assert typed(f"text/plain; charset={declared}", words.encode(codec)).event.content.text == words

    def test_few_stray_bytes_do_not_turn_a_letter_into_another_alphabet(self) -> None:
        raw = (RUSSIAN * 3).encode()

        text = typed("text/plain; charset=utf-8", raw[:31] + b"\xee" + raw[32:]).event.content.text

        assert text.endswith(RUSSIAN)

    def test_a_page_may_name_its_own_charset(self) -> None:
        page = b'<meta http-equiv=Content-Type content="text/html; charset=iso-8859-2"><p>' + "Łódź".encode(
            "iso-8859-2"
        )

        assert typed("text/html", page).event.content.text == "Łódź"


class TestHeaders:
    @pytest.mark.parametrize(
        ("subject", "read"),
        [
            (b"=?utf-8?Q?Gr=C3?=\n =?utf-8?Q?=BC=C3=9Fe?= x =?utf-8?q?a_b?=", "Grüße x a b"),
            (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe aus K=C3=B6ln?=", "Grüße aus Köln"),
            (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe", "Grüße"),
            (b"=?utf-8?B?R3LDvMOfZSBhdXMgS8O2b?=", "Grüße aus Kö"),
            (b"Re:=?utf-8?Q?Gr=C3=BC=C3=9Fe?=(x)", "Re:Grüße(x)"),
            (b"=?foo?Q?Gr=FC=DFe?=", "Grüße"),
            (b"=?iso-2022-jp?B?GyRCJDQbKEI=?=\n =?iso-2022-jp?B?GyRCQ21KOBsoQg==?=", "ご注文"),
            (b"Gr\xfc\xdfe", "Grüße"),
            ("Grüße".encode(), "Grüße"),
            (b"a\x00b", "a\ufffdb"),
        ],
    )
    def test_a_broken_subject_is_readable(self, subject: bytes, read: str) -> None:
        assert headed("From: a@b.c", b"Subject: " + subject).event.content.subject == read

    @pytest.mark.parametrize(
        ("sender", "address", "name"),
        [
            ("Smith, Ann <ann@b.c>", "ann@b.c", "Smith, Ann"),
            ("Ann <<ann@b.c>>", "ann@b.c", "Ann"),
            ("Ann <ann @b.c>", "ann@b.c", "Ann"),
            ('"mailto:ann@b.c" <mailto:ann@b.c>', "ann@b.c", None),
            ("<@relay.example,@other:ann@b.c>", "ann@b.c", None),
            ("Ann <ann@münchen.example>", "ann@münchen.example", "Ann"),
            ("=?utf-8?Q?boss?=@ourfirm.example <evil@x.y>", "evil@x.y", "boss@ourfirm.example"),
            ("ann@b.c (Ann Lee)", "ann@b.c", "Ann Lee"),
        ],
    )
    def test_the_sender_is_found(self, sender: str, address: str, name: str | None) -> None:
        mail = headed(f"From: {sender}")

        assert (mail.from_address, mail.from_name) == (address, name)

    def test_groups_of_recipients_are_opened(self) -> None:
        mail = headed("From: a@b.c", "To: undisclosed-recipients:;", "Cc: Team: x@y.z, Bob <b@y.z>;")

        assert (mail.to, mail.cc) == ((), ("x@y.z", "b@y.z"))

    def test_a_mail_that_was_sent_on_keeps_its_author(self) -> None:
        mail = headed("Resent-From: carl@x.y", "Resent-To: help@shop.example", "From: ann@b.c", "Message-ID: <o@x>")

        assert (mail.from_address, mail.message_id) == ("ann@b.c", "<o@x>")

    @pytest.mark.parametrize(
        ("date", "hour"),
        [("2014-06-02T22:00:57Z", 22), ("Mon, 2 Jun 2014 22:00:57 +9900", 22), ("Mon, 2 Jun 2014 22.00.57 +0200", 20)],
    )
    def test_odd_dates_are_understood(self, date: str, hour: int) -> None:
        assert headed("From: a@b.c", f"Date: {date}").event.sent_at == datetime(2014, 6, 2, hour, 0, 57, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("disposition", "name"),
        [
            ("filename*0*=UTF-8''Rech%; filename*1*=6Eung; filename*2=\" M.pdf\"", "Rechnung M.pdf"),
            ('filename*1="b.pdf"; filename*0="a"', "ab.pdf"),
            ("filename=\"fallback.pdf\"; filename*=UTF-8''%C3%BC.pdf", "ü.pdf"),
            ("filename=my file (1).pdf", "my file (1).pdf"),
            ('filename="=?utf-8?B?w7wucGRm?="', "ü.pdf"),
        ],
    )
    def test_file_names_are_put_together(self, disposition: str, name: str) -> None:
        mail = typed("application/pdf", "PDF", f"Content-Disposition: attachment; {disposition}\n")

        assert file_names(mail) == [name]


class TestParts:
    def test_a_wrong_boundary_is_sensed(self) -> None:
        body = multi("mixed", "Content-Type: text/plain\n\nHello", "Content-Type: image/png; name=x.png\n\nPNG")

        mail = typed('multipart/mixed; boundary="another"', body)

        assert (said(mail), file_names(mail)) == ("Hello", ["x.png"])

    def test_the_same_boundary_inside_is_understood(self) -> None:
        inner = multi("alternative", "Content-Type: text/plain\n\nplain", "Content-Type: text/html\n\n<p>html</p>")
        body = f"--b\nContent-Type: multipart/alternative; boundary=b\n\n{inner}\n--b\nContent-Type: application/pdf\n\nP\n--b--"

        mail = typed("multipart/mixed; boundary=b", body)

        assert (said(mail), file_names(mail)) == ("plain", ["file.pdf"])

    def test_words_without_the_announced_parts_are_not_lost(self) -> None:
        mail = typed("multipart/mixed; boundary=b", "Where is my parcel?")

        assert said(mail) == "Where is my parcel?"
        assert said(typed("multipart/mixed; boundary=b", "This is a multi-part message in MIME format.")) == ""

    def test_line_ends_of_old_macs_are_line_ends(self) -> None:
        mail = parse_mail((HEAD + "\nHello\nthere").replace("\n", "\r").encode())

        assert (mail.from_address, mail.event.content.text) == ("ann@example.com", "Hello\nthere")

    def test_a_list_servers_footer_below_base64_stays_readable(self) -> None:
        coded = base64.encodebytes("Grüße aus Köln, und das ist ein längerer Satz.".encode()).decode()

        mail = typed("text/plain; charset=utf-8", f"{coded}\n\n-- \nSent to the list of buyers", B64)

        assert mail.event.content.text.startswith("Grüße aus Köln")
        assert "Sent to the list of buyers" in mail.event.content.text

    def test_what_only_claims_to_be_base64_is_read_as_it_is(self) -> None:
        assert said(typed("text/plain", "Where is my parcel?", B64)) == "Where is my parcel?"

    def test_a_rendition_for_special_readers_is_neither_text_nor_file(self) -> None:
        parts = ("text/plain\n\nplain", "text/x-amp-html\n\n<amp>x</amp>", "text/html\n\n<p>html</p>")

        mail = typed("multipart/alternative; boundary=b", multi("", *(f"Content-Type: {part}" for part in parts)))

        assert (said(mail), mail.files) == ("plain", ())

    def test_pictures_named_by_place_show_inside_the_page(self) -> None:
        page = 'Content-Type: text/html\n\n<img src="pic.png"><img src="cid:a%40b">'
        placed = "Content-Type: image/png\nContent-Location: pic.png\n\nPNG"
        named = "Content-Type: image/png\nContent-ID: <a@b>\n\nPNG"

        mail = typed("multipart/related; boundary=b", multi("", page, placed, named))

        html = mail.event.content.html or ""
        ids = [file.attachment.content_id for file in mail.files]
        assert all(f'src="cid:{content_id}"' in html for content_id in ids)
        assert [file.attachment.details for file in mail.files] == [{"inline": "true"}] * 2

    def test_a_mail_that_is_nothing_but_another_mail_shows_its_words(self) -> None:
        mail = typed("message/rfc822", "From: z@b.c\nSubject: Inner\n\nInner words")

        assert (said(mail), file_names(mail)) == ("Inner words", ["Inner.eml"])

    def test_a_piece_of_a_mail_shows_what_is_there(self) -> None:
        mail = typed('message/partial; id="a@x"; number=1; total=3', "From: a@b.c\nSubject: whole\n\nFirst third")

        assert said(mail) == "First third"


B64 = "Content-Transfer-Encoding: base64\n"


class TestFilesInsideTheText:
    def test_a_uuencoded_file_is_found_and_the_text_stays_whole(self) -> None:
        mail = typed("text/plain", "See below.\n\nbegin 644 cat.txt\n#0V%T\n`\nend\n\nThanks")

        assert [(file.attachment.name, file.content) for file in mail.files] == [("cat.txt", b"Cat")]
        assert said(mail).split() == ["See", "below.", "Thanks"]
        assert "begin 644" in mail.event.content.text

    def test_a_yenc_file_is_found(self) -> None:
        content = bytes(range(256))
        coded = b"".join(
            b"=" + bytes([(code + 64) % 256]) if (code := (byte + 42) % 256) in (0, 10, 13, 61) else bytes([code])
            for byte in content
        )

        mail = typed("text/plain", b"Here:\n=ybegin line=128 size=256 name=a.bin\n" + coded + b"\n=yend size=256\n")

        assert [file.content for file in mail.files] == [content]
        assert said(mail) == "Here:"

    @pytest.mark.parametrize(
        "text", ["begin 644 with me\nthis is no code\nend", "begin 644 x.txt\n#0V%T\n(never ended)"]
    )
    def test_a_sentence_that_begins_alike_is_a_sentence(self, text: str) -> None:
        mail = typed("text/plain", text)

        assert (mail.files, said(mail)) == ((), text)


def tnef(*attributes: tuple[int, bytes]) -> bytes:
    out = struct.pack("<IH", 0x223E9F78, 1)
    for name, data in attributes:
        out += struct.pack("<BII", 1, name, len(data)) + data + struct.pack("<H", sum(data) % 65536)
    return out


def mapi(*values: tuple[int, int, bytes]) -> bytes:
    out = struct.pack("<I", len(values))
    for kind, name, data in values:
        out += struct.pack("<HHII", kind, name, 1, len(data)) + data + b"\x00" * (-len(data) % 4)
    return out


BOX = tnef(
    (0x8800C, b"Words in the box\x00"),
    (0x69002, b"\x01\x00" + b"\x00" * 12),
    (0x18010, b"RECHNU~1.PDF\x00"),
    (0x6800F, b"%PDF-1.4"),
    (
        0x69005,
        mapi((0x1F, 0x3707, "Rechnung März.pdf\x00".encode("utf-16-le")), (0x1E, 0x370E, b"application/pdf\x00")),
    ),
)


def boxed(box: bytes, words: str = "") -> ParsedMail:
    part = 'Content-Type: application/ms-tnef; name="winmail.dat"\n' + B64 + "\n" + base64.b64encode(box).decode()
    return typed("multipart/mixed; boundary=b", multi("", f"Content-Type: text/plain\n\n{words}", part))


class TestWinmail:
    def test_the_files_inside_are_taken_out(self) -> None:
        mail = boxed(BOX, "Hello")

        assert file_names(mail) == ["winmail.dat", "Rechnung März.pdf"]
        assert (mail.files[1].content, mail.files[1].attachment.content_type) == (b"%PDF-1.4", "application/pdf")
        assert [file.attachment.provider_id for file in mail.files] == ["part:1", "part:2"]
        assert said(mail) == "Hello"

    def test_words_that_stand_only_in_the_box_are_read(self) -> None:
        assert said(boxed(BOX)) == "Words in the box"

    def test_a_damaged_box_is_kept_with_the_reason(self) -> None:
        mail = boxed(BOX[:-40])

        assert mail.files[0].attachment.details["unreadable"]
        assert mail.files[1].content == b"%PDF-1.4"
        assert boxed(b"nonsense").files[0].attachment.details["unreadable"]

    def test_no_cut_or_change_of_a_box_breaks_the_reader(self) -> None:
        for position in range(0, len(BOX), 3):
            boxed(BOX[:position])
            boxed(BOX[:position] + b"\xff\xff\xff\xff" + BOX[position + 4 :])


CALENDAR = (
    "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Visit\\, repair of the\n  machine\n"
    "DTSTART;TZID=Europe/Berlin:20260301T100000\nDTEND:20260301T110000Z\nLOCATION:Shop\nEND:VEVENT\nEND:VCALENDAR\n"
)


class TestCalendars:
    def test_an_invitation_is_readable(self) -> None:
        mail = typed("text/calendar; method=REQUEST", CALENDAR)

        assert said(mail).splitlines() == [
            "Invitation: Visit, repair of the machine", "Begins: 2026-03-01 10:00 (Europe/Berlin)",
            "Ends: 2026-03-01 11:00 UTC", "Place: Shop",
        ]  # fmt: skip
        assert file_names(mail) == ["document.ics"]

    def test_beside_words_it_is_noted_at_the_file(self) -> None:
        parts = ("Content-Type: text/plain\n\nCan you come?", f"Content-Type: text/calendar\n\n{CALENDAR}")

        mail = typed("multipart/alternative; boundary=b", multi("", *parts))

        assert said(mail) == "Can you come?"
        assert mail.files[0].attachment.details["summary"].startswith("Visit")


class TestProtectedMails:
    @pytest.mark.parametrize(
        ("content_type", "body", "protection"),
        [
            ("application/pkcs7-mime; smime-type=enveloped-data", "MIIB", "encrypted with S/MIME"),
            ("application/pkcs7-mime; smime-type=signed-data", "MIIB", "signed with S/MIME, words inside the file"),
            (
                'multipart/signed; protocol="application/pkcs7-signature"; boundary=b',
                "--b\n\nHi\n--b--",
                "signed with S/MIME",
            ),
            ("multipart/encrypted; boundary=b", "--b\n\nx\n--b--", "encrypted with PGP"),
            ("text/plain", "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----", "encrypted with PGP"),
        ],
    )
    def test_is_shown_as_such(self, content_type: str, body: str, protection: str) -> None:
        assert typed(content_type, body).event.metadata["protection"] == protection

    def test_the_words_inside_an_inline_signature_are_what_was_said(self) -> None:
        armoured = (
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nWhere is it?\n- -- a dash\n"
            "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
        )

        mail = typed("text/plain", armoured)

        assert said(mail) == "Where is it?\n-- a dash"
        assert "BEGIN PGP" in mail.event.content.text

    def test_an_ordinary_mail_says_nothing_of_it(self) -> None:
        assert "protection" not in typed("text/plain", "hi").event.metadata


class TestOtherText:
    def test_enriched_text_loses_its_commands(self) -> None:
        assert said(typed("text/enriched", "<bold>Now</bold> is <color><param>red</param>the</color> time << x")) == (
            "Now is the time < x"
        )

    def test_office_markup_leaves_the_words(self) -> None:
        page = (
            "<html><head><style>p{}</style></head><body><!--[if mso]><p>MSO</p><![endif]-->"
            "<![if !supportLists]>1.<![endif]><p class=MsoNormal>Hello<o:p></o:p></p></body></html>"
        )

        assert said(typed("text/html", page)).split() == ["1.", "Hello"]

    def test_flowed_lines_are_joined(self) -> None:
        text = "This is a long pa \nragraph\n> quoted \n>  more\n-- \nAnn"

        assert typed("text/plain; format=flowed; delsp=yes", text).event.content.text == (
            "This is a long paragraph\n> quoted more\n-- \nAnn"
        )


SUBJECTS = (
    "Yahoo! Auto Response",
    "Automatic reply: Parcel", "Out of Office: Re: x", "Abwesenheitsnotiz: Paket", "Réponse automatique : Colis",
    "Respuesta automática: Paquete", "Risposta automatica: x", "Automatisch antwoord: x", "Autosvar: Pakke",
    "Автоответ: x", "自動応答: x",
)  # fmt: skip


class TestMachines:
    @pytest.mark.parametrize("subject", SUBJECTS)
    def test_an_absence_note_without_any_header_is_noticed(self, subject: str) -> None:
        assert headed("From: a@b.c", f"Subject: {subject}").automatic_reason == "absence note"

    def test_a_group_under_our_own_domain_is_no_mailing_list(self) -> None:
        raw = (
            b"From: Ann <ann@example.com>\nTo: help@shop.example\nList-ID: <help.shop.example>\nPrecedence: list\n"
            b"List-Unsubscribe: <mailto:x@shop.example>\n\nWhere is my parcel?\n"
        )

        assert not parse_mail(raw, own_domains=("shop.example",)).event.automatic
        assert parse_mail(raw, own_domains=("hop.example",)).event.automatic

    @pytest.mark.parametrize("words", ["-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n"])
    def test_what_nobody_here_can_read_is_for_people(self, words: str) -> None:
        event = typed("text/plain", words).event

        assert (event.metadata["protection"], event.metadata["no_answer"]) == ("encrypted with PGP", "encrypted")

    @pytest.mark.parametrize(
        "subject", ["My automatic reply does not work", "Re: Autosvaret", "The office is out of paper"]
    )
    def test_people_may_write_about_them(self, subject: str) -> None:
        assert not headed("From: a@b.c", f"Subject: {subject}").event.automatic


def report(action: str, *, extra: str = "", original: str = "Message-ID: <out-1@shop.example>") -> ParsedMail:
    body = multi(
        "",
        "\nNot delivered.",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n{extra}\n"
        f"Final-Recipient: rfc822; ann@example.com\nAction: {action}\nStatus: 4.4.1",
        f"Content-Type: text/rfc822-headers\n\n{original}\nSubject: hi\n",
    )
    return typed("multipart/report; report-type=delivery-status; boundary=b", body)


class TestReports:
    def test_a_delay_is_told_and_fails_nothing(self) -> None:
        event = report("delayed").event

        assert (event.kind, event.target, event.delivery) == (InboundKind.STATUS, "<out-1@shop.example>", None)
        assert (event.metadata["delayed"], event.metadata["permanent"]) == ("yes", "no")

    def test_a_delivery_is_told_too(self) -> None:
        assert report("delivered").event.delivery is DeliveryState.DELIVERED

    def test_our_mail_is_found_although_a_relay_renamed_it(self) -> None:
        by_envelope = report(
            "failed", extra="Original-Envelope-Id: msg_0123456789abcdef\n", original="Message-ID: <ses@x>"
        )
        by_mark = report("failed", original="Message-ID: <ses@x>\nX-Switchboard-Key: msg_0123456789abcdef")

        assert by_envelope.event.metadata["key"] == by_mark.event.metadata["key"] == "msg_0123456789abcdef"

    def test_our_mail_is_found_where_its_copy_in_the_report_has_no_id(self) -> None:
        told = report("failed", extra="X-Original-Message-ID: <out-1@shop.example>\n", original="Date: x")
        answered = parse_mail(
            b"From: mailer-daemon@x.y\nSubject: Delivery Status Notification (Failure)\n"
            b"In-Reply-To: <out-1@shop.example>\n\nNo such user: ann@example.com (5.1.1)\n"
        )

        assert told.event.target == answered.event.target == "<out-1@shop.example>"

    def test_about_several_recipients_tells_of_the_one_whom_it_did_not_reach(self) -> None:
        ok = "\nFinal-Recipient: rfc822; bob@example.com\nAction: delivered\nStatus: 2.0.0\n"
        event = report("failed", extra=ok).event

        assert event.delivery is DeliveryState.FAILED
        assert (event.metadata["failed_recipient"], event.metadata["status"]) == ("ann@example.com", "4.4.1")

    def test_of_microsoft_about_spam_is_a_complaint(self) -> None:
        part = "Content-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: a@hotmail.com\nFrom: help@shop.example\n\nhi"

        assert typed("multipart/mixed; boundary=b", multi("", part)).complaint

    def test_about_mails_in_our_name_is_no_letter(self) -> None:
        assert (
            headed("From: a@b.c", "Subject: Report domain: x.y Submitter: b.c Report-ID: 1").automatic_reason
            == "report"
        )

    def test_exchange_means_an_unknown_address_by_the_number_of_a_closed_domain(self) -> None:
        known = in_words("5.1.10 smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found")

        assert known == "there is no such address"
        assert in_words("5.1.10 null MX") == "the domain takes no mail"

    def test_a_read_receipt_says_that_the_mail_was_read(self) -> None:
        notification = (
            "Content-Type: message/disposition-notification\n\nOriginal-Message-ID: <out-1@shop.example>\n"
            "Disposition: manual-action/MDN-sent-manually; displayed"
        )

        event = typed(
            "multipart/report; report-type=disposition-notification; boundary=b", multi("", "\nRead.", notification)
        ).event

        assert (event.kind, event.target, event.delivery) == (
            InboundKind.STATUS, "<out-1@shop.example>", DeliveryState.READ
        )  # fmt: skip
        assert event.automatic
        assert not event.bounce


def _captured() -> list[Path]:
    folders = [MAILS / name for name in ("zammad", "chatwoot", "mime")]
    return sorted(path for folder in folders for path in folder.iterdir() if path.suffix in (".box", ".eml"))


class TestCutMails:
    @pytest.mark.parametrize("path", _captured(), ids=lambda path: path.stem)
    def test_a_mail_cut_anywhere_is_read_or_refused(self, path: Path) -> None:
        """At every tenth byte of the head and at some 25 places of the rest: nothing breaks, every piece has a fate."""
        raw = path.read_bytes()
        places = [*range(0, min(len(raw), 600), 10), *range(600, len(raw), max(10, len(raw) // 25))]

        for place in places:
            try:
                mail = parse_mail(raw[:place])
            except TooLarge:
                continue
            assert mail.event.external_id
            mail.event.content.text.encode("utf-8")


def test_base64_is_what_the_standard_says() -> None:
    """The helper of these tests and the reader agree on whole, clean base64."""
    assert typed("text/plain", binascii.b2a_base64(b"plain words"), B64).event.content.text == "plain words"
