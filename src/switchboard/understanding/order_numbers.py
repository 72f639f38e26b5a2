"""Numbers of orders, bookings, tickets, parcels, policies, invoices and claims, told from other numbers by the words before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from switchboard.domain.reading import Entity, EntityType

_NOUN = (
    r"orders?|oredr|oder|purchases?|bookings?|reservations?|tickets?|tracking|track|confirmation|invoices?|bills?|claims?|policy|"
    r"policies|case|cases|complaint|parcel|package|shipment|delivery|consignment|transaction|return|rma|pnr|request|docket|"
    r"bestellung|bestellnummer|auftrag|auftragsnummer|rechnung|rechnungsnummer|sendung|sendungsnummer|buchung|buchungsnummer|"
    r"vorgang|commande|facture|colis|réservation|suivi|pedido|factura|reserva|ordine|fattura|spedizione|prenotazione|"
    r"encomenda|fatura|bestelling|bestelnummer|factuur|zending|boeking|(?:bestell|auftrags|rechnungs|sendungs|buchungs|vorgangs)nr|"
    r"best\.-?nr"
)
_OTHER = (
    r"account|acct|acc|pin|phone|telephone|tel|mobile|cell|call|fax|whatsapp|routing|card|cc|ssn|social|zip|postcode|flight|flt|"
    r"train|error|code|room|gate|seat|version|model|serial|bank|meter|sort|iban|section|code|usc|sec|article|item|"
    r"customer|employee|member|street|konto|telefon|handy|compte|téléphone|cuenta|teléfono|conto|telefono|conta|rekening"
)
_NUMBER = r"(?: ?(?:numbers?|num|nummer|no|nr|id|ref|reference|número|numero|numéro)\b\.?| ?(?:#|n[°º]))"
_ANCHOR = re.compile(
    rf"\b(?:(?P<order>{_NOUN})|(?P<other>{_OTHER}))\b(?P<strong>{_NUMBER})?|\b(?P<ref>reference|ref)\b\.?{_NUMBER}?",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<![\w/.@#&-])(?P<hash>#)?(?P<code>(?=[A-Za-z-]{0,12}\d)[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){2,23})(?![\w@-]|\.\w|[:/]\d|[$€£%])"
)
_LETTERS = re.compile(
    r"\b(?:pnr|PNR|[Rr]eference|[Rr]ef|[Ll]ocator|[Cc]onfirmation|[Bb]ooking)\b[^.!?\n]{0,20}?[ :#](?P<code>[A-Z]{6})(?![\w-])"
)
_GLUED = re.compile(r"\b(?:order|purchase|invoice|booking|ticket|claim)#?(?P<code>\d{5,20})(?!\w)", re.IGNORECASE)
_SHAPED = re.compile(r"[A-Z]{2,6}-\d{3,12}(?:-[A-Z0-9]{1,8})?|[A-Z]{2}\d{9}[A-Z]{2}|1Z[A-Z0-9]{16}")
_NOT_ORDERS = re.compile(
    r"(?:ce|err|error|iso|utf|covid|sars|rfc|http|ws|windows|win|ios|usb|mp|hd|ps|gta|fy|h1n)-?\d|\d+(?:st|nd|rd|th|am|pm|hrs?|mins?|k|"
    r"kg|g|ml|gb|mb|px|p|hours?|days?|miles|months?|weeks?|years?|x\d+)$|(?:19|20)\d\d-\d\d?(?:-\d\d?)?$|\d\d?-\d\d?(?:-\d{2,4})?$|"
    r"\d{1,3}-\d{1,3}$",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"[\s:#№°(\"'*.,=&-]*(?:(?:is|was|are|ist|est|es|è|é|number|numbers|no|nr|as|of|has|to|be|the|my|mine|with|would|should|that|which|i|have|"
    r"linked|account|given|got|id|ref|reference|being|on|for|order|ending|called|under|and|[a-z-]{0,6}\d[a-z\d-]{2,20})\b[\s:#№°(\"'*.,=&-]*){0,9}",
    re.IGNORECASE,
)
_NEXT_WORD = re.compile(
    r"\s+(?:is|was|has|hasn|still|not|never|arrived|cost|please|came|and|but|for|which|from|placed|current|status)\b"
)
_STOP = re.compile(r"[!?;\n]|(?<!no)(?<!nr)\.\s", re.IGNORECASE)
_PARTED = re.compile(
    rf"\b(?:{_NOUN})(?P<strong>{_NUMBER})?(?: (?:is|was|ist|est|es))?[ :=.]{{0,3}}"
    r"(?P<code>#?[A-Z\d]{1,12}(?:-[A-Z\d]{1,12}){0,3}(?:/[A-Z\d]{1,12}){1,3}(?![\w/])|"
    r"#?\d{2,8}(?: \d{2,8}){1,4}(?=[ ]?(?:[.,;:!?)\n]|$)|"
    r" (?:is|was|has|hasn|and|but|for|from|which|that|still|please|not|never)\b))",
    re.IGNORECASE,
)
"""Numbers with strokes or gaps in them, right behind the word that explains them."""
_FRACTION = re.compile(r"#?\d{1,2}/\d{1,2}(?:/(?:\d\d){1,2})?")
LISTED = 5
"""Digits of a number that stands in a list behind another one."""
_REACH = 60
"""Characters before a number in which the word that explains it may stand."""


def order_numbers(text: str) -> Iterator[Entity]:
    """As written, with a "#" that touches it; ``normalised`` is upper case without "#"."""
    for match in _LETTERS.finditer(text):
        if not text.isupper() or len(text) < 30:
            yield _entity(text, match.start("code"), match.end("code"), 0.75)
    if not any(map(str.isdigit, text)):
        return
    for match in _GLUED.finditer(text):
        yield _entity(text, match.start("code"), match.end("code"), 0.9)
    for match in _PARTED.finditer(text):
        code = match["code"]
        spaced = " " in code
        if not _FRACTION.fullmatch(code) and sum(map(str.isdigit, code)) >= 4 and (match["strong"] or not spaced):
            start = match.start("code")
            yield _entity(text, start - text.startswith("#", start - 1), match.end("code"), 0.96)
    for match in _CODE.finditer(text):
        confidence = _confidence(text, match)
        if confidence:
            yield _entity(text, match.start(), match.end(), confidence)


def _entity(text: str, start: int, end: int, confidence: float) -> Entity:
    value = text[start:end]
    return Entity(
        type=EntityType.ORDER_NUMBER,
        value=value,
        confidence=confidence,
        start=start,
        end=end,
        normalised=value.lstrip("#").upper(),
    )


def _confidence(text: str, match: re.Match[str]) -> float:
    """How surely the number belongs to an order, 0 when it does not."""
    code, hashed = match["code"], bool(match["hash"])
    if _NOT_ORDERS.match(code):
        return 0.0
    before = _STOP.split(text[max(0, match.start() - _REACH) : match.start()])[-1]
    anchor = _anchor(before)
    digits = sum(map(str.isdigit, code))
    if anchor and anchor["other"]:
        return 0.0
    if anchor:
        adjacent = _LINK.fullmatch(before, anchor.end()) is not None
        if "," in before[anchor.end() :] and digits < LISTED:
            adjacent = False  # "order number 48213, 500 bags"
        strong = bool(anchor["strong"] or anchor["ref"] or hashed)
        if adjacent and (strong or _stands_alone(text, match, code)):
            return 0.95
        if strong and digits >= 5:
            return 0.8
    if _SHAPED.fullmatch(code):
        return 0.85
    if hashed and (code.isdigit() or "-" in code) and digits >= 4:
        return 0.8
    plain = code.isdigit() and digits >= 9 and not re.match(r"0[1-9]", code)
    return 0.55 if plain and not re.search(r"[+(]\s?\d*\W?$", before) else 0.0


def _anchor(before: str) -> re.Match[str] | None:
    """The nearest word that explains a number; a bare "account" behind "policy number" explains nothing."""
    best: re.Match[str] | None = None
    for found in _ANCHOR.finditer(before):
        weak = not (found["strong"] or found["ref"])
        if best and weak and (best["strong"] or best["ref"]):
            continue
        best = found
    return best


def _stands_alone(text: str, match: re.Match[str], code: str) -> bool:
    """Short bare numbers after "order" may count things ("order 500 bags"): they need an end or a verb after them."""
    if not code.isdigit() or len(code) >= 5:
        return len(code) >= 4 or not code.isdigit()
    rest = text[match.end() : match.end() + 12]
    return len(code) == 4 and (not rest.strip() or not rest[0].isspace() or bool(_NEXT_WORD.match(rest)))
