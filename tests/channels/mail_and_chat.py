"""Web chat and e-mail as the contract suite needs them: with test secrets, and requests that carry their proof."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from switchboard.channels.email.channel import EmailChannel
from switchboard.channels.email.message import MailRules
from switchboard.channels.email.samples import TRUSTED_SERVER, plain_mail
from switchboard.channels.email.webhooks import SendGrid
from switchboard.channels.web_chat import TOKEN_HEADER, VisitorTokens, WebChat, signed_text
from switchboard.engines.hub import LocalHub
from switchboard.ports.channel import Channel, RawRequest

MAILBOX = "help@shop.example"
CORRESPONDENT = "ana@customers.example"
VISITOR = "vis_" + "1" * 32
SITE_SECRET = b"site-secret"

_TOKENS = VisitorTokens(secret=b"v" * 32, site_secret=SITE_SECRET)
_KEY = ec.derive_private_key(7, ec.SECP256R1())
_PUBLIC = base64.b64encode(_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
_BOUNDARY = "part"


class _Clock:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now()

    def monotonic(self) -> float:
        return 0.0


def chat_channel(client: httpx2.AsyncClient, now: Callable[[], datetime]) -> Channel:
    return WebChat(tokens=_TOKENS, hub=LocalHub())


def mail_channel(client: httpx2.AsyncClient, now: Callable[[], datetime]) -> Channel:
    rules = MailRules(
        own_addresses=(MAILBOX,), own_domains=("shop.example",), trusted_authserv_ids=(TRUSTED_SERVER,),
        thread_secret=b"t" * 32,
    )  # fmt: skip
    return EmailChannel(rules, _Clock(now), webhook=SendGrid(public_key=_PUBLIC))


def visitor_token(visitor: str, at: datetime) -> str:
    """The token of a visitor who is signed in at the host site."""
    claims = json.dumps({"address": visitor, "expires": int(at.timestamp()) + 86_400})
    body = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    anonymous = f"{body}.{_TOKENS._sign(body)}"
    signature = hmac.new(SITE_SECRET, signed_text("u-1", None).encode(), hashlib.sha256).hexdigest()
    return _TOKENS.issue(at, user_id="u-1", signature=signature, known=anonymous)


def chat_frame(
    text: str, sender: str, message_id: str | None, image_url: str | None, sent_at: datetime, step: int
) -> RawRequest:
    frame = {"type": "message", "client_id": message_id or "client-0001", "text": text}
    return RawRequest(
        method="FRAME",
        url="wss://shop.example/chat",
        headers={TOKEN_HEADER: visitor_token(sender, sent_at)},
        query={},
        body=json.dumps(frame).encode(),
        received_at=sent_at,
    )


def posted_mail(
    text: str, sender: str, message_id: str | None, image_url: str | None, sent_at: datetime, step: int
) -> RawRequest:
    """As SendGrid posts it: the raw mail in a form, timestamp and body signed."""
    mail = plain_mail(
        sender, MAILBOX, "A question", text, message_id=message_id or "m1@customers.example", authenticated=True
    )
    envelope = json.dumps({"to": [MAILBOX], "from": sender}).encode()
    parts = ((b"email", mail), (b"envelope", envelope))
    mark = f"--{_BOUNDARY}".encode()
    body = b"".join(
        b'%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (mark, name, value) for name, value in parts
    )
    return signed_post(body + mark + b"--\r\n")


def signed_post(body: bytes) -> RawRequest:
    signature = base64.b64encode(_KEY.sign(b"1767225600" + body, ec.ECDSA(SHA256()))).decode()
    return RawRequest(
        method="POST",
        url="https://switchboard.example.com/channels/email",
        headers={
            "content-type": f"multipart/form-data; boundary={_BOUNDARY}",
            "x-twilio-email-event-webhook-signature": signature,
            "x-twilio-email-event-webhook-timestamp": "1767225600",
        },
        query={},
        body=body,
        received_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
