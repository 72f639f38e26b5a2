"""Instagram: private messages to the business's professional account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from switchboard.channels.messenger import Dress, MessengerChannel
from switchboard.domain.message import ChannelType
from switchboard.ports.channel import Capabilities, MediaRule

_MB = 1024 * 1024

CAPABILITIES = Capabilities(
    text_limit=1000,
    text_unit="bytes",
    reply_window=timedelta(hours=24),
    max_buttons=13,
    button_title=20,
    rate_per_second=100.0,
    fetches_media=True,
    signals=True,
    public_text_limit=2200,
    media=(
        MediaRule(kind="image", max_bytes=8 * _MB, content_types=("image/jpeg", "image/png", "image/gif")),
        MediaRule(
            kind="video",
            max_bytes=25 * _MB,
            content_types=("video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"),
        ),
        MediaRule(
            kind="audio",
            max_bytes=25 * _MB,
            content_types=("audio/aac", "audio/mp4", "audio/x-m4a", "audio/wav", "audio/x-wav"),
        ),
        MediaRule(kind="file", max_bytes=25 * _MB, content_types=("application/pdf",)),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instagram(MessengerChannel):
    """One Instagram account; ``base_url`` is graph.facebook.com if a Facebook page connects it."""

    dress: ClassVar[Dress] = Dress(
        type=ChannelType.INSTAGRAM, capabilities=CAPABILITIES, comments="replies", platform="instagram"
    )

    base_url: str = "https://graph.instagram.com/v23.0"
