"""What WhatsApp's error codes mean for us, at once or in a later status."""

from __future__ import annotations

from collections.abc import Iterable

from switchboard.channels import http, meta
from switchboard.errors import ChannelNeedsAttention, RateLimited, Unavailable, Undeliverable

WINDOW_ADVICE = "WhatsApp then takes only approved templates: choose one, wait for the customer or use another channel"

FAULTS: http.FaultTable = {
    **meta.GRAPH_FAULTS,
    **http.faults(RateLimited, "WhatsApp limits the rate", 80007, 130429, 131056, 133016),
    **http.faults(Unavailable, "WhatsApp has trouble", 131000, 131016, 131057),
    **http.faults(Undeliverable, f"the 24-hour window has closed. {WINDOW_ADVICE}", 131047),
    **http.faults(Undeliverable, "WhatsApp cannot deliver to this person: use another channel", 131026, 130472),
    **http.faults(Undeliverable, "WhatsApp holds this message back: try another channel, not again today", 131049),
    **http.faults(Undeliverable, "the customer stopped marketing messages", 131050),
    **http.faults(Undeliverable, "WhatsApp needs the phone number for this message", 131062),
    **http.faults(Undeliverable, "WhatsApp could not take the file", 131052, 131053),
    **http.faults(
        Undeliverable,
        "WhatsApp finds a wrong value in the message or template",
        *(131030, 131021, 131008, 131009, 131051, 135000),
        range(132000, 132017),
    ),
    **http.faults(
        ChannelNeedsAttention,
        "WhatsApp has blocked or limited this number, or the account is unpaid: look at the business manager",
        *(131048, 368, 131031, 130497, 131042, 131064),
    ),
    **http.faults(ChannelNeedsAttention, "a permission is missing: reconnect the channel", 131005),
}


def explained(code: str, title: str) -> str:
    """One error of a failed message in our words, with Meta's code; where we know none, in Meta's own."""
    fault = _fault(code)
    return f"{fault.advice} (provider code {code})" if fault is not None else f"{code}: {title}"


def trouble_of(codes: Iterable[str]) -> str | None:
    """Why the whole channel needs an operator, if one of a failed message's codes says so."""
    faults = (_fault(code) for code in codes)
    return next((f.advice for f in faults if f is not None and f.error is ChannelNeedsAttention), None)


def _fault(code: str) -> http.Fault | None:
    return FAULTS.get(int(code)) if code.isascii() and code.isdigit() and len(code) < 10 else None
