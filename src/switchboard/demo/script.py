"""An endless, repeatable stream of new customer messages for the demo: same seed, same messages.

``stream(business, seed=...)`` yields ``ScriptedMessage`` for ever. Each round plays every live message once in a new order;
strangers get a fresh name and address each round, and open roles go to different customers, so no round repeats another.
The stream knows nothing about clocks: ``pause_s`` says how long to wait before a message, at ``per_minute`` on average.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from switchboard.demo.shapes import DemoBusiness, FollowUp, LiveMessage
from switchboard.domain.customer import CustomerProfile
from switchboard.domain.ids import CustomerId
from switchboard.domain.message import ChannelType

ANY_CUSTOMER = "customer"
STRANGER = "stranger"
NAMES: dict[str, tuple[str, str]] = {
    "en": (
        "Bashir Clara Dominic Edith Farah Gordon Imran Jolene Keir Lorna Milo Niamh Osman Rhona Silas Tamsin Wilf Yasmin",
        "Ashdown Barlow Crane Dunmore Everett Foxley Granger Haldane Jessop Kellaway Lockhart Merrick Oakes Penrose Quayle",
    ),
    "de": ("Anke Bernd Corinna Dieter Frauke Holger Silke Uwe", "Reuter Kessler Brandner Ziegler Lohmann Seidel"),
    "fr": ("Benoît Delphine Étienne Manon Thierry Odile", "Garnier Lacroix Perrin Chevalier Vasseur Moulin"),
    "es": ("Alba Bruno Carmen Nuria Rafael Teresa", "Navarro Iglesias Cortés Molina Vega Pascual"),
    "it": ("Arianna Bruno Elisa Fabio Silvia Tommaso", "Bianchi Fontana Greco Moretti Sartori Villa"),
    "pt": ("Catarina Duarte Helena Nuno Patrícia Vasco", "Almeida Baptista Fonseca Moreira Pinto Teixeira"),
    "nl": ("Anouk Bas Hanneke Jeroen Lotte Ruben", "Dekker Hendriks Kuiper Mulder Postma Verhoeven"),
}
MAIL_HOSTS = ("brightmail.example", "quickpost.example", "northpost.example")
ID_LENGTH = {ChannelType.FACEBOOK: 16, ChannelType.TWITTER: 18, ChannelType.INSTAGRAM: 17}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes. ``customer_id`` is None for somebody new; ``verified`` tells what the channel can vouch for."""

    name: str
    address: str
    verified: bool
    customer_id: CustomerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedMessage:
    """One incoming message. ``number`` counts from 1. After an answer arrives, send the ``follow_ups`` one by one, each
    ``wait_s`` seconds after the answer before it."""

    number: int
    key: str
    channel: ChannelType
    account: str
    sender: Sender
    text: str
    subject: str | None
    language: str
    pause_s: float
    follow_ups: tuple[FollowUp, ...] = ()


def stream(business: DemoBusiness, *, seed: int = 1, per_minute: float = 6.0) -> Iterator[ScriptedMessage]:
    """New messages without end; the pauses average to ``per_minute`` messages a minute."""
    rng = random.Random(seed)
    phones = free_phones(business)
    number = 0
    while True:
        for template in rng.sample(business.live, len(business.live)):
            number += 1
            pause_s = round(rng.uniform(0.3, 1.7) * 60.0 / per_minute, 2)
            sender = _sender(template, business, rng, phones[number % len(phones)])
            yield _message(template, business, rng, sender=sender, number=number, pause_s=pause_s)


def _message(
    template: LiveMessage, business: DemoBusiness, rng: random.Random, *, sender: Sender, number: int, pause_s: float
) -> ScriptedMessage:
    return ScriptedMessage(
        number=number,
        key=template.key,
        channel=template.channel,
        account=business.brand.accounts[template.channel],
        sender=sender,
        text=_with_order(template, business, sender, rng),
        subject=template.subject,
        language=template.language,
        pause_s=pause_s,
        follow_ups=template.follow_ups,
    )


def _sender(template: LiveMessage, business: DemoBusiness, rng: random.Random, phone: str) -> Sender:
    customer = _customer(template, business, rng)
    return _known(customer, template.channel) if customer else _stranger(template, rng, phone)


def _customer(template: LiveMessage, business: DemoBusiness, rng: random.Random) -> CustomerProfile | None:
    if template.who == STRANGER:
        return None
    if template.who != ANY_CUSTOMER:
        wanted = business.customer_keys[template.who]
        return next(c for c in business.customers if c.customer_id == wanted)
    return rng.choice(candidates(template, business.customers))


def candidates(template: LiveMessage, customers: Sequence[CustomerProfile]) -> list[CustomerProfile]:
    """The known customers who could write this: right channel, right language, and an order if the text names one."""
    return [
        customer
        for customer in customers
        if customer.language == template.language
        and any(identity.channel is template.channel for identity in customer.identities)
        and customer.purchase_history
    ]


def _known(customer: CustomerProfile, channel: ChannelType) -> Sender:
    identity = next(identity for identity in customer.identities if identity.channel is channel)
    return Sender(
        name=customer.name or identity.address,
        address=identity.address,
        verified=identity.verified,
        customer_id=customer.customer_id,
    )


def _stranger(template: LiveMessage, rng: random.Random, phone: str) -> Sender:
    first, last = (rng.choice(names.split()) for names in NAMES[template.language])
    name = template.name or f"{first} {last}"
    verified = template.channel not in (ChannelType.WEB_CHAT, ChannelType.EMAIL)
    return Sender(name=name, address=_new_address(template.channel, name, rng, phone), verified=verified)


def _new_address(channel: ChannelType, name: str, rng: random.Random, phone: str) -> str:
    match channel:
        case ChannelType.VOICE:
            return f"+{phone}"
        case ChannelType.WHATSAPP:
            return phone
        case ChannelType.EMAIL:
            return f"{_plain(name)}.{rng.randrange(10**6)}@{rng.choice(MAIL_HOSTS)}"
        case ChannelType.WEB_CHAT:
            return f"visitor-{rng.getrandbits(48):012x}"
        case _:
            return "9" + "".join(rng.choices("0123456789", k=ID_LENGTH[channel] - 1))


def _plain(name: str) -> str:
    """The name as it stands in a mail address: small letters without accents, a dot for each space."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return letters.lower().replace(" ", ".")


def free_phones(business: DemoBusiness) -> tuple[str, ...]:
    """Those of the 1,000 telephone numbers reserved for fiction that no customer has; in a long run they recur."""
    taken = {identity.address.lstrip("+") for customer in business.customers for identity in customer.identities}
    return tuple(phone for phone in (f"447700900{n:03d}" for n in range(1000)) if phone not in taken)


def _with_order(template: LiveMessage, business: DemoBusiness, sender: Sender, rng: random.Random) -> str:
    """The text with one of the writer's two newest orders named, where it names one."""
    if "{order}" not in template.text:
        return template.text
    customer = next(c for c in business.customers if c.customer_id == sender.customer_id)
    newest = sorted(customer.purchase_history, key=lambda purchase: purchase.purchased_at)[-2:]
    return template.text.replace("{order}", rng.choice(newest).order_number or "")
