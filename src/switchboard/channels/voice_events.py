"""Reads Twilio's calls about a telephone call: what the caller said or pressed, voice messages, how the call went."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

from switchboard.channels.fields import fingerprint
from switchboard.channels.phones import phone_address
from switchboard.domain.customer import Evidence
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import Attachment, ChannelType, DeliveryState, MessageContent
from switchboard.errors import InvalidInput
from switchboard.ports.channel import Parsed, RawRequest

Form = Mapping[str, Sequence[str]]

ANONYMOUS = {
    "",
    "anonymous",
    "restricted",
    "unavailable",
    "unknown",
    "blocked",
    "private",
    "+266696687",
    "+7378742833",
    "+2562533",
    "+8656696",
    "+86282452253",
}
"""Instead of a number; the digits spell ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE on the keypad."""

_IDENTIFIER = re.compile(r"[a-z]{3,10}:([^@\s]{1,200})(?:@([^;\s]{1,200}).*)?", re.IGNORECASE)
"""An address such as ``sip:ann@example.com`` or ``client:ann``."""
_SOME_NUMBER = re.compile(r"\+?(?=[0-9]{0,19}[1-9])[0-9]{2,20}")

OVER = {"completed", "busy", "failed", "no-answer", "canceled"}

OUTBOUND_STATES = {
    "queued": DeliveryState.SENT,
    "initiated": DeliveryState.SENT,
    "ringing": DeliveryState.SENT,
    "in-progress": DeliveryState.SENT,
    "completed": DeliveryState.DELIVERED,
    "busy": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "no-answer": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}
"""How far our words came when we call the customer."""

UNREACHED = {
    "busy": "the line was busy",
    "no-answer": "nobody answered the telephone",
    "canceled": "the call was cancelled before anybody answered",
}

CALL_EVENT = "call_event"
"""The key in an event's metadata that says which step of a call it is."""


def read_form(body: bytes) -> Form:
    """The form fields, blank ones included. Raises ``InvalidInput`` for a body that is no form."""
    try:
        return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=1000)
    except ValueError as error:
        raise InvalidInput("The body is not a form, so it is not from Twilio", field="body") from error


def first(form: Form, name: str) -> str:
    """The field's value, or ''."""
    values = form.get(name)
    return values[0] if values else ""


def query_number(request: RawRequest, name: str, default: int = 0) -> int:
    """A small number that we put into the address of the next step."""
    value = parse_qs(urlsplit(request.url).query).get(name, [""])[0] or request.query.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 5 else default


def read_webhook(request: RawRequest) -> Parsed:
    """Every event in one request, in order. Raises ``InvalidInput`` if it is not about a call."""
    form = read_form(request.body)
    call = first(form, "CallSid").strip()
    if not call:
        raise InvalidInput("CallSid is missing, so the body is not from Twilio", field="CallSid")
    bare = _bare_event(form, call, query_number(request, "step"))
    address = {**{name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}, **request.query}
    if address.get("leg"):
        return Parsed(events=(_other_side(form, bare, address["leg"]),))
    key = address.get("key")
    if key:
        bare = replace(bare, metadata={**bare.metadata, "key": key})
    return Parsed(events=tuple(_read(form, bare)))


def _other_side(form: Form, event: InboundEvent, leg: str) -> InboundEvent:
    """A colleague's telephone, or the customer's in a call that a colleague placed: nobody writes to us there."""
    event = replace(event, senders=(), sender_name=None)
    about = ":".join(first(form, name)[:40] for name in ("CallStatus", "SequenceNumber", "DialCallStatus"))
    found = _step(event, "other_side", InboundKind.IGNORED, about=about)
    return replace(found, reason=f"the other side of a call ({leg[:20]}): recorded with the call")


def _bare_event(form: Form, call: str, step: int) -> InboundEvent:
    outbound = first(form, "Direction").startswith("outbound")
    ours, theirs = ("From", "To") if outbound else ("To", "From")
    return InboundEvent(
        kind=InboundKind.IGNORED,
        channel=ChannelType.VOICE,
        account=first(form, ours),
        external_id=f"{call}:{step}",
        senders=_caller(form, theirs, call),
        sender_name=first(form, "CallerName").strip() or None,
        sent_at=_time(first(form, "Timestamp")),
        session=call,
        metadata={"direction": first(form, "Direction")} if first(form, "Direction") else {},
    )


def _caller(form: Form, name: str, call: str) -> tuple[SenderAddress, ...]:
    """The number identifies. A hidden one says nothing: each such call is a person of its own."""
    if name not in form:
        return ()
    given = first(form, name).strip()
    if _is_hidden(given):
        return (SenderAddress(channel=ChannelType.VOICE, address=f"anonymous:{call}"),)
    if first(form, "StirVerstat").startswith("TN-Validation-Failed"):
        return (SenderAddress(channel=ChannelType.VOICE, address=phone_address(given)),)
    return (
        SenderAddress(
            channel=ChannelType.VOICE, address=phone_address(given), verified=True, evidence=Evidence.PROVIDER
        ),
    )


def _is_hidden(given: str) -> bool:
    """Networks write "no number" in many ways: what is neither a number nor an address names nobody."""
    if given.lower() in ANONYMOUS or f"+{given}" in ANONYMOUS:
        return True
    identifier = _IDENTIFIER.fullmatch(given)
    if identifier is not None:
        host = (identifier[2] or "").lower()
        return identifier[1].lower() in ANONYMOUS or host.endswith(".invalid")  # RFC 3325
    return _SOME_NUMBER.fullmatch(re.sub(r"[\s().-]", "", given)) is None


def _time(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _step(event: InboundEvent, name: str, kind: InboundKind, *, about: str = "", **details: str) -> InboundEvent:
    """``event`` as step ``name`` of the call, with a stable id made of call, step, name and what it is about."""
    known = {key: value for key, value in details.items() if value}
    return replace(
        event,
        kind=kind,
        external_id=f"{event.external_id}:{name}" + (f":{about}" if about else ""),
        metadata={**event.metadata, CALL_EVENT: name, **known},
    )


def _read(form: Form, event: InboundEvent) -> Iterator[InboundEvent]:
    if "TranscriptionSid" in form or "TranscriptionStatus" in form:
        yield _transcription(form, event)
    elif "RecordingStatus" in form:
        yield _recording_status(form, event)
    elif "RecordingUrl" in form or "RecordingSid" in form:
        yield _voicemail(form, event)
    elif "DialCallStatus" in form:
        details = {"status": first(form, "DialCallStatus"), "duration": first(form, "DialCallDuration")}
        yield _step(event, "transfer_done", InboundKind.SYSTEM, about=first(form, "DialCallSid"), **details)
    elif "QueueResult" in form:
        details = {"status": first(form, "QueueResult")[:40], "duration": first(form, "QueueTime")[:10]}
        yield _step(event, "queue_left", InboundKind.SYSTEM, about=first(form, "QueueSid")[:40], **details)
        if first(form, "CallStatus") in OVER:
            yield from _state(form, first(form, "CallStatus"), event)
    elif "SessionStatus" in form or "HandoffData" in form:
        details = {"status": first(form, "SessionStatus"), "duration": first(form, "SessionDuration")}
        yield _step(event, "relay_over", InboundKind.SYSTEM, about=first(form, "SessionId"), **details)
        if first(form, "CallStatus") in OVER:
            yield from _state(form, first(form, "CallStatus"), event)
    elif "StableSpeechResult" in form or "UnstableSpeechResult" in form:
        event = _step(event, "partial", InboundKind.IGNORED, about=first(form, "SequenceNumber"))
        yield replace(event, reason="speech that is not finished")
    else:
        yield from _turn(form, event)


def _turn(form: Form, event: InboundEvent) -> Iterator[InboundEvent]:
    """What the caller said or pressed, then the state of the call where the request tells it."""
    words, digits = first(form, "SpeechResult"), first(form, "Digits")
    status = first(form, "CallStatus")
    if words.strip():
        yield _utterance(words, first(form, "Confidence"), event)
    if digits.strip():
        event_digits = _step(event, "digits", InboundKind.POSTBACK, about=digits[:40])
        yield replace(event_digits, content=MessageContent(text=digits, payload=digits))
    gathered = "SpeechResult" in form or "Digits" in form
    if gathered and not words.strip() and not digits.strip():
        yield _no_input(event)
    if not gathered or status in OVER:
        yield from _state(form, status, event)


def _utterance(words: str, confidence: str, event: InboundEvent) -> InboundEvent:
    about = fingerprint(words)[-12:]
    return replace(
        _step(event, "utterance", InboundKind.MESSAGE, about=about, confidence=confidence),
        content=MessageContent(text=words),
    )


def _no_input(event: InboundEvent) -> InboundEvent:
    return replace(_step(event, "no_input", InboundKind.IGNORED), reason="nothing was heard")


def _state(form: Form, status: str, event: InboundEvent) -> Iterator[InboundEvent]:
    outbound = first(form, "Direction").startswith("outbound")
    if status in OVER:
        name = "call_ended"
    elif status == "in-progress":
        name = "call_answered"
        if not outbound and "SequenceNumber" not in form:  # the call goes on, but nothing was gathered
            yield _no_input(event)
            return
    else:
        name = "call_started"
    details = {
        "status": status,
        "duration": first(form, "CallDuration"),
        "answered_by": first(form, "AnsweredBy"),
        "error_code": first(form, "ErrorCode"),
    }
    found = _step(event, name, InboundKind.SYSTEM, about=first(form, "SequenceNumber"), **details)
    yield _delivery(found, status) if outbound else found


def _delivery(event: InboundEvent, status: str) -> InboundEvent:
    """Our own call tells how far our words came; its id is the call's."""
    state = OUTBOUND_STATES.get(status)
    if state is None:
        return event
    error = UNREACHED.get(status, "the call was not put through") if state is DeliveryState.FAILED else None
    return replace(event, kind=InboundKind.STATUS, target=event.session, delivery=state, delivery_error=error)


# ---- voice messages


def _recording(form: Form) -> tuple[Attachment, ...]:
    """Twilio's link; the file is ready once the status callback says so, and needs our credentials."""
    url, sid = first(form, "RecordingUrl"), first(form, "RecordingSid")
    if not url and not sid:
        return ()
    duration = first(form, "RecordingDuration")
    details = {"duration_seconds": duration} if duration else {}
    return (
        Attachment(kind="audio", content_type="audio/wav", url=url or None, provider_id=sid or None, details=details),
    )


def _voicemail(form: Form, event: InboundEvent) -> InboundEvent:
    """The caller left a message. Its words follow as a message of their own once they are transcribed."""
    sid, duration = first(form, "RecordingSid"), first(form, "RecordingDuration")
    found = _step(event, "recording_link", InboundKind.MESSAGE, about=sid, recording=sid, duration=duration)
    if duration == "0":
        return replace(found, kind=InboundKind.IGNORED, reason="the recording is empty")
    files = _recording(form)
    urls = tuple(file.url for file in files if file.url)
    return replace(found, content=MessageContent(text="", attachments=files, media_urls=urls))


def _recording_status(form: Form, event: InboundEvent) -> InboundEvent:
    """Whether the file of a voice message is ready. This notice does not say who called: the session does."""
    sid, status = first(form, "RecordingSid"), first(form, "RecordingStatus")
    name = {"completed": "recording", "absent": "recording_missing", "failed": "recording_missing"}.get(status)
    details = {"recording": sid, "status": status, "duration": first(form, "RecordingDuration")}
    found = _step(event, name or "recording_started", InboundKind.SYSTEM, about=f"{sid}:{status}", **details)
    files = _recording(form) if name == "recording" else ()
    return replace(found, target=sid or None, content=MessageContent(text="", attachments=files))


def _transcription(form: Form, event: InboundEvent) -> InboundEvent:
    sid, words = first(form, "TranscriptionSid"), first(form, "TranscriptionText")
    recording = first(form, "RecordingSid")
    if first(form, "TranscriptionStatus") != "completed" or words.strip() in ("", "(blank)"):
        failed = _step(event, "transcription_failed", InboundKind.SYSTEM, about=sid, recording=recording)
        return replace(failed, target=recording or None, reason="the voice message could not be turned into text")
    found = _step(event, "transcription", InboundKind.MESSAGE, about=sid, recording=recording)
    return replace(found, content=MessageContent(text=words))
