"""Tables of what each channel carries, made from its capabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from switchboard.channels import facebook, instagram, meta_subscriptions, twitter, voice, web_chat, whatsapp
from switchboard.channels.messenger import HUMAN_AGENT_WINDOW
from switchboard.channels.meta_subscriptions import Notice
from switchboard.domain.message import ChannelType
from switchboard.ports.channel import Capabilities, MediaRule
from tests.channels.payloads import make_channel

NAMES = {
    ChannelType.VOICE: "Voice",
    ChannelType.WHATSAPP: "WhatsApp",
    ChannelType.EMAIL: "E-mail",
    ChannelType.WEB_CHAT: "Web chat",
    ChannelType.FACEBOOK: "Messenger",
    ChannelType.TWITTER: "X",
    ChannelType.INSTAGRAM: "Instagram",
}
PAGES = (ChannelType.WHATSAPP, ChannelType.FACEBOOK, ChannelType.INSTAGRAM, ChannelType.TWITTER)
"""Those whose own page carries a table."""


def capabilities() -> dict[ChannelType, Capabilities]:
    """What each channel can do with every setting switched on."""
    return {
        ChannelType.WHATSAPP: whatsapp.CAPABILITIES,
        ChannelType.FACEBOOK: replace(facebook.CAPABILITIES, human_window=HUMAN_AGENT_WINDOW, public=True),
        ChannelType.INSTAGRAM: replace(instagram.CAPABILITIES, human_window=HUMAN_AGENT_WINDOW, public=True),
        ChannelType.TWITTER: replace(twitter.CAPABILITIES, public=True),
        ChannelType.EMAIL: make_channel(ChannelType.EMAIL).capabilities,
        ChannelType.WEB_CHAT: web_chat.CAPABILITIES,
        ChannelType.VOICE: replace(voice.CAPABILITIES, fetches_media=True),
    }


def _text(can: Capabilities) -> str:
    return f"up to {can.text_limit:,} {can.text_unit}".replace(",", " ") if can.text_limit else "any length"


def _files(can: Capabilities) -> str:
    if not can.attachments or not can.media:
        return "no"
    biggest: dict[str, int] = {}
    for rule in can.media:
        biggest[rule.kind] = max(rule.max_bytes, biggest.get(rule.kind, 0))
    return ", ".join(f"{kind} {_size(most)}" for kind, most in biggest.items())


def _size(count: int) -> str:
    return f"{count // 1_048_576} MB" if count >= 1_048_576 else f"{count // 1024} KB"


def _choices(can: Capabilities) -> str:
    shown = [f"{can.max_buttons} buttons"] if can.max_buttons else []
    shown += [f"a list of {can.max_rows}"] if can.max_rows else []
    return f"{' or '.join(shown)}; more as numbered text" if shown else "numbered text"


def _window(can: Capabilities) -> str:
    if can.reply_window is None:
        return "none"
    longer = [f"{_days(can.human_window)} for people, where Meta permits it"] if can.human_window else []
    longer += ["then approved templates"] if can.templates else []
    return "; ".join([f"{int(can.reply_window.total_seconds() // 3600)} hours", *longer])


def _days(period: timedelta) -> str:
    return f"{period.days} days"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _public(can: Capabilities) -> str:
    return f"where switched on; answers up to {can.public_text_limit} characters" if can.public else "no"


FEATURES: dict[str, Callable[[Capabilities], str]] = {
    "text": _text,
    "files that we send": _files,
    "files of customers": lambda can: "fetched and kept" if can.fetches_media else "as the payload brings them",
    "choices to tap": _choices,
    "reply window": _window,
    "read marks and typing": lambda can: _yes(can.signals or can.live),
    "comments and mentions": _public,
    "speaking with each other": lambda can: "a queue with music, and calls from the desk" if can.calls else "no",
    "sent twice after a lost answer": lambda can: "no" if not can.idempotent else "yes, with one effect",
}


def rows_of(channel: ChannelType) -> list[tuple[str, str]]:
    can = capabilities()[channel]
    return [(name, tell(can)) for name, tell in FEATURES.items()] + [_kinds(rule) for rule in can.media]


def _kinds(rule: MediaRule) -> tuple[str, str]:
    return f"{rule.kind}, up to {_size(rule.max_bytes)}", ", ".join(f"`{name}`" for name in rule.content_types) or "any"


NOTICES: dict[ChannelType, tuple[Notice, ...]] = {
    ChannelType.WHATSAPP: meta_subscriptions.WHATSAPP,
    ChannelType.FACEBOOK: (*meta_subscriptions.FACEBOOK, *meta_subscriptions.FACEBOOK_PUBLIC),
    ChannelType.INSTAGRAM: (*meta_subscriptions.INSTAGRAM, *meta_subscriptions.INSTAGRAM_PUBLIC),
}


def notices(channel: ChannelType) -> list[tuple[str, str, str]]:
    """The webhook fields of a channel, and what is missed without each."""
    return [(f"`{one.name}`", one.missed, "no" if one.needed else "note") for one in NOTICES[channel]]


def all_rows() -> list[tuple[str, ...]]:
    return [(name, *(tell(can) for can in capabilities().values())) for name, tell in FEATURES.items()]


def head() -> tuple[str, ...]:
    return ("", *(NAMES[channel] for channel in capabilities()))
