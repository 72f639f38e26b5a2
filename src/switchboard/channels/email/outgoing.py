"""Builds and sends our mails: one readable text in two forms, threaded, marked when a machine wrote it."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, formataddr

import aiosmtplib

from switchboard.channels.email.imap_session import AccessToken, LoginRefused
from switchboard.channels.email.refusals import in_words, refusal
from switchboard.domain.message import Attachment
from switchboard.errors import DeliveryUnknown, Unavailable, Undeliverable
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
    ``timeout`` in seconds. ``access``: XOAUTH2 for ``user`` instead of the password (Gmail, Microsoft 365)."""

    host: str
    port: int = 587
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    local_name: str | None = None
    access: AccessToken | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """How our mails look. ``display_name`` stands before the mailbox's address; ``plus_addressing``: the mailbox takes
    ``name+token@domain``, so that answers carry our token; ``null_sender``: automatic mails leave with an empty
    envelope sender, so that nothing answers them. ``unsubscribe``: an https or mailto address that stands in notices
    which answer nothing (RFC 2369, 8058)."""

    display_name: str | None = None
    plus_addressing: bool = True
    null_sender: bool = False
    unsubscribe: str = ""


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
    if message.cc:
        mail["Cc"] = ", ".join(_single_address(one) for one in message.cc)
    mail["Subject"] = _line(message.subject or "Your message to us")
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id_for(message.key, message.account, message.thread_token)
    if message.thread_token and letterhead.plus_addressing:
        local, _, domain = message.account.rpartition("@")
        mail["Reply-To"] = _single_address(f"{local}+{message.thread_token}@{domain}")
    mail["X-Switchboard-Key"] = _machine(message.key)[:80]
    _thread(mail, message)
    if message.automatic:
        _mark_automatic(mail, message, letterhead)
    shown = [one for one in message.attachments if _is_shown(one)]
    mail.set_content(message.text, subtype="plain", charset="utf-8")
    mail.add_alternative(_as_html(message.text, shown), subtype="html", charset="utf-8")
    _check_files(message, files or {})
    _show_pictures(mail, shown, files or {})
    _attach(mail, [one for one in message.attachments if one not in shown], files or {})
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
    return not all(address.isascii() for address in (message.to, message.account, *message.cc))


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
    topic = _PREFIXES.sub("", str(mail["Subject"]))
    if topic:
        mail["Thread-Topic"] = _line(topic)


_PREFIXES = re.compile(r"\A(?:\s{0,3}(?:re|aw|sv|antw|r|odp|fw|fwd|wg)\s?:){1,5}\s{0,3}", re.IGNORECASE)
"""Outlook files mails by their topic: the subject without these. (A Thread-Index of our own would tear its threads.)"""


_UNSUBSCRIBE = re.compile(r"(?:https://|mailto:)[!-;=?-~]{3,500}")


def _mark_automatic(mail: EmailMessage, message: Outgoing, letterhead: Letterhead) -> None:
    if not message.in_reply_to and _UNSUBSCRIBE.fullmatch(letterhead.unsubscribe):
        mail["List-Unsubscribe"] = f"<{letterhead.unsubscribe}>"
        if letterhead.unsubscribe.startswith("https:"):
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-replied" if message.in_reply_to else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Precedence"] = "auto_reply"
    mail["X-Switchboard-Loop"] = _machine(message.account.rpartition("@")[2])


def _as_html(text: str, pictures: Sequence[Attachment] = ()) -> str:
    paragraphs = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip("\n"))
    shown = "".join(f"<p>{html.escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs)
    shown += "".join(_picture(one) for one in pictures)
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{shown}</body></html>'


def _picture(picture: Attachment) -> str:
    name = html.escape(picture.name or "", quote=True)
    return f'<p><img src="cid:{html.escape(_cid(picture), quote=True)}" alt="{name}"></p>'


def _cid(picture: Attachment) -> str:
    return re.sub(r"[^!-~]|[<>\"]", "", picture.content_id or "")[:200]


def _is_shown(attachment: Attachment) -> bool:
    """A picture that stands in the mail itself, named by its content id."""
    return bool((attachment.content_type or "").startswith("image/") and _cid(attachment))


def _check_files(message: Outgoing, files: Mapping[str, bytes]) -> None:
    sizes = []
    for attachment in message.attachments:
        content = files.get(attachment.blob_id or "")
        if content is None:
            raise Undeliverable(f"The file {_line(attachment.name or '')!r} is not stored any more.")
        sizes.append(len(content))
    if sum(sizes) > MAX_ATTACHED:
        megabytes = sum(sizes) / 2**20
        raise Undeliverable(
            f"The files take {megabytes:.1f} MB together; a mail carries {MAX_ATTACHED // 2**20} MB. Send fewer or smaller files."
        )


def _show_pictures(mail: EmailMessage, pictures: Sequence[Attachment], files: Mapping[str, bytes]) -> None:
    page = mail.get_body(("html",))
    if page is None:
        return
    for picture in pictures:
        maintype, subtype = _type_of(picture)
        page.add_related(
            files[picture.blob_id or ""], maintype=maintype, subtype=subtype, cid=f"<{_cid(picture)}>",
            filename=_line(picture.name or "picture"), disposition="inline",
        )  # fmt: skip


def _attach(mail: EmailMessage, attachments: Sequence[Attachment], files: Mapping[str, bytes]) -> None:
    for attachment in attachments:
        maintype, subtype = _type_of(attachment)
        name = _line(attachment.name or "file")
        mail.add_attachment(files[attachment.blob_id or ""], maintype=maintype, subtype=subtype, filename=name)


def _type_of(attachment: Attachment) -> tuple[str, str]:
    """Text goes as plain bytes: nothing on the way may change its line ends or charset."""
    kind, _, subtype = (attachment.content_type or "application/octet-stream").partition("/")
    known = re.fullmatch(r"[\w.+-]+", subtype) and kind in ("image", "audio", "video", "application")
    return (kind, subtype) if known else ("application", "octet-stream")


# --- sending ------------------------------------------------------------------------------------------------------


async def send_mail(
    message: Outgoing, relay: Relay, now: datetime, letterhead: Letterhead | None = None,
    load_blob: LoadBlob | None = None,
) -> Receipt:  # fmt: skip
    """Hands one mail to the relay. The receipt's id is the Message-ID. A copy that the relay does not take never holds up
    the customer's mail: the receipt tells who misses it.

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
    missed = await _hand_over(mail, _Envelope(sender=sender, to=message.to, cc=message.cc), relay)
    return Receipt(external_ids=(str(mail["Message-ID"]),), missed=missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Envelope:
    """From whom to whom, for the relay."""

    sender: str
    to: str
    cc: tuple[str, ...] = ()


async def _hand_over(mail: EmailMessage, envelope: _Envelope, relay: Relay) -> dict[str, str]:
    client = await _connected(relay)
    try:
        return await _transfer(client, mail, envelope)
    finally:
        await _leave(client)


GOODBYE = 2.0
"""Seconds that a relay has to say goodbye; what it took is taken whether it does or not."""


async def _leave(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit(timeout=GOODBYE)
    except (aiosmtplib.SMTPException, OSError):
        pass
    finally:
        client.close()


async def greet(relay: Relay) -> None:
    """Connects, greets and logs in, and leaves again. Raises ``Unavailable`` or ``ChannelNeedsAttention``."""
    await _leave(await _connected(relay))


async def _connected(relay: Relay) -> aiosmtplib.SMTP:
    """Logged in. A token that the relay refuses is renewed once."""
    token = await relay.access.token() if relay.access is not None else None
    try:
        return await _greeted(relay, token)
    except LoginRefused:
        if relay.access is None or token is None:
            raise
        return await _greeted(relay, await relay.access.token(token))


async def _greeted(relay: Relay, token: str | None) -> aiosmtplib.SMTP:
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        use_tls=relay.security == "tls",
        start_tls=relay.security == "starttls",
        timeout=relay.timeout,
        local_hostname=relay.local_name,
    )
    try:
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await _introduced(client)
        await _log_in(client, relay, token)
    except aiosmtplib.SMTPAuthenticationError as error:
        await _leave(client)
        raise LoginRefused("The mail relay refuses our login.") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        client.close()
        raise Unavailable("The mail relay cannot be reached.", retry_after=30) from error
    return client


async def _log_in(client: aiosmtplib.SMTP, relay: Relay, token: str | None) -> None:
    if relay.user is None:
        return
    if token is None:
        await client.login(relay.user, relay.password or "")
    elif "xoauth2" in client.server_auth_methods:
        await client.auth_xoauth2(relay.user, token)
    else:
        raise aiosmtplib.SMTPException("The relay takes no tokens.")


async def _introduced(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:  # an old one
        await client.helo()


async def _transfer(client: aiosmtplib.SMTP, mail: EmailMessage, envelope: _Envelope) -> dict[str, str]:
    """Returns who of those on copy was refused, and why."""
    utf8 = mail.policy is _UTF8_MAIL
    if utf8 and not client.supports_extension("smtputf8"):
        raise Undeliverable("The relay cannot carry addresses with letters beyond ASCII.")
    raw = mail.as_bytes()
    _check_size(client, len(raw))
    reports = client.supports_extension("dsn") and bool(envelope.sender)
    options = ["SMTPUTF8"] * utf8 + ["RET=HDRS", f"ENVID={mail['X-Switchboard-Key']}"] * reports
    wanted = ["NOTIFY=FAILURE,DELAY"] if reports else []
    encoding = "utf-8" if utf8 else "ascii"
    try:
        await client.mail(envelope.sender, options=options, encoding=encoding)
        await client.rcpt(envelope.to, options=wanted, encoding=encoding)
        missed = await _copied(client, envelope.cc, wanted, encoding)
    except aiosmtplib.SMTPResponseException as error:
        raise refusal(error, sender=isinstance(error, aiosmtplib.SMTPSenderRefused)) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Unavailable("The connection to the mail relay broke before the mail was handed over.") from error
    try:
        await client.data(raw)
    except aiosmtplib.SMTPResponseException as error:
        if error.code < 0:
            raise DeliveryUnknown("The relay closed the connection while it took the mail.") from error
        raise refusal(error, sender=False) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise DeliveryUnknown("The relay did not answer whether it took the mail.") from error
    return missed


async def _copied(client: aiosmtplib.SMTP, cc: Sequence[str], wanted: Sequence[str], encoding: str) -> dict[str, str]:
    """Names those on copy to the relay; a refusal, for good or for now, is theirs alone."""
    missed: dict[str, str] = {}
    for address in cc:
        try:
            await client.rcpt(address, options=wanted, encoding=encoding)
        except aiosmtplib.SMTPRecipientRefused as error:
            if error.code < 0:  # the connection is gone, and nothing was handed over
                raise
            now = " for now" if error.code < 500 else ""
            missed[address] = in_words(error.message[:500]) or f"the relay refuses the address{now} (SMTP {error.code})"
    return missed


def _check_size(client: aiosmtplib.SMTP, size: int) -> None:
    announced = client.esmtp_extensions.get("size", "")
    if announced.isdigit() and 0 < int(announced) < size:
        raise Undeliverable(
            f"The mail takes {size / 2**20:.1f} MB with its files; the relay carries {int(announced) / 2**20:.1f} MB."
        )
