"""Cuts away quoted mails and signatures, so that what the person newly wrote is left. Text in, text out.

Works line by line: every pattern is applied to one line or a few joined lines of bounded length, so the time grows
linearly with the mail. Words come from mail programs' own translations of "wrote", "From", "Original message".
"""

from __future__ import annotations

import re

from switchboard.channels.email.kinds import without_pgp_armour
from switchboard.channels.email.reply_signatures import MAX_LINE, is_signature_mark, without_signature
from switchboard.channels.email.reply_words import (
    ABOVE_WORDS,
    BEGIN_FORWARD_WORDS,
    FORWARD_WORDS,
    FROM_WORDS,
    HEADER_WORDS,
    MAIL_WORDS,
    OPENER_WORDS,
    ORIGINAL_WORDS,
    OWN_WORDS,
    WROTE_WORDS,
)

MAX_LINES = 20_000
NEAR = 500
"""How many lines below a quote are searched for the rest of the answer."""
MAX_QUOTES = 100
"""Beginnings of quoted mails that are looked at; a mail with more is cut at the next."""

_QUOTED = re.compile(r"\s{0,3}[A-Za-z]{0,3}>")
_MARKS = " \t*_>|\u200b\u200e\u200f\u202a\u202b\u202c\u2067\u2068\u2069\ufeff"
_EMAIL = re.compile(r"[^\s<>@\"']{1,64}@[^\s<>@\"']{1,190}")
_DATE = re.compile(
    r"\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|\b\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d{2}\b|\d{1,4}\s?[年月日년월일]",
    re.IGNORECASE,
)
_WROTE = re.compile(rf"(?<!\w)(?:{WROTE_WORDS})(?!\w)", re.IGNORECASE)
_ABOVE = re.compile(rf"[#*=\-_ ]{{2,12}}[^#]{{0,80}}(?:{ABOVE_WORDS})[^#]{{0,40}}[#*=\-_ .]{{0,12}}", re.IGNORECASE)
_ADDRESSED = r"<[^<>\s@]{1,64}@[^<>\s]{1,190}>"
_GOES_ON = re.compile(
    rf"(?:{_ADDRESSED},?\s{{0,3}}(?:{WROTE_WORDS})|(?:{WROTE_WORDS})\s[^<>]{{0,80}}{_ADDRESSED})\s?[:：]\s{{1,5}}\S",
    re.IGNORECASE,
)
_OWN = re.compile(OWN_WORDS)
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (?:GMT|UTC)[+-]\d{1,2}:?\d{2} [^a-z].{0,200}")
_ENDS_WITH_WROTE = re.compile(rf"(?<!\w)(?:{WROTE_WORDS})\s?[:：]", re.IGNORECASE)
_GROUP_WISE = re.compile(r">>> [^>]{1,100}(?:<[^<>]{3,200}>)?[^>]{0,60} >>>")
_TITLE_AND_FROM = re.compile(rf"-{{3,}} ?(?:{ORIGINAL_WORDS}) ?-{{3,}} ?(?:{FROM_WORDS})\s?[:：]", re.IGNORECASE)
_TITLE = re.compile(rf"(?:{ORIGINAL_WORDS}|{FORWARD_WORDS})", re.IGNORECASE)
_BARE_ORIGINAL = re.compile(rf"(?:{ORIGINAL_WORDS})\s?:?", re.IGNORECASE)
_FORWARD = re.compile(rf"(?:{FORWARD_WORDS})|(?:{BEGIN_FORWARD_WORDS})\s?:", re.IGNORECASE)
_HEADER = re.compile(rf"(?:{HEADER_WORDS})(?:\s{{0,2}}[*_]{{0,2}}\s?[:：]|\t)", re.IGNORECASE)
_FROM = re.compile(rf"(?:{FROM_WORDS})(?:\s{{0,2}}[*_]{{0,2}}\s?[:：]|\t)", re.IGNORECASE)
_OF_MAIL = re.compile(rf"(?:{MAIL_WORDS})(?:\s{{0,2}}[*_]{{0,2}}\s?[:：]|\t)", re.IGNORECASE)
_OPENER = re.compile(rf"(?:{OPENER_WORDS})\b.{{0,{MAX_LINE}}}\d", re.IGNORECASE)
_BEGIN_FORWARD = re.compile(rf"(?:{BEGIN_FORWARD_WORDS})\s?[:：]?", re.IGNORECASE)
_RULE = re.compile(
    r"[\s*]{0,3}(?:_{3,}|-{3,}|={3,}|\*{3,}|—{2,}|~{3,}|\+{3,}|#{3,}|\*(?: \*){2,9}|-(?: -){2,40})[\s*]{0,3}"
)


def newly_written(text: str) -> str | None:
    """What the person wrote above, below or between the quotes; None if nothing was cut or nothing would be left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MAX_LINES:
        return None
    kept = _without_last_quotes(without_signature(_without_quotes(without_pgp_armour("\n".join(lines)).split("\n"))))
    fresh = "\n".join(line.rstrip() for line in kept).strip("\n")
    if not fresh.strip() or fresh.strip() == "\n".join(line.rstrip() for line in lines).strip():
        return None
    return fresh


def is_forward(text: str) -> bool:
    """The text holds a forwarded mail, whose words are what the writer wants read."""
    return any(_FORWARD.match(line.strip(_MARKS + "-")[:MAX_LINE]) for line in text.split("\n")[:MAX_LINES])


# --- quoted mails -------------------------------------------------------------------------------------------------


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    index, quotes, fenced = 0, 0, False
    while index < len(lines):
        line = lines[index]
        if line.lstrip().startswith("```"):
            fenced = not fenced
        length = 0 if fenced else _divider_of(lines, index, first=not _has_words(kept))
        if length == 0:
            kept.append(line)
            index += 1
            continue
        quotes += 1
        if quotes > MAX_QUOTES:
            break
        if not _has_words(kept):
            index = _after_top_quote(lines, index + length)
            kept = []
        elif _answers_between(lines, index + length):
            index += length
        else:
            break
    return _without_last_quotes(_without_last_rule(kept))


def _divider_of(lines: list[str], index: int, *, first: bool) -> int:
    """Lines that the beginning of an older mail takes here. Where the mail starts with a quote, also the line above the
    quote may stand in it, as Apple's programs write."""
    if not _is_quoted(lines[index]):
        return _divider(lines, index)
    if _GROUP_WISE.fullmatch(lines[index].strip()[:MAX_LINE]) is not None and _has_evidence(lines[index][:MAX_LINE]):
        return 1
    return _attribution([line.lstrip("> ") for line in lines[index : index + 4]], 0) if first else 0


def _after_top_quote(lines: list[str], index: int) -> int:
    """The mail begins with the divider: it goes, and the quote below it if the answer stands under that."""
    end = index
    while end < len(lines) and (not lines[end].strip() or _is_quoted(lines[end])):
        end += 1
    return end if _has_words(without_signature(lines[end : end + NEAR])) else index


def _has_words(lines: list[str]) -> bool:
    return any(line.strip() and not _is_rule(line) for line in lines)


def _is_quoted(line: str) -> bool:
    return _QUOTED.match(line) is not None


def _is_rule(line: str) -> bool:
    return _RULE.fullmatch(line[:MAX_LINE].rstrip()) is not None


def _divider(lines: list[str], index: int) -> int:
    """How many lines the beginning of an older mail takes here; 0 if there is none."""
    bare = lines[index].strip(_MARKS)[:MAX_LINE]
    if not bare:
        return 0
    if _TITLE_AND_FROM.match(bare) is not None:
        return 1
    if _is_framed(bare) or _BEGIN_FORWARD.fullmatch(bare):
        return 1 + _header_block(lines, index + 1)
    if bare.startswith("---") and bare.endswith("---") and _has_words([bare]):
        below = _header_block(lines, index + 1) or _attribution_below(lines, index + 1)
        return 1 + below if below else 0  # a title we do not know, above a block that we do
    if _ABOVE.fullmatch(bare) is not None:
        return 1
    return _header_block(lines, index) or _attribution(lines, index) or _bare_attribution(lines, index)


def _attribution_below(lines: list[str], index: int) -> int:
    """Lines from here to the end of "On <date>, <somebody> wrote:", at most two blank ones before it; 0: none."""
    blank = next((count for count, line in enumerate(lines[index : index + 3]) if line.strip()), 3)
    found = _attribution(lines, index + blank) if index + blank < len(lines) else 0
    return blank + found if found else 0


def _bare_attribution(lines: list[str], index: int) -> int:
    """ "Bob wrote:" with nothing more, if the quote follows at once; or "On <date>, <somebody> wrote: hello" in a line."""
    bare = lines[index].strip(_MARKS)[:MAX_LINE]
    if (_OPENER.match(bare) is not None or _DATE.search(bare) is not None) and _GOES_ON.search(bare) is not None:
        return 1
    if bare.endswith((":", "：")) and _has_address(bare) and _DATE.search(bare) is not None:
        return 1 if _quote_follows(lines, index + 1) and not _is_quoted(lines[index]) else 0
    named = len(bare) < 80 and bare.endswith((":", "：")) and "said" not in bare[-6:]
    wrote = named and _WROTE.search(bare[-20:]) is not None and _OWN.search(bare) is None
    return 1 if wrote and not _is_quoted(lines[index]) and _quote_follows(lines, index + 1) else 0


def _quote_follows(lines: list[str], index: int) -> bool:
    return any(_is_quoted(line) for line in [line for line in lines[index : index + 3] if line.strip()][:1])


def _is_framed(bare: str) -> bool:
    """ "--- Original message ---" or "--- On <date>, <somebody> wrote ---"."""
    if not (bare.startswith("--") and bare.endswith("--")):
        return False
    inner = bare.strip("- ")
    wrote = _WROTE.search(inner[-30:]) is not None and (_has_evidence(inner) or _ENDS_WITH_WROTE.search(inner[-30:]))
    return _TITLE.fullmatch(inner) is not None or bool(wrote)


def _header_block(lines: list[str], index: int) -> int:
    """Length of a block such as From / Sent / To / Subject that starts here (blank lines before it count).

    From, To and Date alone may as well be a journey: a subject, a time of sending or an address must be there."""
    start = index
    while index < len(lines) and index - start < 3 and not lines[index].strip(_MARKS):
        index += 1
    if index >= len(lines) or _HEADER.match(lines[index].strip(_MARKS)[:MAX_LINE]) is None:
        return 0
    found, has_from, of_mail, end = 0, False, False, index
    for position in range(index, min(index + 12, len(lines))):
        bare = lines[position].strip(_MARKS)[:MAX_LINE]
        if not bare and not _header_follows(lines, position + 1):
            break
        if _HEADER.match(bare) is not None:
            found += 1
            has_from = has_from or _FROM.match(bare) is not None
            of_mail = of_mail or _OF_MAIL.match(bare) is not None or _has_address(bare)
            end = position + 1
    return end - start if found >= 2 and has_from and of_mail else 0


def _header_follows(lines: list[str], index: int) -> bool:
    """Some converters of HTML make a paragraph of every header line."""
    return index < len(lines) and _HEADER.match(lines[index].strip(_MARKS)[:MAX_LINE]) is not None


def _attribution(lines: list[str], index: int) -> int:
    """Length of "On <date>, <somebody> wrote:" over up to four lines that starts here."""
    joined = ""
    for length in range(1, 5):
        if index + length > len(lines):
            return 0
        line = lines[index + length - 1].strip(_MARKS)[:MAX_LINE]
        if not line or (length > 1 and _is_quoted(lines[index + length - 1])):
            return 0
        joined = f"{joined} {line}".strip()
        if len(joined) > MAX_LINE:
            return 0
        if length == 1 and not _is_attribution(joined) and not _has_evidence(joined):
            return 0  # the person's own last line, not the beginning of "On <date> ... wrote:"
        if _is_attribution(joined) or _is_stamp(lines, index, joined, length):
            return length
    return 0


def _is_stamp(lines: list[str], index: int, joined: str, length: int) -> bool:
    """ "2016-03-03 17:21 GMT+01:00 Some One" in a paragraph of its own; a log has such lines below each other."""
    beside = (lines[index - 1] if index else "", lines[index + 1] if index + 1 < len(lines) else "")
    return length == 1 and _STAMP.fullmatch(joined) is not None and not any(line.strip() for line in beside)


def _has_evidence(text: str) -> bool:
    return _has_address(text) or _DATE.search(text) is not None or _OPENER.match(text) is not None


def _has_address(text: str) -> bool:
    return "@" in text and _EMAIL.search(text) is not None


def _is_attribution(text: str) -> bool:
    if not text.endswith((":", "：")):
        return False
    evidence = _has_address(text) + (_DATE.search(text) is not None or _OPENER.match(text) is not None)
    if evidence == 0 or text.lower().startswith(("http:", "https:")):
        return False
    if _WROTE.search(text) is not None:
        return _has_address(text) or _OWN.search(text) is None  # "On 3 May I wrote to you:" is the person's own
    return evidence == 2 and len(text) < 200 and "<" in text


def _answers_between(lines: list[str], index: int) -> bool:
    """Quoted lines follow, and after them the person goes on writing: then the quotes belong to the answer."""
    while index < len(lines) and not lines[index].strip():
        index += 1
    if index >= len(lines) or not _is_quoted(lines[index]):
        return False
    rest = [line for line in lines[index : index + NEAR] if line.strip() and not _is_quoted(line)]
    after = without_signature(rest)
    return _has_words(after) and _divider(rest, 0) == 0


def _without_last_quotes(lines: list[str]) -> list[str]:
    end = len(lines)
    quotes = 0
    while end > 0 and (not lines[end - 1].strip() or _is_quoted(lines[end - 1])):
        quotes += _is_quoted(lines[end - 1])
        end -= 1
    if quotes == 0:
        end = _before_signed_quotes(lines)
    return _without_last_rule(lines[:end]) if end < len(lines) else lines


def _before_signed_quotes(lines: list[str]) -> int:
    """Where trailing quotes begin if a short signature stands below them."""
    for index in range(len(lines) - 1, max(-1, len(lines) - 15), -1):
        if _is_quoted(lines[index]):
            return len(lines)
        if is_signature_mark(lines[index]):
            above = index
            while above > 0 and (not lines[above - 1].strip() or _is_quoted(lines[above - 1])):
                above -= 1
            return above if any(_is_quoted(line) for line in lines[above:index]) else len(lines)
    return len(lines)


def _without_last_rule(lines: list[str]) -> list[str]:
    end = len(lines)
    while end > 0 and (not lines[end - 1].strip() or _is_rule(lines[end - 1]) or _is_bare_title(lines[end - 1])):
        end -= 1
    return lines[:end]


def _is_bare_title(line: str) -> bool:
    """ "Original message" without its dashes, left over above a block of headers."""
    return _BARE_ORIGINAL.fullmatch(line.strip(_MARKS)[:MAX_LINE]) is not None
