"""One connection to a mailbox over IMAP. Every method blocks and runs in a thread."""

from __future__ import annotations

import imaplib
import io
import re
import select
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from switchboard.errors import ChannelNeedsAttention, Unavailable

IDLE_SECONDS = 540.0
"""How long one IDLE lasts: servers end it after 30 minutes, and routers forget silent connections after ten."""


class AccessToken(Protocol):
    """An OAuth 2 access that is renewed by itself. ``oauth.MailAccess`` is one."""

    async def token(self, refused: str = "") -> str:
        """A token that is valid now; another one than ``refused``. Raises ``ChannelNeedsAttention``/``Unavailable``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapMailbox:
    """A mailbox to read. ``password`` or, for Gmail and Microsoft 365, ``access`` (XOAUTH2). ``security``: "tls",
    "starttls" or "none". ``per_round`` mails are fetched at most per round, ``max_size`` bytes each.

    What happens to a mail that was taken in: ``mark_seen``, ``flag`` (a star), and ``move_to`` another folder; with none
    of them the folder is opened read-only. ``since``: mails that arrived before this day are left alone when the folder
    is read for the first time (or was numbered anew).
    """

    host: str
    user: str
    address: str
    port: int = 993
    security: str = "tls"
    password: str | None = field(default=None, repr=False)
    access: AccessToken | None = field(default=None, repr=False)
    folder: str = "INBOX"
    timeout: float = 30.0
    per_round: int = 50
    max_size: int = 25 * 1024 * 1024
    mark_seen: bool = True
    flag: bool = False
    move_to: str = ""
    since: date | None = None

    @property
    def key(self) -> str:
        return f"{self.user}@{self.host}/{self.folder}"

    @property
    def read_only(self) -> bool:
        return not (self.mark_seen or self.flag or self.move_to)


class LoginRefused(ChannelNeedsAttention):
    """The server knows neither password nor token. A fresh token may help."""


_UID = re.compile(rb"UID (\d{1,10})")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")
_AT_ONCE = 200
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TAG = b"SBIDLE"


class Session:
    """``token``: what XOAUTH2 shows instead of a password."""

    def __init__(self, mailbox: ImapMailbox, token: str | None = None) -> None:
        self._mailbox = mailbox
        self._token = token
        self._imap: imaplib.IMAP4 | None = None
        self._can: frozenset[str] = frozenset()
        self._ended = False
        self._mails = self._mails_at_look = 0

    def open(self) -> int:
        """Logs in, selects the folder and returns its UIDVALIDITY."""
        mailbox = self._mailbox
        try:
            self._imap = self._connected()
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unavailable("The mailbox server cannot be reached.", retry_after=60) from error
        try:
            self._log_in(self._imap)
        except imaplib.IMAP4.abort as error:
            raise Unavailable("The mailbox server closed the connection.", retry_after=60) from error
        except imaplib.IMAP4.error as error:
            raise LoginRefused("The mailbox refuses our login.") from error
        except OSError as error:
            raise Unavailable("The mailbox server broke off.", retry_after=60) from error
        _, known = self._guarded("capability")
        self._can = frozenset(b" ".join(item for item in known if isinstance(item, bytes)).decode().upper().split())
        answer, _ = self._guarded("select", quoted(mailbox.folder), readonly=mailbox.read_only)
        if answer != "OK":
            raise ChannelNeedsAttention("The mailbox folder does not exist.")
        _, validity = self._imap.response("UIDVALIDITY")
        return int(validity[0]) if validity and isinstance(validity[0], bytes) else 0

    @property
    def can_idle(self) -> bool:
        return "IDLE" in self._can

    def _connected(self) -> imaplib.IMAP4:
        mailbox = self._mailbox
        if mailbox.security == "tls":
            context = ssl.create_default_context()
            return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=mailbox.timeout)
        imap = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=mailbox.timeout)
        if mailbox.security == "starttls":
            imap.starttls(ssl.create_default_context())
        return imap

    def _log_in(self, imap: imaplib.IMAP4) -> None:
        if self._token is None:
            imap.login(self._mailbox.user, self._mailbox.password or "")
            return
        asked = 0

        def proof(_challenge: bytes) -> bytes:
            """The second question is the reason of a refusal; an empty answer ends it (Google, Microsoft)."""
            nonlocal asked
            asked += 1
            line = f"user={self._mailbox.user}\x01auth=Bearer {self._token}\x01\x01"
            return line.encode() if asked == 1 else b""

        imap.authenticate("XOAUTH2", proof)

    def _guarded(self, command: str, *arguments: str, **options: bool) -> tuple[str, list[object]]:
        if self._imap is None:
            raise Unavailable("The mailbox is not open.")
        try:
            answer, data = getattr(self._imap, command)(*arguments, **options)
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unavailable("The mailbox server broke off.", retry_after=60) from error
        return str(answer), list(data)

    def sizes_after(self, last_uid: int) -> list[tuple[int, int]]:
        """(UID, bytes) of the mails behind ``last_uid``, oldest first. Servers answer ``n:*`` with the last mail even
        if its UID is below n, so that is filtered here."""
        self._mails_at_look = self._counted()
        answer, data = self._guarded("uid", "FETCH", f"{last_uid + 1}:*", "(UID RFC822.SIZE)")
        if answer != "OK":
            raise Unavailable("The mailbox server did not list the mails.")
        found = {uid: size for uid, size in _uid_sizes(data) if uid > last_uid}
        return sorted(found.items())

    def _counted(self) -> int:
        """How many mails the folder has by what the server said last, be it beside the answer to another question."""
        _, told = self._imap.response("EXISTS") if self._imap is not None else ("", [])
        if told and isinstance(told[-1], bytes):
            self._mails = int(told[-1])
        return self._mails

    def uid_before(self, day: date) -> int:
        """The UID behind which the mails stand that arrived on ``day`` or later. Only a mail that was there before a search
        for those found none is an old one: another may arrive between two searches."""
        old = 0
        while not (found := self._search(f"SINCE {_day(day)}")):
            known = self._search("ALL")
            if not known or known[-1] == old:
                return old
            old = known[-1]
        return found[0] - 1

    def _search(self, criteria: str) -> list[int]:
        answer, data = self._guarded("uid", "SEARCH", criteria)
        if answer != "OK":
            raise Unavailable("The mailbox server did not search the mails.")
        listed = data[0].split() if data and isinstance(data[0], bytes) else []
        return sorted(int(uid) for uid in listed if uid.isdigit())

    def fetch(self, uid: int, *, head: bool = False) -> bytes | None:
        """The raw mail (or only its head), its flags untouched; None if it is gone meanwhile."""
        answer, data = self._guarded("uid", "FETCH", str(uid), "(BODY.PEEK[HEADER])" if head else "(BODY.PEEK[])")
        if answer != "OK":
            raise Unavailable("The mailbox server did not hand out a mail.")
        return next((item[1] for item in data if isinstance(item, tuple) and isinstance(item[1], bytes)), None)

    def ids_between(self, start: date, end: date) -> list[bytes]:
        """The header lines with the Message-ID of each mail that arrived from ``start`` to the day before ``end``."""
        uids = self._search(f"SINCE {_day(start)} BEFORE {_day(end)}")
        found: list[bytes] = []
        for place in range(0, len(uids), _AT_ONCE):
            some = ",".join(str(uid) for uid in uids[place : place + _AT_ONCE])
            _, lines = self._guarded("uid", "FETCH", some, "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
            found += [item[1] for item in lines if isinstance(item, tuple) and isinstance(item[1], bytes)]
        return found

    def finish(self, uid: int) -> None:
        """What the settings want done to a mail that is safe with us."""
        mailbox = self._mailbox
        flags = " ".join([r"\Seen"] * mailbox.mark_seen + [r"\Flagged"] * mailbox.flag)
        if flags:
            self._guarded("uid", "STORE", str(uid), "+FLAGS.SILENT", f"({flags})")
        if mailbox.move_to:
            self._move(str(uid), quoted(mailbox.move_to))

    def _move(self, uid: str, folder: str) -> None:
        """With MOVE, else by copying and deleting exactly this mail. A folder that is missing is made."""
        command = "MOVE" if "MOVE" in self._can else "COPY"
        answer, _ = self._guarded("uid", command, uid, folder)
        if answer != "OK":
            self._guarded("create", folder)
            answer, _ = self._guarded("uid", command, uid, folder)
        if answer != "OK":
            raise ChannelNeedsAttention("A mail cannot be moved to the folder named in the settings.")
        if command == "COPY":
            self._guarded("uid", "STORE", uid, "+FLAGS.SILENT", r"(\Deleted)")
            if "UIDPLUS" in self._can:
                self._guarded("uid", "EXPUNGE", uid)

    # --- waiting --------------------------------------------------------------------------------------------------

    def wait(self, seconds: float = IDLE_SECONDS) -> bool:
        """Lies in wait (IDLE, RFC 2177) until the server says something, at most ``seconds``. True: look for mails.

        A mail that came since the last look is not waited for: the server tells it once, before or while we ask."""
        imap = self._imap
        if imap is None:
            raise Unavailable("The mailbox is not open.")
        if self._counted() != self._mails_at_look:
            return True
        try:
            imap.send(_TAG + b" IDLE\r\n")
            heard = False
            while not (line := imap.readline()).startswith(b"+"):
                if not line.startswith(b"* "):
                    raise Unavailable("The mailbox server does not let us wait.", retry_after=60)
                heard = heard or b" EXISTS" in line.upper()
            heard = heard or self._hears(imap.socket(), seconds)
            imap.send(b"DONE\r\n")
            while not (line := imap.readline()).startswith(_TAG):
                if not line:
                    raise Unavailable("The mailbox server hung up.", retry_after=5)
            return heard
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unavailable("The mailbox server broke off.", retry_after=5) from error

    def _hears(self, line: socket.socket, seconds: float) -> bool:
        """In slices of a second, so that whoever waits can be sent home."""
        until = time.monotonic() + seconds
        watched = select.poll()
        watched.register(line, select.POLLIN)
        while not self._ended and (left := until - time.monotonic()) > 0:
            if self._has_said(line) or watched.poll(min(1.0, left) * 1000):
                return True
        return False

    def _has_said(self, line: socket.socket) -> bool:
        """Whether words of the server wait in our own buffers, where no poll can see them."""
        reader = getattr(self._imap, "_file", None) or getattr(self._imap, "file", None)
        if not isinstance(reader, io.BufferedReader):
            return False
        line.settimeout(0)
        try:
            return bool(reader.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            line.settimeout(self._mailbox.timeout)

    def refresh(self) -> None:
        """Asks for news on a connection that was not waiting."""
        self._guarded("noop")

    def end_wait(self) -> None:
        """Ends ``wait`` within a second. May be called from another thread."""
        self._ended = True

    def close(self) -> None:
        if self._imap is not None:
            try:
                self._imap.logout()
            except (OSError, imaplib.IMAP4.error):
                self._imap.shutdown()
            self._imap = None


def _day(day: date) -> str:
    """As IMAP writes it, whatever language this machine speaks."""
    return f"{day.day:02}-{_MONTHS[day.month - 1]}-{day.year:04}"


def quoted(folder: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501), quoted."""
    escaped = _utf7(folder).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_NOT_PLAIN = re.compile(r"[^\x20-\x7e]+")


def _utf7(name: str) -> str:
    def coded(match: re.Match[str]) -> str:
        inner = match[0].encode("utf-7").decode("ascii").removeprefix("+").removesuffix("-")
        return f"&{inner.replace('/', ',')}-"

    return _NOT_PLAIN.sub(coded, name.replace("&", "&-"))


def _uid_sizes(data: list[object]) -> Iterator[tuple[int, int]]:
    for item in data:
        line = item[0] if isinstance(item, tuple) else item
        if isinstance(line, bytes) and (uid := _UID.search(line)) and (size := _SIZE.search(line)):
            yield int(uid[1]), int(size[1])
