"""Signatures, lines that mail apps add, lawyers' words, PGP's proof: what stands below a letter and is not of it."""

from __future__ import annotations

import re

from switchboard.channels.email.reply_words import DEVICE_LINE, DISCLAIMER_WORDS, EXCUSE_LINE

MAX_LINE = 400

_SIGNATURE_DASHES = re.compile(r"\s?(?:--|—-|—|––|-- -)\s?")
_THREE_DASHES = re.compile(r"\s?-{3}\s?")
_UNDERSCORES = re.compile(r"\s?_{5,}\s?")
_DEVICE = re.compile(DEVICE_LINE, re.IGNORECASE)
_SENTENCE = re.compile(r"[^\s|@]{1,30}(?: [^\s|@]{1,30}){3,40}[.?!]")
_EXCUSE = re.compile(EXCUSE_LINE, re.IGNORECASE)
_ADVERSE = re.compile(r"\b(?:but|yet|aber|doch|mais|pero|mas|però|maar|men|ale|но)\b", re.IGNORECASE)
_DISCLAIMER = re.compile(DISCLAIMER_WORDS, re.IGNORECASE)
_CONTACT = re.compile(r"[^\s@]{1,64}@[^\s@]{3,100}|www\.|https?://|\+?\d[\d\s()/.-]{6,20}\d")
_LINKS = re.compile(r"\(?<?https?:[^\s<>()]{1,300}>?\)?")
_BARE_LINK = re.compile(r"<?(?:https?:[^\s<>]{1,300}|#[0-9A-F-]{20,40})>?", re.IGNORECASE)
_PGP_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"


def is_signature_mark(line: str) -> bool:
    return _SIGNATURE_DASHES.fullmatch(line[:20]) is not None or _UNDERSCORES.fullmatch(line[:MAX_LINE]) is not None


def without_signature(lines: list[str]) -> list[str]:
    """Without "-- " blocks of at most 15 lines, underscored ones of at most 6, and "Sent from my ..." lines."""
    marks = [index for index, line in enumerate(lines) if line.strip() == _PGP_SIGNATURE]
    lines = lines[: marks[0]] if marks else lines
    below, cut = 0, len(lines)
    for index in range(len(lines) - 1, 0, -1):
        if is_signature_mark(lines[index]) and below <= (6 if "_" in lines[index] else 15):
            cut = cut if _goes_on(lines, index) else index
        elif _THREE_DASHES.fullmatch(lines[index][:20]) is not None and _is_card(lines[index + 1 :]):
            cut = index
        below += bool(lines[index].strip())
        if below > 15:
            break
    return _without_device_lines(lines[:cut])


def _goes_on(lines: list[str], index: int) -> bool:
    """The mark parts sections of a letter: a list was announced, a sentence goes on, or sentences follow below a line."""
    below = lines[index + 1 :]
    if "_" in lines[index]:
        return _tells(below) and not any(_DISCLAIMER.search(line[:MAX_LINE]) for line in below[:7])
    following = next((line.strip() for line in below if line.strip()), "")
    return lines[index - 1].rstrip().endswith(":") or (following[:1].islower() and following.count(" ") > 3)


def _tells(lines: list[str]) -> bool:
    """Sentences of a letter stand here rather than a name and an address: an underscored line parts sections, too."""
    return any(_SENTENCE.fullmatch(line.strip()[:MAX_LINE]) or line.rstrip().endswith("?") for line in lines[:7])


def _is_card(lines: list[str]) -> bool:
    """A name with an address or number and nothing else: some programs write three dashes above it."""
    told = [line.strip() for line in lines if line.strip()]
    short = len(told) in range(2, 8) and all(len(line) < 70 for line in told)
    return short and not _tells(told) and any(_CONTACT.search(line) for line in told[1:])


# ---- lines of mail apps


def _without_device_lines(lines: list[str]) -> list[str]:
    end = len(lines)
    while end > max(0, len(lines) - 50) and (not lines[end - 1].strip() or _is_added_by_device(lines, end - 1)):
        end -= 1
    return lines[:end]


def _is_added_by_device(lines: list[str], index: int) -> bool:
    if _is_device_line(lines[index]):
        return True
    bare = lines[index].strip()[:MAX_LINE]
    if index > 0 and _EXCUSE.fullmatch(bare) is not None:
        return _is_device_line(lines[index - 1])
    return _BARE_LINK.fullmatch(bare) is not None and _beside_device_line(lines, index)


def _beside_device_line(lines: list[str], index: int) -> bool:
    """Links around "Virus-free" or below "Sent with ..." come from the app as well."""
    near = lines[max(0, index - 2) : index] + lines[index + 1 : index + 2]
    return any(_is_device_line(line) for line in near)


def _is_device_line(line: str) -> bool:
    bare = line.strip()
    if len(bare) > 160:
        return False
    bare = _LINKS.sub("", bare).strip(" <>()[]*_.!-–—~|\U0001f4f1\U0001f4e7")
    return _DEVICE.fullmatch(bare) is not None and _ADVERSE.search(bare) is None
