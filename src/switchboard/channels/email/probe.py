"""Asks the mail servers whether they let us in, and which mails came on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from switchboard.channels.email.headers import split_head
from switchboard.channels.email.imap_poll import ImapMailbox, ids_of_days, look_into
from switchboard.channels.email.outgoing import Relay, greet
from switchboard.channels.email.threading import message_id_of
from switchboard.channels.probes import asked, well, wrong
from switchboard.errors import NotFound
from switchboard.ports.channel_check import Checked, Finding, ProviderItem


@dataclass(frozen=True, slots=True, kw_only=True)
class MailProbe:
    """Fulfils ``Probe`` and ``ListsItems``. ``door``: the other way in (an SMTP listener, a provider's webhook)."""

    address: str
    relay: Relay | None
    mailbox: ImapMailbox | None
    door: str

    async def check(self) -> Checked:
        findings = [await self._out(), *await self._in()]
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

    async def _in(self) -> tuple[Finding, ...]:
        mailbox = self.mailbox
        if mailbox is None:
            if self.door:
                return (well("receiving", self.door),)
            fix = "Set imap_host, listen_port or webhook_provider."
            return (wrong("receiving", "there is no way in for mails", fix),)
        fix = "Check imap_host, imap_port, imap_user, imap_password and imap_folder."
        _, fault = await asked("receiving", fix, lambda: look_into(mailbox))
        return (fault or well("receiving", f"{mailbox.folder} at {mailbox.host} opens"),)

    async def items(self, start: datetime, end: datetime) -> tuple[ProviderItem, ...]:
        """Mails with an id; the server's own days count, without their time."""
        if self.mailbox is None:
            raise NotFound("no mailbox is polled, so nobody can be asked")
        heads = await ids_of_days(self.mailbox, start.date(), end.date())
        ids = [message_id_of(split_head(head)[0]) for head in heads]
        return tuple(ProviderItem(account=self.address, external_id=one) for one in ids if one)
