"""The telephone, from the settings."""

from __future__ import annotations

from switchboard.calls.rules import CallLimits
from switchboard.channels.twiml import Speaker
from switchboard.channels.voice_line import TwilioLine
from switchboard.flows.calls import Telephone
from switchboard.settings import Settings


def build_telephone(settings: Settings) -> Telephone | None:
    """None where no telephone is set up."""
    vo = settings.voice
    if not vo.auth_token.get_secret_value():
        return None
    limits = CallLimits(misses=vo.misses, holds=vo.holds, wait_s=vo.wait_s, low_confidence=vo.low_confidence)
    return Telephone(
        line=build_line(settings),
        colleagues=dict(vo.agents),
        limits=limits,
        relays=vo.relay,
        places=bool(vo.account_sid and vo.number),
    )


def build_line(settings: Settings) -> TwilioLine:
    vo = settings.voice
    usual = Speaker(
        language=vo.language, voice=vo.voice, greeting=vo.greeting, hints=vo.hints, partials=vo.partial_results
    )
    speakers = {
        number: Speaker(
            language=own.language or usual.language,
            voice=own.voice or ("" if own.language else usual.voice),
            greeting=own.greeting or ("" if own.language else usual.greeting),
            hints=own.hints or usual.hints,
            partials=usual.partials,
        )
        for number, own in vo.lines.items()
    }
    return TwilioLine(
        public_url=voice_url(settings),
        number=vo.number,
        usual=usual,
        speakers=speakers,
        message_s=vo.message_s,
        transcribe=vo.transcribe,
        music=vo.hold_music,
    )


def voice_url(settings: Settings) -> str:
    """The webhook as Twilio calls it."""
    return f"{settings.server.public_url.rstrip('/')}/channels/voice"
