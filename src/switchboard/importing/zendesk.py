"""Zendesk: its JSON export (a ticket or user a line), and pages of tickets, comments, audits, events and users."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from switchboard.channels.email.html_text import to_text
from switchboard.domain.message import Attachment, ChannelType
from switchboard.errors import InvalidInput
from switchboard.importing.found import (
    Directory,
    Found,
    Json,
    Person,
    Ticket,
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

SYSTEM = "zendesk"
CHANNELS = {
    "email": ChannelType.EMAIL,
    "web": ChannelType.EMAIL,
    "api": ChannelType.EMAIL,
    "chat": ChannelType.WEB_CHAT,
    "native_messaging": ChannelType.WEB_CHAT,
    "voice": ChannelType.VOICE,
    "sms": ChannelType.VOICE,
    "whatsapp": ChannelType.WHATSAPP,
    "facebook": ChannelType.FACEBOOK,
    "instagram_dm": ChannelType.INSTAGRAM,
    "twitter": ChannelType.TWITTER,
    "twitter_dm": ChannelType.TWITTER,
}
ROLES = ("end-user", "agent", "admin")
_IN_URL = re.compile(r"/tickets/(\d{1,20})[/.]")


def knows(one: Json) -> bool:
    """Whether an object has one of the shapes."""
    lists = ("tickets", "comments", "audits", "ticket_events", "users")
    return (
        any(isinstance(one.get(name), list) for name in lists)
        or "comments" in one
        or is_user(one)
        or is_ticket(one)
        or is_ticket(parts(one, "ticket"))
        or is_user(parts(one, "user"))
    )


def is_user(one: Json) -> bool:
    return has(one, "id", "name", "role") and text(one, "role") in ROLES


def is_ticket(one: Json) -> bool:
    return has(one, "id", "requester_id") or has(one, "id", "comments")


def gather(path: Path, document: object, directory: Directory) -> None:
    """People and tickets that a file speaks of."""
    for one in every(document):
        for user in (*entries(one, "users"), parts(one, "user"), one):
            if is_user(user):
                directory.know(SYSTEM, text(user, "id"), _person(user))
        for ticket in _tickets(one):
            _know_ticket(path, ticket, directory)
        for key, _, _ in _loose(path, one):
            directory.spoken.add((SYSTEM, key))


def _tickets(one: Json) -> list[Json]:
    inside = parts(one, "ticket")
    beside = {**inside, "comments": one["comments"]} if inside and "comments" in one else inside
    return [ticket for ticket in (*entries(one, "tickets"), beside, one) if is_ticket(ticket)]


def _know_ticket(path: Path, ticket: Json, directory: Directory) -> None:
    key, asking = text(ticket, "id"), parts(ticket, "requester")
    requester = text(ticket, "requester_id") or text(asking, "id")
    directory.know(SYSTEM, requester, _person(asking))
    if "comments" in ticket:
        directory.spoken.add((SYSTEM, key))
    else:
        directory.bare[SYSTEM, key] = path.name
    via = text(parts(ticket, "via"), "channel")
    directory.tickets[SYSTEM, key] = Ticket(requester=requester, subject=text(ticket, "subject"), via=via)


def _loose(path: Path, one: Json) -> Iterator[tuple[str, Json, Mapping[str, Json]]]:
    """(ticket, comment, people beside it) of comments that do not lie in their ticket."""
    people = {text(user, "id"): user for user in entries(one, "users")}
    if not _tickets(one):
        comments = entries(one, "comments")
        key = _ticket_of(path, one) if comments else ""
        for comment in comments:
            yield text(comment, "ticket_id") or key, comment, people
    for audit in (*entries(one, "audits"), *entries(one, "ticket_events")):
        for event in (*entries(audit, "events"), *entries(audit, "child_events")):
            if "Comment" in first_text(event, "type", "event_type"):
                told = {"created_at": audit.get("created_at"), "via": audit.get("via"), **event}
                yield text(audit, "ticket_id"), told, people


def _ticket_of(path: Path, page: Json) -> str:
    """A page of comments names its ticket only in the address of its neighbours; else its file or folder does."""
    for address in ("next_page", "previous_page", "url"):
        found = _IN_URL.search(text(page, address)[:500])
        if found is not None:
            return found[1]
    links = parts(page, "links")
    found = _IN_URL.search((text(links, "next") or text(links, "prev"))[:500])
    numbers = re.findall(r"\d{1,20}", path.stem) or re.findall(r"\d{1,20}", path.parent.name)
    return found[1] if found is not None else numbers[0] if numbers else path.stem


def read(path: Path, document: object, directory: Directory) -> Iterator[Found | InvalidInput]:
    for one in every(document):
        for ticket in _tickets(one):
            key = text(ticket, "id")
            people = {text(user, "id"): user for user in entries(one, "users")}
            asking = parts(ticket, "requester")
            requester = text(ticket, "requester_id") or text(asking, "id")
            person = _known(requester, asking or people.get(requester, {}), directory)
            via, subject = text(parts(ticket, "via"), "channel"), text(ticket, "subject")
            for comment in in_order(entries(ticket, "comments")):
                yield _comment(key, comment, requester, person, subject, via, directory)
        yield from _loose_comments(path, one, directory)


def _loose_comments(path: Path, one: Json, directory: Directory) -> Iterator[Found | InvalidInput]:
    asks: dict[str, str] = {}
    for key, comment, people in _loose(path, one):
        ticket = directory.ticket(SYSTEM, key)
        if key not in asks:
            asks[key] = ticket.requester or _who_asks(people, comment)
        person = _known(asks[key], people.get(asks[key], {}), directory)
        yield _comment(key, comment, asks[key], person, ticket.subject, ticket.via, directory)


def _who_asks(people: Mapping[str, Json], comment: Json) -> str:
    """Where nothing names who asked: whoever is no colleague, else who wrote first."""
    ends = [key for key, person in people.items() if text(person, "role") == "end-user"]
    return ends[0] if ends else text(comment, "author_id")


def _comment(
    key: str, comment: Json, requester: str, person: Person, subject: str, via: str, directory: Directory
) -> Found | InvalidInput:
    count = text(comment, "id")
    if not count:
        return fault(SYSTEM, key, count, "it has no id")
    via = text(parts(comment, "via"), "channel") or via
    channel = CHANNELS.get(via, ChannelType.EMAIL)
    html = text(comment, "html_body")
    author = text(comment, "author_id")
    note = comment.get("public") is False
    ours = author != requester
    return Found(
        system=SYSTEM,
        ticket=key,
        number=count,
        address=person.address(channel) or f"zendesk-{requester or key}",
        channel=channel,
        text=first_text(comment, "plain_body", "body") or (to_text(html) if html else ""),
        ours=ours,
        note=note,
        name=person.name or None,
        by=directory.person(SYSTEM, author).name if ours else None,
        subject=subject or None,
        at=moment(comment, "created_at"),
        files=tuple(_file(one) for one in entries(comment, "attachments")),
    )


def _known(number_there: str, told: Json, directory: Directory) -> Person:
    person, known = _person(told), directory.person(SYSTEM, number_there)
    return Person(name=person.name or known.name, email=person.email or known.email, phone=person.phone or known.phone)


def _person(user: Json) -> Person:
    role = text(user, "role")
    return Person(
        name=text(user, "name"),
        email=text(user, "email"),
        phone=text(user, "phone"),
        identifier=text(user, "external_id"),
        colleague=role != "end-user" if role else None,
    )


def _file(one: Json) -> Attachment:
    return attachment(
        system=SYSTEM,
        key=text(one, "id") or text(one, "content_url"),
        name=text(one, "file_name"),
        url=text(one, "content_url"),
        size=number(one, "size"),
        content_type=text(one, "content_type"),
    )
