"""Secrets of the simulated providers (fresh in every run), the addresses of the business, and faults to switch on."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from switchboard.channels.email.samples import TRUSTED_SERVER
from switchboard.channels.web_chat import ACCOUNT as WIDGET
from switchboard.domain.message import ChannelType

LOOPBACK = "127.0.0.1"
WABA = "102290129340398"
"""The simulated business account that owns the approved templates."""
META_APP = "1029384756"
"""The simulated app at Meta, the same for all three channels."""
PUBLIC_URL = "https://demo.larkfield.example"
"""Twilio signs the address that it calls. Nobody calls this one over the network."""


def _token() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSecrets:
    """What a provider and the business share. Nothing here is worth stealing: it dies with the process."""

    whatsapp_app: str = field(default_factory=_token, repr=False)
    whatsapp_token: str = field(default_factory=_token, repr=False)
    facebook_app: str = field(default_factory=_token, repr=False)
    facebook_token: str = field(default_factory=_token, repr=False)
    instagram_app: str = field(default_factory=_token, repr=False)
    instagram_token: str = field(default_factory=_token, repr=False)
    twitter_consumer: str = field(default_factory=_token, repr=False)
    twitter_token: str = field(default_factory=_token, repr=False)
    twilio_account: str = field(default_factory=lambda: f"AC{_token()}")
    twilio_token: str = field(default_factory=_token, repr=False)
    verify: str = field(default_factory=_token, repr=False)


@dataclass(slots=True, kw_only=True)
class DemoFaults:
    """Trouble at the providers, for trying out what happens then. Each counts down: 0 is no trouble.

    ``throttle``: calls answered "slow down"; ``errors``: calls answered with a server error; ``lost``: calls that are
    carried out although their answer is lost; ``unreachable``: calls that never arrive; ``refused``: calls answered "your
    token is not valid". ``duplicates``: webhooks delivered twice; ``disorder``: messages whose receipts come in reverse.
    ``echoes``: messages of ours that come back before their sending is answered (Messenger, Instagram, X); ``failures``:
    messages that are taken and reported as undeliverable later (WhatsApp). ``unsubscribed``: webhook fields that somebody
    forgot in Meta's dashboard.
    """

    throttle: int = 0
    errors: int = 0
    lost: int = 0
    unreachable: int = 0
    refused: int = 0
    duplicates: int = 0
    disorder: int = 0
    echoes: int = 0
    failures: int = 0
    unsubscribed: set[str] = field(default_factory=set)

    def take(self, name: str) -> bool:
        """Whether this call meets that trouble."""
        left: int = getattr(self, name)
        if left <= 0:
            return False
        setattr(self, name, left - 1)
        return True


def channel_settings(
    known: DemoSecrets,
    accounts: dict[ChannelType, str],
    mail_port: int,
    telephones: Mapping[str, str] | None = None,
) -> dict[str, dict[str, object]]:
    """The options of every channel by section, in the names of the program's settings. ``telephones`` of agents."""
    return {
        "whatsapp": {
            **_meta(known, known.whatsapp_app, known.whatsapp_token),
            "phone_number_id": accounts[ChannelType.WHATSAPP],
            "business_account_id": WABA,
        },
        "facebook": {
            **_meta(known, known.facebook_app, known.facebook_token),
        },
        "instagram": {
            **_meta(known, known.instagram_app, known.instagram_token),
        },
        "twitter": {
            "consumer_secret": known.twitter_consumer,
            "access_token": known.twitter_token,
        },
        "voice": {
            "auth_token": known.twilio_token,
            "account_sid": known.twilio_account,
            "number": accounts[ChannelType.VOICE],
            "agents": dict(telephones or {}),
        },
        "email": _email(accounts[ChannelType.EMAIL], mail_port),
    }


def _meta(known: DemoSecrets, app_secret: str, token: str) -> dict[str, object]:
    return {"app_secret": app_secret, "verify_token": known.verify, "access_token": token, "app_id": META_APP}


def _email(address: str, port: int) -> dict[str, object]:
    return {
        "address": address,
        "trusted_authserv_ids": (TRUSTED_SERVER,),
        "smtp_host": LOOPBACK,
        "smtp_port": port,
        "smtp_tls": "none",
    }


def account_of(channel: ChannelType, accounts: dict[ChannelType, str]) -> str:
    """The account under which the channel files its messages."""
    return WIDGET if channel is ChannelType.WEB_CHAT else accounts[channel]


SCOPED = frozenset({ChannelType.FACEBOOK, ChannelType.INSTAGRAM, ChannelType.WEB_CHAT})
"""On these a customer's address only means something inside our own page or account."""


def visitor_address(name: str) -> str:
    """The widget's form of a visitor's address, the same for the same name."""
    if name.startswith("vis_"):
        return name
    return f"vis_{hashlib.sha256(f'larkfield:visitor:{name}'.encode()).hexdigest()[:32]}"
