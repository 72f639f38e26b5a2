"""Zammad: articles of tickets, tickets with theirs, answers with assets, and users, as its API gives them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    dicts,
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
    with_name,
)

SYSTEM = "zammad"
CHANNELS = {
    "email": ChannelType.EMAIL,
    "phone": ChannelType.VOICE,
    "chat": ChannelType.WEB_CHAT,
    "web": ChannelType.EMAIL,
    "note": ChannelType.EMAIL,
    "sms": ChannelType.VOICE,
    "whatsapp message": ChannelType.WHATSAPP,
    "facebook feed post": ChannelType.FACEBOOK,
    "facebook feed comment": ChannelType.FACEBOOK,
    "twitter status": ChannelType.TWITTER,
    "twitter direct-message": ChannelType.TWITTER,
}
SENDERS = {"1": "Agent", "2": "Customer", "3": "System"}
TYPES = {
    "1": "email",
    "2": "sms",
    "3": "chat",
    "5": "phone",
    "6": "twitter status",
    "7": "twitter direct-message",
    "8": "facebook feed post",
    "9": "facebook feed comment",
    "10": "note",
    "11": "web",
}
"""Numbers that a new installation gives; answers without ``expand=true`` name nothing else."""


def knows(one: Json) -> bool:
    """Whether an object has one of the shapes."""
    return (
        bool(_assets(one))
        or isinstance(one.get("articles"), list)
        or is_article(one)
        or _is_ticket(one)
        or has(one, "id", "firstname", "lastname")
    )


def is_article(one: Json) -> bool:
    return has(one, "ticket_id", "body") and bool({"sender", "sender_id", "content_type"} & one.keys())


def _is_ticket(one: Json) -> bool:
    return has(one, "id", "title", "customer_id", "group_id") or has(one, "number", "title", "customer_id")


def _assets(one: Json) -> Json:
    assets = parts(one, "assets")
    return assets if {"Ticket", "TicketArticle", "User"} & assets.keys() else {}


def gather(path: Path, document: object, directory: Directory) -> None:
    """People and tickets that a file speaks of."""
    for one in every(document):
        assets = _assets(one)
        for user in (*dicts(assets.get("User")), one):
            if has(user, "id", "firstname", "lastname"):
                directory.know(SYSTEM, text(user, "id"), _person(user))
        beside = (ticket for ticket in (parts(one, "ticket"), one) if _is_ticket(ticket))
        for ticket in (*dicts(assets.get("Ticket")), *beside):
            _know_ticket(path, ticket, directory)
    for article in articles_in(document):
        directory.spoken.add((SYSTEM, text(article, "ticket_id")))


def _know_ticket(path: Path, ticket: Json, directory: Directory) -> None:
    key, customer = text(ticket, "id"), text(ticket, "customer_id")
    directory.bare[SYSTEM, key] = path.name
    directory.tickets[SYSTEM, key] = Ticket(requester=customer, subject=text(ticket, "title"))
    named = text(ticket, "customer")  # with expand=true: the login, most often an address
    if "@" in named:
        directory.know(SYSTEM, customer, Person(email=named))


def articles_in(document: object) -> list[Json]:
    found: list[Json] = []
    for one in every(document):
        found += dicts(_assets(one).get("TicketArticle"))
        found += entries(one, "articles")
        if is_article(one):
            found.append(one)
    return found


def read(path: Path, document: object, directory: Directory) -> Iterator[Found | InvalidInput]:
    articles = in_order(articles_in(document))
    writers = _writers(articles)
    for article in articles:
        yield _article(article, writers, directory)


def _writers(articles: Sequence[Json]) -> dict[str, Person]:
    """By ticket: who wrote first as its customer, by the words of the articles themselves."""
    found: dict[str, Person] = {}
    for article in articles:
        key = text(article, "ticket_id")
        if _sender(article) == "Customer" and key not in found:
            name, address = name_and_address(text(article, "from"))
            login = text(article, "created_by")
            found[key] = Person(name=name, email=address or (login if "@" in login else ""))
    return found


def _article(article: Json, writers: dict[str, Person], directory: Directory) -> Found | InvalidInput:
    key, count, sender = text(article, "ticket_id"), text(article, "id"), _sender(article)
    if not count:
        return fault(SYSTEM, key, count, "it has no id")
    internal = article.get("internal") is True
    if sender not in ("Customer", "Agent"):
        return fault(SYSTEM, key, count, "a remark of the system is left out")
    ticket = directory.ticket(SYSTEM, key)
    requester = directory.person(SYSTEM, ticket.requester)
    writer = writers.get(key, Person())
    channel = CHANNELS.get(_type(article), ChannelType.EMAIL)
    ours = sender == "Agent"
    sent_to = name_and_address(text(article, "to"))[1] if ours and not internal else ""
    reached = requester.address(channel) or (writer.email or sent_to if channel is ChannelType.EMAIL else "")
    body = text(article, "body")
    return Found(
        system=SYSTEM,
        ticket=key,
        number=count,
        address=reached or f"zammad-{ticket.requester or key}",
        channel=channel,
        text=to_text(body) if text(article, "content_type").startswith("text/html") else body,
        ours=ours,
        note=internal,
        name=with_name(requester, writer.name).name or None,
        by=name_and_address(text(article, "from"))[0] or text(article, "from") if ours or internal else None,
        subject=text(article, "subject") or ticket.subject or None,
        at=moment(article, "created_at"),
        files=tuple(_file(key, count, one) for one in entries(article, "attachments")),
    )


def _sender(article: Json) -> str:
    return text(article, "sender") or SENDERS.get(text(article, "sender_id"), "")


def _type(article: Json) -> str:
    return text(article, "type") or TYPES.get(text(article, "type_id"), "")


def _person(user: Json) -> Person:
    return Person(
        name=" ".join(filter(None, (text(user, "firstname"), text(user, "lastname")))),
        email=text(user, "email"),
        phone=first_text(user, "mobile", "phone"),
        identifier=text(user, "login") if "@" not in text(user, "login") else "",
    )


def _file(ticket: str, article: str, one: Json) -> Attachment:
    about = parts(one, "preferences")
    return attachment(
        system=SYSTEM,
        key=f"{ticket}/{article}/{text(one, 'id')}",
        name=text(one, "filename"),
        size=number(one, "size"),
        content_type=first_text(about, "Mime-Type", "Content-Type", "content_type", "mime_type").partition(";")[0],
    )


def name_and_address(said: str) -> tuple[str, str]:
    """``Ana Lopez <ana@customers.example>`` in two."""
    name, bracket, rest = said[:600].rpartition("<")
    if not bracket:
        return "", said[:600].strip() if "@" in said else ""
    return name.strip().strip('"'), rest.partition(">")[0].strip()
