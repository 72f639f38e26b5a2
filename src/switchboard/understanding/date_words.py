"""Words of dates in seven languages, in lower case without accents: months, weekdays, relative days, counts, units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def _numbered(*lines: str, start: int = 1) -> Mapping[str, int]:
    """Each line's words get the line's number."""
    return MappingProxyType({word: number for number, line in enumerate(lines, start) for word in line.split()})


def _counted(text: str, start: int = 1) -> dict[str, int]:
    """ "one two ..." to numbers; "a/an/one" share one."""
    return {word: number for number, group in enumerate(text.split(), start) for word in group.split("/")}


@dataclass(frozen=True, slots=True, kw_only=True)
class DateWords:
    """What one language contributes. ``ago_before`` stands before the count ("vor drei Tagen"), ``ago_after`` behind it
    ("dos dias atras"). ``after`` are words for last and next that follow the noun ("lunes pasado")."""

    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    days: Mapping[str, int]
    parts: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    last: tuple[str, ...] = ()
    this: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    ago_before: tuple[str, ...] = ()
    ago_after: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    edges: Mapping[str, int] = field(default_factory=dict)
    articles: tuple[str, ...] = ()
    joints: tuple[str, ...] = ()
    holidays: Mapping[str, str] = field(default_factory=dict)
    seasons: Mapping[str, int] = field(default_factory=dict)


ENGLISH = DateWords(
    months=_numbered(
        "january jan", "february feb febuary", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
        "september sep sept", "october oct", "november nov", "december dec",
    ),
    weekdays=_numbered(
        "monday mon", "tuesday tue tues", "wednesday wed weds wednesdasy wensday", "thursday thu thur thurs",
        "friday fri", "saturday sat", "sunday sun", start=0,
    ),
    days={
         "day before yesterday": -2,
        "day after tomorrow": 2, "yesterday": -1, "yday": -1, "today": 0, "tonight": 0, "tonite": 0, "last night": -1,
        "tomorrow": 1, "tommorow": 1, "tommorrow": 1, "tomorow": 1, "tmrw": 1, "tmr": 1, "2morrow": 1,
        "this morning": 0, "this afternoon": 0, "this evening": 0,
    },
    parts=("morning", "afternoon", "evening", "night"),
    counts=_counted("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty") | {"a": 1, "an": 1, "thirty": 30, "sixty": 60, "ninety": 90, "few": 3,
    "a few": 3, "a couple of": 2, "a couple": 2, "couple of": 2, "couple": 2, "several": 4, "some": 3, "half a": 0},
    units={"day": "day", "days": "day", "week": "week", "weeks": "week", "wk": "week", "wks": "week",
    "fortnight": "fortnight", "fortnights": "fortnight", "weekend": "weekend", "month": "month", "months": "month",
    "mth": "month", "mths": "month", "quarter": "quarter", "year": "year", "years": "year", "yr": "year", "yrs": "year",
    "mo": "month"},
    last=("last", "past", "previous"), this=("this", "current"), next=("next", "coming", "upcoming", "following"),
    ago_after=("ago", "earlier", "back"), inside=("in", "within"),
    edges={"beginning": -1, "start": -1, "begininning": -1, "early": -1, "mid": 0, "middle": 0, "end": 1, "late": 1},
    articles=("the",), joints=("of",),
    holidays={
        "christmas eve": "12-24", "xmas eve": "12-24", "christmas day": "12-25", "christmas": "12-25", "xmas": "12-25",
        "boxing day": "12-26", "new year's eve": "12-31", "new years eve": "12-31", "new year's day": "01-01",
        "new years day": "01-01", "new year's": "01-01", "valentine's day": "02-14", "valentines day": "02-14",
        "st patrick's day": "03-17", "independence day": "07-04", "4th of july": "07-04", "halloween": "10-31",
        "good friday": "easter-2", "easter monday": "easter+1", "easter sunday": "easter", "easter": "easter",
        "thanksgiving": "thanksgiving", "black friday": "thanksgiving+1", "cyber monday": "thanksgiving+4",
    },
    seasons={"spring": 3, "summer": 6, "autumn": 9, "winter": 12},
)  # fmt: skip
GERMAN = DateWords(
    months=_numbered(
        "januar janner jan", "februar feb", "marz maerz", "april apr", "mai", "juni jun", "juli jul", "august aug",
        "september sept", "oktober okt", "november nov", "dezember dez",
    ),
    weekdays=_numbered(
        "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag sonnabend", "sonntag", start=0
    ),
    days={"vorgestern": -2, "gestern": -1, "heute": 0, "morgen": 1, "ubermorgen": 2, "uebermorgen": 2},
    parts=("morgen", "vormittag", "mittag", "nachmittag", "abend", "nacht", "fruh"),
    counts=_counted("eine/einem/einer/einen/ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf")
    | {"paar": 3, "ein paar": 3, "einigen": 3},
    units={"tag": "day", "tage": "day", "tagen": "day", "woche": "week", "wochen": "week", "wochenende": "weekend",
    "monat": "month", "monate": "month", "monaten": "month", "monats": "month", "jahr": "year", "jahre": "year", "jahren": "year",
    "quartal": "quarter"},
    last=("letzten", "letzte", "letzter", "letztes", "letztem", "vergangenen", "vergangene", "vorige", "vorigen"),
    this=("diesen", "diese", "dieser", "dieses", "diesem"),
    next=("nachsten", "nachste", "nachster", "nachstes", "nachstem", "kommenden", "kommende", "kommender"),
    ago_before=("vor",), inside=("in", "innerhalb von"), edges={"anfang": -1, "mitte": 0, "ende": 1},
    articles=("der", "des", "dem", "den", "die"),
    holidays={"heiligabend": "12-24", "weihnachten": "12-25", "silvester": "12-31", "neujahr": "01-01",
    "karfreitag": "easter-2", "ostermontag": "easter+1", "ostern": "easter", "pfingsten": "easter+49"},
    seasons={"fruhling": 3, "fruhjahr": 3, "sommer": 6, "herbst": 9},
)  # fmt: skip
FRENCH = DateWords(
    months=_numbered(
        "janvier janv", "fevrier fev fevr", "mars", "avril avr", "mai", "juin", "juillet juil", "aout", "septembre sept",
        "octobre oct", "novembre nov", "decembre dec",
    ),
    weekdays=_numbered("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", start=0),
    days={"avant-hier": -2, "avant hier": -2, "hier": -1, "aujourd'hui": 0, "ce matin": 0, "ce soir": 0, "demain": 1,
    "apres-demain": 2, "apres demain": 2},
    parts=("matin", "midi", "apres-midi", "soir"),
    counts=_counted("un/une deux trois quatre cinq six sept huit neuf dix onze douze")
    | {"quelques": 3, "quinze": 15, "une quinzaine de": 15},
    units={"jour": "day", "jours": "day", "semaine": "week", "semaines": "week", "week-end": "weekend",
    "weekend": "weekend", "mois": "month", "annee": "year", "annees": "year", "an": "year", "ans": "year"},
    last=("dernier", "derniere", "derniers", "dernieres", "passe", "passee"), this=("ce", "cette", "cet"),
    next=("prochain", "prochaine", "prochains", "prochaines"), ago_before=("il y a", "ya"), inside=("dans", "d'ici", "sous"),
    edges={"debut": -1, "mi": 0, "milieu": 0, "fin": 1}, articles=("le", "la", "du", "de la", "de", "d'", "l'"),
    holidays={"noel": "12-25", "nouvel an": "01-01", "jour de l'an": "01-01", "paques": "easter",
    "14 juillet": "07-14", "reveillon": "12-31", "toussaint": "11-01"},
    seasons={"printemps": 3, "ete": 6, "automne": 9, "hiver": 12},
)  # fmt: skip
SPANISH = DateWords(
    months=_numbered(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre setiembre", "octubre",
        "noviembre", "diciembre",
    ),
    weekdays=_numbered("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo", start=0),
    days={"anteayer": -2, "antes de ayer": -2, "ayer": -1, "anoche": -1, "hoy": 0, "esta manana": 0, "esta tarde": 0,
    "esta noche": 0, "pasado manana": 2, "manana": 1},
    parts=("por la manana", "por la tarde", "por la noche"),
    counts=_counted("un/una/uno dos tres cuatro cinco seis siete ocho nueve diez once doce")
    | {"unos": 3, "unas": 3, "un par de": 2, "quince": 15},
    units={"dia": "day", "dias": "day", "semana": "week", "semanas": "week", "fin de semana": "weekend", "mes": "month",
    "meses": "month", "ano": "year", "anos": "year"},
    last=("pasado", "pasada", "ultimo", "ultima", "ultimos", "ultimas", "anterior"), this=("este", "esta"),
    next=("proximo", "proxima", "proximos", "proximas", "que viene"),
    ago_before=("hace",), ago_after=("atras",), inside=("en", "dentro de"),
    edges={"principios": -1, "comienzos": -1, "mediados": 0, "finales": 1, "fin": 1}, articles=("de", "del", "el", "la"),
    holidays={"nochebuena": "12-24", "navidad": "12-25", "nochevieja": "12-31", "ano nuevo": "01-01",
    "semana santa": "easter", "reyes": "01-06"},
    seasons={"primavera": 3, "verano": 6, "otono": 9, "invierno": 12},
)  # fmt: skip
ITALIAN = DateWords(
    months=_numbered(
        "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
        "novembre", "dicembre",
    ),
    weekdays=_numbered("lunedi", "martedi", "mercoledi", "giovedi", "venerdi", "sabato", "domenica", start=0),
    days={"l'altro ieri": -2, "altro ieri": -2, "ieri": -1, "ieri sera": -1, "oggi": 0, "stamattina": 0, "stasera": 0,
    "dopodomani": 2, "domani": 1},
    parts=("mattina", "pomeriggio", "sera"),
    counts=_counted("un/una/uno due tre quattro cinque sei sette otto nove dieci undici dodici") | {"qualche": 3},
    units={"giorno": "day", "giorni": "day", "settimana": "week", "settimane": "week", "fine settimana": "weekend",
    "mese": "month", "mesi": "month", "anno": "year", "anni": "year"},
    last=("scorso", "scorsa", "ultimo", "ultima", "ultimi", "ultime", "passato", "passata"), this=("questo", "questa"),
    next=("prossimo", "prossima", "prossimi", "prossime"), ago_after=("fa",), inside=("tra", "fra", "entro"),
    edges={"inizio": -1, "meta": 0, "fine": 1}, articles=("di", "del", "della", "il", "la", "l'"),
    holidays={"natale": "12-25", "capodanno": "01-01", "pasqua": "easter", "pasquetta": "easter+1",
    "ferragosto": "08-15", "befana": "01-06"},
    seasons={"estate": 6, "autunno": 9, "inverno": 12},
)  # fmt: skip
PORTUGUESE = DateWords(
    months=_numbered(
        "janeiro", "fevereiro", "marco", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro",
        "dezembro",
    ),
    weekdays=_numbered(
        "segunda-feira segunda", "terca-feira terca", "quarta-feira quarta", "quinta-feira quinta",
        "sexta-feira sexta", "sabado", "domingo", start=0,
    ),
    days={"anteontem": -2, "ontem": -1, "hoje": 0, "esta manha": 0, "esta tarde": 0, "esta noite": 0, "amanha": 1,
    "depois de amanha": 2},
    parts=("de manha", "a tarde", "a noite"),
    counts=_counted("um/uma dois/duas tres quatro cinco seis sete oito nove dez onze doze") | {"alguns": 3, "algumas": 3},
    units={"dia": "day", "dias": "day", "semana": "week", "semanas": "week", "fim de semana": "weekend", "mes": "month",
    "meses": "month", "ano": "year", "anos": "year"},
    last=("passado", "passada", "ultimo", "ultima", "ultimos", "ultimas"), this=("este", "esta", "neste", "nesta"),
    next=("proximo", "proxima", "proximos", "proximas", "que vem"), ago_before=("ha", "faz"), ago_after=("atras",),
    inside=("em", "dentro de", "daqui a"), edges={"inicio": -1, "meados": 0, "final": 1, "fim": 1},
    articles=("de", "do", "da", "o", "a"),
    holidays={"vespera de natal": "12-24", "natal": "12-25", "ano novo": "01-01", "pascoa": "easter",
    "carnaval": "easter-47"},
    seasons={"primavera": 3, "verao": 6, "outono": 9, "inverno": 12},
)  # fmt: skip
DUTCH = DateWords(
    months=_numbered(
        "januari jan", "februari feb", "maart mrt", "april apr", "mei", "juni jun", "juli jul", "augustus aug",
        "september sept", "oktober okt", "november nov", "december dec",
    ),
    weekdays=_numbered("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag", start=0),
    days={"eergisteren": -2, "gisteren": -1, "gisteravond": -1, "vandaag": 0, "vanochtend": 0, "vanmiddag": 0,
    "vanavond": 0, "morgen": 1, "overmorgen": 2},
    parts=("ochtend", "middag", "avond", "morgen"),
    counts=_counted("een twee drie vier vijf zes zeven acht negen tien elf twaalf") | {"paar": 3, "een paar": 3},
    units={"dag": "day", "dagen": "day", "week": "week", "weken": "week", "weekend": "weekend", "maand": "month",
    "maanden": "month", "jaar": "year", "jaren": "year"},
    last=("vorige", "afgelopen", "laatste"), this=("deze", "dit"), next=("volgende", "komende", "aanstaande"),
    ago_after=("geleden",), inside=("over", "binnen"), edges={"begin": -1, "half": 0, "eind": 1},
    articles=("de", "het", "van"),
    holidays={"kerst": "12-25", "kerstmis": "12-25", "oudejaarsavond": "12-31", "nieuwjaarsdag": "01-01",
    "pasen": "easter", "koningsdag": "04-27", "sinterklaas": "12-05"},
    seasons={"lente": 3, "voorjaar": 3, "zomer": 6, "herfst": 9},
)  # fmt: skip
LANGUAGES: Mapping[str, DateWords] = MappingProxyType(
    {
        "en": ENGLISH,
        "de": GERMAN,
        "fr": FRENCH,
        "es": SPANISH,
        "it": ITALIAN,
        "pt": PORTUGUESE,
        "nl": DUTCH,
    }
)
AMBIGUOUS = frozenset(
    [
        "hier",
        "mai",
        "mars",
        "marco",
        "mei",
        "meta",
        "fin",
        "six",
        "dec",
        "fine",
        "vor",
        "ha",
        "faz",
        "over",
        "en",
        "em",
        "de",
        "sei",
        "sous",
        "segunda",
        "terca",
        "quarta",
        "quinta",
        "sexta",
        "reyes",
        "half",
        "midi",
        "reveillon",
    ]
)
"""Words of other languages that are everyday words elsewhere: read as dates only in a message of their language."""
