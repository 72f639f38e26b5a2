"""Builds and sends our mails: one readable text in two forms, threaded, marked when a machine wrote it."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, formataddr

import aiosmtplib

from switchboard.errors import ChannelNeedsAttention, DeliveryUnknown, RateLimited, Unavailable, Undeliverable
from switchboard.ports.channel import LoadFile, Outgoing, Receipt

MAX_REFERENCES = 40
"""Ids in References: the first 20 and the last 20 of a longer chain."""
MAX_ATTACHED = 25 * 1024 * 1024

_LINE = 400
"""Bytes of a header line before it is folded: longer than any id, which must never be broken or encoded."""
_ASCII_MAIL = SMTP.clone(max_line_length=_LINE)
_UTF8_MAIL = SMTPUTF8.clone(max_line_length=_LINE)

LoadBlob = LoadFile
"""Gives the bytes of a stored file by customer and ``blob_id``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The mail server that takes our mails. ``security``: "starttls", "tls" or "none" (only for a relay on this host).
    ``timeout`` in seconds."""

    host: str
    port: int = 587
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    local_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """How our mails look. ``display_name`` stands before the mailbox's address; ``plus_addressing``: the mailbox takes
    ``name+token@domain``, so that answers carry our token; ``null_sender``: automatic mails leave with an empty
    envelope sender, so that nothing answers them."""

    display_name: str | None = None
    plus_addressing: bool = True
    null_sender: bool = False


def message_id_for(key: str, account: str, thread_token: str | None = None) -> str:
    """Our Message-ID: the same for every try of the same message, and the way back to its conversation."""
    unique = hashlib.sha256(key.encode()).hexdigest()[:32]
    local = f"{unique}.{thread_token}" if thread_token else unique
    return f"<{_machine(local)}@{_machine(account.rpartition('@')[2]) or 'localhost'}>"


def build_mail(
    message: Outgoing, now: datetime, letterhead: Letterhead | None = None, files: dict[str, bytes] | None = None
) -> EmailMessage:
    """The mail with all headers. No value can start a header of its own: line breaks become blanks everywhere.

    Raises ``Undeliverable`` if the recipient is no single address or a file is too big.
    """
    letterhead = letterhead or Letterhead()
    mail = EmailMessage(policy=_UTF8_MAIL if _needs_utf8(message) else _ASCII_MAIL)
    mail["From"] = _mailbox(letterhead.display_name, message.account)
    mail["To"] = _single_address(message.to)
    mail["Subject"] = _line(message.subject or "Your message to us")
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id_for(message.key, message.account, message.thread_token)
    if message.thread_token and letterhead.plus_addressing:
        local, _, domain = message.account.rpartition("@")
        mail["Reply-To"] = _single_address(f"{local}+{message.thread_token}@{domain}")
    _thread(mail, message)
    if message.automatic:
        _mark_automatic(mail, message)
    mail.set_content(message.text, subtype="plain", charset="utf-8")
    mail.add_alternative(_as_html(message.text), subtype="html", charset="utf-8")
    _attach(mail, message, files or {})
    return mail


def _line(value: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+", " ", value).strip()[:900]


def _machine(value: str) -> str:
    """Only characters that may stand in an id or domain of ours."""
    return re.sub(r"[^A-Za-z0-9.+_-]", "", value)


_SINGLE = re.compile(r"[^\s<>()\[\],;:\"@\\\x00-\x1f]{1,64}@[^\s<>()\[\],;:\"@\\\x00-\x1f]{1,255}")


def _single_address(address: str) -> str:
    if _SINGLE.fullmatch(address) is None:
        raise Undeliverable("The recipient is not one mail address.")
    return address


def _mailbox(name: str | None, address: str) -> str:
    return formataddr((_line(name), _single_address(address))) if name else _single_address(address)


def _needs_utf8(message: Outgoing) -> bool:
    return not (message.to.isascii() and message.account.isascii())


_ID = re.compile(r"<[^<>\s]{1,250}>")


def _thread(mail: EmailMessage, message: Outgoing) -> None:
    answered = _ID.search(message.in_reply_to or "")
    chain = [found[0] for value in message.references if (found := _ID.search(value)) is not None]
    if answered is not None:
        mail["In-Reply-To"] = answered[0]
        chain = [*(one for one in chain if one != answered[0]), answered[0]]
    if len(chain) > MAX_REFERENCES:
        chain = chain[: MAX_REFERENCES // 2] + chain[-MAX_REFERENCES // 2 :]
    if chain:
        mail["References"] = " ".join(chain)


def _mark_automatic(mail: EmailMessage, message: Outgoing) -> None:
    mail["Auto-Submitted"] = "auto-replied" if message.in_reply_to else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Precedence"] = "auto_reply"
    mail["X-Switchboard-Loop"] = _machine(message.account.rpartition("@")[2])


def _as_html(text: str) -> str:
    paragraphs = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip("\n"))
    shown = "".join(f"<p>{html.escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs)
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{shown}</body></html>'


def _attach(mail: EmailMessage, message: Outgoing, files: dict[str, bytes]) -> None:
    total = 0
    for attachment in message.attachments:
        content = files.get(attachment.blob_id or "")
        if content is None:
            raise Undeliverable("An attachment has no stored file.")
        total += len(content)
        if total > MAX_ATTACHED:
            raise Undeliverable(f"The attachments are larger than {MAX_ATTACHED} bytes together.")
        kind, _, subtype = (attachment.content_type or "application/octet-stream").partition("/")
        known = re.fullmatch(r"[\w.+-]+", subtype) and kind in ("image", "audio", "video", "application", "text")
        maintype, subtype = (kind, subtype) if known and kind != "text" else ("application", "octet-stream")
        mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=_line(attachment.name or "file"))


# --- sending ------------------------------------------------------------------------------------------------------


async def send_mail(
    message: Outgoing, relay: Relay, now: datetime, letterhead: Letterhead | None = None,
    load_blob: LoadBlob | None = None,
) -> Receipt:  # fmt: skip
    """Hands one mail to the relay. The receipt's id is the Message-ID.

    Raises ``Unavailable`` (connection or 4xx: try again), ``RateLimited``, ``Undeliverable`` (5xx),
    ``ChannelNeedsAttention`` (login or sender refused) and ``DeliveryUnknown`` if the answer to the mail was lost.
    """
    files: dict[str, bytes] = {}
    for attachment in message.attachments:
        if attachment.blob_id and load_blob is not None:
            files[attachment.blob_id] = await load_blob(message.customer_id, attachment.blob_id)
    letterhead = letterhead or Letterhead()
    mail = build_mail(message, now, letterhead, files)
    sender = "" if message.automatic and letterhead.null_sender else message.account
    await _hand_over(mail, sender, message.to, relay)
    return Receipt(external_ids=(str(mail["Message-ID"]),))


async def _hand_over(mail: EmailMessage, sender: str, to: str, relay: Relay) -> None:
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        use_tls=relay.security == "tls",
        start_tls=relay.security == "starttls",
        username=relay.user,
        password=relay.password,
        timeout=relay.timeout,
        local_hostname=relay.local_name,
    )
    try:
        await client.connect()
    except aiosmtplib.SMTPAuthenticationError as error:
        raise ChannelNeedsAttention("The mail relay refuses our login.") from error
    except aiosmtplib.SMTPException as error:
        raise Unavailable("The mail relay cannot be reached.", retry_after=30) from error
    except OSError as error:
        raise Unavailable("The mail relay cannot be reached.", retry_after=30) from error
    try:
        await _transfer(client, mail, sender, to)
    finally:
        client.close()


async def _transfer(client: aiosmtplib.SMTP, mail: EmailMessage, sender: str, to: str) -> None:
    options = ["SMTPUTF8"] if mail.policy is _UTF8_MAIL else []
    if options and not client.supports_extension("smtputf8"):
        raise Undeliverable("The relay cannot carry addresses with letters beyond ASCII.")
    try:
        await client.mail(sender, options=options, encoding="utf-8" if options else "ascii")
        await client.rcpt(to, encoding="utf-8" if options else "ascii")
    except aiosmtplib.SMTPResponseException as error:
        raise _refusal(error.code, sender=isinstance(error, aiosmtplib.SMTPSenderRefused)) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Unavailable("The connection to the mail relay broke before the mail was handed over.") from error
    try:
        await client.data(mail.as_bytes())
    except aiosmtplib.SMTPResponseException as error:
        if error.code < 0:
            raise DeliveryUnknown("The relay closed the connection while it took the mail.") from error
        raise _refusal(error.code, sender=False) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise DeliveryUnknown("The relay did not answer whether it took the mail.") from error


def _refusal(code: int, *, sender: bool) -> Unavailable | Undeliverable:
    detail = f"(SMTP {code})"
    if code == 450 and not sender:
        return RateLimited(f"The recipient's server takes no more mail at the moment {detail}.", retry_after=60)
    if 400 <= code < 500 or code < 0:
        return Unavailable(f"The relay asked us to try later {detail}.", retry_after=60)
    if sender or code in (530, 535, 538):
        return ChannelNeedsAttention(f"The relay refuses our sender address or login {detail}.")
    return Undeliverable(f"The mail was refused {detail}.")
