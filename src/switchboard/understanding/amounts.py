"""Amounts of money in a message: sign, code or word of a currency with a number in digits or words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from switchboard.domain.reading import Entity, EntityType

_SIGNS = {
    "$": "USD", "us$": "USD", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "au$": "AUD", "nz$": "NZD", "hk$": "HKD",
    "s$": "SGD", "r$": "BRL", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₺": "TRY", "₽": "RUB", "₴": "UAH",
    "₪": "ILS", "฿": "THB", "₱": "PHP", "₦": "NGN", "rs": "INR", "rs.": "INR",
}  # fmt: skip
_CODES = (
    "usd eur gbp chf jpy inr cad aud nzd sek nok dkk pln czk huf ron bgn try rub uah ils aed sar zar ngn kes egp brl mxn "
    "ars clp cop pen cny hkd sgd twd krw thb idr myr php vnd pkr bdt lkr"
)
_WORDS = {
    "dollar": "USD", "dollars": "USD", "buck": "USD", "bucks": "USD", "euro": "EUR", "euros": "EUR", "pound": "GBP",
    "pounds": "GBP", "quid": "GBP", "quids": "GBP", "yen": "JPY", "rupee": "INR", "rupees": "INR", "franc": "CHF",
    "francs": "CHF", "franken": "CHF", "cent": "USD", "cents": "USD", "pence": "GBP", "penny": "GBP", "dólar": "USD",
    "dólares": "USD", "dolares": "USD", "dollari": "USD", "libra": "GBP", "libras": "GBP", "livres": "GBP",
    "sterline": "GBP", "pfund": "GBP", "ponden": "GBP", "reais": "BRL", "peso": "MXN", "pesos": "MXN",
    "kronor": "SEK", "kroner": "NOK", "zloty": "PLN", "zlotys": "PLN", "złoty": "PLN", "ruble": "RUB", "rubles": "RUB",
    "dirham": "AED", "dirhams": "AED", "rand": "ZAR", "shilling": "KES", "shillings": "KES", "naira": "NGN", "lira": "TRY",
    "forint": "HUF", "koruna": "CZK", "yuan": "CNY", "won": "KRW", "kr": "SEK", "zł": "PLN", "centimes": "EUR",
    "céntimos": "EUR", "centesimi": "EUR", "cêntimos": "EUR",
}  # fmt: skip
CURRENCIES = _SIGNS | {code: code.upper() for code in _CODES.split()} | _WORDS
_HUNDREDTH = frozenset(["cent", "cents", "pence", "penny", "centimes", "céntimos", "centesimi", "cêntimos", "p"])
_TIMES = {
    "k": 1e3, "m": 1e6, "mn": 1e6, "mil": 1e6, "mio": 1e6, "million": 1e6, "millions": 1e6, "millionen": 1e6,
    "bn": 1e9, "billion": 1e9, "thousand": 1e3, "grand": 1e3, "hundred": 1e2, "tausend": 1e3,
}  # fmt: skip
_UNITS_SPOKEN = (
    "one/a/an/ein/eine/un/une/una/um/uma/een|two/zwei/deux/dos/due/dois/duas/twee|"
    "three/drei/trois/tres/tre/três/drie|four/vier/quatre/cuatro/quattro/quatro|"
    "five/fünf/cinq/cinco/cinque/vijf|six/sechs/seis/sei/zes|seven/sieben/sept/siete/sette/sete/zeven|"
    "eight/acht/huit/ocho/otto/oito|nine/neun/neuf/nueve/nove/negen|ten/zehn/dix/diez/dieci/dez/tien|"
    "eleven/elf/onze/once/undici|twelve/zwölf/douze/doce/dodici/doze/twaalf|thirteen|fourteen|"
    "fifteen/quinze/quince/quindici|sixteen|seventeen|eighteen|nineteen|"
    "twenty/zwanzig/vingt/veinte/venti/vinte/twintig"
)
_SPOKEN = {
    word: number
    for number, words in enumerate(
        _UNITS_SPOKEN.split("|"),
        1,
    )
    for word in words.split("/")
} | {
    word: tens
    for tens, words in (
        (30, "thirty/dreißig/trente/treinta/trenta/trinta/dertig"),
        (40, "forty/fourty/vierzig/quarante/cuarenta/quaranta/quarenta/veertig"),
        (50, "fifty/fünfzig/cinquante/cincuenta/cinquanta/cinquenta/vijftig"),
        (60, "sixty/sechzig/soixante/sesenta/sessanta/sessenta/zestig"),
        (70, "seventy/siebzig/setenta/settanta/zeventig"),
        (80, "eighty/achtzig/ochenta/ottanta/oitenta/tachtig"),
        (90, "ninety/neunzig/noventa/novanta/negentig"),
        (100, "hundred/hundert/cent/cien/cento/cem/honderd"),
        (1000, "thousand/tausend/mille/mil/duizend"),
        (1_000_000, "million"),
    )
    for word in words.split("/")
}  # fmt: skip


def _any(words: object) -> str:
    return "|".join(re.escape(word) for word in sorted(map(str, words), key=lambda word: (-len(word), word)))  # type: ignore[call-overload]


_NUMBER = (
    r"\d{1,3}(?:[,.' \u00a0\u202f]\d{3}){1,4}(?:[.,]\d{1,2})?(?!\d)|\d{1,2}(?:,\d\d){1,4},\d{3}(?:\.\d{1,2})?(?!\d)|"
    r"\d{1,12}(?:[.,]\d{1,2})?(?!\d)(?:[.,][-–](?!\d))?|\.\d\d(?!\d)"
)
_SIGN = rf"(?:(?<!\w)(?:us|ca?|au?|nz|hk|s|r))?\$|[€£¥₹₩₺₽₴₪฿₱₦]|(?<!\w)(?:{_any(_CODES.split())}|rs)(?![^\W\d_])\.?"
_AFTER_SIGN = rf"(?:(?:{_any(_CODES.split())}|{_any(_WORDS)}|rs)\b(?!['’])|[$€£¥₹₩₺₽₴₪฿₱₦](?! ?\d))"
_BIG = r"(?: ?(?P<times>k|m|mn|bn|mil|mio|million|millions|millionen|billion|thousand|grand)\b)?"
_SIGN_LETTERS = frozenset("$€£¥₹₩₺₽₴₪฿₱₦")
_CURRENCY_WORDS = frozenset((*_CODES.split(), *_WORDS, "rs", "p"))
_LETTERS = re.compile(r"[^\W\d_]+")
_WEIGHED = r" (?:bags?|sacks?|box|boxes|weights?|dumbbells?|dogs?|cats?|baby|parcels?)\b"
_WEIGHING = re.compile(r"\b(?:weigh\w{0,3}|weight)\W{1,2}(?:\w{1,8} ){0,2}$", re.IGNORECASE)
_EVERYDAY = frozenset(["try", "php", "cop", "pen", "sar"])
"""Codes of currencies that are also everyday words: money only in capitals."""
_BEFORE = re.compile(rf"(?P<sign>{_SIGN}) ?(?P<number>{_NUMBER}){_BIG}", re.IGNORECASE)
_AFTER = re.compile(
    rf"(?<![\w.,#/])(?P<number>{_NUMBER}){_BIG}[ \u00a0\u202f-]?(?P<sign>{_AFTER_SIGN})(?! of\b)(?!{_WEIGHED})",
    re.IGNORECASE,
)
_PENCE = re.compile(r"(?<![\w.,#/-])(?P<number>\d{1,2})(?P<sign>p)\b(?P<times>)", re.IGNORECASE)
_WORD = _any(_SPOKEN)
_IN_WORDS = re.compile(
    rf"(?:[$€£] ?)?\b(?P<number>(?:half a (?:million|thousand|hundred)|an? (?=hundred|thousand|million|"
    rf"{_any(_WORDS)})|(?!an? )(?:{_WORD})\b[ -]?)"
    rf"(?:(?:and )?(?:{_WORD})\b[ -]?){{0,8}}) ?(?P<sign>{_any(_WORDS)})\b"
    rf"(?: and (?P<small>(?:{_WORD})(?:[ -](?:{_WORD}))?) (?:cents|pence)\b)?"
    r"(?! (?:of|account|accounts|card|cards|bank|rate|exchange|coin|coins|note|shop|store|sign|menu|weights?)\b)",
    re.IGNORECASE,
)


def amounts(text: str) -> Iterator[Entity]:
    """Money with its currency before or after the number; ``normalised`` is like "12.50 EUR" (ISO 4217)."""
    named = not _CURRENCY_WORDS.isdisjoint(_LETTERS.findall(text.lower()))
    if not named and _SIGN_LETTERS.isdisjoint(text):
        return
    for pattern, confidence in ((_BEFORE, 0.95), (_AFTER, 0.9), (_PENCE, 0.7)):
        for match in pattern.finditer(text):
            if _no_money(text, match):
                continue
            value = _decimal(match["number"]) * _TIMES.get((match["times"] or "").lower(), 1)
            yield _entity(match, confidence, value, match["sign"].lower().rstrip("."))
    for match in _IN_WORDS.finditer(text) if named else ():
        value = _spoken(match["number"]) + (_spoken(match["small"]) / 100 if match["small"] else 0)
        if value:
            yield _entity(match, 0.85, value, match["sign"].lower())


def _no_money(text: str, match: re.Match[str]) -> bool:
    """ "try 5 times", "I weigh 80 pounds"."""
    sign = match["sign"]
    if sign.lower() in _EVERYDAY:
        return not sign.isupper()
    weighs = sign.lower().startswith("pound")
    return weighs and _WEIGHING.search(text[max(0, match.start() - 30) : match.start()]) is not None


def _entity(match: re.Match[str], confidence: float, value: float, sign: str) -> Entity:
    code = "GBP" if sign == "p" else CURRENCIES[sign]
    written = match[0].rstrip(" ")
    return Entity(
        type=EntityType.AMOUNT,
        value=written,
        confidence=confidence,
        start=match.start(),
        end=match.start() + len(written),
        normalised=f"{value / (100 if sign in _HUNDREDTH else 1):.2f} {code}",
    )


def _decimal(number: str) -> float:
    """A separator followed by one or two last digits is the decimal one; every other groups thousands."""
    parts = re.split(r"[,.' \u00a0\u202f]", number.rstrip("-–").rstrip(".,"))
    if len(parts) > 1 and len(parts[-1]) <= 2:
        return float(f"{''.join(parts[:-1])}.{parts[-1]}")
    return float("".join(parts))


def _spoken(words: str) -> float:
    """ "four thousand five hundred" to 4500; "half a million" to half of it."""
    total, group = 0, 0
    for word in re.findall(r"[^\W\d_]+", words.lower().removeprefix("half ")):
        number = _SPOKEN.get(word, 0)
        if number >= 1000:
            total, group = total + (group or 1) * number, 0
        elif number == 100:
            group = (group or 1) * 100
        else:
            group += number
    return (total + group) / (2 if words.lower().startswith("half ") else 1)
