"""Phone numbers and e-mail addresses that a message mentions, each in the one form in which programs compare them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import phonenumbers

from switchboard.domain.reading import CountrySource, Entity, IdentityKind, MentionedIdentity

Place = tuple[int, int]
"""First character and the one after the last."""
REGION_OF_LANGUAGE = {"de": "DE", "fr": "FR", "es": "ES", "it": "IT", "pt": "PT", "nl": "NL"}
"""The country that most writers of a language mean; English is written in too many."""
_SURE = {
    CountrySource.PREFIX: 0.95,
    CountrySource.REGION: 0.9,
    CountrySource.LANGUAGE: 0.75,
    CountrySource.SHAPE: 0.7,
    CountrySource.UNKNOWN: 0.55,
}
_BARE = 0.6
"""Digits without any sign, gap or leading zero may as well count something else."""
_DOUBTFUL = 0.6
"""A prefix that is right before a number that the country does not give out."""
_GROUP = re.compile(r"[ .()/\u00a0\u2010-\u2013-]+\d+$")
_SINGLE = re.compile(r" \d$")
_AMERICAN = re.compile(r"\(?[2-9]\d\d\)?[ .-]{1,2}[2-9]\d\d[ .-]\d{4}$")
_DROPPED = 2
"""Groups of digits after a number that may belong to the next words ("+49 30 901820 2 times")."""
_MOST_REGIONS = 3


def known_region(code: str) -> bool:
    """Whether ``code`` is a country or area with phone numbers of its own, such as "DE" (ISO 3166-1)."""
    return code in phonenumbers.SUPPORTED_REGIONS


def region_of(number: str) -> str | None:
    """The country of a number in E.164; None for anything else."""
    parsed = _parsed(number, None)
    return phonenumbers.region_code_for_number(parsed) if parsed is not None else None


def mentioned_identities(
    text: str, *, phones: Iterable[Place], emails: Iterable[Place], regions: Sequence[str] = (), language: str = ""
) -> tuple[MentionedIdentity, ...]:
    """The identities at places that look like phone numbers and e-mail addresses, in order of appearance.

    A number's country is told by its own prefix, else by the first of ``regions`` in which it is given out (the customer's
    own, the business's), else by the language, else by a shape that only one numbering plan has.
    """
    found = [_email(text, place) for place in emails]
    found += [one for place in phones for one in _phone(text, place, regions[:_MOST_REGIONS], language)]
    return tuple(sorted(found, key=lambda one: one.start))


def settled(
    entities: Sequence[Entity], identities: Sequence[MentionedIdentity]
) -> tuple[tuple[Entity, ...], tuple[MentionedIdentity, ...]]:
    """Both without overlaps: of an entity and an identity that claim the same characters the surer one stays."""
    kept = [one for one in identities if all(one.confidence >= e.confidence for e in entities if _touch(one, e))]
    return tuple(e for e in entities if not any(_touch(one, e) for one in kept)), tuple(kept)


def _touch(one: MentionedIdentity, entity: Entity) -> bool:
    return one.start < entity.end and entity.start < one.end


def _email(text: str, place: Place) -> MentionedIdentity:
    start, end = place
    value = text[start:end]
    local, _, domain = value.rpartition("@")
    return MentionedIdentity(
        kind=IdentityKind.EMAIL,
        value=value,
        normalised=f"{local}@{domain.lower()}",
        confidence=0.97,
        start=start,
        end=end,
    )


def _phone(text: str, place: Place, regions: Sequence[str], language: str) -> Iterator[MentionedIdentity]:
    """One identity, without the groups at its end that make it no number; nothing where no country has such a number."""
    start, end = place
    if (single := _SINGLE.search(text, start, end)) and text[end : end + 2].strip()[:1].isalpha():
        end = single.start()
    last: tuple[str, phonenumbers.PhoneNumber | None, CountrySource] | None = None
    for _ in range(_DROPPED + 1):
        written = text[start:end].rstrip()
        number, source = _resolved(written, regions, language)
        last = last or (written, number, source)
        if number is not None and phonenumbers.is_valid_number(number):
            yield _identity(start, written, number, source)
            return
        shorter = _GROUP.search(written)
        if shorter is None:
            break
        end = start + shorter.start()
    if last is not None and (last[1] is not None or _digits(last[0]) >= 7):
        yield _identity(start, *last)


def _resolved(
    written: str, regions: Sequence[str], language: str
) -> tuple[phonenumbers.PhoneNumber | None, CountrySource]:
    bare = written.lstrip("( ")
    if bare.startswith(("+", "00")):
        number = _parsed("+" + bare.removeprefix("00") if bare.startswith("00") else bare, None)
        return number, CountrySource.PREFIX if number is not None else CountrySource.UNKNOWN
    tried = [(region, CountrySource.REGION) for region in regions]
    if language in REGION_OF_LANGUAGE:
        tried.append((REGION_OF_LANGUAGE[language], CountrySource.LANGUAGE))
    if _AMERICAN.match(written):
        tried.append(("US", CountrySource.SHAPE))
    for region, source in tried:
        number = _parsed(written, region)
        if number is not None and phonenumbers.is_valid_number(number):
            return number, source
    if regions and written.lstrip("(").startswith("0") and (number := _parsed(written, regions[0])):
        return number, CountrySource.REGION
    return None, CountrySource.UNKNOWN


def _parsed(written: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _identity(
    start: int, written: str, number: phonenumbers.PhoneNumber | None, source: CountrySource
) -> MentionedIdentity:
    sure = _SURE[source]
    if number is not None and not phonenumbers.is_valid_number(number):
        sure = min(sure, _DOUBTFUL)
    if written.isdigit() and not written.startswith("0"):
        sure = min(sure, _BARE)
    national = "".join(letter for letter in written if letter.isdecimal())
    return MentionedIdentity(
        kind=IdentityKind.PHONE,
        value=written,
        normalised=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else national,
        country=phonenumbers.region_code_for_number(number) if number else None,
        country_from=source,
        confidence=sure,
        start=start,
        end=start + len(written),
    )


def _digits(written: str) -> int:
    return sum(map(str.isdecimal, written))
