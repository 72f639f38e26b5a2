"""Who gets a copy of an answer by mail, and whose mails on copy belong to the conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from switchboard.conversations.identity import normalise_email
from switchboard.domain.message import Author, ChannelType, ConversationMessage, DeliveryState, Direction
from switchboard.errors import InvalidInput

MOST_COPIES = 50
CC = "cc"
"""In the metadata of a mail, theirs or ours: the addresses on its Cc."""
PARTICIPANT = "participant"
"""In the metadata of a mail: the address of somebody on copy who wrote it in the customer's conversation."""
PARTICIPANT_NAME = "participant_name"

_MACHINES = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|donotreply)(?:[+.\-_@]|$)")
_WORD = r"[^\s<>()\[\],;:\"@\\.\x00-\x1f\x7f]"
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@.{{4,255}}\Z){_WORD}+(?:\.{_WORD}+)*@{_LABEL}(?:\.{_LABEL})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRule:
    """At most ``most`` people get a copy. ``own``: our mailboxes, which never do."""

    own: tuple[str, ...] = ()
    most: int = MOST_COPIES

    def is_ours(self, address: str) -> bool:
        """A mailbox of ours, whatever stands behind a plus."""
        ours = {normalise_email(one) for one in self.own}
        local, _, domain = normalise_email(address).rpartition("@")
        return f"{local}@{domain}" in ours or f"{local.partition('+')[0]}@{domain}" in ours


def is_machine_address(address: str) -> bool:
    """Addresses that nobody reads: a mail to them bounces or loops."""
    return _MACHINES.match(address) is not None


def listed(addresses: str | None) -> tuple[str, ...]:
    """The addresses of a list as it stands in a message's metadata."""
    return tuple(part.strip() for part in (addresses or "").split(",") if part.strip())


def answerable(mails: Sequence[ConversationMessage]) -> ConversationMessage | None:
    """The newest of these mails (oldest first) that a person wrote; a machine's only where there is no other."""
    return next((mail for mail in reversed(mails) if not mail.automatic), mails[-1] if mails else None)


def writer_of(mail: ConversationMessage | None) -> str:
    """Where an answer to this mail goes: its Reply-To, else its From; empty where nobody knows."""
    return mail.metadata.get("reply_address", "") if mail is not None else ""


def kept_on_copy(mails: Sequence[ConversationMessage], rule: CopyRule, customer: str = "") -> tuple[str, ...]:
    """Who stays on Cc of an answer unless a person says otherwise: the others of the newest mail (``mails`` are what came
    in, oldest first), and the customer where somebody on copy wrote it. ``customer``: an address of theirs, for
    conversations in which only others wrote."""
    mail = answerable(mails)
    if mail is None:
        return ()
    named = [*listed(mail.metadata.get("reply_to")), *listed(mail.metadata.get("to")), *listed(mail.metadata.get(CC))]
    if PARTICIPANT in mail.metadata:
        own = answerable([one for one in mails if PARTICIPANT not in one.metadata])
        named = [writer_of(own) or customer, *named]
    gone = (writer_of(mail), mail.metadata.get("from", ""))
    return without(gone, (one for one in named if _may_be_kept(one, rule)))[: rule.most]


def without(gone: Iterable[str], addresses: Iterable[str]) -> tuple[str, ...]:
    """``addresses`` in their stored form, each once, without those that are ``gone``."""
    left_out = {normalise_email(one) for one in gone if one}
    return tuple(one for one in dict.fromkeys(normalise_email(each) for each in addresses) if one not in left_out)


def _may_be_kept(address: str, rule: CopyRule) -> bool:
    normal = normalise_email(address)
    return _ADDRESS.fullmatch(normal) is not None and not is_machine_address(normal) and not rule.is_ours(normal)


def checked_copies(addresses: Sequence[str], rule: CopyRule) -> tuple[str, ...]:
    """The addresses that a person wants on Cc, in their stored form. Raises ``InvalidInput`` naming the place in the list:
    what stands there may be anybody's."""
    if len(addresses) > rule.most:
        raise InvalidInput(
            "too many people on copy", field=CC, limit=f"at most {rule.most} addresses", fix="name fewer"
        )
    for place, address in enumerate(addresses, 1):
        normal = normalise_email(address)
        if _ADDRESS.fullmatch(normal) is None:
            raise _refused(place, "is no e-mail address", "write it as name@example.com")
        if rule.is_ours(normal):
            raise _refused(place, "is a mailbox of ours", "leave it out: the answer is in the conversation already")
        if is_machine_address(normal):
            raise _refused(place, "belongs to a machine, and nobody reads it", "leave it out")
    return without((), addresses)


def _refused(place: int, why: str, fix: str) -> InvalidInput:
    return InvalidInput(f"address {place} on copy {why}", field=CC, limit="addresses of people outside", fix=fix)


def was_on_copy(address: str, messages: Iterable[ConversationMessage]) -> bool:
    """Whether a mail of our side that left, or is about to, named this address beside the customer."""
    normal = normalise_email(address)
    return any(normal == normalise_email(one) for message in messages for one in _told(message))


def _told(message: ConversationMessage) -> tuple[str, ...]:
    if message.direction is not Direction.OUTBOUND or message.channel is not ChannelType.EMAIL:
        return ()
    if message.delivery in (None, DeliveryState.CANCELLED):
        return ()
    in_other_program = message.author is Author.OTHER_TOOL
    return (*(listed(message.metadata.get("to")) if in_other_program else ()), *listed(message.metadata.get(CC)))


COPY_MISSED = "not everybody on copy got it: "


def copies_missed(why: Mapping[str, str]) -> str:
    """What stands at a message that reached the customer, but not all on copy (``why`` by address)."""
    return COPY_MISSED + "; ".join(f"{address} ({reason})" for address, reason in why.items())


def others_shown(mail: ConversationMessage) -> tuple[str, ...]:
    """Who else was on To and Cc of a mail, as the desk tells it: without the mailbox that got it and its writer."""
    here = CopyRule(own=(mail.account,) if mail.account else ())
    named = (*listed(mail.metadata.get("to")), *listed(mail.metadata.get(CC)))
    gone = (writer_of(mail), mail.metadata.get("from", ""))
    return without(gone, (one for one in named if not here.is_ours(one)))
