"""Messenger: private messages to the business's Facebook pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from switchboard.channels.messenger import Dress, MessengerChannel
from switchboard.domain.message import ChannelType
from switchboard.ports.channel import Capabilities, MediaRule

_MB = 1024 * 1024

CAPABILITIES = Capabilities(
    text_limit=2000,
    reply_window=timedelta(hours=24),
    max_buttons=13,
    button_title=20,
    rate_per_second=300.0,
    fetches_media=True,
    signals=True,
    public_text_limit=8000,
    media=(
        MediaRule(
            kind="image", max_bytes=25 * _MB, content_types=("image/jpeg", "image/png", "image/gif", "image/webp")
        ),
        MediaRule(kind="video", max_bytes=25 * _MB, content_types=("video/",)),
        MediaRule(kind="audio", max_bytes=25 * _MB, content_types=("audio/",)),
        MediaRule(kind="file", max_bytes=25 * _MB),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facebook(MessengerChannel):
    """One Facebook page."""

    dress: ClassVar[Dress] = Dress(
        type=ChannelType.FACEBOOK, capabilities=CAPABILITIES, comments="comments", own_speaker=True
    )
