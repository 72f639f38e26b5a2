"""How values look on the desk: words for codes, clock times, colours' class names, numbered sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from switchboard.domain.advice import ActionType
from switchboard.domain.agent import Agent, AgentStatus
from switchboard.domain.conversation import Conversation
from switchboard.domain.customer import Evidence
from switchboard.domain.message import ChannelType, DeliveryState, FileState
from switchboard.domain.reading import IntentCategory, Reading, SentimentLabel, Topic, sentiment_label
from switchboard.domain.routing import Decision
from switchboard.flows.correct import NONE
from switchboard.ports.records import View
from switchboard.views.desk import Group, ListRow
from switchboard.views.line import name_of

CHANNELS = {
    ChannelType.WHATSAPP: ("wa", "WhatsApp"),
    ChannelType.EMAIL: ("em", "E-mail"),
    ChannelType.WEB_CHAT: ("ch", "Web chat"),
    ChannelType.VOICE: ("vo", "Voice"),
    ChannelType.FACEBOOK: ("fb", "Facebook"),
    ChannelType.TWITTER: ("xx", "Twitter"),
    ChannelType.INSTAGRAM: ("ig", "Instagram"),
}
VIEWS = {
    View.MINE: ("Mine", "inbox"),
    View.QUEUE: ("Queue", "queue"),
    View.AUTOMATION: ("Automation", "bot"),
    View.WAITING: ("Waiting", "clock"),
    View.OPEN: ("All open", "all"),
    View.RESOLVED: ("Resolved", "check"),
}
EMPTY = {
    View.MINE: ("Nothing is waiting for you.", View.QUEUE, "See the queue"),
    View.QUEUE: ("Nobody is waiting for a person.", View.OPEN, "See all open conversations"),
    View.AUTOMATION: ("Automation is not answering anybody right now.", View.OPEN, "See all open conversations"),
    View.WAITING: ("No customer owes you an answer.", View.MINE, "See yours"),
    View.OPEN: ("No conversation is open.", View.RESOLVED, "See resolved ones"),
    View.RESOLVED: ("Nothing has been resolved yet.", View.OPEN, "See all open conversations"),
}
GROUPS = {
    Group.REPLY_DUE: "Reply due",
    Group.WAITING: "Waiting for the customer",
    Group.AUTOMATION: "Automation is answering",
    Group.DONE: "Done",
}
EVIDENCE = {
    Evidence.CLAIMED: "nothing but the sender’s word",
    Evidence.PROVIDER: "the provider vouches for the account",
    Evidence.SAME_PHONE: "the same verified phone number",
    Evidence.SENDER_CHECKED: "sender checks passed",
    Evidence.SIGNED_VISITOR: "signed in on the website",
    Evidence.LINKED_BY_AGENT: "linked by an agent",
    Evidence.LINKED_BY_API: "linked by your own system",
}
DELIVERY = {
    DeliveryState.PENDING: ("clock", "Sending"),
    DeliveryState.SENT: ("check", "Sent"),
    DeliveryState.DELIVERED: ("check2", "Delivered"),
    DeliveryState.READ: ("check2", "Read"),
    DeliveryState.FAILED: ("warn", "Not sent"),
    DeliveryState.UNKNOWN: ("warn", "Nobody knows whether it arrived"),
    DeliveryState.CANCELLED: ("x", "Stopped"),
}
FILE_STATES = {
    FileState.WAITING: "being fetched",
    FileState.REFUSED: "not kept",
    FileState.FAILED: "could not be fetched",
}
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
STATUSES = {AgentStatus.AVAILABLE: "Available", AgentStatus.BUSY: "Busy", AgentStatus.OFFLINE: "Offline"}
DOTS = {AgentStatus.AVAILABLE: "", AgentStatus.BUSY: "busy", AgentStatus.OFFLINE: "off"}
ACTIONS = {
    ActionType.SEND_RESPONSE: "Send a reply",
    ActionType.ISSUE_REFUND: "Refund",
    ActionType.ESCALATE: "Escalate",
    ActionType.SCHEDULE_FOLLOWUP: "Follow up",
    ActionType.UPDATE_ORDER: "Change the order",
    ActionType.SEND_DOCUMENTATION: "Send a guide",
}
DECISIONS = {
    Decision.AUTOMATE: "Automation may answer",
    Decision.ASSIGN_AGENT: "An agent answers",
    Decision.QUEUE: "Waits for a person",
}
SENTIMENTS = {
    SentimentLabel.VERY_NEGATIVE: "very negative",
    SentimentLabel.NEGATIVE: "negative",
    SentimentLabel.NEUTRAL: "neutral",
    SentimentLabel.POSITIVE: "positive",
    SentimentLabel.VERY_POSITIVE: "very positive",
}
INTENTS = (
    (IntentCategory.ESCALATION, "a person, or a step outside"),
    (IntentCategory.COMPLAINT, "something went wrong"),
    (IntentCategory.REQUEST, "do something"),
    (IntentCategory.INQUIRY, "know something"),
    (IntentCategory.FEEDBACK, "an opinion or thanks"),
    (NONE, "nothing of its own"),
)
MARKS = ("n2", "n1", "n0", "p1", "p2")
CITATION = re.compile(r"\s?\[(\d{1,2})\]")
CURRENCIES = {"EUR": "€", "GBP": "£", "USD": "$"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Turns times into words. Under an hour relative, today the clock, else the date."""

    now: datetime
    zone: ZoneInfo

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def clock(self, at: datetime) -> str:
        """``11:40`` today, ``13 May`` this year, ``3 Feb 2024`` before."""
        here, today = self.local(at), self.local(self.now)
        if here.date() == today.date():
            return f"{here:%H:%M}"
        return f"{here.day} {here:%b}" if here.year == today.year else f"{here.day} {here:%b} {here.year}"

    def when(self, at: datetime) -> str:
        """``today at 14:05``, ``yesterday at 09:30``, ``on 13 May at 11:40``: for the middle of a sentence."""
        here, today = self.local(at).date(), self.local(self.now).date()
        names = {timedelta(): "today", timedelta(days=-1): "yesterday", timedelta(days=1): "tomorrow"}
        return f"{names.get(here - today) or f'on {self.clock(at)}'} at {self.hour(at)}"

    def hour(self, at: datetime) -> str:
        return f"{self.local(at):%H:%M}"

    def full(self, at: datetime) -> str:
        here = self.local(at)
        return f"{here:%A} {here.day} {here:%B %Y, %H:%M:%S %Z}"

    def iso(self, at: datetime) -> str:
        return at.astimezone(UTC).isoformat()

    def day(self, at: datetime) -> str:
        """``Today, Monday 18 May``."""
        here, today = self.local(at).date(), self.local(self.now).date()
        name = f"{here:%A} {here.day} {here:%B}"
        names = {today: f"Today, {name}", today - timedelta(days=1): f"Yesterday, {name}"}
        return names.get(here, name if here.year == today.year else f"{name} {here.year}")

    def waited(self, since: datetime) -> str:
        return duration((self.now - since).total_seconds())

    def late(self, since: datetime) -> str:
        """The class of a waiting time: amber from 5 minutes, red from 30."""
        minutes = (self.now - since).total_seconds() / 60
        return "bad" if minutes >= 30 else "warn" if minutes >= 5 else ""


def duration(seconds: float) -> str:
    """``40 s``, ``4 min``, ``2 h 10 min``, ``3 days``."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min"
    if whole < 86400:
        hours, minutes = divmod(whole // 60, 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days = whole // 86400
    return f"{days} days" if days > 1 else "1 day"


def signed(value: float, digits: int = 2) -> str:
    """``−0.48`` with a real minus sign; points of a sum as ``+2``."""
    text = f"{abs(value):.{digits}f}".rstrip("0").rstrip(".") if digits == 1 else f"{abs(value):.{digits}f}"
    return f"−{text}" if value < 0 else f"+{text}" if value > 0 else text


def level(urgency: int) -> str:
    """The fill of an urgency tile."""
    return "cr" if urgency >= 9 else "hi" if urgency >= 7 else "mid" if urgency >= 4 else "lo"


def words(code: str | None) -> str:
    """``refund_return`` as people read it: ``refund return``."""
    return (code or "").replace("_", " ")


def label(code: str | None) -> str:
    text = words(code)
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """``the number is unknown`` as a sentence of its own."""
    said = text.strip()
    return said[:1].upper() + said[1:] + ("" if said.endswith((".", "!", "?")) else ".")


def ruler(score: float) -> tuple[int, str, str]:
    """Which of five places on the sentiment ruler is lit, its class, and the word for it."""
    place = list(SentimentLabel).index(sentiment_label(score))
    return place, MARKS[place], SENTIMENTS[sentiment_label(score)]


def sure(confidence: float) -> str:
    return "sure" if confidence >= 0.85 else "fairly sure" if confidence >= 0.70 else "not sure, check"


def initials(name: str) -> str:
    parts = [part for part in re.split(r"[\s.@_-]+", name[:80]) if part]
    return "".join(part[0] for part in parts[:2]).upper() or "?"


def first_name(name: str) -> str:
    return name.split(maxsplit=1)[0] if name.strip() and "@" not in name else name


def paragraphs(text: str, cite: Callable[[str], Markup] = escape) -> Markup:
    """Text as paragraphs and line breaks, escaped."""
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(cite(line) for line in block.strip("\n").split("\n")))
        for block in blocks
    )


def cited(text: str) -> Markup:
    """Text whose ``[1]`` marks become numbered tiles."""
    return paragraphs(text, _with_tiles)


def _with_tiles(line: str) -> Markup:
    pieces = CITATION.split(line)
    shown = [
        Markup(" <cite>{}</cite>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    ]
    return Markup("").join(shown)


def plain(text: str) -> str:
    """Text without citation marks, for the composer."""
    return CITATION.sub("", text)


def money(amount: object, currency: str) -> str:
    sign = CURRENCIES.get(currency, f"{currency} ")
    text = f"{float(str(amount)):,.2f}"
    return f"{sign}{text.removesuffix('.00')}"


def about(conversation: Conversation) -> str:
    """What the conversation is about, in a few words."""
    if conversation.subject:
        return conversation.subject
    known = [label(conversation.intent), words(conversation.topic)]
    return ", ".join(part for part in known if part) or "New conversation"


def hover(reading: Reading) -> str:
    """What was understood of a message, for its tooltip."""
    intents = ", ".join(f"{label(i.category)} {i.confidence:.2f}" for i in reading.intent.all_intents)
    entities = ", ".join(f"{words(e.type)} {e.value}" for e in reading.entities)
    source = "" if reading.source == "model" else " (rules only)"
    return "; ".join(part for part in [intents + source, entities] if part)


def places(agent: Agent) -> list[bool]:
    """One jack for each conversation the agent can carry: taken or free."""
    return [place < agent.current_workload for place in range(agent.max_workload)]


def in_order(groups: Iterable[tuple[Group, list[ListRow]]]) -> list[tuple[Group, list[ListRow]]]:
    """The list's headings in the order of whose turn it is."""
    return sorted(groups, key=lambda pair: list(GROUPS).index(pair[0]))


def size(count: int) -> str:
    """``48 KB``, ``1.9 MB``, ``25 MB``."""
    if count < 1_048_576:
        return f"{max(1, count // 1024)} KB"
    return f"{count / 1_048_576:.1f} MB".replace(".0 ", " ")


FILTERS: dict[str, Callable[..., object]] = {
    "duration": duration,
    "signed": signed,
    "level": level,
    "words": words,
    "label": label,
    "ruler": ruler,
    "sentence": sentence,
    "sure": sure,
    "initials": initials,
    "first_name": first_name,
    "paragraphs": paragraphs,
    "cited": cited,
    "plain": plain,
    "about": about,
    "hover": hover,
    "places": places,
    "size": size,
    "sort_groups": in_order,
}
TABLES: dict[str, object] = {
    "CHANNELS": CHANNELS,
    "VIEWS": VIEWS,
    "EMPTY": EMPTY,
    "GROUPS": GROUPS,
    "EVIDENCE": EVIDENCE,
    "DELIVERY": DELIVERY,
    "FILE_STATES": FILE_STATES,
    "PICTURES": PICTURES,
    "STATUSES": STATUSES,
    "DOTS": DOTS,
    "ACTIONS": ACTIONS,
    "DECISIONS": DECISIONS,
    "INTENTS": INTENTS,
    "SENTIMENTS": SENTIMENTS,
    "TOPICS": tuple(Topic),
    "money": money,
    "customer_name": name_of,
}
