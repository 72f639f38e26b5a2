"""Finds e-mail addresses, phone, card and account numbers and street addresses in a text, and masks them.

Every search is linear in the length of the text: the patterns repeat only within small bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class PersonalKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """``text[start:end]`` is personal."""

    kind: PersonalKind
    start: int
    end: int


_LOCAL_CHARACTERS = frozenset("._%+-'!#$&*/=?^`{|}~")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_][\w-]{0,61}[^\W_]")
_DIGIT_RUN = re.compile(r"(?<![\w.,$€£¥])(?:\+|\(\+?)?\d(?:[ .()/\u00a0\u2010-\u2013-]{0,3}\d){5,22}(?!\w)")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_PHONE_WORDS = re.compile(
    r"(?<!\w)(?:phone|answering|messages?|anruf|llám|call|tel|mobile|cell|whatsapp|number|reach|text|sms|fax|ring|ruf|handy|telefon|nummer|téléphone|portable|"
    r"numéro|teléfono|móvil|número|llam|telefono|cellulare|numero|telefone|celular|ligue|bel|mobiel)",
    re.IGNORECASE,
)
_NUMBER_WORDS = re.compile(
    r"(?<!\w)(?:order|purchase|transaction|booking|invoice|ticket|tracking|reference|ref|case|account|bestell|auftrag|rechnung|sendung|commande|"
    r"facture|pedido|factura|ordine|fattura|fatura|bestelling|factuur|iban|sku|serial|version)\W{0,3}(?:id|no|nr|number|"
    r"nummer|numéro|número|numero|code)?\W{0,6}(?:is|ist|est|es)?\W{0,3}$",
    re.IGNORECASE,
)
_NATIONAL = re.compile(r"\(?0\d{1,5}[)\s/.-]|\(\d{3}\)\s?\d{3}[ .-]\d{4}$|\d{3}[ .-]\d{3}[ .-]\d{4}$")
_UNBROKEN = re.compile(r"0[1-9]\d{8,9}$")
_STROKE = re.compile(r" ?/ ?")
_DATE = re.compile(r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[ T]\d{1,2}.*)?$")
_TAIL = r"[\w'’.-]{0,30}"
_NAME = rf"[^\W\d_]{_TAIL}"
_WORDS = rf"(?:{_NAME}[ ]){{1,3}}"
_NOT_A_STREET = (
    r"(?!(?:on|the|in|my|this|that|each|every|its|it's|for|hours?|days?|weeks?|minutes?|miles?|of|an?|is|was|were|to|from|"
    r"down|per|more|other|people|kids|and|or|at|by)[ ])"
)
_STREET_WORDS = rf"(?:{_NOT_A_STREET}{_NAME}[ ]){{1,3}}"
_STREET = r"(?:street|avenue|ave|road|rd|lane|ln|boulevard|blvd|square|sq|terrace|crescent|highway|hwy|parkway|mews)"
_STREET_OR_WORD = r"(?:St|Drive|Dr|Court|Ct|Way|Place|Pl|Close|Row|Walk|Court|Trail|Circle)"
_UNIT = r"(?:,?[ ](?:apt|apartment|unit|suite|flat|#)\.?[ ]?\w{1,6})?"
_ADDRESSES = (
    re.compile(rf"(?<!\w)\d{{1,5}}[a-z]?,?[ ]{_STREET_WORDS}{_STREET}(?!\w)\.?{_UNIT}", re.IGNORECASE),
    re.compile(rf"(?<!\w)\d{{1,5}}[A-Za-z]?,?[ ](?:[A-Z][\w'’.-]{{0,30}}[ ]){{1,3}}{_STREET_OR_WORD}(?!\w)\.?{_UNIT}"),
    re.compile(
        r"(?<!\w)[^\W\d_][\w'’.-]{0,30}(?:stra(?:ß|ss)e|str\.|weg|gasse|platz|allee|ufer|straat|laan|plein|gracht)"
        r"[ ]\d{1,4}[ ]?[a-z]?(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w)\d{{1,4}}(?:[ ]?(?:bis|ter))?,?[ ](?:rue|avenue|boulevard|impasse|chemin|allée|place)[ ]{_NAME}"
        rf"(?:[ ]{_NAME}){{0,3}}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<!\w)(?i:calle|avenida|av\.|plaza|paseo|via|viale|piazza|corso|rua|travessa|praça)"
        rf"(?:[ ](?:de|del|della|da|do|dos|la|el|di|[A-ZÀ-Ý]{_TAIL})){{1,4}},?[ ](?:n[º°.]?[ ]?)?\d{{1,4}}(?!\w)",
    ),
    re.compile(
        r"(?<!\w)[^\W\d_][\w'’.-]{0,30}(?:katu|kuja|tie|vænget|vej|gade|gatan|vägen|veien|gata|[ ](?:tér|utca|út))"
        r"[ ]\d{1,4}(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<!\w)\d{{1,6}}[ ]{_WORDS}\d{{1,4}},?[ ](?:apt|suite|unit|flat)\.?[ ]?\w{{1,6}}", re.IGNORECASE),
    re.compile(
        rf"(?:address(?:[ ]is)?|lives?[ ]at|living[ ]at|ship[ ]to|deliver[ ]to|adresse(?:[ ]ist)?|wohne[ ]in)[: ]{{1,3}}"
        rf"(?P<where>\d{{1,6}}[ ]{_NAME}(?:[ ]{_NAME}){{0,3}}(?:[ ]\d{{1,4}}(?!\w))?)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<!\w)P\.?[ ]?O\.?[ ]?Box[ ]\d{1,6}(?!\w)", re.IGNORECASE),
)
_CARD_GAPS = frozenset(" -\u00a0")
_CONTEXT = 40
IBAN_LENGTHS = {
    "AT": 20,
    "BE": 16,
    "BG": 22,
    "CH": 21,
    "CY": 28,
    "CZ": 24,
    "DE": 22,
    "DK": 18,
    "EE": 20,
    "ES": 24,
    "FI": 18,
    "FR": 27,
    "GB": 22,
    "GR": 27,
    "HR": 21,
    "HU": 28,
    "IE": 22,
    "IS": 26,
    "IT": 27,
    "LI": 21,
    "LT": 20,
    "LU": 20,
    "LV": 21,
    "MC": 27,
    "MT": 31,
    "NL": 18,
    "NO": 15,
    "PL": 28,
    "PT": 25,
    "RO": 24,
    "SE": 24,
    "SI": 19,
    "SK": 24,
    "SM": 27,
    "TR": 26,
    "SA": 24,
    "AE": 23,
    "IL": 23,
    "BR": 29,
    "UA": 29,
    "RS": 22,
    "GE": 22,
    "KZ": 20,
}


def find_personal_data(text: str) -> tuple[Span, ...]:
    """Every find in order, without overlaps (the first and longest wins). Runs of digits count as phone numbers only in
    an international or national style, or after a word such as "call"; order numbers and dates do not."""
    found = (*_emails(text), *_ibans(text), *_cards(text), *_phones(text), *_addresses(text))
    spans: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not spans or span.start >= spans[-1].end:
            spans.append(span)
    return tuple(spans)


def redact(text: str, spans: Iterable[Span] | None = None) -> str:
    """The text with each find replaced by its kind, such as ``[email]``."""
    parts, last = [], 0
    for span in find_personal_data(text) if spans is None else spans:
        parts += [text[last : span.start], f"[{span.kind.value}]"]
        last = span.end
    return "".join((*parts, text[last:]))


def _emails(text: str) -> Iterator[Span]:
    """From each @ outwards: a bounded look to the left, one match to the right."""
    at = text.find("@")
    while at != -1:
        start = at
        while start > 0 and at - start < 64 and (text[start - 1].isalnum() or text[start - 1] in _LOCAL_CHARACTERS):
            start -= 1
        while start < at and not text[start].isalnum():
            start += 1
        domain = _DOMAIN.match(text, at + 1, at + 255)
        if start < at and domain:
            yield Span(kind=PersonalKind.EMAIL, start=start, end=domain.end())
        at = text.find("@", at + 1)


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        length = IBAN_LENGTHS.get(match.group()[:2].upper(), 0)
        end = _end_of(text, match.start(), length) if length else None
        if end is not None and _iban_checks(text[match.start() : end]):
            yield Span(kind=PersonalKind.IBAN, start=match.start(), end=end)


def _end_of(text: str, start: int, length: int) -> int | None:
    """Where the ``length``-th letter or digit ends; words may follow an account number directly."""
    seen = 0
    for place in range(start, min(len(text), start + 2 * length)):
        seen += text[place].isalnum()
        if seen == length:
            return place + 1
    return None


def _iban_checks(text: str) -> bool:
    code = "".join(character for character in text.upper() if character.isalnum())
    if not (code.isascii() and code.isalnum()):
        return False
    return int("".join(str(int(character, 36)) for character in code[4:] + code[:4])) % 97 == 1


def _cards(text: str) -> Iterator[Span]:
    """Cards are written plainly or in groups with single spaces or hyphens."""
    for match in _DIGIT_RUN.finditer(text):
        digits = _digits(match.group())
        grouped = not (set(match.group()) - set(digits) - _CARD_GAPS)
        told = "card" in text[max(0, match.start() - _CONTEXT) : match.start()].casefold()
        plausible = told or (digits[0] in "23456" and len(digits) >= 13)
        if plausible and 12 <= len(digits) <= 19 and grouped and len(set(digits)) > 1 and luhn(digits):
            yield Span(kind=PersonalKind.CARD, start=match.start(), end=match.end())


def luhn(digits: str) -> bool:
    """The check digit of payment cards."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _phones(text: str) -> Iterator[Span]:
    for match in _DIGIT_RUN.finditer(text):
        for start, end in _told_apart(text, match.start(), match.end()):
            written = text[start:end]
            count = len(_digits(written))
            if 7 <= count <= 15 and not _DATE.match(written) and _looks_like_phone(text, start, written, count):
                yield Span(kind=PersonalKind.PHONE, start=start, end=end)


def _told_apart(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A run that is too long for one number may be two with a stroke between them."""
    if len(_digits(text[start:end])) > 15:
        for stroke in _STROKE.finditer(text, start, end):
            yield start, stroke.start()
            start = stroke.end()
    yield start, end


def _looks_like_phone(text: str, start: int, written: str, count: int) -> bool:
    if written.startswith(("+", "(+")):
        return True
    before = text[max(0, start - _CONTEXT) : start]
    if _NUMBER_WORDS.search(before):
        return False
    if written.startswith("00") and count >= 10:
        return True
    return bool(_NATIONAL.match(written) or _UNBROKEN.match(written)) or _PHONE_WORDS.search(before) is not None


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def _addresses(text: str) -> Iterator[Span]:
    for pattern in _ADDRESSES:
        for match in pattern.finditer(text):
            start = match.start("where") if "where" in pattern.groupindex else match.start()
            yield Span(kind=PersonalKind.ADDRESS, start=start, end=match.end())
