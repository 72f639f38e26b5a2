"""What X's refusals mean for us: by the code or the reason in the answer where it gives one, else by HTTP status."""

from __future__ import annotations

from switchboard.channels import http
from switchboard.channels.fields import Json, number, objects, text
from switchboard.errors import ChannelNeedsAttention, RateLimited, Unavailable, Undeliverable

_NO_PLAN = 453

FAULTS: http.FaultTable = {
    **http.faults(RateLimited, "X limits the rate", 88, 185, 429),
    **http.faults(Unavailable, "X has trouble", 130, 131),
    **http.faults(
        Undeliverable, "this person takes no private messages from the business on X", *(149, 150, 151, 349, 403)
    ),
    **http.faults(Undeliverable, "there is no such person on X any more", 17, 34, 50, 63, 108),
    **http.faults(Undeliverable, "X takes no message of this form", 187, 214, 354),
    **http.faults(
        ChannelNeedsAttention, "the access token for X is not valid: reconnect the channel", *(32, 89, 99, 215, 401)
    ),
    **http.faults(
        ChannelNeedsAttention, "X has locked or suspended the account: sign in there and follow its steps", 64, 226, 326
    ),
    **http.faults(
        ChannelNeedsAttention, "the app may not send private messages on X: check its permissions", 87, 93, 220, 261
    ),
    **http.faults(ChannelNeedsAttention, "the plan at X does not include this, or is used up", _NO_PLAN),
}
"""X's own codes, and beside them the HTTP statuses for an answer without one."""

REASONS = {
    "client-not-enrolled": _NO_PLAN,
    "usage-capped": _NO_PLAN,
    "credits-depleted": _NO_PLAN,
    "client-forbidden": _NO_PLAN,
    "oauth1-permissions": 93,
    "unsupported-authentication": 215,
}
"""Words of the newer answers, in ``reason`` or at the end of ``type``."""


def code_of(answer: Json, status: int) -> int:
    """The code under which ``FAULTS`` knows this refusal."""
    for problem in (answer, *objects(answer, "errors")):
        code = number(problem, "code")
        if code is not None and int(code) in FAULTS:
            return int(code)
        named = (text(problem, "reason"), (text(problem, "type") or "").rpartition("/")[2])
        for word in named:
            if word in REASONS:
                return REASONS[word]
    return status
