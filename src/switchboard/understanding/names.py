"""Names by their surroundings: people who introduce themselves or sign, street addresses, well-known places and devices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from switchboard.domain.reading import Entity, EntityType
from switchboard.understanding.product_words import PRODUCT_SHAPES
from switchboard.understanding.text import listed

_NAME = r"[A-ZÀ-ÖØ-Þ][\w'’-]{1,24}(?: (?:van |de |von |der |la |di |da )?[A-ZÀ-ÖØ-Þ][\w'’-]{1,24}){0,2}"
_INTRODUCED = re.compile(
    r"\b(?i:my name is|my name's|my full name is|my full name is registered as|name is|under the name(?: of)?|on behalf of|"
    r"mein name ist|ich heiße|je m'appelle|me llamo|mi nombre es|mi chiamo|meu nome é|mijn naam is) "
    rf"(?:(?i:mr|mrs|ms|miss|dr|herr|frau)\.? )?(?P<name>{_NAME})"
)
_PERHAPS = re.compile(
    rf"\b(?i:this is|i am|i'm|it's|under|ich bin|soy|ik ben) (?:(?i:mr|mrs|ms|miss|dr|herr|frau)\.? )?(?P<name>{_NAME})"
)
_TITLED = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Herr|Herrn|Frau|Sir|Madam|Sr|Sra|Monsieur|Madame|Signor|Signora)\.? (?P<name>{_NAME})"
)
_SERVED = re.compile(rf"\b(?i:spoke (?:to|with)|talked to|agent|representative|named|called) (?P<name>{_NAME})")
_LOWER = re.compile(r"\b(?:my name is|name's) (?P<name>[a-z]{2,20}(?: [a-z]{2,20})?)(?=[.,;!?\n]|$| and\b| i\b)")
_SIGNED = re.compile(
    r"\b(?i:regards|best wishes|sincerely|cheers|thanks|thank you|many thanks|grüße|grüßen|cordialement|"
    r"saludos|saludo|saluti|groeten|groet|atenciosamente)"
    rf"\s?[,!.]?\s{{0,3}}\n\s{{0,3}}-?\s?(?P<name>{_NAME})\s*(?=\n|$)"
)
_NOT_NAMES = listed(
    "I A An The This That My Not No Yes Very So Just Still Sorry Sure Happy Unable Trying Looking Having ",
    "Calling Writing Going Waiting Also Now Here There Your Our His Her Their It We You They What When Where ",
    "Why How Please Thanks Hello Hi Dear Ok Order Account Customer Monday Tuesday Wednesday Thursday Friday ",
    "Saturday Sunday January February March April June July August September October November December Beyond ",
    "Really Absolutely Extremely Furious Angry English German French Unacceptable Ridiculous Disappointed ",
    "Traveling Travelling On In At To Of For And But If Section Support Team Service",
)
_CITIES = (
    "london paris berlin munich münchen hamburg frankfurt cologne köln vienna wien zurich zürich geneva madrid barcelona "
    "lisbon lisboa porto rome roma milan milano amsterdam rotterdam brussels dublin edinburgh glasgow manchester "
    "birmingham leeds liverpool bristol stockholm oslo copenhagen helsinki warsaw prague budapest athens istanbul moscow "
    "dubai mumbai delhi bangalore singapore tokyo osaka seoul beijing shanghai sydney melbourne toronto montreal vancouver "
    "chicago boston seattle dallas houston austin denver miami atlanta phoenix philadelphia detroit orlando vegas honolulu"
)
_STATES = (
    "alabama alaska arizona arkansas california colorado connecticut delaware florida hawaii idaho illinois indiana iowa "
    "kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada "
    "ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia wisconsin wyoming ontario quebec"
)
_COUNTRIES = (
    "germany france spain italy portugal netherlands belgium austria switzerland ireland england scotland wales poland sweden "
    "norway denmark finland greece turkey canada mexico brazil argentina india china japan australia europe usa uk "
    "deutschland frankreich spanien italien españa italia nederland österreich schweiz"
)
_MANY_WORDS = (
    "new york city|new york|los angeles|san francisco|san diego|las vegas|united states|united kingdom|south africa|"
    "new zealand|hong kong|north carolina|south carolina|south korea|abu dhabi|cape town|são paulo|rio de janeiro|mexico city|"
    "washington dc|new jersey|new mexico|new hampshire|west virginia|north dakota|south dakota|rhode island"
)
_GAZETTEER = re.compile(
    rf"\b(?<!bank of )(?:{_MANY_WORDS}|{'|'.join(f'{_CITIES} {_STATES} {_COUNTRIES}'.split())})\b", re.IGNORECASE
)
_REGIONS = (
    r"jamaica|bahamas|barbados|cuba|haiti|dominican republic|costa rica|panama|colombia|peru|chile|ecuador|venezuela|"
    r"bolivia|uruguay|paraguay|honduras|guatemala|nicaragua|el salvador|belize|iceland|croatia|slovenia|serbia|bosnia|"
    r"montenegro|albania|romania|bulgaria|hungary|czechia|czech republic|slovakia|ukraine|russia|estonia|latvia|lithuania|"
    r"malta|cyprus|israel|egypt|morocco|tunisia|algeria|nigeria|ghana|kenya|uganda|tanzania|rwanda|ethiopia|senegal|"
    r"zambia|zimbabwe|namibia|botswana|mozambique|saudi arabia|qatar|oman|kuwait|bahrain|uae|united arab emirates|jordan|"
    r"lebanon|iraq|iran|pakistan|bangladesh|nepal|sri lanka|thailand|vietnam|cambodia|laos|malaysia|indonesia|philippines|"
    r"taiwan|south korea|korea|fiji|puerto rico|northern ireland|great britain|america|us|u\.s\.a?|british columbia|"
    r"alberta|manitoba|saskatchewan|nova scotia|new brunswick|queensland|tasmania|new south wales|western australia|"
    r"yorkshire|north yorkshire|west yorkshire|south yorkshire|lancashire|cumbria|northumberland|cheshire|derbyshire|"
    r"devon|cornwall|dorset|somerset|norfolk|suffolk|essex|kent|sussex|surrey|hampshire|oxfordshire|cambridgeshire|"
    r"county durham|bavaria|tuscany|sicily|kerala|punjab|gujarat|maharashtra|karnataka|tamil nadu|rajasthan"
)
_WIDER = re.compile(rf"(?:{_MANY_WORDS}|{'|'.join(f'{_STATES} {_COUNTRIES}'.split())}|{_REGIONS})", re.IGNORECASE)
_CODES = (
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd "
    "oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc"
)
_RISKY = frozenset(["al", "co", "de", "hi", "id", "in", "la", "me", "ms", "oh", "ok", "or"])
_STATE_CODE = re.compile(
    rf"(?P<comma>,)? ?(?<=[ ,])(?P<code>{'|'.join(_CODES.split())})(?:,? (?P<zip>\d{{5}}))?(?![\w'’])", re.IGNORECASE
)
_JOINT = re.compile(r", ?(?:in )?|,? in | ")
_AT_PLACE = re.compile(
    r"\b(?:in|from|to|at|near|live in|located in|based in|aus|à|en|desde|da|naar|uit) "
    r"(?P<place>[A-ZÀ-ÖØ-Þ][a-zà-ÿ]{2,20}(?: [A-ZÀ-ÖØ-Þ][a-zà-ÿ]{2,20}){0,2})(?= (?i:airport|station|store|"
    r"branch|office|hotel|street)|, [A-Z]{2}\b)"
)
_AFTER_PLACE = re.compile(
    r" (?:(?:international |intl )?airport|(?:central |train |railway |bus )?station)(?![\w’'])", re.IGNORECASE
)
_BEFORE_PLACE = re.compile(r"(?<![\w’'])(?:downtown|midtown|uptown|central|greater) $", re.IGNORECASE)
_STREET = (
    r"(?i:street|str|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|way|court|ct|square|sq|place|"
    r"pl|terrace|highway|hwy|close|row|crescent|gardens|grove|mews|view|walk|parade|hill)"
)
_UNITS = "one|two|three|four|five|six|seven|eight|nine|oh|zero"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_SPOKEN = f"{_UNITS}|{_TEENS}|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dash"
_ADDRESS = re.compile(
    rf"\b(?:\d{{1,5}}[a-zA-Z]?(?:-\d{{1,5}})?,?|(?:{_SPOKEN})(?:[ -](?:{_SPOKEN})){{1,7}}) "
    rf"(?:[A-Z0-9][\w'’.]{{0,20}} ){{1,3}}{_STREET}\b"
)
_NUMBERED = re.compile(rf"\d|(?:{_SPOKEN})\b", re.IGNORECASE)
"""How an address begins, unlike a town."""
_ZIP = re.compile(
    rf"[.,]? (?:[A-Z]{{1,2}}\d[A-Z\d]? \d[A-Z]{{2}}\b|\d{{5}}(?!\d)|(?:(?:{_SPOKEN})[ -]){{3,5}}(?:{_SPOKEN})\b)"
)
_GERMAN_ADDRESS = re.compile(
    r"\b[A-ZÄÖÜ][\wäöüß-]{1,30}(?:straße|strasse|str\.|weg|gasse|allee|platz|ring|damm|laan|straat|plein) \d{1,4}[a-z]?"
    r"(?:, \d{4,5} [A-ZÄÖÜ][a-zäöüß]{2,25})?|\b\d{1,4},? (?:rue|avenue|boulevard|place|chemin) [\w' ’-]{3,40}?(?=[,.\n]|$)|"
    r"\b(?:Calle|Via|Viale|Rua|Avenida|Piazza) [A-ZÀ-Þ][\w' ’-]{2,40}?,? \d{1,4}\b"
)
_ROAD = re.compile(r"\b(?:(?i:route|rt|highway|hwy|interstate)\.? |I-)\d{1,3}\b")
_CORNER = re.compile(r"\bcorner of \d{1,3}(?:st|nd|rd|th) (?:&|and) [A-Z]\w{2,20}")
_AFTER_STREET = re.compile(
    r"(?:, ?| in | )(?P<city>[A-Za-z]{2,20}(?: [A-Z][a-z]{2,20})?),? (?P<state>[A-Z]{2})(?:,? \d{5})?\b|, "
    r"(?P<place>[A-Z][a-z]{2,20}"
    r"(?: [A-Z][a-z]{2,20})?)\b"
)


def persons(text: str, *, surely: bool = False) -> Iterator[Entity]:
    """People by introduction, title, signature or "I spoke to"; ``surely`` leaves the doubtful forms to the tagger."""
    sure = ((_INTRODUCED, 0.85), (_SIGNED, 0.8), (_TITLED, 0.8))
    doubtful = () if surely else ((_PERHAPS, 0.75), (_SERVED, 0.6), (_LOWER, 0.6))
    for pattern, confidence in (*sure, *doubtful):
        for match in pattern.finditer(text):
            name = match["name"]
            placed = pattern is _PERHAPS and _GAZETTEER.fullmatch(name)
            if name.split()[0] not in _NOT_NAMES and not placed and not re.match(r"X{2}", name):
                yield _entity(EntityType.PERSON, match, "name", confidence)


def locations(text: str, *, surely: bool = False) -> Iterator[Entity]:
    """Street addresses; unless ``surely``, also places of a small gazetteer and names before "airport", "store" and the like."""
    for pattern in (_ADDRESS, _GERMAN_ADDRESS, _CORNER, _ROAD):
        for match in pattern.finditer(text):
            end = match.end()
            if pattern is _ADDRESS and (after := _AFTER_STREET.match(text, end)):
                end = after.end()
            yield Entity(
                type=EntityType.LOCATION, value=text[match.start() : end], confidence=0.94, start=match.start(), end=end
            )
    if surely:
        return
    for match in _GAZETTEER.finditer(text):
        certain = match[0][0].isupper()
        if certain or len(match[0]) > 3:
            yield _entity(EntityType.LOCATION, match, 0, 0.8 if certain else 0.6)
    for match in _AT_PLACE.finditer(text):
        yield _entity(EntityType.LOCATION, match, "place", 0.6)


def widened(text: str, places: Iterable[Entity], others: Iterable[Entity]) -> Iterator[Entity]:
    """Each place with what another reading of the same place found beside it: "25 Mill Street" to "25 Mill Street Edinburgh"."""
    rivals = [one for one in others if one.type is EntityType.LOCATION]
    for place in places:
        same = [one for one in rivals if one.start < place.end and place.start < one.end]
        start, end = min([place.start, *(one.start for one in same)]), max([place.end, *(one.end for one in same)])
        yield replace(place, value=text[start:end], start=start, end=end)


def joined_places(text: str, found: Iterable[Entity]) -> Iterator[Entity]:
    """The entities in order, each place with the state, country or town that follows it: "Tampa, FL", "Rose Avenue, Newhaven"."""
    last: Entity | None = None
    for entity in sorted(found, key=lambda one: one.start):
        if entity.type is not EntityType.LOCATION:
            if last:
                yield last
            last = None
            yield entity
            continue
        if last and entity.start < last.end:  # a state's code that its town already holds
            continue
        entity = _with_surroundings(text, entity)
        if last and _JOINT.fullmatch(text, last.end, entity.start) and _belongs(last, entity):
            last = _stretched(text, last, entity.end)
        else:
            if last:
                yield last
            last = entity
        last = _with_code(text, last)
    if last:
        yield last


def _with_surroundings(text: str, place: Entity) -> Entity:
    """A place with what names the part of it or what it is there: "downtown Dallas", "Heathrow airport"."""
    if after := _AFTER_PLACE.match(text, place.end):
        place = _stretched(text, place, after.end())
    if before := _BEFORE_PLACE.search(text, max(0, place.start - 20), place.start):
        place = replace(place, value=text[before.start() : place.end], start=before.start())
    return place


def _belongs(place: Entity, wider: Entity) -> bool:
    """Whether the second place holds the first: a state or country after a town, anything after an address."""
    return _is_address(place) or _WIDER.fullmatch(wider.value) is not None


def _is_address(place: Entity) -> bool:
    return any(map(str.isdigit, place.value)) or _NUMBERED.match(place.value) is not None


def _with_code(text: str, place: Entity) -> Entity:
    """A place with the state's code and the postal code that follow it."""
    match = _STATE_CODE.match(text, place.end)
    if match:
        code, end = match["code"], match.end()
        last = re.match(r"\W*$|[.;!?)]", text[end : end + 8])
        clear = code.isupper() or (match["comma"] and last if code in _RISKY else match["comma"] or last)
        if clear and not (code.isupper() and code == "IN" and text.isupper()):
            return _stretched(text, place, end)
    code = _ZIP.match(text, place.end) if _is_address(place) else None
    return _stretched(text, place, code.end()) if code else place


def _stretched(text: str, place: Entity, end: int) -> Entity:
    return replace(place, value=text[place.start : end], end=end)


def products(text: str) -> Iterator[Entity]:
    """Well-known devices and services, cards and accounts by their bank, and names that look like a model."""
    for pattern, confidence in PRODUCT_SHAPES:
        for match in pattern.finditer(text):
            yield _entity(EntityType.PRODUCT, match, 0, confidence)


def _entity(kind: EntityType, match: re.Match[str], group: str | int, confidence: float) -> Entity:
    start, end = match.span(group)
    value = match.string[start:end].rstrip(" .,'’-")
    return Entity(type=kind, value=value, confidence=confidence, start=start, end=start + len(value))
