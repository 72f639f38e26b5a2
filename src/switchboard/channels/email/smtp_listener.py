"""Takes mails over SMTP or LMTP and says "accepted" only once they are safely stored."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from io import BytesIO

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from switchboard.channels.email.addresses import normal_address
from switchboard.errors import SwitchboardError, TooLarge, Unavailable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailEnvelope:
    """Who the sending server said the mail is from (empty for bounces) and for."""

    sender: str
    recipients: tuple[str, ...]


Deliver = Callable[[bytes, MailEnvelope], Awaitable[None]]
"""Makes the raw mail durable. Raises ``Unavailable`` if that is not possible now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerOptions:
    """``recipients``: our mailboxes, with or without a plus part; ``domains``: every address of these is ours.
    ``timeout`` in seconds of silence, ``max_size`` in bytes. Nothing is ever relayed elsewhere."""

    host: str = "127.0.0.1"
    port: int = 2525
    lmtp: bool = False
    recipients: Collection[str] = ()
    domains: Collection[str] = ()
    max_size: int = 25 * 1024 * 1024
    max_recipients: int = 100
    max_connections: int = 20
    timeout: float = 60.0
    server_name: str = "switchboard"
    tls: ssl.SSLContext | None = None


_END = b"\r\n.\r\n"
_AT_ONCE = 128 * 1024
_BREATH_S = 0.004
"""After each such piece, for all big mails together: some 30 MB a second, and nobody notices."""
_RETURN_PATH = b"return-path:"


class _Body:
    """What comes after DATA: in pieces as the network brings them, up to the line with a single dot. To look at each
    line of a huge mail by itself, or to put its pieces together at the end, would stop everybody else for its time."""

    def __init__(self, limit: int, sender: str | None = None) -> None:
        """``sender``: whose Return-Path goes on top."""
        self._limit = limit
        self._sender = sender
        self.size = 0
        self._kept = BytesIO()  # grows in place and is handed out without a copy
        self._top = b""  # the first bytes, until they show whether a Return-Path stands there already
        self._tail = b"\r\n"  # the last bytes, which may begin the end; the dot may stand in the very first line
        self._done = 0  # of which so many are kept already
        self._not_ours = 2
        self.rest = b""

    @property
    def too_big(self) -> bool:
        return self.size > self._limit

    def take(self, piece: bytes) -> bool:
        """Whether this was the end; what follows it is in ``rest``."""
        window = self._tail + piece
        self.size += len(piece)
        dotted = b"." in piece or b"." in self._tail  # looking for one byte is a hundred times as fast as for three
        end = window.find(_END, self._done) if dotted else -1
        cut = end + 2 if end >= 0 else max(self._done, len(window) - len(_END) + 1)
        self._keep(window, cut, doubled=dotted and window.find(b"\r\n.", 0, cut) >= 0)
        self._tail, self._done = window[max(0, cut - 2) :], min(2, cut)
        self.rest = window[end + len(_END) :] if end >= 0 else b""
        return end >= 0

    def _keep(self, window: bytes, cut: int, *, doubled: bool) -> None:
        """Without the dots that were put before lines that begin with one (RFC 5321, 4.5.2). Of a mail over the limit
        nothing is kept, though the sender goes on to its end."""
        if self.too_big:
            self._kept = BytesIO()
            return
        plain = window[:cut].replace(b"\r\n.", b"\r\n") if doubled else memoryview(window)[:cut]
        skipped = min(self._done + self._not_ours, len(plain))
        self._not_ours -= skipped - self._done
        self._add(memoryview(plain)[skipped:])

    def _add(self, plain: memoryview) -> None:
        if self._kept.tell():
            self._kept.write(plain)
            return
        self._top += plain
        if len(self._top) >= len(_RETURN_PATH):
            self._begin()

    def _begin(self) -> None:
        self._kept.write(self._top if self._sender is None else with_return_path(self._top, self._sender))

    def content(self) -> bytes:
        if not self._kept.tell():
            self._begin()
        return self._kept.getvalue()


class _TakesPieces(SMTP):
    """SMTP that takes mails in big pieces and lines of any length. ``turns``: all big mails of a listener together get
    so far with each breath; between two pieces everybody else has the loop and the interpreter."""

    turns: asyncio.Lock

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # the name is aiosmtpd's
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        envelope = self.envelope
        if arg or envelope is None or not envelope.rcpt_tos:
            await self.push("501 Syntax: DATA" if arg else "503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        body = _Body(self.data_size_limit or 0, envelope.mail_from or "")
        while not body.take(piece := await self._reader.read(_AT_ONCE)):
            if not piece:
                return  # hung up in the middle
            self._reset_timeout()
            if body.size > _AT_ONCE:
                async with self.turns:
                    await asyncio.sleep(_BREATH_S)
        if body.rest:
            self._reader.feed_data(body.rest)
        if body.too_big:
            await self.push("552 Error: Too much mail data")
        else:
            envelope.content = envelope.original_content = body.content()
            await self.push(await self._call_handler_hook("DATA"))
        self._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd names no type here


class _TakesPiecesOverLmtp(_TakesPieces, LMTP):
    """The same for a mail server that hands over the last stretch."""


class MailListener:
    """Listens from ``start`` to ``stop``; ``port`` is the one really bound (ask for 0 to get a free one)."""

    def __init__(self, options: ListenerOptions, deliver: Deliver) -> None:
        self._options = options
        self._handler = _Handler(options, deliver)
        self._server: asyncio.Server | None = None
        self._turns = asyncio.Lock()

    @property
    def port(self) -> int:
        if self._server is None or not self._server.sockets:
            return self._options.port
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, self._options.host, self._options.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._handler.close_all()
            await self._server.wait_closed()
            self._server = None

    def _protocol(self) -> SMTP:
        options = self._options
        kind = _TakesPiecesOverLmtp if options.lmtp else _TakesPieces
        protocol = kind(
            self._handler,
            data_size_limit=options.max_size,
            enable_SMTPUTF8=True,
            hostname=options.server_name,
            ident="Switchboard",
            tls_context=options.tls,
            timeout=options.timeout,
            loop=asyncio.get_running_loop(),
        )
        protocol.turns = self._turns
        self._handler.opened(protocol)
        return protocol


def with_return_path(raw: bytes, sender: str) -> bytes:
    """The mail with the envelope sender on top, as whoever delivers last writes it (RFC 5321); empty for bounces."""
    if raw[: len(_RETURN_PATH)].lower() == _RETURN_PATH or re.search(r"[\r\n<>]", sender):
        return raw
    return f"Return-Path: <{sender}>\r\n".encode("utf-8", "replace") + raw


class _Handler:
    """Answers the sending server, step by step."""

    def __init__(self, options: ListenerOptions, deliver: Deliver) -> None:
        self._options = options
        self._deliver = deliver
        self._own = {normal_address(address) for address in options.recipients}
        self._domains = {domain.lower() for domain in options.domains}
        self._open: set[SMTP] = set()

    def opened(self, protocol: SMTP) -> None:
        self._open = {one for one in self._open if one.transport is not None or one is protocol}
        self._open.add(protocol)

    def close_all(self) -> None:
        for protocol in self._open:
            if protocol.transport is not None:
                protocol.transport.close()
        self._open.clear()

    def _is_ours(self, address: str) -> bool:
        address = normal_address(address)
        local, _, domain = address.rpartition("@")
        return address in self._own or f"{local.partition('+')[0]}@{domain}" in self._own or domain in self._domains

    async def handle_MAIL(  # the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        if len(self._open) > self._options.max_connections:
            return "421 4.3.2 Too many connections, try again later"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 Sender accepted"

    async def handle_RCPT(  # the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if not self._is_ours(address):
            return "550 5.7.1 No such mailbox here, and nothing is relayed"
        if len(envelope.rcpt_tos) >= self._options.max_recipients:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient accepted"

    async def handle_DATA(  # the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        mail = MailEnvelope(sender=envelope.mail_from or "", recipients=tuple(envelope.rcpt_tos))
        answer = await self._outcome(raw, mail)
        return "\r\n".join([answer] * len(mail.recipients)) if self._options.lmtp else answer

    async def _outcome(self, raw: bytes, mail: MailEnvelope) -> str:
        try:
            await self._deliver(raw, mail)
        except TooLarge:
            return "552 5.3.4 The mail is too big"
        except Unavailable:
            return "451 4.3.0 Cannot store the mail now, try again later"
        except SwitchboardError as error:
            return "451 4.3.0 Try again later" if error.retryable else "554 5.6.0 The mail was refused"
        except Exception as error:  # the sender keeps the mail: better a second try than a lost mail
            _log.error("mail could not be stored: %s", type(error).__name__)
            return "451 4.3.0 Cannot store the mail now, try again later"
        return "250 2.0.0 The mail is stored"
