"""Find personal data in a reply, also where somebody tried to disguise it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote

from switchboard.domain.words import NUMBER_WORDS
from switchboard.replies.plain import folded


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """``kind``: email, phone, address, card, bank_account or national_id. ``value`` is in the form of ``normalised``."""

    kind: str
    value: str


_AT = r"(?:\s?@\s?|\s?[\[({<]\s?at\s?[\])}>]\s?|\s+at\s+)"
_DOT = r"(?:\s?\.\s?|\s?[\[({<]\s?dot\s?[\])}>]\s?|\s+dot\s+)"
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,200}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_SPELT_EMAIL = re.compile(
    rf"(?<![\w+%-])([\w+%-]{{1,200}}(?:{_DOT}[\w+%-]{{1,64}}){{0,3}}){_AT}([\w-]{{1,63}}(?:{_DOT}[\w-]{{1,63}}){{1,3}})"
)
_TOP_LEVEL = re.compile(
    r"\.(?:com|net|org|edu|gov|info|biz|io|co|me|app|dev|mail|online|shop|site|xyz|eu|uk|de|fr|es|it|nl|be|ch|at|pl|pt|se|"
    r"no|dk|fi|ie|us|ca|mx|br|ar|au|nz|jp|cn|kr|in|ru|ua|tr|za|example|test|invalid)$"
)
_PHONE = re.compile(
    r"(?<![\w.,-])(?:\+|00)?\(?\d{1,15}\)?(?:[\s./-]{1,2}\(?\d{1,12}\)?|(?<=\))\d{1,12}|\(\d{1,5}\)){0,7}(?![\w-])"
)
_NOT_A_PHONE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:\D.*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,3}(?:[,. ]\d{3})*(?:[.,]\d{1,2})?|\d{4}\s?-\s?\d{4}|"
    r"\d{1,2}\.\d{1,2}\s?-\s?\d{1,2}\.\d{1,2}"
)
_ORDER_BEFORE = re.compile(
    r"(?:order|invoice|ticket|reference|case|tracking|booking|parcel|no\.?|number|nr|#)[\s:#.]{0,3}$"
)
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_BANK = re.compile(r"\b[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){2,7}(?:\s?[a-z0-9]{1,3})?\b")
_NATIONAL = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")
_STREET = (
    r"street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|close|crescent|terrace|place|pl|square|sq|"
    r"parkway|pkwy|highway|hwy|way"
)
_ADDRESS = re.compile(
    rf"\b\d{{1,5}}[a-z]?,?(?:\s[a-z][a-z'-]{{1,24}}){{1,4}}\s(?:{_STREET})\b\.?|\bp\.?\s?o\.?\s?box\s\d{{1,6}}"
)
_ADDRESS_AFTER = re.compile(
    r"\b[a-z-]{0,30}(?:strasse|straße|str\.|weg|gasse|platz|allee|straat|laan)\s\d{1,4}[a-z]?\b|"
    r"\b(?:rue|avenue|calle|via|viale|rua|plaza|piazza)\s(?:[a-z'-]{1,20}\s){1,4}?\d{1,4}\b|"
    r"\b(?:rue|calle|via|rua)\s[a-z'-]{2,20}(?:\s[a-z'-]{2,20}){0,3},?\s\d{1,4}\b|"
    r"\b\d{1,4},?\s(?:bis\s)?(?:rue|avenue|boulevard|chemin|place)\s[a-z'-]{2,20}"
)
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s\d[a-z]{2}\b|\b[a-z]{2}\s\d{5}(?:-\d{4})?\b")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,400}={0,2}")
_HEX = re.compile(r"\b(?:[0-9a-fA-F]{2}[\s:]?){8,200}\b")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_DIGIT_WORDS = {word: digit for word, digit in NUMBER_WORDS.items() if len(digit) == 1} | {"oh": "0", "double": ""}
_NUMBER_RUN = re.compile(r"(?:\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b[\s,.-]{0,3}){6,20}")
_SPACED_DIGITS = re.compile(r"(?<!\d)\d(?:[\s.,_*|-]{1,3}\d){6,14}(?!\d)")


def personal_data(text: str) -> tuple[PersonalData, ...]:
    """Every e-mail address, telephone number, postal address, card, bank and national number, decoded and normalised."""
    found: dict[PersonalData, None] = {}
    for reading in _readings(text):
        for item in (*_emails(reading), *_numbers(reading), *_addresses(reading)):
            found.setdefault(item)
    found.update(dict.fromkeys(_written_backwards(text, frozenset(item.value for item in found))))
    return tuple(found)


def normalised(value: str) -> str:
    """The one form in which identifiers are compared: addresses folded, telephone numbers as bare digits."""
    plain = folded(value)
    if "@" in plain:
        return re.sub(r"\s", "", plain)
    digits = re.sub(r"\D", "", plain)
    letters = sum(character.isalpha() for character in plain)
    if len(digits) >= 6 and letters == 0:
        return digits.removeprefix("00").lstrip("0")
    return re.sub(r"[^\w]+", " ", plain).strip()


def same_identifier(found: str, known: str) -> bool:
    """Whether two normalised identifiers are one; a telephone number with and without its country code is."""
    if found == known:
        return True
    both_digits = found.isdigit() and known.isdigit()
    return both_digits and min(len(found), len(known)) >= 8 and (found.endswith(known) or known.endswith(found))


def name_candidates(text: str) -> frozenset[str]:
    """Every run of one to three neighbouring words, normalised: what to look up among the names of other customers."""
    tokens = re.findall(r"\w[\w'-]*", folded(text[:20_000]))
    runs = {" ".join(tokens[at : at + size]) for size in (1, 2, 3) for at in range(len(tokens) - size + 1)}
    return frozenset(normalised(run) for run in runs)


def identifiers(text: str) -> frozenset[str]:
    """Everything in a text that could belong to a customer: for a look-up by keyed hash before validation."""
    return frozenset(item.value for item in personal_data(text)) | name_candidates(text)


def _readings(text: str) -> list[str]:
    """The text as it stands, and as it reads after undoing simple encodings; at most 20,000 characters each."""
    cut = text[:20_000]
    raw = [cut, *_decoded(cut)]
    plain = [folded(reading) for reading in raw]
    spelt = (_digits_written_out(reading) for reading in plain)
    return list(dict.fromkeys((*plain, *spelt)))


def _written_backwards(text: str, forwards: frozenset[str]) -> list[PersonalData]:
    """E-mail addresses that read from right to left, and are not just the mirror of one that reads forwards."""
    found = _emails(folded(text[:20_000])[::-1])
    mirrored = " ".join(value[::-1] for value in forwards)
    return [item for item in found if _TOP_LEVEL.search(item.value) and item.value not in mirrored]


def _decoded(text: str) -> list[str]:
    found = [unquote(text)] if _PERCENT.search(text) else []
    found.extend(filter(None, (_from_base64(match.group()) for match in _BASE64.finditer(text))))
    found.extend(filter(None, (_from_hex(match.group()) for match in _HEX.finditer(text))))
    return found


def _from_base64(token: str) -> str | None:
    padded = token.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


def _from_hex(token: str) -> str | None:
    try:
        return bytes.fromhex(re.sub(r"[\s:]", "", token)).decode("utf-8")
    except (ValueError, UnicodeDecodeError):
        return None


def _digits_written_out(plain: str) -> str:
    def join(match: re.Match[str]) -> str:
        return "+" + "".join(_DIGIT_WORDS.get(word, "") for word in re.findall(r"[a-z]+", match.group())) + " "

    closed = _NUMBER_RUN.sub(join, plain)
    return _SPACED_DIGITS.sub(lambda match: "+" + re.sub(r"\D", "", match.group()), closed)


def _emails(plain: str) -> list[PersonalData]:
    found = [match.group().strip(".-") for match in _EMAIL.finditer(plain)]
    for match in _SPELT_EMAIL.finditer(plain):
        local, host = (_undot(part) for part in match.groups())
        if _TOP_LEVEL.search(host):
            found.append(f"{local}@{host}")
    return [PersonalData(kind="email", value=normalised(address)) for address in found]


def _undot(part: str) -> str:
    return re.sub(_DOT, ".", part).replace(" ", "")


def _numbers(plain: str) -> list[PersonalData]:
    found = [
        PersonalData(kind="card", value=_digits(match.group()))
        for match in _CARD.finditer(plain)
        if _luhn(match.group())
    ]
    found.extend(
        PersonalData(kind="bank_account", value=normalised(m.group()))
        for m in _BANK.finditer(plain)
        if _iban(m.group())
    )
    found.extend(PersonalData(kind="national_id", value=_digits(match.group())) for match in _NATIONAL.finditer(plain))
    found.extend(_phones(plain))
    return found


def _phones(plain: str) -> list[PersonalData]:
    return [
        PersonalData(kind="phone", value=normalised(match.group()))
        for match in _PHONE.finditer(plain)
        if _looks_like_a_phone(plain, match)
    ]


def _looks_like_a_phone(plain: str, match: re.Match[str]) -> bool:
    written = match.group().strip()
    digits = _digits(written)
    if not 7 <= len(digits) <= 15 or _NOT_A_PHONE.fullmatch(written):
        return written.isdigit() and 9 <= len(digits) <= 15 and not _ORDER_BEFORE.search(plain[: match.start()][-20:])
    return not (written.isdigit() and _ORDER_BEFORE.search(plain[: match.start()][-20:]))


def _addresses(plain: str) -> list[PersonalData]:
    matches = [m.group() for pattern in (_ADDRESS, _ADDRESS_AFTER, _POSTCODE) for m in pattern.finditer(plain)]
    return [PersonalData(kind="address", value=normalised(match)) for match in matches]


def _digits(written: str) -> str:
    return re.sub(r"\D", "", written)


def _luhn(written: str) -> bool:
    digits = [int(digit) for digit in _digits(written)][::-1]
    doubled = [digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2]]
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _iban(written: str) -> bool:
    code = re.sub(r"\s", "", written).upper()
    if not 15 <= len(code) <= 34:
        return False
    return int("".join(str(int(character, 36)) for character in code[4:] + code[:4])) % 97 == 1
