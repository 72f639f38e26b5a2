"""Numbers in a message: amounts of money and order numbers, found by their surroundings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from switchboard.domain.reading import Entity, EntityType

_CODES = {
    "$": "USD", "us$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR",
    "usd": "USD", "eur": "EUR", "gbp": "GBP", "chf": "CHF", "jpy": "JPY", "inr": "INR", "cad": "CAD", "aud": "AUD",
    "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "brl": "BRL", "mxn": "MXN", "r$": "BRL", "rs": "INR",
    "dollar": "USD", "dollars": "USD", "bucks": "USD", "buck": "USD", "euro": "EUR", "euros": "EUR", "pound": "GBP",
    "pounds": "GBP", "quid": "GBP", "yen": "JPY", "rupees": "INR", "francs": "CHF", "cents": "USD", "pence": "GBP",
    "dólares": "USD", "libras": "GBP", "reais": "BRL", "pesos": "MXN", "kronor": "SEK", "zloty": "PLN",
}  # fmt: skip
_HUNDREDTH = frozenset({"cents", "pence"})
_NUMBER = r"\d{1,3}(?:[,.' ]\d{3}){1,4}(?:[.,]\d{1,2})?(?!\d)|\d{1,12}(?:[.,]\d{1,2})?(?!\d)"
_SIGN = r"us\$|r\$|[$€£¥₹]|\b(?:usd|eur|gbp|chf|jpy|inr|cad|aud|sek|nok|dkk|pln|brl|mxn|rs)\b"
_WORD = (
    r"(?:usd|eur|gbp|chf|jpy|inr|cad|aud|sek|nok|dkk|pln|brl|mxn|dollars?|bucks?|euros?|pounds?|quid|yen|rupees|francs|"
    r"cents|pence|dólares|libras|reais|pesos|kronor|zloty)\b|[$€£¥₹]"
)
_BEFORE = re.compile(rf"(?P<sign>{_SIGN}) ?(?P<number>{_NUMBER})(?P<thousand>k\b)?", re.IGNORECASE)
_AFTER = re.compile(rf"(?<![\w.,#/-])(?P<number>{_NUMBER})(?P<thousand>k)? ?(?P<sign>{_WORD})", re.IGNORECASE)

_CODE = r"(?=[A-Z0-9-]{0,23}\d)[A-Z0-9](?:[A-Z0-9]|-(?=[A-Z0-9])){2,23}"
_WITH_NOUN = re.compile(
    r"\b(?:orders?|bookings?|reservations?|tickets?|tracking|confirmation|invoices?|claims?|policy|reference|ref|case|"
    r"parcel|shipment|bestellung|bestellnummer|auftrag|rechnung|commande|facture|pedido|factura|ordine|encomenda|"
    r"bestelling|pnr|rma)\b\.?(?: ?(?:number|numbers|num|nummer|no|nr|id|code|reference|ref|número|numero|numéro)\b)?"
    rf"\.?(?: (?:is|was|ist|est|es|is:))? ?[:#№°]{{0,2}} ?(?P<code>{_CODE})(?![\w-])",
    re.IGNORECASE,
)
_HASH = re.compile(
    r"(?<![\w&/])#(?P<code>(?=\d|[A-Z]{1,5}-?\d)[A-Z0-9](?:[A-Z0-9]|-(?=[A-Z0-9])){2,23})(?![\w-])", re.IGNORECASE
)
_SHAPED = re.compile(
    r"(?<![\w-])(?P<code>[A-Z]{2,6}-\d{3,12}(?:-[A-Z0-9]{1,8})?|[A-Z]{2}\d{9}[A-Z]{2}|1Z[A-Z0-9]{16})(?![\w-])"
)
_NOT_ORDERS = re.compile(r"^(?:ce|err|error|iso|utf|covid|sars|rfc|http)-?\d", re.IGNORECASE)


def amounts(text: str) -> Iterator[Entity]:
    """Money with its currency before or after the number; ``normalised`` is like "12.50 EUR"."""
    for pattern, confidence in ((_BEFORE, 0.95), (_AFTER, 0.9)):
        for match in pattern.finditer(text):
            sign = match["sign"].lower()
            yield Entity(
                type=EntityType.AMOUNT,
                value=match[0],
                confidence=confidence,
                start=match.start(),
                end=match.end(),
                normalised=_money(match["number"], sign, bool(match["thousand"])),
            )


def _money(number: str, sign: str, thousand: bool) -> str:
    value = _decimal(number) * (1000 if thousand else 1) / (100 if sign in _HUNDREDTH else 1)
    return f"{value:.2f} {_CODES[sign]}"


def _decimal(number: str) -> float:
    """A separator followed by one or two last digits is the decimal one; every other groups thousands."""
    parts = re.split(r"[,.' ]", number)
    if len(parts) > 1 and len(parts[-1]) <= 2:
        return float(f"{''.join(parts[:-1])}.{parts[-1]}")
    return float("".join(parts))


def order_numbers(text: str) -> Iterator[Entity]:
    """Numbers of orders, bookings, tickets, parcels, invoices, claims; ``normalised`` is upper case without "#"."""
    for pattern, confidence in ((_WITH_NOUN, 0.95), (_SHAPED, 0.85), (_HASH, 0.8)):
        for match in pattern.finditer(text):
            code = match["code"]
            if _NOT_ORDERS.match(code):
                continue
            start, end = match.span("code")
            yield Entity(
                type=EntityType.ORDER_NUMBER,
                value=code,
                confidence=confidence,
                start=start,
                end=end,
                normalised=code.upper(),
            )
