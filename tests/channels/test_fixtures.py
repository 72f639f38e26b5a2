"""Everything that providers really send reads as the specification says it should."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

import pytest

from switchboard.domain.inbound import InboundEvent, InboundKind
from switchboard.domain.message import Attachment, ChannelType
from tests.channels.fixture_cases import CASES, Case
from tests.channels.payloads import make_channel

Fields = dict[str, object]

CALL_STEPS = {
    "call_started": {InboundKind.SYSTEM, InboundKind.STATUS},
    "call_answered": {InboundKind.SYSTEM, InboundKind.STATUS},
    "call_ended": {InboundKind.SYSTEM, InboundKind.STATUS},
    "utterance": {InboundKind.MESSAGE},
    "digits": {InboundKind.POSTBACK},
    "no_input": {InboundKind.IGNORED},
    "partial": {InboundKind.IGNORED},
    "transfer_done": {InboundKind.SYSTEM},
    "recording_link": {InboundKind.MESSAGE},
    "recording": {InboundKind.SYSTEM},
    "recording_missing": {InboundKind.SYSTEM},
    "transcription": {InboundKind.MESSAGE},
    "transcription_failed": {InboundKind.SYSTEM},
}
"""The fixtures' steps of a call and the kinds of event that we make of them."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_captured_payload_reads_as_written_beside_it(case: Case) -> None:
    parsed = make_channel(case.channel).parse(case.request)

    events = _as_stored(parsed.events)

    assert len(events) == len(case.expected_events), events
    for event, expected in zip(events, case.expected_events, strict=True):
        read = _translate(event, case.channel)
        wrong = {key: (read.get(key), value) for key, value in expected.items() if not _agrees(key, read, value)}
        assert not wrong, f"{case.name}: (ours, expected) = {wrong}"
    if "control" in case.expect:
        assert [notice.split(":")[0] for notice in parsed.control] == [case.expect["control"]]


def _as_stored(events: Iterable[InboundEvent]) -> list[list[InboundEvent]]:
    """Without repeated ids, and the statuses of one notice (one for each message) together, as the fixtures count."""
    kept: dict[str, InboundEvent] = {event.external_id: event for event in events}
    groups: list[list[InboundEvent]] = []
    for event in kept.values():
        previous = groups[-1][0] if groups else None
        if previous and event.metadata.get("watermark") and previous.sent_at == event.sent_at:
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups


def _translate(group: list[InboundEvent], channel: ChannelType) -> Fields:
    """Our event in the words of the fixtures."""
    event = group[0]
    kind = event.kind.value
    meta = event.metadata
    placeholder = event.kind in (InboundKind.UNSUPPORTED, InboundKind.ENCRYPTED) or "encrypted" in meta
    says = "" if placeholder else event.content.text
    target = event.target if event.kind is InboundKind.STATUS else event.external_id
    fields: Fields = {
        "kind": kind,
        "account": event.account,
        "external_id": target,
        "external_ids": [item.target for item in group if item.target],
        "timestamp": int(event.sent_at.timestamp()) if event.sent_at else None,
        "name": event.sender_name,
        "handle": meta.get("handle"),
        "text": says,
        "payload": event.content.payload,
        "attachments": list(event.content.attachments),
        "customer_ids": [sender.address for sender in event.senders],
        "target": event.target,
        "reply_to": event.reply_to,
        "in_reply_to": event.reply_to,
        "emoji": meta.get("emoji"),
        "status": meta.get("status") if channel is ChannelType.VOICE else event.delivery,
        "form": meta.get("form"),
        "forwarded": meta.get("forwarded") == "true",
        "standby": meta.get("standby") == "true",
        "referral": json.loads(meta.get("referral", "{}")),
        "error_codes": [int(code) for code in meta.get("error_codes", "").split(",") if code],
        "app_id": int(meta["app_id"]) if "app_id" in meta else None,
        "story": meta.get("story_id"),
        "links": meta.get("links", "").split("\n"),
        "system_type": meta.get("system_type"),
        "of": meta.get("system_type") or meta.get("of") or meta.get("unsupported_type"),
        "new_phone": meta.get("new_phone", "").removeprefix("+"),
        "why": event.reason,
        "session": event.session,
        "confidence": float(meta["confidence"]) if "confidence" in meta else None,
        "digits": event.content.payload,
        "duration": int(meta.get("duration", "0") or 0),
        "recording": meta.get("recording"),
        "answered_by": meta.get("answered_by"),
    }
    if "watermark" in meta:
        fields["watermark"] = int(datetime.fromisoformat(meta["watermark"]).timestamp())
    if channel is ChannelType.VOICE:
        fields["kind"] = meta["call_event"]
        assert event.kind in CALL_STEPS[meta["call_event"]]
    return fields


def _agrees(key: str, read: Mapping[str, object], expected: object) -> bool:
    found = read.get(key)
    if key == "note" or (key == "of" and expected is None):
        return True
    if key == "customer_ids" and isinstance(expected, dict) and isinstance(found, list):
        return _same_people(expected, found)
    if key == "attachments" and isinstance(expected, list) and isinstance(found, list):
        return len(found) == len(expected) and all(map(_same_attachment, found, expected))
    if key == "referral" and isinstance(expected, dict) and isinstance(found, dict):
        return all(found.get(name) == value for name, value in expected.items())
    if key == "confidence":
        return found == pytest.approx(expected, abs=0.001)
    if key == "external_id" and str(read.get("why")) == "unknown status":
        return str(found).startswith(str(expected))
    return found == expected


def _same_people(expected: dict[str, str], found: list[str]) -> bool:
    """Every identifier is there. Others may be: new or shared numbers, other spellings, a call without a number."""
    prefixes = {"phone": "+", "wa_id": "+", "user_ref": "user_ref:", "client": "client:", "sip": "sip:"}
    wanted = {value if "<" in value else prefixes.get(name, "") + value.lstrip("+") for name, value in expected.items()}
    if not wanted:
        return all(address.startswith("anonymous:") for address in found)
    return wanted <= set(found) and len(found) <= len(wanted) + 1


def _same_attachment(found: Attachment, expected: Mapping[str, object]) -> bool:
    ours: dict[str, object] = {
        "type": found.details.get("type") or found.kind,
        "id": found.provider_id,
        "mime_type": found.content_type,
        "filename": found.name,
        "name": found.name,
        "title": found.name,
        "url": found.url,
        "voice": found.details.get("voice") == "true",
        "phones": [number for number in found.details.get("phones", "").split(", ") if number],
        "latitude": float(found.details.get("latitude", "nan")),
        "longitude": float(found.details.get("longitude", "nan")),
        "address": found.details.get("address"),
        "sticker_id": found.details.get("sticker_id"),
        "catalog_id": found.details.get("catalog_id"),
        "items": int(found.details.get("items", "0")),
    }
    return all(ours[name] == value for name, value in expected.items())
