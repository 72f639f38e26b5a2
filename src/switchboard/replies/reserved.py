"""Matters that belong to people whatever the knowledge base holds: health, law, danger, promises, other people's data."""

from __future__ import annotations

import re

from switchboard.replies.plain import folded
from switchboard.replies.suspicion import suspicions

_MOST_READ = 4000
_MATTERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "health",
            r"\b(?:pregnan\w*|breastfeed\w*|miscarriage|swallow(?:ed|ing)?|(?:baby|child|kid|son|daughter|dog|cat|toddler) "
            r"(?:drank|ate|licked|got burn)\w*|drank (?:the )?(?:descaler|cleaner|bleach)|poison\w*|doctor|hospital|medicines?|"
            r"medication|pills?|symptoms?|overdose|suicid\w*|kill myself|bleeding|injur\w+|unconscious|electrocut\w*|"
            r"electric shock|burn(?:ed|t) (?:my|his|her|our)|schwanger\w*|vergift\w*|verschluckt|verletzt|stromschlag|"
            r"enceinte|empoisonn\w*|avale|blesse\w*|embarazada|envenenad\w*|herid[oa])\b",
        ),
        (
            "law",
            r"\b(?:sue|suing|lawsuit|lawyers?|solicitor|attorney|court|legal (?:action|advice|steps)|small claims|"
            r"ombudsman|trading standards|anwalt\w*|verklag\w*|gericht|avocat|tribunal|abogad[oa]|demandar)\b",
        ),
        (
            "danger",
            r"\b(?:bypass|rewire|rewiring|defeat|short[- ]circuit|tamper with|hack(?:ing)?|explosives?|bombs?|weapons?|"
            r"uberbruck\w*|sprengstoff\w*|contourner|explosifs?|puentear)\b",
        ),
        (
            "a promise",
            r"\b(?:promise (?:me|us|that)|guarantee (?:me|us|that)|in writing|swear (?:that|to)|versprich\w*|garantier\w*|"
            r"promettez|prometa)\b",
        ),
        (
            "money moved by hand",
            r"\b(?:refund|transfer|send|credit|wire)\b.{0,30}\b(?:right now|immediately|at once|new bank account|another "
            r"(?:account|card)|my (?:new )?(?:iban|bank account))\b",
        ),
        (
            "other people's data",
            r"\b(?:your (?:last|previous|other)|another|other|all|every|someone else'?s?|somebody else'?s?) "
            r"(?:customer|client|user|buyer)s?\b|\b(?:ceo|boss|manager|founder|owner|employee|colleague)(?:'s|s'?)? (?:private|"
            r"home|personal)\b",
        ),
    )
)


def reserved(text: str) -> str | None:
    """Why a person must answer, or None. Reads the first 4,000 characters; attempts to lead the machine astray count."""
    plain = folded(text[:_MOST_READ])
    if suspicions(text[:_MOST_READ]):
        return "speaks to the machine"
    return next((name for name, pattern in _MATTERS if pattern.search(plain)), None)
