"""What the composer tells an agent about each channel before anything is sent: limits, windows, trouble, and a preview."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from switchboard.channels.splitting import split_text
from switchboard.desk.presentation import CHANNELS, Moment, size
from switchboard.domain.message import ChannelType, Choice
from switchboard.flows import attention, pauses
from switchboard.flows.app import App
from switchboard.ports.channel import Capabilities, ChoicesAs, MediaRule, Outgoing, with_numbered_choices
from switchboard.ports.store import Work
from switchboard.views.composer import Cause, Reach, Trouble, Way, Window

KINDS = {"image": "pictures", "video": "films", "audio": "sound", "sticker": "stickers"}
META = (ChannelType.FACEBOOK, ChannelType.INSTAGRAM)


def reach_of(app: App, work: Work) -> Reach:
    """How the channels are doing as far as this process knows."""
    noted, breakers, now = attention.read(work), app.accounts.breakers(), app.clock.now()
    paused = pauses.read(work, now)
    troubles: dict[ChannelType, Trouble] = {}
    for channel in app.channels:
        ends = app.accounts.expiries.get(channel)
        if channel in noted:
            troubles[channel] = Trouble(cause=Cause.ACCESS, detail=noted[channel].detail)
        elif ends is not None and ends <= now:
            troubles[channel] = Trouble(cause=Cause.ACCESS, detail=f"our access ended on {ends:%Y-%m-%d}")
        elif channel in paused or breakers.get(channel.value) == pauses.OPEN:
            troubles[channel] = Trouble(cause=Cause.PAUSED)
    abilities = {kind: channel.capabilities for kind, channel in app.channels.items()}
    return Reach(now=now, abilities=abilities, troubles=troubles)


def composer(ways: Sequence[Way], moment: Moment, name: str, language: str = "") -> str:
    """The channels as the composer's script reads them: JSON by channel."""
    told = {way.channel.value: _told(way, moment, name) for way in ways}
    return orjson.dumps({"ways": told, "language": language, "name": name}).decode()


def _told(way: Way, moment: Moment, name: str) -> dict[str, object]:
    can = way.can
    limit = can.public_text_limit if way.public else can.text_limit
    return {
        "title": CHANNELS[way.channel][1],
        "window": way.window.value,
        "changes": moment.iso(way.changes_at) if way.changes_at else None,
        "notice": notice(way, moment, name),
        "trouble": trouble_words(way, moment),
        "stopped": way.trouble is not None and way.trouble.cause is Cause.ACCESS,
        "limit": limit,
        "unit": can.public_text_unit if way.public else can.text_unit,
        "templates": can.templates,
        "subject": way.subject,
        "files": [] if way.public else [_rule(rule) for rule in can.media] if can.attachments else [],
        "filesTold": files_told(way),
        "choices": 0 if way.public else max(can.max_buttons, can.max_rows),
        "titles": max(can.button_title or 80, can.row_title or 0) if can.max_buttons or can.max_rows else 80,
        "rows": bool(can.max_rows) and not way.public,
        "choicesTold": choices_told(way),
        "public": way.public,
        "to": way.to,
        "copies": None if way.copies is None else list(way.copies),
        "most": can.copies.most if can.copies is not None else 0,
    }


def _rule(rule: MediaRule) -> dict[str, object]:
    return {"kind": rule.kind, "most": rule.max_bytes, "types": list(rule.content_types)}


def notice(way: Way, moment: Moment, name: str) -> str:
    """What the channel's window means for this answer, in words; empty where there is nothing to say."""
    title, at = CHANNELS[way.channel][1], way.changes_at
    if way.public:
        return f"Everybody can read this answer: {name} wrote in public."
    if way.on_copy:
        return f"{way.to} wrote last, on copy. The answer goes to them, with {name} on copy."
    if way.channel is ChannelType.VOICE:
        return f"Your words are spoken to {name} on the telephone."
    if way.window is Window.PERSON and at is not None:
        return (
            f"{name} last wrote more than 24 hours ago. You may still answer because you are a person, until "
            f"{moment.when(at)}; automation may not."
        )
    if way.window is Window.OPEN and at is not None and (at - moment.now).total_seconds() < SOON_S:
        return f"Free text may be sent until {moment.when(at)}."
    return "" if way.window is not Window.CLOSED else _closed(way, moment, name, title)


SOON_S = 2 * 3600
"""A window that closes in less than this is told."""


def _closed(way: Way, moment: Moment, name: str, title: str) -> str:
    if way.changes_at is None:
        what = f"{name} has not written on {title} yet, so free text may not be sent there."
    else:
        what = f"The window for free text on {title} closed {moment.when(way.changes_at)}."
    if way.can.templates:
        return f"{what} Send an approved template, or use another channel."
    return f"{what} Wait until {name} writes, or use another channel."


def trouble_words(way: Way, moment: Moment) -> str:
    """What keeps the channel from sending, and what to do."""
    title, trouble = CHANNELS[way.channel][1], way.trouble
    if trouble is None:
        return ""
    detail = trouble.detail.strip().rstrip(".")
    if trouble.cause is Cause.ACCESS:
        return f"{title} cannot send: {detail}. An administrator must act. Use another channel until then."
    if trouble.cause is Cause.SLOWED:
        again = f" It is tried again at {moment.hour(trouble.until)}." if trouble.until else ""
        return f"{title} is slow to take messages: {detail}.{again} What you send now waits behind it; nothing is lost."
    return (
        f"Sending on {title} is paused after repeated failures and is tried again by itself. What you send now waits and "
        "goes out then."
    )


def choices_told(way: Way) -> str:
    """How many answers the channel lets the customer tap, and as what."""
    can, title = way.can, CHANNELS[way.channel][1]
    if way.public or not can.max_buttons:
        return f"{'a public answer' if way.public else title} has no buttons: they go out as numbered text"
    if can.max_rows:
        return f"up to {can.max_buttons} as buttons, up to {can.max_rows} as a list"
    return f"up to {can.max_buttons} as buttons"


def files_told(way: Way) -> str:
    """``pictures up to 5 MB; films up to 16 MB; other files up to 100 MB``."""
    can = way.can
    if way.public:
        return "A public answer carries no files."
    if not can.attachments or not can.media:
        return f"{CHANNELS[way.channel][1]} carries no files."
    several = len(can.media) > 1
    most = {rule.kind: rule.max_bytes for rule in sorted(can.media, key=lambda rule: rule.max_bytes)}
    told = [f"{_kind(rule, several=several)} up to {size(most[rule.kind])}" for rule in _each_kind(can)]
    return f"Files: {'; '.join(told)}. At most 10."


def _each_kind(can: Capabilities) -> list[MediaRule]:
    return list({rule.kind: rule for rule in can.media if rule.kind != "sticker"}.values())


def _kind(rule: MediaRule, *, several: bool) -> str:
    if rule.kind in KINDS:
        return KINDS[rule.kind]
    if rule.content_types:
        return ", ".join(name.rpartition("/")[2].upper() for name in rule.content_types)
    return "other files" if several else "each"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the customer will see: one text for each message, and what hangs at the last."""

    parts: tuple[str, ...]
    shown_as: ChoicesAs
    choices: tuple[Choice, ...]


def preview(
    channel: ChannelType, can: Capabilities, text: str, choices: tuple[Choice, ...], *, public: bool
) -> Preview:
    """The same cuts that sending makes."""
    shown_as = ChoicesAs.NUMBERED if public else can.shown_as(choices)
    if shown_as is ChoicesAs.NUMBERED:
        plain = Outgoing(key="", channel=channel, account="", to="", text=text.strip(), choices=choices)
        text = with_numbered_choices(plain).text
    limit, unit = (can.public_text_limit, can.public_text_unit) if public else (can.text_limit, can.text_unit)
    parts = split_text(text, limit, unit)
    if choices and shown_as is not ChoicesAs.NUMBERED and parts and can.choice_text:
        parts = (*parts[:-1], *split_text(parts[-1], can.choice_text))
    return Preview(parts=parts, shown_as=shown_as, choices=() if shown_as is ChoicesAs.NUMBERED else choices)
