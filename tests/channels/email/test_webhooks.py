"""Mails that SendGrid, Mailgun and Postmark post."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from switchboard.channels.email.channel import EmailChannel
from switchboard.channels.email.message import MailRules, ParsedMail
from switchboard.channels.email.webhooks import BasicAuth, Mailgun, MailWebhook, Postmark, SendGrid
from switchboard.errors import BadSignature, InvalidInput
from switchboard.ports.channel import RawRequest
from tests.channels.email.fakes import FixedClock
from tests.channels.email.mail_cases import MAILS, alnum

WEBHOOKS = sorted((MAILS / "webhooks").glob("*.json"))
BASIC = BasicAuth(user="hook", password="s3cret-of-the-hook")
RULES = MailRules(own_addresses=("help@in.example.com",), trusted_authserv_ids=("in.example.com",))


def case_of(path: Path) -> dict[str, object]:
    case: dict[str, object] = json.loads(path.read_text("utf-8"))
    return case


def webhook_of(case: Mapping[str, object]) -> MailWebhook:
    if case["provider"] == "mailgun":
        return Mailgun(signing_key=str(case["signing_key"]))
    return Postmark(basic=BASIC) if case["provider"] == "postmark" else SendGrid(basic=BASIC)


def request_of(case: Mapping[str, object]) -> RawRequest:
    content_type, body = "application/x-www-form-urlencoded", b""
    if isinstance(form := case.get("form"), dict):
        body = urlencode(form).encode()
    elif isinstance(name := case.get("body_file"), str):
        content_type, body = str(case["content_type"]), (MAILS / "webhooks" / name).read_bytes()
    else:
        content_type, body = "application/json", json.dumps(case["payload"]).encode()
    return request(body, content_type)


def request(body: bytes, content_type: str, **headers: str) -> RawRequest:
    proof = "Basic " + base64.b64encode(f"{BASIC.user}:{BASIC.password}".encode()).decode()
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return RawRequest(
        method="POST",
        url="https://desk.example.com/webhooks/email",
        headers={"content-type": content_type, "authorization": proof} | named,
        query={},
        body=body,
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def channel_for(webhook: MailWebhook) -> EmailChannel:
    return EmailChannel(RULES, FixedClock(), webhook=webhook)


def differences(mail: ParsedMail, expect: Mapping[str, object]) -> list[str]:
    content = mail.event.content
    got = {
        "from_email": mail.from_address,
        "from_name": mail.from_name,
        "subject": content.subject,
        "reply": content.words.strip(),
        "message_id": mail.message_id,
        "in_reply_to": list(mail.in_reply_to),
        "references": list(mail.references),
        "plus_address": mail.plus_address,
        "automatic": mail.event.automatic,
    }
    found = [f"{key}: {got[key]}" for key in got if key in expect and got[key] != expect[key]]
    if "text_starts" in expect and not alnum(content.text).startswith(alnum(expect["text_starts"])):
        found.append(f"text: {content.text[:80]}")
    files = expect.get("attachments")
    if isinstance(files, list):
        ours = [(file.attachment.name, file.attachment.content_type) for file in mail.files]
        if ours != [(wanted["filename"], wanted["mime_type"]) for wanted in files]:
            found.append(f"attachments: {ours}")
        found += [
            f"size of {f['filename']}" for f in files if "size" in f and f["size"] != mail.files[0].attachment.size
        ]
    return found


class TestCapturedPayloads:
    @pytest.mark.parametrize("path", WEBHOOKS, ids=lambda path: path.stem)
    def test_is_read_as_its_fixture_says(self, path: Path) -> None:
        case = case_of(path)
        expect = case["expect"]
        assert isinstance(expect, dict)
        channel, post = channel_for(webhook_of(case)), request_of(case)

        if expect.get("signature_valid") is False:
            with pytest.raises(BadSignature):
                channel.verify(post)
            return
        channel.verify(post)

        assert differences(channel.read(post), expect) == []
        assert len(channel.parse(post).events) == 1

    def test_a_route_that_stores_files_is_reported_to_the_operator(self) -> None:
        case = case_of(MAILS / "webhooks" / "mailgun-store.json")

        parsed = channel_for(webhook_of(case)).parse(request_of(case))

        assert "store()" in parsed.control[0]
        assert parsed.events[0].senders[0].address == "anna@example.com"

    def test_postmarks_note_of_the_trusted_server_proves_the_sender(self) -> None:
        case = case_of(MAILS / "webhooks" / "postmark-reply.json")

        event = channel_for(webhook_of(case)).parse(request_of(case)).events[0]

        assert event.senders[0].verified
        assert event.account == "help@in.example.com"

    def test_files_come_with_their_bytes_beside(self) -> None:
        case = case_of(MAILS / "webhooks" / "postmark-reply.json")

        parsed, files = channel_for(webhook_of(case)).unpack(request_of(case))

        assert [file.name for file in parsed.events[0].attachments] == ["foto.jpg"]
        assert {key: len(content) for key, content in files.items()} == {"part:1": 8}


class TestProofs:
    def test_sendgrids_signature_covers_timestamp_and_raw_body(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        webhook = SendGrid(public_key=base64.b64encode(public).decode())
        body = b'--b\r\nContent-Disposition: form-data; name="from"\r\n\r\na@example.com\r\n--b--\r\n'
        signature = base64.b64encode(key.sign(b"1767225600" + body, ec.ECDSA(SHA256()))).decode()
        headers = {
            "x_twilio_email_event_webhook_signature": signature,
            "x_twilio_email_event_webhook_timestamp": "1767225600",
        }

        webhook.verify(request(body, "multipart/form-data; boundary=b", **headers))

        with pytest.raises(BadSignature):
            webhook.verify(request(body + b" ", "multipart/form-data; boundary=b", **headers))

    def test_a_wrong_password_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            Postmark(basic=BasicAuth(user="hook", password="other")).verify(request(b"{}", "application/json"))

    def test_without_any_configured_proof_nothing_gets_in(self) -> None:
        with pytest.raises(BadSignature):
            SendGrid().verify(request(b"", "multipart/form-data; boundary=b"))
        with pytest.raises(BadSignature):
            EmailChannel(RULES, FixedClock()).verify(request(b"From: a@b.c\r\n\r\nhi", "message/rfc822"))

    def test_an_unsigned_mailgun_form_is_refused(self) -> None:
        with pytest.raises(BadSignature):
            Mailgun(signing_key="k").verify(request(b"body-plain=hi", "application/x-www-form-urlencoded"))

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a": 1}', b"[" * 5000])
    def test_a_body_that_is_no_mail_is_named_as_such(self, body: bytes) -> None:
        with pytest.raises(InvalidInput):
            Postmark(basic=BASIC).mail(request(body, "application/json"))

    def test_line_breaks_in_json_values_make_no_headers(self) -> None:
        payload = {
            "From": "a@example.com",
            "Subject": "hi\r\nAuto-Submitted: auto-replied",
            "TextBody": "x",
            "Headers": [],
        }

        event = (
            channel_for(Postmark(basic=BASIC))
            .parse(request(json.dumps(payload).encode(), "application/json"))
            .events[0]
        )

        assert not event.automatic
        assert event.content.subject == "hi Auto-Submitted: auto-replied"
