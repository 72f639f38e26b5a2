"""Mails that break the rules in ways seen in the wild: each is read as a person would want it read."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from switchboard.channels.email.dates import read_date
from switchboard.channels.email.message import ParsedMail, parse_mail
from switchboard.channels.email.smime import signed_letter
from switchboard.domain.inbound import InboundKind
from tests.channels.email.test_troubled_mails import file_names, headed, multi, said, typed

SIGNED = base64.b64decode(
    "MIAGCSqGSIb3DQEHAqCAMIACAQExDzANBglghkgBZQMEAgEFADCABgkqhkiG9w0BBwGggCSABIGzQ29udGVudC1UeXBlOiBtdWx0"
    "aXBhcnQvbWl4ZWQ7IGJvdW5kYXJ5PXENCg0KLS1xDQpDb250ZW50LVR5cGU6IHRleHQvcGxhaW47IGNoYXJzZXQ9dXRmLTgNCg0K"
    "V28gaXN0IG1laW4gUMOkY2tjaGVuPw0KLS1xDQpDb250ZW50LVR5cGU6IGFwcGxpY2F0aW9uL3BkZjsgbmFtZT1hLnBkZg0KDQpQ"
    "REYNCi0tcS0tDQoAAAAAAAAxggG3MIIBswIBATAmMA4xDDAKBgNVBAMMA2FubgIUdNUXwJatMI5Ijk5AtrvMRtAKsvYwDQYJYIZI"
    "AWUDBAIBBQCggeQwGAYJKoZIhvcNAQkDMQsGCSqGSIb3DQEHATAcBgkqhkiG9w0BCQUxDxcNMjYxMTIzMDU0MTU3WjAvBgkqhkiG"
    "9w0BCQQxIgQgayumEB2k0qQg68UYb/qKIwhs3lEhk52yHBVzAkLtaacweQYJKoZIhvcNAQkPMWwwajALBglghkgBZQMEASowCwYJ"
    "YIZIAWUDBAEWMAsGCWCGSAFlAwQBAjAKBggqhkiG9w0DBzAOBggqhkiG9w0DAgICAIAwDQYIKoZIhvcNAwICAUAwBwYFKw4DAgcw"
    "DQYIKoZIhvcNAwICASgwDQYJKoZIhvcNAQEBBQAEgYACKGc8G9ORv/ooPhxs7JLkiMgjijyzrWgM6dp6EKyqvJWlVWBYkJOl1KhA"
    "D/nwBsnymE19aqDmuYaM2spHke22/bwAZxx14rwo6d72T+x9qJHiw2TDL19TtfBe3O1XGxp+qlaXuXZuBK93ewqDTCPXyh2/iSYM"
    "KUzqa1IZqFAqDwAAAAAAAA=="
)
"""A letter with a file, signed in one piece by OpenSSL, in the form without lengths (BER)."""

RUSSIAN = "Здравствуйте, где мой заказ? Я жду его уже две недели."
CHINESE = "您好，我的订单还没有到，请帮我查一下。"
JAPANESE = "お世話になっております。注文した商品がまだ届いていません。"
KOREAN = "안녕하세요, 주문한 상품이 아직 도착하지 않았습니다. 뷁"
POLISH = "Łódź, żółta paczka, gdzie jest?"
TURKISH = "Siparişim nerede? Teşekkürler"


class TestWronglyNamedCharsets:
    @pytest.mark.parametrize(
        ("declared", "codec", "words"),
        [
            ("koi8-r", "utf-8", RUSSIAN),
            ("windows-1251", "utf-8", RUSSIAN),
            ("iso-8859-1", "cp1251", RUSSIAN),
            ("iso-8859-2", "utf-8", POLISH),
            ("iso-8859-9", "utf-8", TURKISH),
            ("gb2312", "gb18030", CHINESE + "镕㐂"),
            ("gb2312", "utf-8", CHINESE),
            ("gbk", "utf-8", CHINESE + "好"),
            ("utf-8", "gbk", CHINESE),
            ("big5", "utf-8", "您好，我的訂單還沒有到，請幫我查一下。"),
            ("ks_c_5601-1987", "cp949", KOREAN),
            ("ks_c_5601-1987", "utf-8", KOREAN),
            ("shift_jis", "utf-8", JAPANESE),
            ("iso-2022-jp", "utf-8", JAPANESE),
            ("iso-2022-jp", "cp932", JAPANESE + "①㈱"),
            ("iso-2022-kr", "iso2022_kr", "안녕하세요 주문"),
            ("hz-gb-2312", "hz", CHINESE),
            ("TIS-620", "cp874", "สวัสดีครับ"),
            ("iso-8859-8-i", "iso8859_8", "שלום עולם"),
            ("us-ascii", "cp1252", "“Hi” – it’s €5"),
            ("utf8mb4", "utf-8", "Grüße 😀"),
            ("utf8mb4", "latin-1", "Grüße aus Köln"),
            ("cp-850", "cp850", "Grüße aus Köln"),
            ("IBM850", "cp850", "Grüße aus Köln"),
            ("ISO-8859-16", "iso8859_16", "ăâîșț"),
            ("x-user-defined", "cp1252", "Grüße"),
            ('"iso-8859-1,utf-8"', "utf-8", "Grüße"),
            ("utf-8", "utf-16", "Grüße"),
            ("utf-8", "utf-8-sig", "Hello"),
        ],
    )
    def test_are_seen_through(self, declared: str, codec: str, words: str) -> None:
        assert typed(f"text/plain; charset={declared}", words.encode(codec)).event.content.text == words

    @pytest.mark.parametrize(
        ("declared", "words"),
        [
            ("iso-8859-1", "Å bær på øya"), ("iso-8859-1", "Très bientôt"), ("windows-1251", "Где мой заказ"),
            ("gbk", "联通"), ("iso-8859-15", "Ça coûte 5 €"),
        ],
    )  # fmt: skip
    def test_rightly_named_ones_are_believed(self, declared: str, words: str) -> None:
        assert typed(f"text/plain; charset={declared}", words.encode(declared)).event.content.text == words

    @pytest.mark.parametrize(
        ("words", "codec"),
        [
            ("Bonjour, où est ma commande ? Elle était prévue lundi, et vous êtes très en retard.", "latin-1"),
            ("Hola, ¿dónde está mi pedido? Mañana me voy de vacaciones y lo necesito aún hoy.", "latin-1"),
            ("Olá, onde está a minha encomenda? Não recebi informações, e já são três semanas.", "latin-1"),
            ("Hej, hvor er min pakke? Jeg har ikke fået den endnu, og det er på tide nu, synes jeg. Søren", "latin-1"),
            ("Guten Tag, wo bleibt mein Päckchen? Ich hätte es gern noch vor dem Wochenende. Grüße", "latin-1"),
            ("Dzień dobry, gdzie jest moja paczka? Czekam już dwa tygodnie i nikt się nie odzywa.", "cp1250"),
            ("Dobrý den, kde je můj balík? Čekám už dva týdny a nikdo mi neodpovídá, děkuji.", "cp1250"),
        ],
    )
    def test_whole_sentences_tell_undeclared_ones(self, words: str, codec: str) -> None:
        assert typed("text/plain", words.encode(codec)).event.content.text == words

    def test_a_notice_in_another_charset_below_a_long_letter_does_not_change_its_words(self) -> None:
        letter = "Bonjour, où est ma commande ? Elle était prévue lundi. " * 100

        text = typed("text/plain; charset=utf-8", letter.encode("latin-1") + "\nПроверено".encode()).event.content.text

        assert text == letter + "\nПроверено"

    @pytest.mark.parametrize(
        "content_type",
        ["plain; charset=utf-8", "text", "text/plain: charset=utf-8", "text/html, charset=utf-8", "html/text"],
    )
    def test_broken_types_are_understood(self, content_type: str) -> None:
        assert said(typed(content_type, "<html><b>Łódź</b></html>" if "html" in content_type else "Łódź")) == "Łódź"


class TestTransferEncodings:
    @pytest.mark.parametrize(
        "name",
        ['"quoted-printable"', "quoted-printable;", "quotedprintable", "quoted/printable", "QP", "Quoted_Printable"],
    )
    def test_misspelt_ones_are_understood(self, name: str) -> None:
        mail = typed("text/plain; charset=utf-8", "Gr=c3=bc=C3=9Fe =ZZ a=", f"Content-Transfer-Encoding: {name}\n")

        assert said(mail) == "Grüße =ZZ a"

    def test_the_one_that_codes_wins_over_a_contradicting_one(self) -> None:
        more = "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base-64\n"

        assert said(typed("text/plain; charset=utf-8", "R3LDvMOf\n ZSE=", more)) == "Grüße!"

    def test_undeclared_ones_are_found_out(self) -> None:
        words = "Grüße aus Köln, wo ist mein Paket? Ich warte schon lange darauf."

        assert said(typed("text/plain; charset=utf-8", "Gr=C3=BC=C3=9Fe aus K=C3=B6ln=20\nSch=C3=B6n")).startswith(
            "Grüße"
        )
        assert said(typed("text/plain; charset=utf-8", base64.encodebytes(words.encode()))) == words

    @pytest.mark.parametrize("text", ["a=C3 and b=D4", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "A" * 80, "x=BC"])
    def test_what_only_looks_coded_stays(self, text: str) -> None:
        assert said(typed("text/plain", text)) == text


class TestSenders:
    @pytest.mark.parametrize(
        ("lines", "address", "name"),
        [
            (("From : ann@x.y",), "ann@x.y", None),
            (("From:", "Reply-To: Bob <bob@x.y>", "Sender: s@x.y"), "bob@x.y", "Bob"),
            (("From: <>", "Sender: Sam <s@x.y>"), "s@x.y", "Sam"),
            (("Return-Path: <rp@x.y>",), "rp@x.y", None),
            (("From: root", "Reply-To: r@x.y"), "r@x.y", "root"),
            (("From: a@b.c, d@e.f", "Sender: d@e.f"), "a@b.c", None),
            (("From: Sales: Ann <ann@x.y>, Bob <b@x.y>;",), "ann@x.y", "Ann"),
            (("From: ann(work)@(at)example.com",), "ann@example.com", None),
            (("From: (Ann) ann@x.y",), "ann@x.y", "Ann"),
            (("From: =?utf-8?Q?Lee=2C_Ann?= <ann@x.y>",), "ann@x.y", "Lee, Ann"),
            (("From: =?utf-8?Q?Ann_=3Cann=40x=2Ey=3E?=",), "ann@x.y", "Ann"),
            (("From: =?utf-8?Q?boss?=@ourfirm.example", "Reply-To: evil@x.y"), "=?utf-8?q?boss?=@ourfirm.example", None),
            (("From: 'Ann Lee' <ann@x.y>",), "ann@x.y", "Ann Lee"),
            (("From: Ann <ann@x.y",), "ann@x.y", "Ann"),
            (('From: "Ann <ann@x.y>',), "ann@x.y", "Ann"),
            (("From: Ann [ann@x.y]",), "ann@x.y", "Ann"),
            (("From: Ann <ann@[192.168.1.1]>",), "ann@[192.168.1.1]", "Ann"),
            (('From: "ann lee"@x.y',), '"ann lee"@x.y', None),
            (("From: Ann\u00a0Lee <ann@x.y>",), "ann@x.y", "Ann Lee"),
            (("From: Ann <a\u200bnn@x.y>",), "ann@x.y", "Ann"),
            (("From: /O=EXCH/OU=X/CN=ANN", "Reply-To: ann@x.y"), "ann@x.y", "/O=EXCH/OU=X/CN=ANN"),
        ],
    )  # fmt: skip
    def test_are_found(self, lines: tuple[str, ...], address: str, name: str | None) -> None:
        mail = headed(*lines)

        assert mail.from_address == address
        assert name is None or mail.from_name == name

    def test_a_person_named_in_coded_words_proves_nothing(self) -> None:
        mail = headed("From: =?utf-8?Q?Ann_=3Cann=40shop=2Eexample=3E?=")

        assert not any(sender.verified for sender in mail.event.senders)


class TestDates:
    @pytest.mark.parametrize(
        "value",
        [
            "Mon, 2 Jun 2014 22:00:57 +0200 (CEST)", "Mon, 02 Juni 2014 22:00:57 +0200", "Mo, 2 Jun 2014 22:00:57 +0200",
            "lun., 2 juin 2014 22:00:57 +0200", "Mon, 2 Jun 2014 22:00:57 UTC+0200", "Mon, 2 Jun 2014 22:00:57 +02:00",
            "Mon,2Jun2014 22:00:57 +0200", "Mon, 2 Jun 2014 22:00:57.123 +0200", "Mon, 2-Jun-2014 22:00:57 +0200",
            "=?utf-8?Q?Mon,_2_Jun_2014_22:00:57_+0200?=", "20140602T200057Z", "02.06.2014 20:00:57", "2014/06/02 22:00:57 +0200",
            "Mon, 2 Jun 114 20:00:57 GMT", "Mon Jun  2 20:00:57 2014",
        ],
    )  # fmt: skip
    def test_in_many_spellings_are_one_moment(self, value: str) -> None:
        assert headed("From: a@b.c", f"Date: {value}").event.sent_at == datetime(2014, 6, 2, 20, 0, 57, tzinfo=UTC)

    @pytest.mark.parametrize(
        "value",
        ["", "garbage", "Mon, 31 Feb 2014 22:00:57 +0200", "Thu, 1 Jan 1970 00:00:00 +0000", "02.31.2014 20:00"],
    )
    def test_without_sense_are_none(self, value: str) -> None:
        assert read_date(value) is None


class TestNamesOfFiles:
    @pytest.mark.parametrize(
        ("disposition", "name"),
        [
            ("filename*=UTF-8''Gr%FC%DFe.pdf", "Grüße.pdf"),
            ("filename*=iso-8859-1'de'Gr%FC%DFe.pdf", "Grüße.pdf"),
            ("filename*0*=utf-8''Gr%C3; filename*1*=%BC.pdf", "Grü.pdf"),
            ("filename*0*=utf-8''a;filename*1=b;filename*3=d", "abd"),
            ("filename==?utf-8?Q?Gr=C3=BC=C3=9Fe.pdf?=", "Grüße.pdf"),
            ('filename="=?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe.pdf?="', "Grüße.pdf"),
            ('filename="=?windows-1258?Q?caf=E9=2Epdf?="', "café.pdf"),
            ('filename="=?windows-1258?Q?M=ECnh_=F0=E2y=2Epdf?="', "Mi\u0301nh đây.pdf".replace("Mi\u0301", "M\u0301")),
            ('filename="%E6%97%A5%E6%9C%AC.pdf"', "日本.pdf"),
            ('filename="100%.pdf"', "100%.pdf"),
            ("filename='single.pdf'", "single.pdf"),
            ('filename="line\n break.pdf"', "line break.pdf"),
            ("filename*=utf-8''", "file.pdf"),
        ],
    )
    def test_are_put_right(self, disposition: str, name: str) -> None:
        mail = typed("application/pdf", "PDF", f"Content-Disposition: attachment; {disposition}\n")

        assert file_names(mail) == [name]

    def test_a_nameless_sheet_gets_the_ending_of_its_program(self) -> None:
        assert file_names(typed("application/vnd.ms-excel", "X")) == ["file.xls"]


class TestSignedInOnePiece:
    def mail(self, content: bytes) -> ParsedMail:
        return typed(
            "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", base64.encodebytes(content),
            "Content-Transfer-Encoding: base64\n",
        )  # fmt: skip

    def test_the_words_and_files_inside_are_read(self) -> None:
        mail = self.mail(SIGNED)

        assert said(mail) == "Wo ist mein Päckchen?"
        assert file_names(mail) == ["smime.p7m", "a.pdf"]
        assert mail.event.metadata["protection"] == "signed with S/MIME, words inside the file"

    def test_no_cut_or_change_breaks_the_reader(self) -> None:
        for place in range(len(SIGNED)):
            for change in (b"", b"\x00", b"\x80", b"\xff"):
                signed_letter(SIGNED[:place] + change + SIGNED[place + 1 :] if change else SIGNED[:place])

    @pytest.mark.parametrize("content", [b"", b"0\x80" * 200_000, b"0\x84\xff\xff\xff\xff", b"PK\x03\x04"])
    def test_other_things_stay_closed(self, content: bytes) -> None:
        assert signed_letter(content) is None


def from_machine(sender: str, subject: str, *more: str, text: str = "550 5.1.1 <bob@x.y> User unknown") -> ParsedMail:
    lines = "\n".join((f"From: {sender}", f"Subject: {subject}", "To: help@shop.example", *more))
    return parse_mail(f"{lines}\n\n{text}".encode())


UNDELIVERABLE = (
    "Undeliverable: x", "Unzustellbar: x", "Non remis : x", "No se puede entregar: x", "Impossibile recapitare: x",
    "Onbestelbaar: x", "Não é possível entregar: x", "Niedostarczone: x", "Kan inte levereras: x", "Kan ikke leveres: x",
    "配信不能: x", "未传递: x", "Не доставлено: x", "Nedoručitelné: x", "Kézbesíthetetlen: x", "Teslim edilemedi: x",
    "failure notice", "Returned mail: see transcript for details", "DELIVERY FAILURE: User bob not listed",
)  # fmt: skip


class TestMachines:
    @pytest.mark.parametrize("subject", UNDELIVERABLE)
    @pytest.mark.parametrize("sender", ["MAILER-DAEMON@x.y", "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.y"])
    def test_returned_mails_in_every_language_are_reports(self, sender: str, subject: str) -> None:
        mail = from_machine(sender, subject)

        assert mail.bounce is not None
        assert (mail.bounce.permanent, mail.bounce.recipient) == (True, "bob@x.y")

    def test_a_person_may_write_about_them(self) -> None:
        assert from_machine("ann@x.y", "Undeliverable: x").bounce is None

    def test_a_warning_about_a_delay_is_no_failure(self) -> None:
        text = "A message that you have sent has not yet been delivered: bob@x.y\nDelivery attempts will continue to be made."

        mail = from_machine("Mailer-Daemon@x.y", "Warning: message 1abc delayed 24 hours", text=text)

        assert mail.bounce is not None
        assert not mail.bounce.permanent

    @pytest.mark.parametrize(
        "header",
        [
            "Subject: AUTO: Ann is out of the office", "X-Autoresponse: 1", "Delivered-To: autoresponder",
            "X-POST-MessageClass: 9; Autoresponder", "X-Mailer: vacation 1.2", "X-RT-Loop-Prevention: x", "X-OTRS-Loop: x",
            "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "X-Auto-Response-Suppress: DR, RN, OOF, AutoReply",
            "Auto-Submitted: auto-replied (vacation)", "Precedence: bulk", "List-Id: <x.y>",
        ],
    )  # fmt: skip
    def test_absence_notes_and_other_desks_are_never_answered(self, header: str) -> None:
        assert headed("From: ann@x.y", header).event.automatic

    @pytest.mark.parametrize(
        "header", ["Auto-Submitted: no", "Precedence: normal", "X-Auto-Response-Suppress: RN, NRN", "X-Mailer: Outlook"]
    )
    def test_people_are_answered(self, header: str) -> None:
        assert not headed("From: ann@x.y", header).event.automatic

    def test_a_read_receipt_without_its_report_type_is_one(self) -> None:
        notification = (
            "Content-Type: message/disposition-notification\n\nOriginal-Message-ID: <o@x>\nDisposition: m; displayed"
        )

        event = typed("multipart/report; boundary=b", multi("", "\nRead.", notification)).event

        assert (event.kind, event.target) == (InboundKind.STATUS, "<o@x>")
