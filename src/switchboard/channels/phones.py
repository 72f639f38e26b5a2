"""Telephone numbers as addresses, written the same way on WhatsApp and voice so that they can be compared."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\+?[0-9]{5,20}")
_SWAPS = (
    # (as one side writes it, what the other side writes): Argentina and Mexico have an extra digit for mobiles
    (re.compile(r"\+549(\d{10})"), r"+54\1"),
    (re.compile(r"\+54([1-8]\d{9})"), r"+549\1"),
    (re.compile(r"\+521(\d{10})"), r"+52\1"),
    (re.compile(r"\+52([2-9]\d{9})"), r"+521\1"),
    # Brazil: mobiles got a leading 9 after the area code; WhatsApp keeps older accounts without it
    (re.compile(r"\+55(\d\d)9([6-9]\d{7})"), r"+55\1\2"),
    (re.compile(r"\+55(\d\d)([6-9]\d{7})"), r"+55\g<1>9\2"),
)


def phone_address(raw: str) -> str:
    """``+`` and digits for a number with or without ``+``, blanks, hyphens; anything else unchanged."""
    packed = re.sub(r"[\s().-]", "", raw[:64])
    if not _NUMBER.fullmatch(packed):
        return raw.strip()
    return packed if packed.startswith("+") else f"+{packed}"


def phone_variants(address: str) -> tuple[str, ...]:
    """Other spellings under which the same mobile is known (Brazil, Argentina, Mexico)."""
    found = (pattern.sub(other, address) for pattern, other in _SWAPS if pattern.fullmatch(address))
    return tuple(dict.fromkeys(found))
