"""Decides whether the sender of a mail is proven, by what our own receiving server noted about it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from switchboard.channels.email.headers import MAX_VALUE, Headers

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_RESULT = re.compile(r"(?:^|\s)(dmarc|dkim|spf)\s*=\s*([a-z]{2,12})\b", re.IGNORECASE)
_PROPERTY = re.compile(
    r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom|smtp\.mail)\s*=\s*\"?([^\s;\"]{1,300})", re.IGNORECASE
)


def sender_is_proven(headers: Headers, sender_domain: str, trusted_authserv_ids: Iterable[str]) -> bool:
    """True if a trusted server noted DMARC, or DKIM or SPF for the sender's own domain, as passed (RFC 8601).

    Only the topmost note of a trusted server counts: servers add theirs on top, and anything below may be forged.
    """
    trusted = {name.lower() for name in trusted_authserv_ids}
    for value in headers.all("authentication-results")[:20]:
        note = _COMMENT.sub(" ", value[:MAX_VALUE].decode("ascii", "ignore"))
        server, _, results = note.partition(";")
        if server.strip().split(" ", 1)[0].lower() in trusted:
            return any(_proves(result, sender_domain) for result in results.split(";"))
    return False


def dmarc_failed(headers: Headers, trusted_authserv_ids: Iterable[str]) -> bool:
    """A trusted server noted that DMARC failed: agents get a warning."""
    trusted = {name.lower() for name in trusted_authserv_ids}
    for value in headers.all("authentication-results")[:20]:
        server, _, results = _COMMENT.sub(" ", value[:MAX_VALUE].decode("ascii", "ignore")).partition(";")
        if server.strip().split(" ", 1)[0].lower() in trusted:
            return any(
                match[1].lower() == "dmarc" and match[2].lower() == "fail" for match in _RESULT.finditer(results)
            )
    return False


def _proves(result: str, sender_domain: str) -> bool:
    method = _RESULT.search(result)
    if method is None or method[2].lower() != "pass":
        return False
    named = {match[1].lower(): match[2].lower() for match in _PROPERTY.finditer(result)}
    if method[1].lower() == "dmarc":
        return "header.from" not in named or named["header.from"].rpartition("@")[2] == sender_domain
    keys = ("header.d", "header.i") if method[1].lower() == "dkim" else ("smtp.mailfrom", "smtp.mail")
    return any(aligned(named[key].rpartition("@")[2], sender_domain) for key in keys if key in named)


def aligned(proven: str, sender_domain: str) -> bool:
    """Relaxed alignment: the same domain, or one below the other (a top-level domain alone is never enough)."""
    if not proven or not sender_domain:
        return False
    shorter = min(proven, sender_domain, key=len)
    return proven == sender_domain or (
        "." in shorter and (sender_domain.endswith("." + proven) or proven.endswith("." + sender_domain))
    )
