"""Names in a message: people who introduce themselves, places, and products of the catalogue or of well-known kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from switchboard.domain.reading import Entity, EntityType
from switchboard.understanding.text import listed

_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’-]{1,24}(?: (?:van |de |von |der |la |di |da )?[A-ZÀ-ÖØ-Þ][\w'’-]{1,24}){0,2}"
_INTRODUCED = re.compile(
    r"\b(?i:my name is|my name's|my full name is|name is|this is|i am|i'm|it's|under the name(?: of)?|under|"
    r"on behalf of|"
    r"mein name ist|ich bin|ich heiße|je m'appelle|me llamo|mi nombre es|soy|mi chiamo|meu nome é|mijn naam is|ik ben) "
    rf"(?:(?i:mr|mrs|ms|miss|dr|herr|frau)\.? )?(?P<name>{_NAME})"
)
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Herr|Frau|Sir|Madam)\.? (?P<name>{_NAME})")
_SERVED = re.compile(rf"\b(?i:spoke (?:to|with)|talked to|agent|representative|named|called) (?P<name>{_NAME})")
_LOWER = re.compile(r"\b(?:my name is|name's) (?P<name>[a-z]{2,20}(?: [a-z]{2,20})?)(?=[.,;!?\n]|$| and\b| i\b)")
_SIGNED = re.compile(
    r"\b(?i:regards|best wishes|sincerely|cheers|thanks|thank you|many thanks|grüße|grüßen|cordialement|"
    r"saludos|saluti|groeten)"
    rf"\s?[,!.]?\s{{0,3}}\n\s{{0,3}}-?\s?(?P<name>{_NAME})\s*(?=\n|$)"
)
_NOT_NAMES = listed(
    "I A An The This That My Not No Yes Very So Just Still Sorry Sure Happy Unable Trying Looking Having ",
    "Calling Writing Going Waiting Also Now Here There Your Our His Her Their It We You They What When Where ",
    "Why How Please Thanks Hello Hi Dear Ok Order Account Customer Monday Tuesday Wednesday Thursday Friday ",
    "Saturday Sunday January February March April June July August September October November December Beyond ",
    "Really Absolutely Extremely Furious Angry English German French Unacceptable Ridiculous Disappointed ",
    "Traveling Travelling On In At To Of For And But If",
)
_PLACES = (
    "london paris berlin munich münchen hamburg frankfurt cologne köln vienna wien zurich zürich geneva "
    "madrid barcelona lisbon "
    "lisboa porto rome roma milan milano amsterdam rotterdam brussels dublin edinburgh glasgow manchester "
    "birmingham leeds "
    "liverpool bristol stockholm oslo copenhagen helsinki warsaw prague budapest athens istanbul moscow "
    "dubai mumbai delhi "
    "bangalore singapore tokyo osaka seoul beijing shanghai sydney melbourne toronto montreal vancouver "
    "chicago boston seattle "
    "dallas houston austin denver miami atlanta phoenix philadelphia detroit orlando vegas honolulu "
    "germany france spain italy portugal netherlands belgium austria switzerland ireland england scotland "
    "wales poland sweden "
    "norway denmark finland greece turkey canada mexico brazil argentina india china japan australia europe "
    "usa uk hawaii "
    "deutschland frankreich spanien italien españa italia nederland texas california florida"
)
_MANY_WORDS = (
    "new york city|new york|los angeles|san francisco|san diego|las vegas|united states|united kingdom|"
    "south africa|new zealand|"
    "hong kong|north carolina|south korea|abu dhabi|cape town|são paulo|rio de janeiro|mexico city|"
    "washington dc|new jersey"
)
_GAZETTEER = re.compile(rf"\b(?:{_MANY_WORDS}|{'|'.join(_PLACES.split())})\b", re.IGNORECASE)
_AT_PLACE = re.compile(
    r"\b(?:in|from|to|at|near|live in|located in|based in|aus|à|en|desde|da|naar|uit) "
    r"(?P<place>[A-ZÀ-ÖØ-Þ][a-zà-ÿ]{2,20}(?: [A-ZÀ-ÖØ-Þ][a-zà-ÿ]{2,20}){0,2})(?= (?i:airport|station|store|"
    r"branch|office|hotel|street)|, [A-Z]{2}\b)"
)
_ADDRESS = re.compile(
    r"\b\d{1,5} (?:[A-Z][a-z]{1,20} ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|"
    r"Way|Court|Ct|Square|Place)\b\.?"
    r"(?:, [A-Z][a-z]{2,20}(?: [A-Z][a-z]{2,20})?)?(?:, [A-Z]{2}(?: \d{5})?)?"
)
_GENERIC = re.compile(
    r"\b(?:iPhone(?: ?\d{1,2})?(?: Pro| Plus| Max| mini)*|iPad(?: Pro| Air| mini)?|MacBook(?: Pro| Air)?|"
    r"AirPods?(?: Pro| Max)?|"
    r"Apple Watch(?: Series \d)?|Galaxy [A-Z]\d{1,2}(?: Ultra| Plus)?|Pixel \d{1,2}(?: Pro)?|PlayStation ?\d|PS[345]|"
    r"Xbox(?: One| Series [XS])?|Nintendo Switch|Kindle(?: Paperwhite)?|Fire TV(?: Stick)?|Chromecast|"
    r"Windows \d{1,2}|ThinkPad [A-Z]\d{1,3})\b",
    re.IGNORECASE,
)
_MODEL_NAME = re.compile(
    r"(?<![\w#-])[A-Z][a-z]{2,14}(?: [A-Z][a-z]{2,14})? (?:[A-Z]{1,3}-?\d{2,4}[A-Za-z]?|Pro|Max|Ultra|Mini) "
    r"?(?:\d{1,2})?(?!\w)"
)


def persons(text: str) -> Iterator[Entity]:
    """People by introduction, title, signature or "I spoke to"; names without such company are left alone."""
    for pattern, confidence in ((_INTRODUCED, 0.85), (_TITLED, 0.85), (_SIGNED, 0.8), (_SERVED, 0.6), (_LOWER, 0.6)):
        for match in pattern.finditer(text):
            name = match["name"]
            if name.split()[0] not in _NOT_NAMES and not (pattern is _INTRODUCED and _GAZETTEER.fullmatch(name)):
                yield _entity(EntityType.PERSON, match, "name", confidence)


def locations(text: str) -> Iterator[Entity]:
    """Street addresses, places of a small gazetteer, and capitalised names before "airport", "store" and the like."""
    for match in _ADDRESS.finditer(text):
        yield _entity(EntityType.LOCATION, match, 0, 0.85)
    for match in _GAZETTEER.finditer(text):
        certain = match[0][0].isupper()
        if certain or len(match[0]) > 3:
            yield _entity(EntityType.LOCATION, match, 0, 0.8 if certain else 0.6)
    for match in _AT_PLACE.finditer(text):
        yield _entity(EntityType.LOCATION, match, "place", 0.6)


def catalogue_pattern(products: Sequence[str]) -> re.Pattern[str] | None:
    """One pattern for all product names (at most 2,000, of 3 to 80 characters), longest first; None without any."""
    names = sorted(
        {name.strip() for name in products if 3 <= len(name.strip()) <= 80}, key=lambda name: (-len(name), name)
    )
    if not names:
        return None
    listed = "|".join(re.escape(name).replace(r"\ ", r"\s{1,3}") for name in names[:2_000])
    return re.compile(rf"(?<!\w)(?:{listed})(?:s|es)?(?!\w)", re.IGNORECASE)


def products(text: str, catalogue: re.Pattern[str] | None = None) -> Iterator[Entity]:
    """Products of the business's catalogue first, then well-known devices, then names that look like a model."""
    patterns = ((catalogue, 0.95), (_GENERIC, 0.8), (_MODEL_NAME, 0.5))
    for pattern, confidence in patterns:
        for match in pattern.finditer(text) if pattern else ():
            yield _entity(EntityType.PRODUCT, match, 0, confidence)


def _entity(kind: EntityType, match: re.Match[str], group: str | int, confidence: float) -> Entity:
    start, end = match.span(group)
    value = match.string[start:end].rstrip(" .,'’-")
    return Entity(type=kind, value=value, confidence=confidence, start=start, end=start + len(value))
