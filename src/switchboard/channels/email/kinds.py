"""Parts that are no plain words but can be read as such: calendars, enriched text, signed and encrypted letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from switchboard.channels.email.charsets import decode
from switchboard.channels.email.mime import Part

# --- calendars (RFC 5545) -----------------------------------------------------------------------------------------

_FOLD = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(r"([A-Z-]{1,40})((?:;[^:\"\r\n]{0,200}(?:\"[^\"\r\n]{0,200}\")?){0,5}):(.{0,2000})")
_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(?:\d{2})?(Z?))?")
_ZONE = re.compile(r"TZID=\"?([^;\":]{1,60})")
_METHODS = {
    "REQUEST": "Invitation",
    "CANCEL": "Cancelled",
    "REPLY": "Answer to an invitation",
    "COUNTER": "New proposal",
}
_LABELS = (("SUMMARY", ""), ("DTSTART", "Begins: "), ("DTEND", "Ends: "), ("LOCATION", "Place: "), ("DESCRIPTION", ""))
MAX_EVENTS = 5
MAX_CALENDAR = 200_000
"""Bytes of a calendar that are read for its summary."""


def calendar_summary(part: Part) -> str:
    """What a calendar entry says, in a few lines: what, when, where. Empty if it holds no entry."""
    text = _FOLD.sub("", decode(part.content()[:MAX_CALENDAR], part.charset or "utf-8"))
    method = (part.parameters.get("method") or "").upper()
    found = [_entry(method, block) for block in text.split("BEGIN:VEVENT")[1 : MAX_EVENTS + 1]]
    return "\n\n".join(entry for entry in found if entry)


def _entry(method: str, block: str) -> str:
    values: dict[str, str] = {}
    for line in block.split("END:VEVENT", 1)[0].splitlines()[:300]:
        match = _PROPERTY.match(line)
        if match is not None:
            values.setdefault(match[1], _value(match[1], match[2], match[3]))
    lines = [f"{label}{values[name]}" for name, label in _LABELS if values.get(name, "").strip()]
    if lines and method in _METHODS:
        lines[0] = f"{_METHODS[method]}: {lines[0]}"
    return "\n".join(lines)


def _value(name: str, parameters: str, value: str) -> str:
    if not name.startswith("DT"):
        return value.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";").strip()
    moment = _MOMENT.match(value)
    if moment is None:
        return value
    date = f"{moment[1]}-{moment[2]}-{moment[3]}"
    zone = _ZONE.search(parameters)
    where = " UTC" if moment[6] else (f" ({zone[1]})" if zone is not None else "")
    return f"{date} {moment[4]}:{moment[5]}{where}" if moment[4] else date


# --- enriched text (RFC 1896) -------------------------------------------------------------------------------------

_PARAMETERS = re.compile(r"<param>[^<]{0,500}</param>", re.IGNORECASE)
_COMMAND = re.compile(r"</?[A-Za-z][A-Za-z0-9-]{0,59}>")
_BREAKS = re.compile(r"\n(\n*)")


def enriched_text(source: str) -> str:
    """The words of ``text/enriched``: commands left out, ``<<`` is a bracket, one line break of several vanishes."""
    plain = _COMMAND.sub("", _PARAMETERS.sub("", source.replace("<<", "\x01")))
    return _BREAKS.sub(lambda match: match[1] or " ", plain).replace("\x01", "<")


# --- signed and encrypted letters ---------------------------------------------------------------------------------

_PGP_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z-]{1,30}: [^\n]{0,200}\n){0,10}[ \t]*\n")
_PGP_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_PGP_SIGNATURE_END = "-----END PGP SIGNATURE-----"
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"
SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})


def without_pgp_armour(text: str) -> str:
    """The words inside an inline PGP signature; other text as it is."""
    begin = _PGP_SIGNED.search(text)
    if begin is None:
        return text
    words, signature, rest = text[begin.end() :].partition(_PGP_SIGNATURE)
    if not signature:
        return text
    words = re.sub(r"^- ", "", words, flags=re.MULTILINE)
    return (text[: begin.start()] + words + rest.partition(_PGP_SIGNATURE_END)[2]).strip("\n")


def protection_of(root: Part, text: str) -> str:
    """How the letter is protected, in words for people; empty if it is not. Nothing is decrypted or checked here."""
    for part in _all(root):
        protocol = part.parameters.get("protocol", "").lower()
        if part.content_type == "multipart/encrypted":
            return "encrypted with PGP"
        if part.content_type == "multipart/signed":
            return "signed with S/MIME" if "pkcs7" in protocol else "signed with PGP"
        if part.content_type in SMIME:
            signed = "signed" in part.parameters.get("smime-type", "").lower()
            return "signed with S/MIME, words inside the file" if signed else "encrypted with S/MIME"
    if _PGP_MESSAGE in text:
        return "encrypted with PGP"
    return "signed with PGP" if _PGP_SIGNED.search(text) is not None else ""


def _all(part: Part) -> Iterator[Part]:
    yield part
    for child in part.children:
        yield from _all(child)
