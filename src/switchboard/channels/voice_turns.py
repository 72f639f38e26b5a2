"""Which step of a call a request of Twilio's is: somebody spoke, pressed a key, said nothing, was connected, is gone."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from switchboard.channels.fields import number
from switchboard.channels.voice_events import ANONYMOUS, Form, first, query_number, read_form
from switchboard.domain.call import OVER, CallHeard, CallKey, CallLeg, CallStatus, CallTurn
from switchboard.domain.ids import AgentId, ConversationId, MessageId
from switchboard.errors import InvalidInput
from switchboard.ports.channel import RawRequest

STATUSES = {status.value: status for status in CallStatus} | {
    "queued": CallStatus.RINGING,
    "initiated": CallStatus.RINGING,
    "answered": CallStatus.IN_PROGRESS,
}
KEYS = {key.value: key for key in CallKey}
RECORDING_STEPS = ("RecordingUrl", "RecordingSid")
NOTICES = ("TranscriptionSid", "TranscriptionStatus", "RecordingStatus", "StableSpeechResult", "UnstableSpeechResult")
PROGRESS = ("SequenceNumber", "CallbackSource")
"""Fields that only status callbacks have."""

TALKED = ("completed", "answered")
BRIDGED = "bridged"
HUNG_UP = "hangup"
LEFT_FOR_US = ("leave", "redirected")
"""What Twilio says of somebody who left its queue because we asked for it; other words are trouble of the queue."""

LEGS = {leg.value: leg for leg in CallLeg}
LONGEST_ID = 64


def read_turn(request: RawRequest) -> CallTurn:
    """Raises ``InvalidInput`` if the request is not about a call."""
    form = read_form(request.body)
    call_id = first(form, "CallSid").strip()
    if not call_id:
        raise InvalidInput("CallSid is missing, so the body is not from Twilio", field="CallSid")
    outbound = first(form, "Direction").startswith("outbound")
    ours, theirs = ("From", "To") if outbound else ("To", "From")
    status = CallStatus.COMPLETED if _result(form) == HUNG_UP else STATUSES.get(first(form, "CallStatus"))
    heard = _heard(form, request, status)
    digits = first(form, "Digits").strip().rstrip("#")
    key = parameter(request, "key")
    return CallTurn(
        call_id=call_id,
        heard=heard,
        account=first(form, ours),
        step=query_number(request, "step"),
        key=KEYS.get(digits) if heard is CallHeard.KEY else None,
        confidence=_confidence(form),
        status=status,
        outbound=outbound,
        hidden=first(form, theirs).strip().lower() in ANONYMOUS,
        dial_answered=_talked(form),
        duration_s=_seconds(form),
        message_id=MessageId(key) if key else None,
        recording_id=first(form, "RecordingSid") or None,
        relay_over="SessionStatus" in form or "HandoffData" in form,
        in_queue=bool(parameter(request, "wait")),
        left=bool(parameter(request, "left")),
        queue_id=first(form, "QueueSid").strip()[:LONGEST_ID],
        queue_failed=_result(form) not in ("", HUNG_UP, BRIDGED, *LEFT_FOR_US),
        leg=LEGS.get(parameter(request, "leg")),
        about=parameter(request, "of")[:LONGEST_ID],
        conversation_id=ConversationId(parameter(request, "talk")[:LONGEST_ID]) or None,
        agent_id=AgentId(parameter(request, "agent")[:LONGEST_ID]) or None,
        confirmed=bool(parameter(request, "confirmed")) and bool(digits),
    )


def _result(form: Form) -> str:
    return first(form, "QueueResult").strip()[:LONGEST_ID]


def _talked(form: Form) -> bool:
    """Whether two people were connected; a mailbox that took the call and pressed no key was not."""
    if _result(form) == BRIDGED:
        return True
    return first(form, "DialCallStatus") in TALKED and first(form, "DialBridged").lower() != "false"


def parameter(request: RawRequest, name: str) -> str:
    """A value that we put into the address ourselves."""
    found: str = request.query.get(name) or parse_qs(urlsplit(request.url).query).get(name, [""])[0]
    return found


def _heard(form: Form, request: RawRequest, status: CallStatus | None) -> CallHeard:
    if any(name in form for name in NOTICES):
        return CallHeard.NOTICE
    if status in OVER:
        return CallHeard.ENDED
    if any(name in form for name in RECORDING_STEPS):
        return CallHeard.RECORDED
    if "DialCallStatus" in form or _result(form) == BRIDGED:
        return CallHeard.DIALLED
    if parameter(request, "left"):
        return CallHeard.LEFT
    if first(form, "SpeechResult").strip():
        return CallHeard.WORDS
    if first(form, "Digits").strip().rstrip("#"):
        return CallHeard.KEY
    if any(name in form for name in PROGRESS):
        return CallHeard.NOTICE
    if query_number(request, "step") == 0:
        return CallHeard.START
    waited = parameter(request, "waited") or parameter(request, "wait")
    return CallHeard.WAITED if waited else CallHeard.SILENCE


def _confidence(form: Form) -> float | None:
    """Twilio's figure for speech; keys leave no doubt."""
    if not first(form, "SpeechResult").strip() or first(form, "Digits").strip():
        return None
    document: Mapping[str, object] = {"confidence": first(form, "Confidence")}
    return number(document, "confidence")


def _seconds(form: Form) -> int | None:
    for name in ("DialCallDuration", "CallDuration"):
        value = first(form, name)
        if value.isascii() and value.isdigit() and len(value) < 7:
            return int(value)
    return None
