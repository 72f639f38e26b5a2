"""The shapes in which dates are written: one set of patterns for each language, always together with the English ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from types import MappingProxyType

from switchboard.understanding.date_words import AMBIGUOUS, ENGLISH, LANGUAGES, DateWords

_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
ORDINALS: Mapping[str, int] = MappingProxyType(
    {word: number for number, word in enumerate(_ORDINALS, 1)}
    | {f"twenty{gap}{word}": 20 + number for gap in " -" for number, word in enumerate(_ORDINALS[:9], 1)}
    | {"thirtieth": 30, "thirty": 30, "thirty first": 31, "thirty-first": 31, "twenty": 20}
)
"""Days of a month as they are spoken."""
YEARS_SPOKEN: Mapping[str, int] = MappingProxyType(
    {word: number for number, word in enumerate(_ONES, 1)}
    | {f"twenty{gap}{word}": 20 + number for gap in " -" for number, word in enumerate(_ONES, 1)}
    | {
        word: number
        for number, word in enumerate(["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"], 10)
    }
    | {"seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20}
)
"""What follows "two thousand"."""
SHORT = frozenset(
    [
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "okt",
        "dez",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
    ]
)
DOUBTFUL = SHORT | {"may", "march", "august", "weds"}
"""Also everyday words, names or parts of them: dates only with a cue or a capital."""
_WORKING = "(?:business|working|work) "
DIGITS = "0"
"""Stands among the words of a text for any digit: what starts a shape that has no word of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One way to write a date. ``kind`` names how it is resolved; it is tried only in texts with one of ``starts``."""

    kind: str
    pattern: re.Pattern[str]
    confidence: float
    starts: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The words of a language with the English ones, and the shapes made of them."""

    words: DateWords
    shapes: tuple[Shape, ...]
    vocabulary: frozenset[str]


@lru_cache(maxsize=16)
def grammar_of(language: str) -> Grammar:
    """The grammar for a message in ``language`` (ISO 639-1); all languages without their doubtful words when unknown."""
    if language == "en":
        words = ENGLISH
    elif language in LANGUAGES:
        words = _merged((LANGUAGES[language], ENGLISH), frozenset())
    else:
        words = _merged((ENGLISH, *(one for code, one in LANGUAGES.items() if code != "en")), AMBIGUOUS)
    shapes = tuple(_shapes(words))
    return Grammar(words=words, shapes=shapes, vocabulary=frozenset(chain.from_iterable(one.starts for one in shapes)))


def _merged(parts: tuple[DateWords, ...], without: frozenset[str]) -> DateWords:
    """All words together; where two languages share one, the first decides."""

    def united(name: str) -> dict[str, int | str]:
        return {
            word: value for one in reversed(parts) for word, value in getattr(one, name).items() if keeps(one, word)
        }

    def listed(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(word for one in parts for word in getattr(one, name) if keeps(one, word)))

    def keeps(one: DateWords, word: str) -> bool:
        return one is ENGLISH or word not in without

    tables = {
        name: united(name) for name in ("months", "weekdays", "days", "counts", "units", "edges", "holidays", "seasons")
    }
    lists = {
        name: listed(name)
        for name in ("parts", "last", "this", "next", "ago_before", "ago_after", "inside", "articles", "joints")
    }
    return DateWords(**tables, **lists)  # type: ignore[arg-type]  # the names decide which table has numbers


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", " ") for word in sorted(words, key=lambda word: (-len(word), word)))


def _firsts(words: Iterable[str]) -> frozenset[str]:
    """The words by which a text tells that one of ``words`` may stand in it: their longest parts without marks."""
    return frozenset(max(re.findall(r"[^\W\d_]+", word) or [DIGITS], key=len) for word in words)


def _shapes(words: DateWords) -> Iterable[Shape]:
    month, weekday, article = _any(words.months), _any(words.weekdays), _any((*words.articles, *words.joints))
    full = _any(name for name in words.months if name not in DOUBTFUL)
    short = _any(name for name in words.months if name in DOUBTFUL)
    doubtful_days = _any(name for name in words.weekdays if name in DOUBTFUL)
    clear_days = _any(name for name in words.weekdays if name not in DOUBTFUL)
    part, count, unit = _any(words.parts), _any(words.counts), _any(words.units)
    period = _any(name for name, kind in words.units.items() if kind != "day")
    last, this, coming = map(_any, (words.last, words.this, words.next))
    which = f"(?P<which>{last}|{this}|{coming})"
    day, ordinal = r"(?P<day>0?[1-9]|[12]\d|3[01])", rf"(?P<spoken>{_any(ORDINALS)})"
    year = (
        rf"(?:,? ?(?:(?:{article}) )?(?P<year>(?:19|20)\d\d)(?![\d%])|,? two thousand(?: and)? "
        rf"(?P<years>{_any(YEARS_SPOKEN)})\b)?"
    )
    day_name = rf"(?:(?P<weekday>{weekday})[.,]{{0,2}} (?:(?:{article}) )?)?"
    suffix = r"(?:st|nd|rd|th|er|[.ºª°])?"
    months, days, units = _firsts(words.months), _firsts(words.weekdays), _firsts(words.units)
    digits = frozenset({DIGITS})

    def shape(kind: str, pattern: str, confidence: float, starts: frozenset[str]) -> Shape:
        return Shape(kind=kind, pattern=re.compile(pattern), confidence=confidence, starts=starts)

    yield shape(
        "iso",
        r"(?<![\w-])(?P<year>(?:19|20)\d\d)[-/.](?P<month>0?[1-9]|1[0-2])[-/.]"
        r"(?P<day>[12]\d|3[01]|0?[1-9])(?!\d)",
        0.98,
        digits,
    )
    yield shape(
        "numeric",
        r"(?<![\w/.,-])(?P<one>\d{1,2})(?P<mark>[/.-])(?P<two>\d{1,2})(?P=mark)(?P<year>(?:19|20)?\d\d)"
        r"(?![\w/]|[.-]\w)",
        0.9,
        digits,
    )
    yield shape(
        "slash",
        r"(?:\b(?P<cue>on|by|since|until|till|from|to|before|after|for|of|dated|am|vom|bis|le|el|il|op|em|dia"
        r"|del|dal|du|au|al|and|-|–) )?(?<![\w/.,$€£#(-])(?P<value>(?P<one>0?[1-9]|[12]\d|"
        r"3[01])/(?P<two>0?[1-9]|[12]\d|3[01]))"
        r"(?![\w/%)]|-\d| (?:of|cup|hour|inch|star|th)\b)",
        0.6,
        digits,
    )
    yield shape(
        "dotted",
        r"(?:\b(?P<cue>am|vom|bis|zum|den|dem|seit|ab|der|und|op|tot) )(?P<value>(?P<one>0?[1-9]|[12]\d|3[01])\."
        r"(?P<two>0?[1-9]|1[0-2])\.)(?!\d)",
        0.85,
        digits,
    )
    yield shape(
        "day_month",
        rf"(?<![\w.,:/-]){day_name}{day}{suffix} ?(?:-?(?:of|de|di|d') ?)?(?P<month>{month})\b\.?{year}",
        0.95,
        months,
    )
    yield shape(
        "day_month",
        rf"\b(?:(?P<weekday>{weekday})[, ]{{1,2}})?(?:the )?(?P<value>{ordinal} of (?P<month>{month})\b{year})",
        0.9,
        months,
    )
    yield shape(
        "day_month",
        rf"(?<![\w'-]){day_name}(?P<month>{month})\b\.? ?(?:the )?(?:{day}(?:st|nd|rd|th)?(?![\w:%]|\.\d)"
        rf"(?:-(?:[12]\d|3[01]|\d)\b)?|{ordinal}\b){year}",
        0.95,
        months,
    )
    yield shape(
        "range_start",
        rf"(?<![\w.,:/$€£#-])(?P<value>{day}(?:st|nd|rd|th|\.)?) ?(?:-|–|to|until|till|til|and|through|bis|al|au|tot|a) ?"
        rf"(?:the )?\d{{1,2}}(?:st|nd|rd|th|\.)?(?: of| de| di)? (?P<month>{month})\b{year}",
        0.9,
        months,
    )
    yield shape(
        "range_end",
        rf"\b(?P<month>{month}) (?:the )?\d{{1,2}}(?:st|nd|rd|th)? (?:-|–|to|until|till|and|through) "
        rf"(?P<value>{day}(?:st|nd|rd|th)?)(?![\w:%/])(?! (?:{month}|am|pm|of)\b)",
        0.85,
        months,
    )
    yield shape(
        "month_year",
        rf"(?<![\w'-])(?P<month>{month})\b\.?,? ?(?:of |de |di )?(?:(?P<year>(?:19|20)\d\d)(?!\d)"
        r"|'(?P<short>\d\d)\b|(?P<which>this|last|next) year)",
        0.9,
        months,
    )
    yield shape("month", rf"(?<![\w'-])(?:{which} )?(?P<month>{full})(?![\w'-])", 0.8, months)
    yield shape("month", rf"(?<![\w'-])(?P<value>{which} (?P<month>{short}))(?![\w'])", 0.8, months)
    yield shape(
        "month",
        rf"(?<![\w'-])(?:in|on|since|until|till|by|of|from|during|early|late|mid|through|im|seit|ab|"
        rf"to|for|departing|before|after) (?P<value>(?P<month>{short}))(?![\w'])",
        0.75,
        months,
    )
    yield shape(
        "day_word",
        rf"(?<![\w-])(?<!guten )(?<!goede )(?<!la )(?<!am )(?<!good )(?P<word>{_any(words.days)})"
        rf"(?: (?P<part>{part})(?!\w))?(?![\w-])",
        0.88,
        _firsts(words.days),
    )
    yield shape(
        "weekday",
        rf"(?<![\w'-])(?:(?P<week>{last}|{this}|{coming}) (?:week|woche|semaine|semana|settimana),? (?:on )?)?(?:{which} )?"
        rf"(?P<weekday>{clear_days})(?!\w)(?: (?P<after>{last}|{coming})(?!\w)(?! week))?(?: (?:the "
        rf")?(?P<day>\d{{1,2}})(?:st|nd|rd|th))?"
        rf"(?: (?P<part>{part})(?!\w))?(?: (?P<later>(?:this|next|last) week|in (?:a|two|2|three|3) weeks?))?",
        0.82,
        days,
    )
    yield shape(
        "weekday",
        rf"(?<![\w'-])(?:(?P<cue>on|by|since|until|till|til|from|to|and) )?"
        rf"(?P<value>(?P<weekday>{doubtful_days}))(?![\w'-])",
        0.7,
        days,
    )
    yield shape(
        "ago",
        rf"(?<![\w.,'-])(?:(?P<count>\d{{1,4}}|{count}) (?P<working>{_WORKING})?)?(?P<unit>{unit})(?P<half> and (?:a )?half)? "
        rf"(?P<side>{_any(words.ago_after)}|from (?:now|today))(?!\w)",
        0.92,
        units,
    )
    if words.ago_before:
        yield shape(
            "ago",
            rf"(?<![\w'-])(?P<side>{_any(words.ago_before)}) (?:etwa |rund |unos? |environ |cerca de )?(?P<count>\d{{1,4}}|"
            rf"{count}) (?P<unit>{unit})(?P<half>)(?!\w)",
            0.88,
            units,
        )
    yield shape(
        "in",
        rf"(?<![\w'-])(?:{_any(words.inside)}) (?:about )?(?P<count>\d{{1,4}}|{count}) (?P<working>{_WORKING})?"
        rf"(?P<unit>{unit})(?!\w)(?! of\b)",
        0.78,
        units,
    )
    yield shape(
        "week_on",
        rf"(?<![\w'-])(?:(?P<count>a|one|two|2|three|3) weeks? (?:on|from) (?P<weekday>{clear_days})|"
        rf"(?P<plain>{clear_days}) week)(?![\w'-])",
        0.86,
        days,
    )
    yield shape(
        "quarter",
        r"(?<![\w'-])q(?P<quarter>[1-4])[ /]?(?:of )?(?P<year>(?:19|20)\d\d)(?!\d)",
        0.9,
        frozenset({"q"}),
    )
    yield shape(
        "today_in", r"\b(?:a )?(?P<unit>week|fortnight) (?:today|tomorrow)\b", 0.9, frozenset({"today", "tomorrow"})
    )
    yield shape(
        "which",
        rf"(?<![\w'-])(?:(?P<edge>{_any(words.edges)})(?: |-)(?:(?:{article}) ){{0,2}})?{which} "
        rf"(?P<unit>{period})(?![\w-])",
        0.85,
        units,
    )
    yield shape("which", rf"(?<![\w'-])(?P<unit>{period}) (?P<which>{last}|{coming})(?![\w-])(?P<edge>)", 0.8, units)
    yield shape(
        "stretch",
        rf"(?<![\w'-])(?P<which>{last}|{coming}) (?P<count>\d{{1,4}}|{count}) (?P<unit>{unit})(?!\w)",
        0.85,
        units,
    )
    yield shape(
        "edge",
        rf"(?<![\w'-])(?P<edge>{_any(words.edges)})(?: |-)(?:(?:{article}) ){{0,2}}(?:(?P<unit>{period})|(?P<month>{month})"
        rf"(?: (?P<year>(?:19|20)\d\d))?|(?P<only>(?:19|20)\d\d))(?![\w-])",
        0.8,
        _firsts(words.edges),
    )
    yield shape(
        "of_month",
        r"(?<![\w.,:/-])(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th) (?:of )?(?P<which>the|this|each|every|last|next)"
        r" month\b",
        0.9,
        frozenset({"month"}),
    )
    yield shape(
        "ordinal",
        r"\b(?:(?:on|until|till|til|from|by|to|since|between|and|starting|for|before|after|the|is|last|lost) )"
        r"(?:the )?(?P<value>(?P<day>[12]\d|3[01]|[1-9])(?:st|nd|rd|th))\b(?! (?:time|floor|row|street|st|ave|"
        r"avenue|century|party|gen|grade|day|"
        r"year|class|person|place|one|of|and [A-Za-z]+ (?:street|st)\b)|-)(?! ?& )",
        0.6,
        digits,
    )
    yield shape(
        "ordinal",
        r"^\W{0,3}(?P<value>(?P<day>[12]\d|3[01]|[1-9])(?:st|nd|rd|th))\b(?= (?:to|until|till|-|–)|\W*$)",
        0.6,
        digits,
    )
    yield shape(
        "year",
        r"\b(?P<cue>in|since|from|until|till|to|before|after|during|of|between|and|year|early|late|im jahr|seit|"
        r"depuis|desde|dal|"
        r"nel|en|em|sinds|around|by|for|my) (?P<value>(?P<year>19[2-9]\d|20[0-4]\d))(?![\w%/-]|[.,:]\d| "
        r"?(?:euros?|dollars?|pounds?|usd|eur|gbp|"
        r"points|miles|people|items|times|words|calories|[$€£]))",
        0.6,
        digits,
    )
    yield shape(
        "holiday",
        rf"(?<![\w'-])(?:(?P<which>{last}|{this}|{coming}) )?(?P<holiday>{_any(words.holidays)})(?![\w-])(?: "
        rf"(?P<year>(?:19|20)\d\d))?",
        0.8,
        _firsts(words.holidays),
    )
    yield shape(
        "season",
        rf"(?<![\w'-])(?:{which} (?P<season>{_any(words.seasons)})|(?P<named>{_any(words.seasons)}) (?:of "
        rf")?(?P<year>(?:19|20)\d\d))"
        r"(?!\w)",
        0.75,
        _firsts(words.seasons),
    )
