"""The ways in for mail besides webhooks: the SMTP or LMTP door and the mailbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from switchboard.assembly.access import StoredTokens
from switchboard.assembly.mailboxes import Accesses, Watched, own_addresses, watched
from switchboard.assembly.system import System
from switchboard.channels.email.channel import SENT_FOLDER, raw_request_of
from switchboard.channels.email.imap_poll import Cursor, ImapPoller
from switchboard.channels.email.imap_watch import MailboxWatch, Pace
from switchboard.channels.email.smtp_listener import ListenerOptions, MailEnvelope, MailListener
from switchboard.domain.message import ChannelType
from switchboard.errors import ChannelNeedsAttention, Rejected, SwitchboardError, TooLarge
from switchboard.flows import attention
from switchboard.flows.app import App
from switchboard.flows.intake import keep_unreadable, receive_events, unpack
from switchboard.ports.store import Work

log = logging.getLogger(__name__)


async def take_mail(app: App, raw: bytes, recipients: Sequence[str], way: str) -> None:
    """A raw mail from the listener, a mailbox or a file becomes durable. What cannot be read is kept as a dead letter."""
    request = raw_request_of(raw, recipients, app.clock.now(), way)
    try:
        parsed, files = await unpack(app.channels[ChannelType.EMAIL], request)
    except Rejected as unreadable:
        await keep_unreadable(app, ChannelType.EMAIL, request, unreadable)
        return
    await receive_events(app, ChannelType.EMAIL, parsed, raw, "message/rfc822", files)


async def mail_listener(system: System) -> MailListener | None:
    """The SMTP or LMTP door, if one is set up; started."""
    mail = system.settings.email
    if not mail.listen_port:
        return None
    options = ListenerOptions(
        host=mail.listen_host,
        port=mail.listen_port,
        lmtp=mail.listen_lmtp,
        recipients=own_addresses(mail),
        max_size=system.settings.limits.mail_bytes,
    )

    async def deliver(raw: bytes, envelope: MailEnvelope) -> None:
        await take_mail(system.app, raw, envelope.recipients, "lmtp" if mail.listen_lmtp else "smtp")

    listener = MailListener(options, deliver)
    await listener.start()
    return listener


async def mailbox_poll(system: System) -> None:
    """Watches every mailbox that is set up, until cancelled."""
    mail, app = system.settings.email, system.app
    accesses = Accesses(client=system.client, clock=app.clock, keeper=lambda name: StoredTokens(app.store, name))
    folders = list(watched(mail, accesses, app.clock.now().date()))
    pace = Pace(poll_s=mail.imap_poll_s, idle=mail.imap_idle)
    await asyncio.gather(*(_watch(app, folder, pace) for folder in folders))


async def _watch(app: App, folder: Watched, pace: Pace) -> None:
    mailbox = folder.mailbox
    way = SENT_FOLDER if folder.sent else "imap"

    async def keep(raw: bytes, address: str) -> None:
        await take_mail(app, raw, () if folder.sent else (address,), way)

    async def too_big(head: bytes, size: int) -> None:
        request = raw_request_of(head, (mailbox.address,), app.clock.now(), way)
        refusal = TooLarge(f"A mail of {size} bytes was left in the mailbox: only its head is kept.", field="mail")
        await keep_unreadable(app, ChannelType.EMAIL, request, refusal)

    async def trouble(error: SwitchboardError | None) -> None:
        if error is not None:
            log.warning("the mailbox %s cannot be read: %s", mailbox.key, error.detail)
        elif last:
            log.info("the mailbox %s can be read again", mailbox.key)
        before, last[:] = list(last), [error] if error is not None else []
        if isinstance(error, ChannelNeedsAttention):
            await app.store.write(lambda work: attention.note(work, app, ChannelType.EMAIL, error.detail))
        elif before and isinstance(before[0], ChannelNeedsAttention):
            await app.store.write(lambda work: _settled(work, app, before[0].detail))

    last: list[SwitchboardError] = []
    await MailboxWatch(ImapPoller(mailbox, StoredCursors(app), keep, too_big), pace, trouble).run()


def _settled(work: Work, app: App, detail: str) -> None:
    """The mailbox opens again; trouble of another kind (the relay's, say) stays noted."""
    noted = attention.read(work).get(ChannelType.EMAIL)
    if noted is not None and noted.detail == detail:
        attention.clear(work, app, ChannelType.EMAIL)


class StoredCursors:
    """Where each mailbox was left, over restarts. Fulfils ``imap_poll.CursorStore``."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def load(self, key: str) -> Cursor | None:
        stored = await self._app.store.read(lambda work: work.config.get(f"imap:{key}"))
        if stored is None:
            return None
        value = stored[0]
        return Cursor(uid_validity=int(str(value["uid_validity"])), last_uid=int(str(value["last_uid"])))

    async def save(self, key: str, cursor: Cursor) -> None:
        value = {"uid_validity": cursor.uid_validity, "last_uid": cursor.last_uid}
        await self._app.store.write(lambda work: work.config.set(f"imap:{key}", value))
