"""Whether a file may be kept at all: programs and scripts are not, whatever they call themselves."""

from __future__ import annotations

PROGRAMS = {
    b"MZ": "Windows program",
    b"\x7fELF": "Linux program",
    b"\xfe\xed\xfa": "macOS program",
    b"\xcf\xfa\xed\xfe": "macOS program",
    b"\xca\xfe\xba\xbe": "Java program",
    b"#!": "script",
    b"dex\n": "Android program",
}
"""How files begin that a computer would run."""

ENDINGS = frozenset(
    {
        *("exe", "dll", "com", "scr", "msi", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta"),
        *("jar", "apk", "app", "dmg", "lnk", "reg", "sh", "cpl", "pif", "scf", "url", "iso", "img"),
    }
)
"""Endings of names behind which programs hide."""

VIRUS_TEST = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!"
"""The harmless file with which virus checks are tried out."""


def judge_file(data: bytes, name: str | None, content_type: str | None) -> str | None:
    """Why the file is not kept, or None if it may be."""
    if not data:
        return "the file is empty"
    if VIRUS_TEST in data[:1024]:
        return "a virus check test file is not kept"
    program = next((what for mark, what in PROGRAMS.items() if data.startswith(mark)), None)
    if program is not None:
        return f"a {program} is not kept"
    ending = (name or "").rpartition(".")[2].lower() if "." in (name or "") else ""
    if ending in ENDINGS or (content_type or "").startswith("application/x-msdownload"):
        return f"a file that ends with .{ending or 'exe'} is not kept"
    return None


SHOWN = ("image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/", "application/pdf")
"""Kinds that a browser may show by itself; everything else is only saved."""


def may_show(content_type: str | None) -> bool:
    return any((content_type or "").startswith(kind) for kind in SHOWN)
