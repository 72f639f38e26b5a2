"""Chatwoot: conversations with their messages, the messages of one conversation, and contacts, as its API gives them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import InvalidInput
from switchboard.importing.found import (
    Directory,
    Found,
    Json,
    Person,
    attachment,
    entries,
    every,
    fault,
    first_text,
    has,
    in_order,
    moment,
    number,
    parts,
    text,
)

SYSTEM = "chatwoot"
CHANNELS = {
    "channel::email": ChannelType.EMAIL,
    "channel::webwidget": ChannelType.WEB_CHAT,
    "channel::whatsapp": ChannelType.WHATSAPP,
    "channel::facebookpage": ChannelType.FACEBOOK,
    "channel::instagram": ChannelType.INSTAGRAM,
    "channel::twitterprofile": ChannelType.TWITTER,
}
OURS = ("1", "outgoing", "3", "template")
REMARK = ("2", "activity")


def knows(one: Json) -> bool:
    """Whether an object has one of the shapes."""
    inside = parts(one, "data") or one
    return (
        isinstance(inside.get("payload"), list | dict)
        or has(one, "messages", "meta")
        or has(one, "message_type", "content")
        or is_contact(one)
        or has(one, "messages", "inbox_id")
    )


def is_contact(one: Json) -> bool:
    return has(one, "id", "phone_number") and bool({"identifier", "thumbnail", "contact_inboxes", "email"} & one.keys())


def gather(document: object, directory: Directory) -> None:
    """People that a file speaks of."""
    for one in every(document):
        inside = parts(one, "data") or one
        payload = inside.get("payload")
        for contact in (one, *([payload] if isinstance(payload, dict) else entries(inside, "payload"))):
            if is_contact(contact):
                directory.know(SYSTEM, text(contact, "id"), _person(contact))


def read(path: Path, document: object, directory: Directory) -> Iterator[Found | InvalidInput]:
    for one in every(document):
        inside = parts(one, "data") or one
        payload = entries(inside, "payload") if isinstance(inside.get("payload"), list) else []
        loose = [message for message in payload if "message_type" in message]
        if loose:
            yield from _conversation(path, {**inside, "messages": loose}, directory)
        elif "message_type" in one:
            yield from _conversation(path, {"messages": [one], "meta": parts(one, "meta")}, directory)
        for talk in payload or [one]:
            if isinstance(talk.get("messages"), list):
                yield from _conversation(path, talk, directory)


def _conversation(path: Path, talk: Json, directory: Directory) -> Iterator[Found | InvalidInput]:
    meta = parts(talk, "meta")
    contact = parts(meta, "sender") or parts(meta, "contact")
    subject = text(parts(talk, "additional_attributes"), "mail_subject")
    channel = text(meta, "channel") or text(talk, "channel")
    for message in in_order(entries(talk, "messages")):
        ticket = text(message, "conversation_id") or text(talk, "display_id") or text(talk, "id") or path.stem
        yield _message(ticket, message, contact, channel, subject, directory)


def _message(
    ticket: str, message: Json, contact: Json, channel: str, subject: str, directory: Directory
) -> Found | InvalidInput:
    key, kind = text(message, "id"), text(message, "message_type")
    if not key:
        return fault(SYSTEM, ticket, key, "it has no id")
    if kind in REMARK:
        return fault(SYSTEM, ticket, key, "a remark of the system is left out")
    ours, sender = kind in OURS, parts(message, "sender")
    talks = text(parts(message, "conversation"), "channel") or channel
    person = _known(contact or ({} if ours else sender), directory)
    by_address = ChannelType.EMAIL if person.email else ChannelType.WEB_CHAT
    known = CHANNELS.get(talks.lower(), by_address)
    number_there = text(contact or ({} if ours else sender), "id")
    mail = parts(parts(message, "content_attributes"), "email")
    return Found(
        system=SYSTEM,
        ticket=ticket,
        number=key,
        address=person.address(known) or f"chatwoot-{number_there or ticket}",
        channel=known,
        text=text(message, "content"),
        ours=ours,
        note=message.get("private") is True,
        name=person.name or None,
        by=first_text(sender, "available_name", "name") if ours else None,
        subject=text(mail, "subject") or subject or None,
        at=moment(message, "created_at"),
        files=tuple(_file(one) for one in entries(message, "attachments")),
    )


def _known(contact: Json, directory: Directory) -> Person:
    told, known = _person(contact), directory.person(SYSTEM, text(contact, "id"))
    return Person(
        name=told.name or known.name,
        email=told.email or known.email,
        phone=told.phone or known.phone,
        identifier=told.identifier or known.identifier,
    )


def _person(contact: Json) -> Person:
    return Person(
        name=text(contact, "name"),
        email=text(contact, "email"),
        phone=text(contact, "phone_number"),
        identifier=text(contact, "identifier"),
    )


def _file(one: Json) -> Attachment:
    return attachment(
        system=SYSTEM,
        key=text(one, "id") or text(one, "data_url"),
        name=text(one, "file_name"),
        url=text(one, "data_url"),
        kind=text(one, "file_type"),
        size=number(one, "file_size"),
    )
