"""Which mailboxes are read, and how we are let into them and into the relay, from the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import httpx2

from switchboard.channels.email.imap_session import AccessToken, ImapMailbox
from switchboard.channels.email.oauth import MailAccess, OAuthClient, google, microsoft
from switchboard.ports.clock import Clock
from switchboard.ports.tokens import TokenKeeper
from switchboard.settings import Email, Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A folder to watch. ``sent``: it holds what our side wrote in other programs."""

    mailbox: ImapMailbox
    sent: bool = False


def own_addresses(mail: Email) -> tuple[str, ...]:
    """Every mailbox of ours; the first is where mails without a known recipient belong."""
    return tuple(dict.fromkeys(address for address in (mail.address, *mail.mailboxes) if address))


def oauth_client(mail: Email, refresh_token: str) -> OAuthClient | None:
    """The registered app, if mailboxes are opened with tokens."""
    if not mail.oauth_provider:
        return None
    secret = mail.oauth_client_secret.get_secret_value()
    if mail.oauth_provider == "google":
        app = google(mail.oauth_client_id, secret, refresh_token)
    else:
        app = microsoft(mail.oauth_tenant, mail.oauth_client_id, secret, refresh_token)
    return replace(app, token_url=mail.oauth_token_url or app.token_url, scope=mail.oauth_scope or app.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accesses:
    """What opening a mailbox with tokens takes besides the settings. ``keeper`` remembers exchanged refresh tokens."""

    client: httpx2.AsyncClient
    clock: Clock
    keeper: Callable[[str], TokenKeeper]

    def of(self, mail: Email, address: str, refresh_token: str) -> AccessToken | None:
        app = oauth_client(mail, refresh_token)
        if app is None:
            return None
        keeper = self.keeper(f"mail-tokens:{address.lower()}")
        return MailAccess(app=app, client=self.client, now=self.clock.now, keeper=keeper)

    def main(self, mail: Email) -> AccessToken | None:
        """Of the mailbox that the relay sends for."""
        return self.of(mail, mail.address, mail.oauth_refresh_token.get_secret_value())


def looked_into(mail: Email, accesses: Accesses) -> tuple[Watched, ...]:
    """Every folder that is read, for looking into it, whatever the age of its mails."""
    return tuple(watched(mail, accesses, date.max))


_FOR_EVERYBODY = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "icloud.com",
        "me.com", "aol.com", "gmx.net", "gmx.de", "gmx.at", "gmx.ch", "web.de", "t-online.de", "mail.ru", "yandex.ru",
        "proton.me", "protonmail.com", "orange.fr", "free.fr", "libero.it", "qq.com", "163.com", "naver.com",
    }
)  # fmt: skip
"""Domains at which everybody can have an address: customers too, so they are never ours."""


def own_domains(mail: Email) -> tuple[str, ...]:
    domains = dict.fromkeys(address.rpartition("@")[2].lower() for address in own_addresses(mail))
    return tuple(domain for domain in domains if domain not in _FOR_EVERYBODY)


def watched(mail: Email, accesses: Accesses, today: date) -> Iterator[Watched]:
    """Every folder that is read: inboxes, and Sent folders where they are named."""
    for address, box in _boxes(mail):
        access = accesses.of(mail, address, box.oauth_refresh_token.get_secret_value())
        inbox = ImapMailbox(
            host=box.imap_host,
            port=box.imap_port,
            security=box.imap_tls,
            user=box.imap_user or address,
            address=address,
            password=box.imap_password.get_secret_value(),
            access=access,
            folder=box.imap_folder,
            mark_seen=mail.imap_after != "keep",
            flag=mail.imap_after == "flag",
            move_to=mail.imap_move_to if mail.imap_after == "move" else "",
            since=today - timedelta(days=mail.imap_days_back) if today != date.max else None,
        )
        yield Watched(mailbox=inbox)
        if box.imap_sent_folder:
            only_read = replace(
                inbox, folder=box.imap_sent_folder, mark_seen=False, flag=False, move_to="", since=today
            )
            yield Watched(mailbox=only_read, sent=True)


def _boxes(mail: Email) -> Iterator[tuple[str, Mailbox]]:
    if mail.imap_host:
        own = {name: getattr(mail, name) for name in Mailbox.model_fields}
        yield mail.address, Mailbox(**own)
    for address, box in mail.mailboxes.items():
        if box.imap_host or mail.imap_host:
            same = {} if box.imap_host else {n: getattr(mail, n) for n in ("imap_host", "imap_port", "imap_tls")}
            yield address, box.model_copy(update=same)
