"""Reads WhatsApp webhooks: messages, statuses, what staff wrote in the phone app, and Meta's notices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from switchboard.channels import meta
from switchboard.channels.fields import (
    Json,
    Shape,
    dump,
    fingerprint,
    flat,
    ident,
    misshapen,
    moment,
    obj,
    objects,
    text,
)
from switchboard.channels.phones import phone_address, phone_variants
from switchboard.channels.whatsapp_content import MEDIA, read_content, shared_number
from switchboard.channels.whatsapp_faults import explained, trouble_of
from switchboard.domain.customer import Evidence
from switchboard.domain.inbound import ATTENTION, InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import ChannelType, DeliveryState, MessageContent
from switchboard.ports.channel import Parsed

OBJECT = "whatsapp_business_account"
STANDBY = "standby"
"""The field of messages that another app answers: kept, and not answered."""

STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "played": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}


SHAPE: Shape = {"entry": [{"changes": [{"value": {"messages": [{}], "message_echoes": [{}], "statuses": [{}]}}]}]}
"""Where messages and statuses stand."""


NUMBER_CHANGES = ("user_changed_number", "customer_changed_number")


def read_document(document: Json) -> Parsed:
    """Every event of a webhook body, in order."""
    events: list[InboundEvent] = []
    control: list[str] = []
    for entry in objects(document, "entry"):
        for change in objects(entry, "changes"):
            name, value = text(change, "field") or "", obj(change, "value")
            if name in ("messages", "smb_message_echoes") or objects(value, "messages"):
                held_elsewhere = name == STANDBY
                events.extend(replace(event, automatic=held_elsewhere) for event in _read_value(value))
            else:
                control.append(_notice(name, value))
    return Parsed(events=tuple(events), control=tuple(control), unread=misshapen(document, SHAPE))


def _notice(name: str, value: Json) -> str:
    """Template reviews, account updates, consents, calls ...: logged and counted."""
    detail = text(value, "event") or text(value, "new_quality_score") or ""
    return f"{name[:80]}: {detail[:80]}" if detail else name[:80]


def _read_value(value: Json) -> Iterator[InboundEvent]:
    account = ident(obj(value, "metadata"), "phone_number_id") or ""
    for message in objects(value, "messages"):
        yield _read_message(message, value, account)
    for echo in objects(value, "message_echoes"):
        yield _read_echo(echo, account)
    for status in objects(value, "statuses"):
        yield _read_status(status, account)
    errors = objects(value, "errors")
    if errors and not value.get("messages") and not value.get("statuses"):
        yield replace(
            _bare_event(value, account),
            kind=InboundKind.ERROR,
            reason=_explain(errors),
            metadata={"error_codes": _codes(errors)},
        )


def _bare_event(raw: Json, account: str) -> InboundEvent:
    """An ignored event with id, account and time; readers fill in the rest."""
    return InboundEvent(
        kind=InboundKind.IGNORED,
        channel=ChannelType.WHATSAPP,
        account=account,
        external_id=ident(raw, "id") or fingerprint(account, raw),
        sent_at=moment(raw, "timestamp"),
    )


# ---- messages


def _read_message(message: Json, value: Json, account: str) -> InboundEvent:
    event = _bare_event(message, account)
    if ident(message, "group_id"):
        return replace(event, reason="group message")
    contact = _contact_of(message, value)
    context = obj(message, "context")
    event = replace(
        event,
        senders=_message_senders(message, contact),
        sender_name=ident(obj(contact, "profile"), "name"),
        reply_to=ident(context, "id"),
        metadata=_extras(message, context, contact),
    )
    kind = text(message, "type")
    if kind == "reaction":
        return _reaction(obj(message, "reaction"), event)
    if kind in ("edit", "revoke"):
        return _change(message, kind, event)
    if kind in ("system", "request_welcome"):
        return _system(message, kind, event)
    return _said(message, value, event)


def _said(message: Json, value: Json, event: InboundEvent) -> InboundEvent:
    content = read_content(message)
    if content is not None:
        interactive = obj(message, "interactive")
        form = text(obj(interactive, "nfm_reply"), "response_json")
        below = ident(obj(interactive, "list_reply"), "description")
        told = {**({"form": form} if form else {}), **({"choice_detail": below} if below else {})}
        return replace(event, kind=InboundKind.MESSAGE, content=content, metadata={**event.metadata, **told})
    of = text(obj(message, "unsupported"), "type") or text(message, "type") or "unknown"
    errors = objects(message, "errors") or objects(value, "errors")
    return replace(
        event,
        kind=InboundKind.UNSUPPORTED,
        content=MessageContent(text=_placeholder(of[:40])),
        reason=_explain(errors) or f"unknown message type {of[:40]}",
        metadata={**event.metadata, "unsupported_type": of[:40]},
    )


def _placeholder(of: str) -> str:
    if of in MEDIA:
        return f"[The customer sent {_FILES.get(of, f'a {of}')} that WhatsApp could not pass on]"
    named = "" if of in ("unknown", "unsupported") else f": {of.replace('_', ' ')}"
    return f"[WhatsApp message of a kind that cannot be shown here{named}]"


_FILES = {"image": "a picture", "audio": "a voice message or sound"}


def _reaction(reaction: Json, event: InboundEvent) -> InboundEvent:
    """``metadata["emoji"]`` is missing when the reaction was taken back."""
    return replace(
        event,
        kind=InboundKind.REACTION,
        target=ident(reaction, "message_id"),
        metadata={**event.metadata, **flat(reaction, "emoji")},
    )


def _change(message: Json, kind: str, event: InboundEvent) -> InboundEvent:
    change = obj(message, kind)
    target = ident(change, "original_message_id")
    if kind == "revoke":
        return replace(event, kind=InboundKind.DELETE, target=target)
    content = read_content(obj(change, "message"))
    if content is None:
        return replace(event, target=target, reason="edit to a kind of content that cannot be shown")
    return replace(event, kind=InboundKind.EDIT, target=target, content=content)


def _system(message: Json, kind: str, event: InboundEvent) -> InboundEvent:
    """Not said by the customer. With a new number or user id the customer gets it as one more address."""
    system = obj(message, "system")
    change = text(system, "type") or kind
    metadata = {**event.metadata, "system_type": change}
    if change in NUMBER_CHANGES:
        before, after = ident(system, "customer"), ident(system, "new_wa_id") or ident(system, "wa_id")
        found = [*_addresses([before]), *event.senders, *_addresses([after])]
        metadata |= {"new_phone": phone_address(after)} if after else {}
    elif change == "user_changed_user_id":
        ids = [ident(system, f"{when}{name}") for when in ("previous_", "") for name in ("user_id", "parent_user_id")]
        found = [*event.senders, *_addresses([], ids)]
        metadata |= {"new_user_id": ids[2]} if ids[2] else {}
    else:
        found = list(event.senders)
    return replace(event, kind=InboundKind.SYSTEM, senders=tuple(dict.fromkeys(found)), metadata=metadata)


def _extras(message: Json, context: Json, contact: Json) -> dict[str, str]:
    extras = flat(obj(contact, "profile"), "username")
    if context.get("forwarded") is True or context.get("frequently_forwarded") is True:
        extras["forwarded"] = "true"
    for name, source in (("referral", obj(message, "referral")), ("product", obj(context, "referred_product"))):
        if source:
            extras[name] = dump(source)
    return extras


# ---- people


def _contact_of(message: Json, value: Json) -> Json:
    """The contact with the sender's number or id; a single contact is the sender whatever its number says."""
    contacts = objects(value, "contacts")
    ids = {ident(message, "from"), ident(message, "from_user_id")} - {None}
    for contact in contacts:
        if {ident(contact, "wa_id"), ident(contact, "user_id")} & ids:
            return contact
    senders = {(ident(item, "from"), ident(item, "from_user_id")) for item in objects(value, "messages")}
    return contacts[0] if len(contacts) == 1 and len(senders) == 1 else {}


def _message_senders(message: Json, contact: Json) -> tuple[SenderAddress, ...]:
    phones = [ident(message, "from"), ident(contact, "wa_id")]
    ids = [
        ident(message, "from_user_id") or ident(contact, "user_id"),
        ident(message, "from_parent_user_id") or ident(contact, "parent_user_id"),
    ]
    senders = _addresses(phones, ids)
    shared = shared_number(message)
    if shared and phone_address(shared) not in {sender.address for sender in senders}:
        senders = (*senders, SenderAddress(channel=ChannelType.WHATSAPP, address=phone_address(shared)))
    return senders


def _addresses(phones: list[str | None], ids: list[str | None] | None = None) -> tuple[SenderAddress, ...]:
    """Numbers as they came, business-scoped user ids, other spellings of the numbers; Meta vouches for all."""
    written = [phone_address(phone) for phone in phones if phone]
    others = [variant for phone in written for variant in phone_variants(phone)]
    found = dict.fromkeys([*written, *(user for user in ids or [] if user), *others])
    return tuple(
        SenderAddress(channel=ChannelType.WHATSAPP, address=address, verified=True, evidence=Evidence.PROVIDER)
        for address in found
    )


# ---- our own side


def _read_echo(echo: Json, account: str) -> InboundEvent:
    """Somebody of ours wrote in the WhatsApp Business app."""
    of = (text(echo, "type") or "unknown")[:40]
    change = obj(echo, of)
    said = obj(change, "message") if of == "edit" else echo
    return replace(
        _bare_event(echo, account),
        kind=InboundKind.ECHO,
        senders=_addresses([ident(echo, "to")], [ident(echo, "to_user_id"), ident(echo, "to_parent_user_id")]),
        content=read_content(said) or MessageContent(text=""),
        target=ident(change, "original_message_id") or (ident(change, "message_id") if of == "reaction" else None),
        metadata={"of": of, **(flat(change, "emoji") if of == "reaction" else {})},
    )


def _read_status(status: Json, account: str) -> InboundEvent:
    target, name = ident(status, "id"), text(status, "status") or ""
    event = replace(_bare_event(status, account), target=target, external_id=f"{target}:{name[:40]}")
    state = STATES.get(name)
    if state is None:
        return replace(event, reason="unknown status")
    errors = objects(status, "errors")
    metadata = {"error_codes": _codes(errors)} if errors else {}
    trouble = trouble_of(metadata.get("error_codes", "").split(",")) if state is DeliveryState.FAILED else None
    if trouble is not None:
        metadata[ATTENTION] = f"{trouble[:1].upper()}{trouble[1:]}"
    key = meta.key_of(text(status, "biz_opaque_callback_data"))
    if key is not None:
        metadata["key"] = key
    return replace(
        event,
        kind=InboundKind.STATUS,
        senders=_recipients(status),
        delivery=state,
        delivery_error="; ".join(explained(*_told(error)) for error in errors[:5]) or None,
        metadata=metadata,
    )


def _recipients(status: Json) -> tuple[SenderAddress, ...]:
    if text(status, "recipient_type") == "group":
        return _addresses([ident(status, "recipient_participant_id")], [ident(status, "recipient_participant_user_id")])
    return _addresses([ident(status, "recipient_id")], [ident(status, "recipient_user_id")])


# ---- errors


def _codes(errors: list[Json]) -> str:
    return ",".join(code for error in errors if (code := ident(error, "code")))


def _explain(errors: list[Json]) -> str | None:
    """Meta's own words on what went wrong, without anything a customer wrote."""
    found = [": ".join(_told(error)) for error in errors]
    return "; ".join(found[:5]) or None


def _told(error: Json) -> tuple[str, str]:
    return ident(error, "code") or "", (text(error, "title") or "")[:200]
