"""ConversationRelay: Twilio listens and speaks, and exchanges text with us in small JSON frames over a socket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from switchboard.channels.fields import Json, read_object, text
from switchboard.errors import InvalidInput
from switchboard.ports.channel import RawRequest
from switchboard.ports.phone_line import RelayFrame, RelayKind

LONGEST_FRAME = 65_536
FORM = "application/x-www-form-urlencoded"
_SENTENCES = re.compile(r"[^.!?…]{1,400}[.!?…]*\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayCall:
    """Whose call this socket carries."""

    call_id: str
    caller: str
    called: str
    outbound: bool

    def as_request(self, url: str, step: int, fields: Mapping[str, str], now: datetime) -> RawRequest:
        """A turn over the socket, in the form in which a turn comes by webhook."""
        form = {
            "CallSid": self.call_id,
            "CallStatus": "in-progress",
            "Direction": "outbound-api" if self.outbound else "inbound",
            "From": self.caller,
            "To": self.called,
            **fields,
        }
        waited = {"waited": "1"} if not fields else {}
        query = urlencode({"step": str(step), **waited})
        base = urlsplit(url)._replace(query=query, fragment="").geturl()
        body = urlencode(form, errors="replace").encode("ascii")
        headers = {"content-type": FORM}
        return RawRequest(
            method="POST", url=base, headers=headers, query=dict(parse_qsl(query)), body=body, received_at=now
        )


class TwilioRelay:
    """Fulfils ``ports.phone_line.RelayCodec``."""

    def read_setup(self, frame: str) -> RelayCall:
        """The first frame. Raises ``InvalidInput`` for any other."""
        document = _document(frame)
        call_id = (text(document, "callSid") or "").strip()
        if text(document, "type") != "setup" or not call_id:
            raise InvalidInput("the first frame must be a setup with a callSid", field="type")
        return RelayCall(
            call_id=call_id[:64],
            caller=text(document, "from") or "",
            called=text(document, "to") or "",
            outbound=(text(document, "direction") or "").startswith("outbound"),
        )

    def read_frame(self, frame: str) -> RelayFrame:
        """Frames of a kind that we do not know are ``OTHER``. Raises ``InvalidInput`` for what is no frame."""
        document = _document(frame)
        kind = text(document, "type") or ""
        match kind:
            case "prompt":
                words = text(document, "voicePrompt") or ""
                return RelayFrame(kind=RelayKind.PROMPT, words=words, last=document.get("last") is not False)
            case "dtmf":
                return RelayFrame(kind=RelayKind.DTMF, digit=(text(document, "digit") or "")[:1])
            case "interrupt":
                return RelayFrame(kind=RelayKind.INTERRUPT, words=text(document, "utteranceUntilInterrupt") or "")
            case "error":
                return RelayFrame(kind=RelayKind.ERROR, words=(text(document, "description") or "")[:200])
            case "setup":
                return RelayFrame(kind=RelayKind.SETUP)
            case _:
                return RelayFrame(kind=RelayKind.OTHER)

    def text_frames(self, words: str) -> Iterator[str]:
        """Sentence by sentence, so that Twilio can begin to speak before it has everything."""
        tokens = [found[0] for found in _SENTENCES.finditer(words)] or [words]
        for place, token in enumerate(tokens, start=1):
            yield json.dumps({"type": "text", "token": token, "last": place == len(tokens)}, ensure_ascii=False)

    def end_frame(self, reason: str) -> str:
        """Twilio asks the webhook what comes next, and hands it the reason."""
        return json.dumps({"type": "end", "handoffData": json.dumps({"reason": reason})})


def _document(frame: str) -> Json:
    if len(frame) > LONGEST_FRAME:
        raise InvalidInput("the frame is too long", field="frame", limit=f"{LONGEST_FRAME} characters")
    return read_object(frame.encode("utf-8", "replace"), "Twilio")
