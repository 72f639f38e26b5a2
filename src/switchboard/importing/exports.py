"""Exports of other support systems, told apart by their shape and read as messages: Chatwoot, Zammad and Zendesk.

Understood are the JSON answers of their APIs (which their export tools write to files) and Zendesk's export of one ticket a
line. Notes between colleagues and automatic remarks of the system are left out, by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from switchboard.channels.email.html_text import to_text
from switchboard.conversations.identity import normalise_address
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import Attachment, ChannelType, MessageContent
from switchboard.errors import InvalidInput

ACCOUNT = "import"
LONGEST_TEXT = 256 * 1024
Json = Mapping[str, object]

CHATWOOT_CHANNELS = {
    "channel::email": ChannelType.EMAIL,
    "channel::webwidget": ChannelType.WEB_CHAT,
    "channel::whatsapp": ChannelType.WHATSAPP,
    "channel::facebookpage": ChannelType.FACEBOOK,
    "channel::instagram": ChannelType.INSTAGRAM,
    "channel::twitterprofile": ChannelType.TWITTER,
}
ZAMMAD_CHANNELS = {
    "email": ChannelType.EMAIL,
    "phone": ChannelType.VOICE,
    "chat": ChannelType.WEB_CHAT,
    "web": ChannelType.EMAIL,
    "whatsapp message": ChannelType.WHATSAPP,
    "facebook feed post": ChannelType.FACEBOOK,
    "facebook feed comment": ChannelType.FACEBOOK,
    "twitter status": ChannelType.TWITTER,
    "twitter direct-message": ChannelType.TWITTER,
}
ZENDESK_CHANNELS = {
    "email": ChannelType.EMAIL,
    "web": ChannelType.EMAIL,
    "api": ChannelType.EMAIL,
    "chat": ChannelType.WEB_CHAT,
    "native_messaging": ChannelType.WEB_CHAT,
    "voice": ChannelType.VOICE,
    "whatsapp": ChannelType.WHATSAPP,
    "facebook": ChannelType.FACEBOOK,
    "instagram_dm": ChannelType.INSTAGRAM,
    "twitter": ChannelType.TWITTER,
    "twitter_dm": ChannelType.TWITTER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A message of another system. ``ours``: somebody of the business wrote it. ``address``: the customer's; where the
    system knows none, their number there."""

    system: str
    ticket: str
    number: str
    address: str
    channel: ChannelType
    text: str
    ours: bool
    name: str | None = None
    subject: str | None = None
    at: datetime | None = None
    files: tuple[Attachment, ...] = field(default=())

    def event(self, path: Path) -> InboundEvent:
        address = normalise_address(self.channel, self.address[:320])
        return InboundEvent(
            kind=InboundKind.ECHO if self.ours else InboundKind.MESSAGE,
            channel=self.channel,
            account=ACCOUNT,
            external_id=f"{self.system}:{self.ticket}:{self.number}"[:300],
            senders=(SenderAddress(channel=self.channel, account=ACCOUNT, address=address),),
            sender_name=None if self.ours else (self.name or "")[:200] or None,
            content=MessageContent(
                text=self.text.replace("\x00", "\ufffd"),
                subject=(self.subject or "")[:300] or None,
                attachments=self.files,
            ),
            sent_at=self.at,
            metadata={"imported": path.name, "ticket": f"{self.system} {self.ticket}"},
        )


Reads = Callable[[Path, object], Iterator[Found | InvalidInput]]
"""How one of the shapes is read."""


def is_export(document: object) -> bool:
    """Whether a parsed file (or line) has the shape of one of the three."""
    return _reader(document) is not None


def messages_of(path: Path, document: object) -> Iterator[InboundEvent | InvalidInput]:
    """The messages of a document, oldest first; what is left out or cannot be read comes as an error that names it."""
    read = _reader(document)
    if read is None:
        yield InvalidInput("this is no export that we know", field=path.name, limit="Chatwoot, Zammad, Zendesk")
        return
    for found in read(path, document):
        yield found if isinstance(found, InvalidInput) else _checked(path, found)


def _checked(path: Path, found: Found) -> InboundEvent | InvalidInput:
    if not found.text.strip() and not found.files:
        return _fault(found.system, found.ticket, found.number, "it has no text")
    if len(found.text.encode("utf-8", "replace")) > LONGEST_TEXT:
        return _fault(found.system, found.ticket, found.number, f"its text is longer than {LONGEST_TEXT} bytes")
    return found.event(path)


def _fault(system: str, ticket: str, number: str, why: str) -> InvalidInput:
    return InvalidInput(f"{system} {ticket}, message {number}: {why}", field=f"{system}:{ticket}:{number}")


def _reader(document: object) -> Reads | None:
    first = _first(document)
    if not first:
        return None
    if {"assets", "articles"} & first.keys() or {"ticket_id", "sender", "body"} <= first.keys():
        return _Zammad()
    if {"comments", "tickets"} & first.keys():
        return _Zendesk()
    if "payload" in first or isinstance(first.get("data"), dict) or {"messages", "meta"} <= first.keys():
        return _Chatwoot()
    return None


def _first(document: object) -> Json:
    if isinstance(document, list):
        document = document[0] if document else {}
    return document if isinstance(document, dict) else {}


class _Chatwoot:
    """Conversations with their messages, or the messages of one conversation (answers of the API)."""

    def __call__(self, path: Path, document: object) -> Iterator[Found | InvalidInput]:
        for one in _dicts(document if isinstance(document, list) else [document]):
            inside = _dict(one, "data") or one
            entries = _list(inside, "payload")
            if not entries:
                yield from self._conversation(path, one)
            elif "message_type" in entries[0]:
                yield from self._conversation(path, {**inside, "messages": entries})
            else:
                for conversation in entries:
                    yield from self._conversation(path, conversation)

    def _conversation(self, path: Path, talk: Json) -> Iterator[Found | InvalidInput]:
        messages = sorted(_list(talk, "messages"), key=lambda m: (_number(m, "created_at"), _number(m, "id")))
        meta = _dict(talk, "meta")
        contact = _dict(meta, "sender") or _dict(meta, "contact")
        for message in messages:
            ticket = _text(message, "conversation_id") or _text(talk, "id") or path.stem
            yield self._message(ticket, message, contact, _text(meta, "channel") or _text(talk, "channel"))

    def _message(self, ticket: str, message: Json, contact: Json, channel: str) -> Found | InvalidInput:
        number, kind = _text(message, "id"), _text(message, "message_type")
        ours = kind in ("1", "outgoing", "3", "template")
        if message.get("private") is True:
            return _fault("chatwoot", ticket, number, "a note between colleagues is left out")
        if kind in ("2", "activity") or not number:
            return _fault("chatwoot", ticket, number, "a remark of the system is left out")
        person = contact or ({} if ours else _dict(message, "sender"))
        known = CHATWOOT_CHANNELS.get(
            channel.lower(), ChannelType.EMAIL if person.get("email") else ChannelType.WEB_CHAT
        )
        seconds = _number(message, "created_at")
        return Found(
            system="chatwoot",
            ticket=ticket,
            number=number,
            address=_reachable(known, person) or f"chatwoot-{_text(person, 'id') or ticket}",
            channel=known,
            text=_text(message, "content"),
            ours=ours,
            name=_text(person, "name") or None,
            at=datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 32_503_680_000 else None,
            files=_files(_list(message, "attachments"), "data_url", "file_name", "file_size"),
        )


class _Zammad:
    """Articles of tickets: a list of them, tickets that hold theirs, or an answer with assets."""

    def __call__(self, path: Path, document: object) -> Iterator[Found | InvalidInput]:
        documents = _dicts(document if isinstance(document, list) else [document])
        loose = [one for one in documents if "body" in one]
        for one in documents:
            assets = _dict(one, "assets")
            if assets:
                tickets, users = _dict(assets, "Ticket"), _dict(assets, "User")
                yield from self._articles(_dicts(_dict(assets, "TicketArticle").values()), tickets, users)
            elif "articles" in one:
                ticket = _dict(one, "ticket") or one
                yield from self._articles(_list(one, "articles"), {_text(ticket, "id"): ticket}, {})
        yield from self._articles(loose, {}, {})

    def _articles(self, articles: Sequence[Json], tickets: Json, users: Json) -> Iterator[Found | InvalidInput]:
        customers: dict[str, tuple[str, str]] = {}
        ordered = sorted(articles, key=lambda a: (_text(a, "created_at"), _number(a, "id")))
        for article in ordered:
            ticket = _text(article, "ticket_id")
            if _text(article, "sender") == "Customer" and ticket not in customers:
                customers[ticket] = _name_and_address(_text(article, "from"))
        for article in ordered:
            key = _text(article, "ticket_id")
            about = _dict(tickets, key)
            user = _dict(users, _text(about, "customer_id"))
            yield self._article(article, about, user, customers.get(key, ("", "")))

    def _article(self, article: Json, ticket: Json, user: Json, known: tuple[str, str]) -> Found | InvalidInput:
        key, number, sender = _text(article, "ticket_id"), _text(article, "id"), _text(article, "sender")
        if article.get("internal") is True or _text(article, "type") == "note":
            return _fault("zammad", key, number, "a note between colleagues is left out")
        if sender not in ("Customer", "Agent") or not number:
            return _fault("zammad", key, number, "a remark of the system is left out")
        name, address = known
        channel = ZAMMAD_CHANNELS.get(_text(article, "type"), ChannelType.EMAIL)
        ours = sender == "Agent"
        address = _reachable(channel, user) or address or (_name_and_address(_text(article, "to"))[1] if ours else "")
        body = _text(article, "body")
        return Found(
            system="zammad",
            ticket=key,
            number=number,
            address=address or f"zammad-{_text(ticket, 'customer_id') or key}",
            channel=channel,
            text=to_text(body) if _text(article, "content_type").startswith("text/html") else body,
            ours=ours,
            name=" ".join(filter(None, (_text(user, "firstname"), _text(user, "lastname")))) or name or None,
            subject=_text(article, "subject") or _text(ticket, "title") or None,
            at=_moment(_text(article, "created_at")),
            files=_files(_list(article, "attachments"), "", "filename", "size"),
        )


class _Zendesk:
    """Tickets with their comments (one a line, or a list), or the comments of one ticket; people beside them."""

    def __call__(self, path: Path, document: object) -> Iterator[Found | InvalidInput]:
        for one in _dicts(document if isinstance(document, list) else [document]):
            people = {_text(user, "id"): user for user in _list(one, "users")}
            tickets = _list(one, "tickets") or [{**(_dict(one, "ticket") or one), "comments": one.get("comments")}]
            for ticket in tickets:
                yield from self._ticket(path, ticket, people)

    def _ticket(self, path: Path, ticket: Json, people: Mapping[str, Json]) -> Iterator[Found | InvalidInput]:
        key = _text(ticket, "id") or path.stem
        comments = sorted(_list(ticket, "comments"), key=lambda c: (_text(c, "created_at"), _number(c, "id")))
        asking = _dict(ticket, "requester")
        requester = _text(ticket, "requester_id") or _text(asking, "id")
        if not requester:  # only the comments of a ticket: whoever is no colleague asks
            ends = [k for k, person in people.items() if _text(person, "role") == "end-user"]
            requester = ends[0] if ends else _text(comments[0], "author_id") if comments else ""
        person = asking or people.get(requester, {})
        for comment in comments:
            yield self._comment(key, ticket, comment, requester, person)

    def _comment(self, key: str, ticket: Json, comment: Json, requester: str, person: Json) -> Found | InvalidInput:
        number = _text(comment, "id")
        if comment.get("public") is False:
            return _fault("zendesk", key, number, "a note between colleagues is left out")
        if not number:
            return _fault("zendesk", key, number, "it has no id")
        via = _text(_dict(comment, "via"), "channel") or _text(_dict(ticket, "via"), "channel")
        channel = ZENDESK_CHANNELS.get(via, ChannelType.EMAIL)
        html = _text(comment, "html_body")
        text = _text(comment, "plain_body") or _text(comment, "body") or (to_text(html) if html else "")
        return Found(
            system="zendesk",
            ticket=key,
            number=number,
            address=_reachable(channel, person) or f"zendesk-{requester or key}",
            channel=channel,
            text=text,
            ours=_text(comment, "author_id") != requester,
            name=_text(person, "name") or None,
            subject=_text(ticket, "subject") or None,
            at=_moment(_text(comment, "created_at")),
            files=_files(_list(comment, "attachments"), "content_url", "file_name", "size"),
        )


def _reachable(channel: ChannelType, person: Json) -> str:
    """The customer's address on this channel, as far as a profile tells."""
    phone = _text(person, "phone_number") or _text(person, "phone") or _text(person, "mobile")
    mail = _text(person, "email")
    if channel in (ChannelType.WHATSAPP, ChannelType.VOICE):
        return phone
    return mail if channel is ChannelType.EMAIL else _text(person, "identifier")


def _name_and_address(text: str) -> tuple[str, str]:
    """``Ana Lopez <ana@customers.example>`` in two."""
    name, bracket, rest = text[:600].rpartition("<")
    if not bracket:
        return "", text[:600].strip() if "@" in text else ""
    return name.strip().strip('"'), rest.partition(">")[0].strip()


def _files(entries: Sequence[Json], url: str, name: str, size: str) -> tuple[Attachment, ...]:
    """What there was: an export holds no files, only where they lay."""
    return tuple(
        Attachment(
            kind="file",
            name=_text(one, name)[:200] or None,
            content_type=_text(one, "content_type")[:100] or None,
            size=int(_number(one, size)) or None,
            url=_text(one, url)[:2000] or None if url else None,
        )
        for one in entries
    )


def _dict(source: Json, key: str) -> Json:
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def _list(source: Json, key: str) -> list[Json]:
    value = source.get(key)
    return _dicts(value) if isinstance(value, list) else []


def _dicts(values: object) -> list[Json]:
    return [one for one in values if isinstance(one, dict)] if hasattr(values, "__iter__") else []


def _text(source: Json, key: str) -> str:
    value = source.get(key)
    if isinstance(value, bool) or value is None:
        return ""
    return str(value) if isinstance(value, str | int | float) else ""


def _number(source: Json, key: str) -> float:
    value = source.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo is not None else at.replace(tzinfo=UTC)
