"""Mails that providers post to us: SendGrid, Mailgun and Postmark, each with the proof it gives.

Every form becomes one raw mail again, so that the same reader reads all of them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from switchboard.channels.email.charsets import decode
from switchboard.channels.email.compose import LoosePart, compose_mail
from switchboard.channels.email.headers import split_head
from switchboard.channels.email.message import Delivery
from switchboard.channels.email.mime import Part, parse_tree
from switchboard.errors import BadSignature, InvalidInput
from switchboard.ports.channel import RawRequest

JsonObject = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedMail:
    """A provider's payload as a raw mail. ``control`` are notices for the operator (a wrong set-up, say)."""

    raw: bytes
    delivery: Delivery
    control: tuple[str, ...] = ()


class MailWebhook(Protocol):
    """One provider's inbound webhook. ``verify`` raises ``BadSignature``, ``mail`` ``InvalidInput``."""

    def verify(self, request: RawRequest) -> None: ...

    def mail(self, request: RawRequest) -> PostedMail: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAuth:
    """User name and password in the webhook's URL: the only proof that Postmark (and old SendGrid set-ups) give."""

    user: str
    password: str = field(repr=False)

    def require(self, request: RawRequest) -> None:
        expected = "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise BadSignature("The webhook's user name or password does not match.")


# --- forms --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a posted form as bytes, and its files."""

    fields: Mapping[str, bytes]
    files: tuple[tuple[str, Part], ...] = ()

    def text(self, name: str, charset: str = "utf-8") -> str:
        return decode(self.fields.get(name, b""), charset)

    def json(self, name: str) -> object:
        """The field's JSON value, None if it is missing or broken."""
        return _json(self.fields.get(name, b""))


def _json(raw: bytes) -> object:
    try:
        return json.loads(raw) if raw.strip() else None
    except (ValueError, RecursionError):
        return None


def form_of(request: RawRequest) -> Form:
    """A multipart or URL-encoded form. Raises ``InvalidInput`` for another content type."""
    content_type = request.headers.get("content-type", "")
    if content_type.lower().startswith("application/x-www-form-urlencoded"):
        try:
            pairs = parse_qsl(
                request.body.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=500
            )
        except ValueError as error:
            raise InvalidInput("The form has too many fields.", field="body", limit="500 fields") from error
        return Form({name: value.encode("latin-1") for name, value in pairs})
    if not content_type.lower().startswith("multipart/form-data"):
        raise InvalidInput("The body is not a form.", field="content-type", fix="Post multipart/form-data.")
    root = parse_tree(b"Content-Type: " + _one_line(content_type).encode() + b"\r\n\r\n" + request.body)
    fields: dict[str, bytes] = {}
    files: list[tuple[str, Part]] = []
    for part in root.children:
        name = part.disposition_parameters.get("name", "")
        if "filename" in part.disposition_parameters:
            files.append((name, part))
        else:
            fields.setdefault(name, part.body)
    return Form(fields, tuple(files))


def _one_line(text: str) -> str:
    return re.sub(r"[\r\n]+", " ", text)


def _file(part: Part, content_id: str | None = None) -> LoosePart:
    return LoosePart(name=part.filename, content_type=part.content_type, content=part.body, content_id=content_id)


# --- SendGrid -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SendGrid:
    """Inbound Parse. ``public_key`` is the base64 key of the security policy; old set-ups use ``basic``."""

    public_key: str | None = None
    basic: BasicAuth | None = None

    def verify(self, request: RawRequest) -> None:
        if self.public_key:
            self._require_signature(request, self.public_key)
        elif self.basic is not None:
            self.basic.require(request)
        else:
            raise BadSignature("No proof is configured for SendGrid: set its public key or a password.")

    def _require_signature(self, request: RawRequest, public_key: str) -> None:
        timestamp = request.headers.get("x-twilio-email-event-webhook-timestamp", "")
        signature = request.headers.get("x-twilio-email-event-webhook-signature", "")
        try:
            key = load_der_public_key(base64.b64decode(public_key))
            if not isinstance(key, ec.EllipticCurvePublicKey):
                raise BadSignature("The configured SendGrid key is not an ECDSA key.")
            key.verify(base64.b64decode(signature), timestamp.encode() + request.body, ec.ECDSA(SHA256()))
        except (InvalidSignature, ValueError, binascii.Error) as error:
            raise BadSignature("SendGrid's signature does not match.") from error

    def mail(self, request: RawRequest) -> PostedMail:
        form = form_of(request)
        delivery = Delivery(recipients=_envelope_to(form.json("envelope")), proven_domains=_sendgrid_proof(form))
        if form.fields.get("email"):
            return PostedMail(raw=form.fields["email"], delivery=delivery)
        if not {"headers", "from", "text", "html"} & form.fields.keys():
            raise InvalidInput("This is no SendGrid mail.", field="body", fix="Point Inbound Parse here.")
        return PostedMail(raw=_from_sendgrid(form), delivery=delivery)


def _envelope_to(envelope: object) -> tuple[str, ...]:
    to = envelope.get("to") if isinstance(envelope, dict) else None
    return tuple(item for item in to if isinstance(item, str))[:100] if isinstance(to, list) else ()


def _sendgrid_proof(form: Form) -> tuple[str, ...]:
    """Domains that SendGrid says passed: ``dkim`` looks like ``{@example.com : pass}``."""
    dkim = re.findall(r"@([A-Za-z0-9.-]{1,253})\s{0,3}:\s{0,3}pass\b", form.text("dkim")[:2_000])
    envelope = form.json("envelope")
    sender = envelope.get("from") if isinstance(envelope, dict) else None
    spf = [sender.rpartition("@")[2]] if form.text("SPF").strip() == "pass" and isinstance(sender, str) else []
    return tuple(domain.lower() for domain in (*dkim, *spf))


def _from_sendgrid(form: Form) -> bytes:
    charsets = form.json("charsets")
    charset = {str(k): str(v) for k, v in charsets.items()} if isinstance(charsets, dict) else {}
    headers = list(split_head(form.fields.get("headers", b"") + b"\r\n\r\n", outermost=True)[0].fields)
    for name in ("from", "to", "cc", "subject"):
        if form.fields.get(name) and all(name != known for known, _ in headers):
            headers.append((name, form.text(name, charset.get(name, "utf-8")).encode()))
    ids = form.json("content-ids")
    by_field = {str(field): str(cid).strip("<>") for cid, field in ids.items()} if isinstance(ids, dict) else {}
    return compose_mail(
        headers,
        text=form.text("text", charset.get("text", "utf-8")),
        html=form.text("html", charset.get("html", "utf-8")),
        files=[_file(part, by_field.get(name)) for name, part in form.files],
    )


# --- Mailgun ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailgun:
    """Routes with ``forward()``. ``signing_key`` is the HTTP webhook signing key. A replayed payload repeats its
    Message-ID and is dropped as a duplicate."""

    signing_key: str = field(repr=False)

    def verify(self, request: RawRequest) -> None:
        form = form_of(request)
        signed = form.fields.get("timestamp", b"") + form.fields.get("token", b"")
        expected = hmac.new(self.signing_key.encode(), signed, hashlib.sha256).hexdigest()
        given = form.fields.get("signature", b"")
        if not signed or not hmac.compare_digest(given, expected.encode()):
            raise BadSignature("Mailgun's signature does not match.")

    def mail(self, request: RawRequest) -> PostedMail:
        form = form_of(request)
        recipient = form.text("recipient")
        delivery = Delivery(recipients=tuple(part.strip() for part in recipient.split(",") if part.strip())[:100])
        if form.fields.get("body-mime"):
            return PostedMail(raw=form.fields["body-mime"], delivery=delivery)
        if not {"message-headers", "from", "From", "body-plain"} & form.fields.keys():
            raise InvalidInput("This is no Mailgun mail.", field="body", fix="Point a route with forward() here.")
        stored = bool(form.fields.get("message-url")) or isinstance(form.json("attachments"), list)
        control = ("misconfigured: the Mailgun route uses store(), attachments are missing; use forward()",)
        return PostedMail(raw=_from_mailgun(form), delivery=delivery, control=control if stored else ())


def _from_mailgun(form: Form) -> bytes:
    pairs = form.json("message-headers")
    headers = [
        (str(pair[0]).lower(), str(pair[1]).encode("utf-8", "replace"))
        for pair in (pairs if isinstance(pairs, list) else [])
        if isinstance(pair, list) and len(pair) == 2
    ]
    for field_name, name in _MAILGUN_FIELDS:
        if form.fields.get(field_name) and all(name != known for known, _ in headers):
            headers.append((name, form.text(field_name).encode()))
    ids = form.json("content-id-map")
    by_field = {str(field): str(cid).strip("<>") for cid, field in ids.items()} if isinstance(ids, dict) else {}
    return compose_mail(
        headers,
        text=form.text("body-plain"),
        html=form.text("body-html"),
        files=[_file(part, by_field.get(name)) for name, part in form.files],
    )


_MAILGUN_FIELDS = (
    ("From", "from"), ("from", "from"), ("To", "to"), ("Cc", "cc"), ("subject", "subject"), ("Message-Id", "message-id"),
    ("In-Reply-To", "in-reply-to"), ("References", "references"), ("Date", "date"), ("Reply-To", "reply-to"),
)  # fmt: skip


# --- Postmark -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmark:
    """Inbound stream. Postmark signs nothing: ``basic`` is the user name and password put into the webhook's URL."""

    basic: BasicAuth

    def verify(self, request: RawRequest) -> None:
        self.basic.require(request)

    def mail(self, request: RawRequest) -> PostedMail:
        payload = _json(request.body)
        if not isinstance(payload, dict) or not {"From", "FromFull", "RawEmail", "TextBody"} & payload.keys():
            raise InvalidInput("This is no Postmark mail.", field="body", fix="Point the inbound webhook here.")
        recipient = payload.get("OriginalRecipient")
        delivery = Delivery(recipients=(recipient,) if isinstance(recipient, str) and recipient else ())
        raw = payload.get("RawEmail")
        if isinstance(raw, str) and raw:
            return PostedMail(raw=raw.encode("utf-8", "replace"), delivery=delivery)
        return PostedMail(raw=_from_postmark(payload), delivery=delivery)


def _from_postmark(payload: JsonObject) -> bytes:
    listed = payload.get("Headers")
    headers = [
        (str(item.get("Name", "")).lower(), str(item.get("Value", "")).encode("utf-8", "replace"))
        for item in (listed if isinstance(listed, list) else [])
        if isinstance(item, dict)
    ]
    sender = payload.get("FromFull")
    made = {
        "from": _postmark_box(sender) if isinstance(sender, dict) else _string(payload, "From"),
        "to": _string(payload, "To"),
        "cc": _string(payload, "Cc"),
        "subject": _string(payload, "Subject"),
        "date": _string(payload, "Date"),
        "reply-to": _string(payload, "ReplyTo"),
    }
    known = {name for name, _ in headers}
    headers += [(name, value.encode()) for name, value in made.items() if value and name not in known]
    files = payload.get("Attachments")
    return compose_mail(
        headers,
        text=_string(payload, "TextBody"),
        html=_string(payload, "HtmlBody"),
        files=[_postmark_file(item) for item in (files if isinstance(files, list) else []) if isinstance(item, dict)],
    )


def _string(payload: JsonObject, name: str) -> str:
    value = payload.get(name)
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _postmark_box(sender: JsonObject) -> str:
    name = _string(sender, "Name").replace('"', "").replace("\\", "")
    return f'"{name}" <{_string(sender, "Email")}>' if name else _string(sender, "Email")


def _postmark_file(item: JsonObject) -> LoosePart:
    """The "Check" button of Postmark's page sends ``Data`` where real mails carry ``Content``."""
    encoded = _string(item, "Content") or _string(item, "Data")
    return LoosePart(
        name=_string(item, "Name") or None,
        content_type=_string(item, "ContentType") or "application/octet-stream",
        content=encoded.encode("ascii", "ignore"),
        content_id=_string(item, "ContentID") or None,
        encoded=True,
    )
