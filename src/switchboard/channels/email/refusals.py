"""Says in words why a mail server refused or returned a mail, for people who know no status codes, and what follows."""

from __future__ import annotations

import re

import aiosmtplib

from switchboard.errors import ChannelNeedsAttention, RateLimited, Unavailable, Undeliverable

_REASONS = (
    (re.compile(r"5\.1\.[1236]\b"), "there is no such address"),
    (re.compile(r"RecipientNotFound|recipient (?:address )?not found", re.IGNORECASE), "there is no such address"),
    (re.compile(r"5\.1\.10\b"), "the domain takes no mail"),
    (re.compile(r"5\.2\.1\b"), "the mailbox is switched off"),
    (re.compile(r"[45]\.2\.2\b"), "the mailbox is full"),
    (re.compile(r"5\.(?:2|3)\.[34]\b"), "the mail is too big"),
    (re.compile(r"[45]\.4\.[1467]\b"), "the recipient's server was not reached"),
    (re.compile(r"5\.7\.\d"), "the recipient's server does not want it"),
)


def in_words(said: str) -> str:
    """What the enhanced status codes (RFC 3463) in a server's answer mean for an agent; empty if none is known."""
    return next((words for pattern, words in _REASONS if pattern.search(said[:1000])), "")


def returned(said: str, *, permanent: bool) -> str:
    """Why a mail came back or waits, with what the server said behind it."""
    words = in_words(said)
    if not words:
        return said or "returned without a reason"
    return f"The mail came back: {words} ({said})" if permanent else f"{words} ({said})"


_LOGIN_CODES = frozenset({530, 534, 535, 538})
_NOT_OURS = re.compile(
    r"5\.7\.(?:3|8|9|60)\b|authentication (?:is )?required|relay(?:ing)? (?:access )?(?:denied|not permitted)",
    re.IGNORECASE,
)


def refusal(error: aiosmtplib.SMTPResponseException, *, sender: bool) -> Unavailable | Undeliverable:
    """Our error for what the relay said to the sender's or recipient's address, or to the mail."""
    code, said = error.code, error.message[:500]
    detail = f"(SMTP {code})"
    if code == 450 and not sender:
        return RateLimited(f"The recipient's server takes no more mail at the moment {detail}.", retry_after=60)
    if 400 <= code < 500 or code < 0:
        return Unavailable(f"The relay asked us to try later {detail}.", retry_after=60)
    if sender or code in _LOGIN_CODES or _NOT_OURS.search(said):
        return ChannelNeedsAttention(f"The relay refuses our sender address or login {detail}.")
    reason = in_words(said)
    if not reason and code == 552:
        reason = "the mail is too big"
    return Undeliverable(f"The mail was refused{': ' if reason else ''}{reason} {detail}.")
