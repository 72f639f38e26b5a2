"""Turns a mail's bytes into readable text, whatever the mail claims about its character set."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-gb2312": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "hz-gb-2312": "hz",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "iso-2022-kr": "iso2022_kr",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "windows-874": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "unicode-1-1-utf-8": "utf-8",
    "utf8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "ansi": "cp1252",
    "ansi_x3.110-1983": "cp1252",
    "default": "cp1252",
    "x-euc-jp": "euc-jp",
    "cp51932": "euc-jp",
    "x-cp932": "cp932",
    "iso-2022-jp-ms": "iso2022_jp",
    "cp50220": "iso2022_jp",
    "cp65001": "utf-8",
    "utf-8-mac": "utf-8",
    "unicode": "utf-16",
    "x-mac-cyrillic": "mac_cyrillic",
    "koi8": "koi8_r",
    "iso-10646-ucs-2": "utf-16-be",
    "x-windows-949": "cp949",
    "uhc": "cp949",
}
"""What senders write → the codec that reads it. Supersets replace the narrow originals, as browsers do."""

UNDECLARED = frozenset(
    {"", "8bit", "7bit", "unknown-8bit", "unknown", "x-unknown", "us-ascii", "ascii", "binary", "none"}
)
_DETECTION_SAMPLE = 8_192
_GUESSES = [
    "cp1251", "koi8_r", "cp1250", "cp1252", "iso8859_2", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874",
    "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp866", "utf_16",
]  # fmt: skip
"""Charsets in which people write mails. The guess is among these: rare ones would win with nonsense on short texts."""
_NUMBERED = re.compile(r"(?:x-)?(?:windows|win|cp|ms|ibm|codepage|dos)[-_ ]?(\d{3,4})")
_ISO = re.compile(r"(?:iso[-_ ]?)?8859[-_ ](\d{1,2})(?:[-_:].{0,8})?")
_ISO_2022_JP_ESCAPE = re.compile(rb"\x1b(\$[@B]|\([BJI]|\$\(D)")
_NOT_TEXT_CODECS = frozenset({"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode"})


def clean(text: str) -> str:
    """NUL and lone surrogates become U+FFFD; everything else stays (security rules, input limits)."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def codec_of(declared: str | None) -> str | None:
    """The Python codec for a declared charset, or None where nothing usable was declared."""
    name = (declared or "").strip().strip("\"'").lower()
    if name in UNDECLARED or len(name) > 60:
        return None
    name = _usual_name(name)
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if found in _NOT_TEXT_CODECS else name


def _usual_name(name: str) -> str:
    """The name as Python knows it: ``win-1251``, ``_iso-2022-jp$ESC`` and ``8859-2`` are written by real programs."""
    name = ALIASES.get(name, name)
    numbered = _NUMBERED.fullmatch(name) or _ISO.fullmatch(name)
    if numbered is not None:
        plain = f"cp{numbered[1]}" if _NUMBERED.fullmatch(name) else f"iso-8859-{numbered[1]}"
        return ALIASES.get(plain, plain)
    bare = name.lstrip("_").partition("$")[0]
    return ALIASES.get(bare, bare)


_WESTERN = frozenset({"cp1252", "iso-8859-15", "iso8859-15", "mac_roman"})
_UTF8_PAIRS = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})")


_WIDE_CODECS = ("gb", "big5", "cp9", "euc", "shift", "johab", "uhc")
_UNMISTAKABLE = ("utf", "iso2022", "hz", "u16", "u8")
_UTF8_TRIPLES = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}")


def _is_mislabelled_utf8(raw: bytes, codec: str) -> bool:
    """Said to be in another charset, but every letter beyond ASCII is whole UTF-8: nobody writes such pairs in charsets
    of one byte for a letter. In those of two bytes pairs do occur, so that several letters of three bytes must be there."""
    found = codec.replace("-", "").replace("_", "")
    if raw.isascii() or found.startswith(_UNMISTAKABLE) or _strictly(raw, "utf-8") is None:
        return False
    sample = raw[:_DETECTION_SAMPLE]
    if found.startswith(_WIDE_CODECS):
        return len(_UTF8_TRIPLES.findall(sample)) >= 4
    return len(_UTF8_PAIRS.findall(sample)) >= 2


_LETTERS = re.compile(rb"[A-Za-z\xc0-\xff]")


def _is_mislabelled_other(raw: bytes, codec: str) -> bool:
    """Said to be Western, but most letters are beyond ASCII: in no Western language every second letter has an accent."""
    if codec not in _WESTERN or raw.isascii():
        return False
    letters = _LETTERS.findall(raw[:_DETECTION_SAMPLE])
    high = sum(letter >= b"\xc0" for letter in letters)
    return bool(high >= 24 and high > len(letters) * 0.6)


def decode(raw: bytes, declared: str | None = None) -> str:
    """Readable text from ``raw``; never raises. The declared charset wins if it decodes, then UTF-8, then a guess."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") and b"\x00" in raw and (text := _strictly(raw, "utf-16")) is not None:
        return clean(text)
    codec = codec_of(declared)
    if codec is not None:
        text = None if _is_mislabelled_utf8(raw, codec) else _strictly(raw, codec)
        if text is not None:
            return clean(_guessed(raw) if _is_mislabelled_other(raw, codec) else text.removeprefix("\ufeff"))
        if codec in _WIDER and (wider := _strictly(raw, _WIDER[codec])) is not None:
            return clean(wider)
        if codec.replace("-", "").replace("_", "").startswith("iso2022jp"):
            return clean(_japanese(raw))
    text = _strictly(raw, "utf-8-sig")
    if text is not None:
        return clean(text)
    if codec is None:
        return clean(_guessed(raw))
    if codec == "utf-8" and (text := _with_appendix(raw)) is not None:
        return clean(text)
    return clean(_nearly(raw, codec) or _guessed(raw))


def decode_raw(raw: bytes, hint: str | None = None) -> str:
    """Undeclared 8-bit bytes in a header: UTF-8, else what the bytes look like, else ``hint`` (the body's charset)."""
    text = _strictly(raw, "utf-8")
    if text is not None:
        return clean(text)
    western = codec_of(hint) in (None, "cp1252", "iso-8859-15", "utf-8")
    return decode(raw, "gb18030" if western and _looks_chinese(raw) else hint)


def _strictly(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


_FEW = 8


def _with_appendix(raw: bytes) -> str | None:
    """Said to be UTF-8, but the first such letter stands in the last twentieth, below two or more stray bytes: a gateway
    wrote its notice under a letter in another charset. Where too few bytes tell which charset that is, the part is read
    as a whole, in one charset. None for any other text."""
    first = _UTF8_PAIRS.search(raw)
    if first is None or first.start() < len(raw) * 0.95:
        return None
    letter, notice = raw[: first.start()], raw[first.start() :]
    strays = len(letter.translate(None, _ASCII))
    if strays < 2:
        return None
    return _guessed(raw) if strays < _FEW else _guessed(letter) + notice.decode("utf-8", "replace")


_WIDER = {"euc-jp": "euc_jis_2004", "euc_jp": "euc_jis_2004", "big5hkscs": "cp950"}
"""Where the usual codec gives up, a neighbour with more characters may not."""


def _nearly(raw: bytes, codec: str) -> str | None:
    """The declared charset with a few bad bytes: one stray byte must not turn a whole letter into another alphabet."""
    try:
        text = raw.decode(codec, "replace")
    except (UnicodeError, LookupError, ValueError):
        return None
    bad = text.count("\ufffd")
    good = len(_UTF8_PAIRS.findall(raw)) if codec == "utf-8" else len(raw) // 20
    return text if bad <= max(1, len(raw) // 50) or (bad <= good and codec not in _WESTERN) else None


def _japanese(raw: bytes) -> str:
    """ISO-2022-JP with vendor characters, or Shift-JIS that only claims to be ISO-2022-JP."""
    if b"\x1b" not in raw:
        return _strictly(raw, "cp932") or _strictly(raw, "utf-8") or _guessed(raw)
    out: list[bytes] = []
    position, wide = 0, False
    for escape in _ISO_2022_JP_ESCAPE.finditer(raw):
        out.append(_shift_jis(raw[position : escape.start()]) if wide else raw[position : escape.start()])
        wide = escape.group(1) in (b"$@", b"$B")
        position = escape.end()
    out.append(_shift_jis(raw[position:]) if wide else raw[position:])
    return b"".join(out).decode("cp932", "replace")


def _shift_jis(run: bytes) -> bytes:
    """Two-byte JIS codes as Shift-JIS: the arithmetic of JIS X 0208 annex 1, which also covers the vendor rows."""
    out = bytearray()
    for high, low in zip(run[::2], run[1::2], strict=False):
        if not (0x21 <= high <= 0x7E and 0x21 <= low <= 0x7E):
            out += bytes(byte for byte in (high, low) if byte < 0x80)
            continue
        lead = (high - 0x21) // 2 + 0x81
        odd = high % 2 == 1
        trail = low + (0x1F if low <= 0x5F else 0x20) if odd else low + 0x7E
        out += bytes((lead if lead <= 0x9F else lead + 0x40, trail))
    return bytes(out)


_HIGH_RUN = re.compile(rb"[\x80-\xff]+")


def _looks_chinese(raw: bytes) -> bool:
    """Bytes above 127 only in pairs from GB2312's character rows: Western text has them one at a time."""
    runs = _HIGH_RUN.findall(raw)
    high = sum(len(run) for run in runs)
    return high >= 6 and all(len(run) % 2 == 0 for run in runs) and all(byte >= 0xA1 for run in runs for byte in run)


_ASCII = bytes(range(128))


def _telling(raw: bytes) -> bytes:
    """The piece of a long text that tells most about its charset: the one with most bytes beyond ASCII. Pieces overlap
    by half, so that the words around those bytes are seen too."""
    pieces = (raw[start : start + _DETECTION_SAMPLE] for start in range(0, len(raw), _DETECTION_SAMPLE // 2))
    return max(pieces, key=lambda piece: len(piece.translate(None, _ASCII)))


_CENTRAL = frozenset({"cp1250", "iso8859_2"})
_CENTRAL_SIGNS = re.compile(
    rb"[A-Za-z\xc0-\xff][\x9a\x9d-\x9f\xb1\xb3\xb6\xb9\xba\xbc\xbe\xbf]|[\x9a\x9d-\x9f\xb3][A-Za-z]"
)
_HUNGARIAN = re.compile(rb"[\xd5\xdb\xf5\xfb]")
_NOT_HUNGARIAN = re.compile(rb"[\xe0\xe2\xe3\xe7\xe8\xea\xee\xf1]")


def _is_central(raw: bytes) -> bool:
    """Central European letters stand where Western charsets have marks that no word holds, or it may be Hungarian.
    The accents of French, Spanish or Portuguese stand in both, and detectors confuse them."""
    if _CENTRAL_SIGNS.search(raw) is not None:
        return True
    return _HUNGARIAN.search(raw) is not None and _NOT_HUNGARIAN.search(raw) is None


def _guessed(raw: bytes) -> str:
    if _looks_chinese(raw):
        text = _strictly(raw, "gb18030")
        if text is not None:
            return text
    if len(raw) >= 64 or (len(raw) >= 24 and sum(map(len, _HIGH_RUN.findall(raw))) > len(raw) // 3):
        best = from_bytes(_telling(raw), cp_isolation=_GUESSES, preemptive_behaviour=False).best()
        if best is not None and best.encoding not in ("ascii", "utf_8"):
            western = best.encoding in _CENTRAL and not _is_central(raw)
            text = _nearly(raw, "cp1252" if western else best.encoding)
            if text is not None:
                return text
    return raw.decode("cp1252", "replace") if _strictly(raw, "cp1252") is not None else raw.decode("latin-1")
