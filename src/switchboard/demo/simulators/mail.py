"""The customers' mailboxes: a mail server on this machine that takes what we send, and mails written back to us."""

from __future__ import annotations

import asyncio
import secrets
import socket
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

from switchboard.channels.email.channel import RAW_MAIL, raw_request_of
from switchboard.channels.email.samples import plain_mail
from switchboard.demo.settings import LOOPBACK
from switchboard.demo.simulators.carrier import Carrier
from switchboard.domain.message import ChannelType
from switchboard.flows.intake import receive_events, unpack


@dataclass(slots=True)
class _Letter:
    """What an answer refers to."""

    message_id: str
    subject: str


@dataclass(slots=True)
class MailSimulator:
    """Listens on a free port of this machine as soon as it exists, so that the relay's address is known early."""

    carrier: Carrier
    socket: socket.socket = field(default_factory=lambda: socket.create_server((LOOPBACK, 0)))
    _server: asyncio.Server | None = None
    _open: set[SMTP] = field(default_factory=set)
    _last: dict[str, _Letter] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    async def start(self) -> None:
        if self._server is None:
            self._server = await asyncio.get_running_loop().create_server(self._protocol, sock=self.socket)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for protocol in self._open:
                if protocol.transport is not None:
                    protocol.transport.close()
            await self._server.wait_closed()
            self._server = None
        self.socket.close()

    def _protocol(self) -> SMTP:
        protocol = SMTP(self, enable_SMTPUTF8=True, hostname="mail.example", loop=asyncio.get_running_loop())
        self._open = {one for one in self._open if one.transport is not None} | {protocol}
        return protocol

    async def handle_DATA(  # the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.carrier.faults.take("throttle"):
            return "450 4.2.1 The mailbox takes no more mail at the moment"
        if self.carrier.faults.take("errors"):
            return "451 4.3.0 Try again later"
        content = envelope.content or b""
        mail = message_from_bytes(content if isinstance(content, bytes) else content.encode(), policy=default)
        assert isinstance(mail, EmailMessage)
        words = mail.get_body(("plain",))
        subject = str(mail["Subject"] or "")
        for address in envelope.rcpt_tos:
            self._last[address.lower()] = _Letter(str(mail["Message-ID"]).strip(), subject)
            said = str(words.get_content()).strip() if words is not None else ""
            self.carrier.show(
                ChannelType.EMAIL, address.lower(), said, str(mail["Message-ID"]).strip(), subject=subject
            )
        return "250 2.0.0 Delivered"

    async def write(self, address: str, text: str, *, name: str | None, subject: str | None, proven: bool) -> None:
        """The customer writes: an answer to our last mail if there was one, else a new mail."""
        last = self._last.get(address.lower())
        account = self.carrier.accounts[ChannelType.EMAIL]
        answered = last if subject is None else None
        raw = plain_mail(
            f"{_plain(name)} <{address}>" if name else address,
            account,
            subject or (_reply_to(answered.subject) if answered else "A question"),
            text,
            message_id=f"{secrets.token_hex(12)}@{address.rpartition('@')[2]}",
            in_reply_to=answered.message_id if answered else None,
            authenticated=proven,
        )
        app = self.carrier.running
        request = raw_request_of(raw, (account,), app.clock.now())
        parsed, files = await unpack(app.channels[ChannelType.EMAIL], request)
        await receive_events(app, ChannelType.EMAIL, parsed, raw, RAW_MAIL, files)


def _plain(name: str) -> str:
    return "".join(letter for letter in name if letter.isalpha() or letter in " .'-")


def _reply_to(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"
