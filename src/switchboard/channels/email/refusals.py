"""Says in words why a mail server refused or returned a mail, for people who know no status codes."""

from __future__ import annotations

import re

_REASONS = (
    (re.compile(r"5\.1\.[1236]\b"), "there is no such address"),
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
