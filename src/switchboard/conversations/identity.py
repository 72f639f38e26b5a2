"""Who is writing? Addresses in one canonical form, and the evidence it takes to call two of them one person."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers

from switchboard.domain.customer import Evidence, Identity
from switchboard.domain.inbound import SenderAddress
from switchboard.domain.message import ChannelType
from switchboard.errors import InvalidInput

LONGEST_ADDRESS = 320
PHONE_CHANNELS = frozenset({ChannelType.WHATSAPP, ChannelType.VOICE})
BY_STAFF = frozenset({Evidence.LINKED_BY_AGENT, Evidence.LINKED_BY_API})
_PHONE_NOISE = re.compile(r"[\s().\-/\u2010-\u2015]+")
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF])


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeVerdict:
    """Whether two identities belong to one customer. ``evidence`` is the kind of proof when they do."""

    allowed: bool
    reason: str
    evidence: Evidence | None = None


def normalise_address(channel: ChannelType, address: str, *, region: str | None = None) -> str:
    """The form in which addresses are stored and compared: e-mail composed, case-folded and with an ASCII domain; phone
    numbers as +49…; other ids as the provider gives them. ``region`` (such as "DE") reads national phone numbers.
    Raises ``InvalidInput`` for an empty or overlong address."""
    text = unicodedata.normalize("NFC", address).translate(_INVISIBLE).strip()
    if not text or len(text) > LONGEST_ADDRESS:
        raise InvalidInput(
            "The address is empty or too long.",
            field="address",
            limit=f"1 to {LONGEST_ADDRESS} characters",
            fix="Give the address exactly as the channel knows it.",
        )
    if channel is ChannelType.EMAIL:
        return normalise_email(text)
    return normalise_phone(text, region=region) if channel in PHONE_CHANNELS else text


def normalise_email(address: str) -> str:
    """``Name@EXÄMPLE.de`` becomes ``name@xn--exmple-cua.de``. Text without an @ is only case-folded."""
    local, at, domain = unicodedata.normalize("NFC", address.strip()).casefold().rpartition("@")
    if not at:
        return domain
    with contextlib.suppress(UnicodeError):  # a name the DNS could not hold is compared as written
        domain = domain.rstrip(".").encode("idna").decode("ascii") if domain else domain
    return f"{unicodedata.normalize('NFC', local)}@{domain}"


def normalise_phone(number: str, *, region: str | None = None) -> str:
    """E.164 where the number can be read, else its digits as given. SIP addresses and "anonymous" stay, case-folded."""
    text = number.strip().removeprefix("tel:").removeprefix("whatsapp:")
    bare = _PHONE_NOISE.sub("", text)
    digits = bare.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return text.casefold()
    for candidate, zone in ((bare, region), (f"+{digits}", None)):
        try:
            parsed = phonenumbers.parse(candidate, zone)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return f"+{digits}" if bare.startswith("+") else digits


def identity_key(channel: ChannelType, address: str, account: str = "") -> str:
    """Equal for addresses that are the same by nature: a phone number is one on WhatsApp and voice and an e-mail address
    whichever mailbox got it; social and visitor ids only mean something inside our page or account."""
    normal = normalise_address(channel, address)
    if channel in PHONE_CHANNELS:
        return f"phone:{normal}"
    return f"email:{normal}" if channel is ChannelType.EMAIL else f"{channel.value}:{account}:{normal}"


def same_address(one: Identity, two: Identity) -> bool:
    return identity_key(one.channel, one.address, one.account) == identity_key(two.channel, two.address, two.account)


def merge_verdict(known: Identity, other: Identity, *, link: Evidence | None = None) -> MergeVerdict:
    """May these two become one customer? Only on verified evidence (decisions, "Identity and threads"); ``link`` is an
    agent's or the API's explicit word. A claim never merges, however alike names and addresses look."""
    if link in BY_STAFF:
        return MergeVerdict(allowed=True, evidence=link, reason="linked by hand")
    if not same_address(known, other):
        return MergeVerdict(
            allowed=False, reason="they are different addresses and nobody vouches that they belong together"
        )
    unproven = [identity for identity in (known, other) if not is_proven(identity)]
    if unproven:
        where = ", ".join(sorted({identity.channel.value for identity in unproven}))
        return MergeVerdict(allowed=False, reason=f"the address is only claimed on {where}")
    if known.channel is not other.channel:
        reason = f"the same verified number on {known.channel.value} and {other.channel.value}"
        return MergeVerdict(allowed=True, evidence=Evidence.SAME_PHONE, reason=reason)
    return MergeVerdict(allowed=True, evidence=other.evidence, reason="the same verified address")


def is_proven(identity: Identity | SenderAddress) -> bool:
    """Verified, and by something better than the sender's word."""
    return identity.verified and identity.evidence is not Evidence.CLAIMED


def vouched_together(senders: Sequence[SenderAddress]) -> tuple[SenderAddress, ...]:
    """Of the identifiers that one payload gives, those that may be attached to one customer: the first (answers go there)
    and, if that one is proven, every other proven one. The rest are hints for an agent."""
    if not senders:
        return ()
    first, *others = senders
    return (first, *(other for other in others if is_proven(first) and is_proven(other)))
