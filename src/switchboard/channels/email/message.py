"""Reads one mail: raw bytes in, one event with its files out. Never answers, never stores, never raises on bad mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from switchboard.channels.email.addresses import Mailbox, People, normal_address, people_of
from switchboard.channels.email.authentication import aligned, dmarc_failed, sender_is_proven
from switchboard.channels.email.automatic import (
    MARK_HEADER,
    Bounce,
    automatic_reason,
    bounce_of,
    is_complaint,
    is_machine_sender,
    is_own_list,
    is_read_receipt,
    null_return_path,
    our_mark,
    read_receipt_of,
)
from switchboard.channels.email.bodies import Body, body_of
from switchboard.channels.email.dates import read_date
from switchboard.channels.email.files import FilePart
from switchboard.channels.email.headers import Headers
from switchboard.channels.email.html_text import sanitised
from switchboard.channels.email.kinds import protection_of
from switchboard.channels.email.links import hidden_links
from switchboard.channels.email.mime import Part, parse_tree
from switchboard.channels.email.refusals import returned
from switchboard.channels.email.reply_trimmer import is_forward, newly_written
from switchboard.channels.email.threading import (
    TOKEN_KEY,
    ids_in,
    made_up_id,
    message_id_of,
    plus_tag,
    recipients,
    thread_keys,
)
from switchboard.domain.customer import Evidence
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import ChannelType, DeliveryState, MessageContent
from switchboard.errors import TooLarge

MAX_MAIL = 25 * 1024 * 1024
"""Bytes of one raw mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRules:
    """What the reader must know about us. ``own_addresses``: our mailboxes, the first is the default account.
    ``own_domains``: domains whose mails are ours. ``trusted_authserv_ids``: names under which our own receiving server
    writes Authentication-Results. ``thread_secret`` signs thread tokens (None: no token is believed)."""

    own_addresses: tuple[str, ...] = ()
    own_domains: tuple[str, ...] = ()
    trusted_authserv_ids: tuple[str, ...] = ()
    thread_secret: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What the way in knows beside the mail itself: envelope recipients, and the domains for which a provider that
    proved itself says that DKIM or SPF passed."""

    recipients: tuple[str, ...] = ()
    proven_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMail:
    """A mail as read: the event, its files with their bytes, and facts that only some readers need.

    ``plus_address`` is the part after ``+`` of our address; ``in_reply_to`` and ``references`` are message ids. ``key``
    names the message of ours that the mail is (in the Sent folder); anybody can write it, so it proves nothing.
    """

    event: InboundEvent
    files: tuple[FilePart, ...]
    from_address: str | None
    from_name: str | None
    reply_to: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    plus_address: str | None
    bounce: Bounce | None
    complaint: bool
    automatic_reason: str | None
    key: str = ""


def parse_mail(
    raw: bytes, *, trusted_authserv_ids: Iterable[str] = (), own_domains: Iterable[str] = (), rules: MailRules | None = None,
    delivery: Delivery | None = None,
) -> ParsedMail:  # fmt: skip
    """The event and files of one raw mail. ``rules`` replaces the two short arguments where more is known.

    Raises ``TooLarge`` for a mail over the limits of size, headers, parts or depth; anything else is read as well as
    it can be. May take long on hostile input: run it through ``MailReaderPool`` for mails from outside.
    """
    if len(raw) > MAX_MAIL:
        raise TooLarge("The mail is too big.", field="mail", limit=f"{MAX_MAIL} bytes")
    rules = rules or MailRules(own_domains=tuple(own_domains), trusted_authserv_ids=tuple(trusted_authserv_ids))
    root = parse_tree(raw)
    return _Reading(root, body_of(root), rules, delivery or Delivery()).parsed()


_FORWARD_SUBJECT = re.compile(r"\s*(?:fw|fwd|wg|tr|rv|i|vs|enc|doorst|pd|转发|轉寄)\s*[:：]", re.IGNORECASE)


class _Reading:
    """One mail being read: holds the parts so that the steps below need no long argument lists."""

    def __init__(self, root: Part, body: Body, rules: MailRules, delivery: Delivery) -> None:
        self.root, self.body, self.rules, self.delivery = root, body, rules, delivery
        self.headers: Headers = root.headers
        self.charset = next((part.charset for part in _walk(root) if part.charset), None)
        self.people: People = people_of(self.headers, self.charset, rules.own_domains)
        self.subject = self.headers.text("subject", self.charset)
        self.message_id = message_id_of(self.headers)
        self.in_reply_to = ids_in(self.headers.all("in-reply-to"))
        self.references = ids_in(self.headers.all("references")[:1])
        self.thread_keys = thread_keys(
            self.headers,
            self.in_reply_to,
            self.references,
            self.subject,
            rules.thread_secret,
            delivery.recipients,
        )
        self.bounce = bounce_of(root, self.headers, self.people.sender, body.text)
        self.complaint = is_complaint(root)
        self.receipt = read_receipt_of(root) if is_read_receipt(root) else None

    def parsed(self) -> ParsedMail:
        sender = self.people.sender
        reason = self._automatic_reason()
        return ParsedMail(
            event=self._event(reason),
            files=self.body.files,
            from_address=sender.address if sender is not None else None,
            from_name=self.people.sender_name,
            reply_to=_addresses(self.people.reply_to),
            to=_addresses(self.people.to),
            cc=_addresses(self.people.cc),
            message_id=self.message_id,
            in_reply_to=self.in_reply_to,
            references=self.references,
            plus_address=plus_tag(self.headers, self.delivery.recipients),
            bounce=self.bounce,
            complaint=self.complaint,
            automatic_reason=reason,
            key=our_mark(self.headers.ascii(MARK_HEADER)) or "",
        )

    def _event(self, reason: str | None) -> InboundEvent:
        bounce, content = self.bounce, self._content()
        links = () if reason else hidden_links(self.body.html, content.words)
        return InboundEvent(
            kind=self._kind(),
            channel=ChannelType.EMAIL,
            account=self._account(),
            external_id=self.message_id or made_up_id(self.headers, self.root.body),
            senders=self._senders(),
            sender_name=self.people.sender_name,
            content=content,
            sent_at=read_date(self.headers.text("date")),
            target=self._target(),
            reply_to=self.in_reply_to[0] if self.in_reply_to else None,
            thread_keys=self.thread_keys,
            delivery=self._delivery(),
            delivery_error=_bounce_reason(bounce) if bounce is not None else None,
            automatic=reason is not None,
            bounce=bounce is not None,
            reason=reason,
            metadata={**self._metadata(), **({"links": "\n".join(links)} if links else {})},
        )

    def _target(self) -> str | None:
        """Our mail that a report is about."""
        if self.bounce is not None:
            return self.bounce.original or (self.in_reply_to[0] if self.in_reply_to else None)
        return self.receipt.original if self.receipt is not None else None

    def _delivery(self) -> DeliveryState | None:
        if self.bounce is not None:
            given_up = (
                self.bounce.permanent or self.bounce.action == "failed"
            )  # nobody tries again, whatever the status
            delivered = DeliveryState.DELIVERED if self.bounce.action == "delivered" else None
            return DeliveryState.FAILED if given_up else delivered
        return DeliveryState.READ if self.receipt is not None and self.receipt.shown else None

    def _kind(self) -> InboundKind:
        if self.bounce is not None or self.receipt is not None:
            return InboundKind.STATUS
        if self.complaint or is_read_receipt(self.root):
            return InboundKind.SYSTEM
        return InboundKind.MESSAGE

    def _account(self) -> str:
        own = {normal_address(address): address for address in self.rules.own_addresses}
        for address in (*self.delivery.recipients, *recipients(self.headers)):
            address = normal_address(address)
            found = own.get(address) or own.get(_without_plus(address))
            if found is not None:
                return normal_address(found)
        return normal_address(self.rules.own_addresses[0]) if self.rules.own_addresses else ""

    def _senders(self) -> tuple[SenderAddress, ...]:
        """Only the author: a differing Reply-To decides where answers go, it proves nothing about who the person is."""
        sender = self.people.sender
        if sender is None:
            return ()
        proven = self._proven(sender)
        evidence = Evidence.SENDER_CHECKED if proven else Evidence.CLAIMED
        address = SenderAddress(channel=ChannelType.EMAIL, address=sender.address, verified=proven, evidence=evidence)
        return (address,)

    def _proven(self, sender: Mailbox) -> bool:
        if self.people.several_from or self.people.through_form or not self.headers.first("from"):
            return False
        if any(aligned(domain, sender.domain) for domain in self.delivery.proven_domains):
            return True
        return sender_is_proven(self.headers, sender.domain, self.rules.trusted_authserv_ids)

    def _content(self) -> MessageContent:
        text = self.body.text
        forwarded = _FORWARD_SUBJECT.match(self.subject) is not None and is_forward(text)
        return MessageContent(
            text=text,
            attachments=tuple(file.attachment for file in self.body.files),
            subject=self.subject[:1_000],
            fresh_text=None if forwarded or self.bounce is not None else self._fresh(text),
            html=sanitised(self.body.html) if self.body.html is not None else None,
        )

    def _fresh(self, text: str) -> str | None:
        return newly_written(text) if self.body.said is None else newly_written(self.body.said) or self.body.said

    def _automatic_reason(self) -> str | None:
        if self.bounce is not None:
            return "bounce"
        if self.complaint:
            return "complaint"
        sender = self.people.sender
        domains = {domain.lower() for domain in self.rules.own_domains}
        own = {normal_address(address) for address in self.rules.own_addresses}
        own_sender = sender is not None and (sender.address in own or sender.domain in domains)
        ours = (self.message_id or "").rstrip(">").rpartition("@")[2].lower() in domains
        return automatic_reason(
            self.headers,
            self.root,
            own_message_id=ours,
            own_sender=own_sender,
            own_list=is_own_list(self.headers, domains),
        )

    def _proven_conversation(self) -> str:
        """The conversation that our own signed token names: who has it was written to by us."""
        first = next(iter(self.thread_keys), "")
        return first.removeprefix(TOKEN_KEY) if first.startswith(TOKEN_KEY) else ""

    def _unanswerable(self) -> str:
        """Why an answer would go nowhere although nothing marks the mail as automatic."""
        if null_return_path(self.headers):
            return "empty return path"
        if protection_of(self.root, self.body.text).startswith("encrypted"):
            return "encrypted"  # only a person can ask for it in plain words
        return "machine address" if is_machine_sender(self.people.sender) else ""

    def _metadata(self) -> Mapping[str, str]:
        facts = {
            "from": self.people.sender.address if self.people.sender is not None else "",
            "to": ", ".join(_addresses(self.people.to)),
            "cc": ", ".join(_addresses(self.people.cc)),
            "reply_to": ", ".join(_addresses(self.people.reply_to)),
            "references": " ".join(self.references),
            "no_answer": self._unanswerable(),
            "protection": protection_of(self.root, self.body.text),
            "thread_token_conversation": self._proven_conversation(),
        }
        if self.bounce is not None:
            facts |= {
                "failed_recipient": self.bounce.recipient or "",
                "status": self.bounce.status or "",
                "permanent": "yes" if self.bounce.permanent else "no",
                "delayed": "yes" if self.bounce.action == "delayed" else "",
                "key": self.bounce.envelope_id or "",
            }
        if self.complaint:
            facts["complaint"] = "yes"
        if dmarc_failed(self.headers, self.rules.trusted_authserv_ids):
            facts["warning"] = "dmarc_failed"
        return {key: value for key, value in facts.items() if value}


def _walk(part: Part) -> Iterable[Part]:
    yield part
    for child in part.children:
        yield from _walk(child)


def _addresses(boxes: Iterable[Mailbox]) -> tuple[str, ...]:
    return tuple(box.address for box in boxes)


def _without_plus(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _bounce_reason(bounce: Bounce) -> str | None:
    if bounce.action in _GOOD_NEWS:
        return None
    said = " ".join(part for part in (bounce.status, bounce.diagnostic) if part)
    return returned(said, permanent=bounce.permanent or bounce.action == "failed")


_GOOD_NEWS = frozenset({"delivered", "relayed", "expanded"})
"""Actions of a report that tell of success (RFC 3464)."""
