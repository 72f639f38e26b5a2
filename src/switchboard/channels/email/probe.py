"""Asks the mail servers whether they let us in, and which mails came on a day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from switchboard.channels.email.addresses import normal_address
from switchboard.channels.email.headers import split_head
from switchboard.channels.email.imap_poll import ImapMailbox, ids_of_days, look_into
from switchboard.channels.email.outgoing import Relay, greet
from switchboard.channels.email.threading import message_id_of
from switchboard.channels.probes import asked, well, wrong
from switchboard.errors import ChannelNeedsAttention, NotFound
from switchboard.ports.channel_check import Checked, Finding, ProviderItem


@dataclass(frozen=True, slots=True, kw_only=True)
class MailProbe:
    """Fulfils ``Probe`` and ``ListsItems``. ``mailboxes``: every inbox that is read; ``sent``: the Sent folders.
    ``door``: the other way in (an SMTP listener, a provider's webhook)."""

    address: str
    relay: Relay | None
    mailboxes: tuple[ImapMailbox, ...] = ()
    sent: tuple[ImapMailbox, ...] = ()
    door: str = ""

    async def check(self) -> Checked:
        findings = [await self._out(), *[finding async for finding in self._in()]]
        if not self.address:
            findings.append(wrong("address", "it is empty", "Set address to the mailbox that customers write to."))
        return Checked(findings=tuple(findings))

    async def _out(self) -> Finding:
        relay = self.relay
        if relay is None:
            return wrong("sending", "smtp_host is empty: no mail can leave", "Set smtp_host, smtp_user, smtp_password.")
        fix = "Check smtp_host, smtp_port, smtp_tls, smtp_user and smtp_password with your mail provider."
        _, fault = await asked("sending", fix, lambda: greet(relay))
        return fault or well("sending", f"{relay.host}:{relay.port} takes our mails")

    async def _in(self) -> AsyncIterator[Finding]:
        for mailbox in self.mailboxes:
            yield await _opens(self._receiving(mailbox), mailbox, "imap_folder")
        for mailbox in self.sent:
            yield await _opens(f"sent elsewhere {mailbox.address}", mailbox, "imap_sent_folder")
        if not self.mailboxes:
            fix = "Set imap_host, listen_port or webhook_provider."
            yield well("receiving", self.door) if self.door else wrong("receiving", "there is no way in for mails", fix)
        elif self.door:
            yield well("other way in", self.door)

    def _receiving(self, mailbox: ImapMailbox) -> str:
        """The main mailbox needs no name."""
        main = normal_address(mailbox.address) == normal_address(self.address)
        return "receiving" if main else f"receiving {mailbox.address}"

    async def items(self, start: datetime, end: datetime) -> tuple[ProviderItem, ...]:
        """Mails with an id in every mailbox, those that were moved away after reading too; the servers' own days count,
        without their time."""
        if not self.mailboxes:
            raise NotFound("no mailbox is polled, so nobody can be asked")
        found: dict[tuple[str, str], ProviderItem] = {}
        for mailbox in self.mailboxes:
            for head in await _heads(mailbox, start, end):
                message_id = message_id_of(split_head(head)[0])
                if message_id:
                    item = ProviderItem(account=normal_address(mailbox.address), external_id=message_id)
                    found[item.account, item.external_id] = item
        return tuple(found.values())


async def _opens(what: str, mailbox: ImapMailbox, option: str) -> Finding:
    fix = f"Check imap_host, imap_port, imap_user, imap_password and {option} of {mailbox.address}."
    _, fault = await asked(what, fix, lambda: look_into(mailbox))
    return fault or well(what, f"{mailbox.folder} at {mailbox.host} opens")


async def _heads(mailbox: ImapMailbox, start: datetime, end: datetime) -> list[bytes]:
    heads: list[bytes] = []
    for folder in _folders(mailbox):
        try:
            heads += await ids_of_days(folder, start.date(), end.date())
        except ChannelNeedsAttention:
            if folder.folder == mailbox.folder:
                raise
            # the folder for read mails is made with the first of them
    return heads


def _folders(mailbox: ImapMailbox) -> Iterator[ImapMailbox]:
    yield mailbox
    if mailbox.move_to and mailbox.move_to != mailbox.folder:
        yield replace(mailbox, folder=mailbox.move_to)
