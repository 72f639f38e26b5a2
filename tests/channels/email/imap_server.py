"""A small IMAP server of our own: folders with numbered mails, waiting (IDLE), moving, tokens, and hanging up."""

from __future__ import annotations

import asyncio
import base64
import re

ABILITIES = "IMAP4rev1 IDLE MOVE UIDPLUS AUTH=XOAUTH2"


class ImapServer:
    """Speaks just enough IMAP to be read. ``token``: what XOAUTH2 must show; ``abilities``: what it says it can."""

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.moved: dict[str, list[int]] = {}
        self.folders = {"INBOX"}
        self.validity = 7
        self.seen: set[int] = set()
        self.flagged: set[int] = set()
        self.recent: set[int] | None = None
        self.between_searches: dict[int, bytes] = {}
        self.token = "good-token"
        self.abilities = ABILITIES
        self.port = 0
        self.logins = 0
        self.waiting = 0
        self._news = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._sessions: list[asyncio.Event] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        for ended in self._sessions:
            await asyncio.wait_for(ended.wait(), 15)
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.close()

    def put(self, uid: int, raw: bytes) -> None:
        """A mail arrives; whoever waits is told."""
        self.mails[uid] = raw
        self._news.set()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._sessions.append(ended := asyncio.Event())
        self._writers.append(writer)
        try:
            writer.write(b"* OK ready\r\n")
            while line := await reader.readline():
                tag, command = line.decode().strip().split(" ", 1)
                if command == "IDLE":
                    await self._idle(reader, writer)
                    verdict = "OK done"
                elif command == "AUTHENTICATE XOAUTH2":
                    verdict = await self._token_shown(reader, writer)
                else:
                    verdict = self._verdict(command)
                    writer.write(self._answer(command))
                writer.write(f"{tag} {verdict}\r\n".encode())
                if command == "LOGOUT":
                    break
        except ConnectionError:
            pass
        finally:
            writer.close()
            ended.set()

    async def _idle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"+ idling\r\n")
        self.waiting += 1
        said, news = asyncio.ensure_future(reader.readline()), asyncio.ensure_future(self._news.wait())
        await asyncio.wait({said, news}, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        if self._news.is_set():
            self._news.clear()
            writer.write(f"* {len(self.mails)} EXISTS\r\n".encode())
        await said
        self.waiting -= 1

    async def _token_shown(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        writer.write(b"+ \r\n")
        shown = base64.b64decode(await reader.readline()).decode()
        self.logins += 1
        if f"auth=Bearer {self.token}\x01" in shown:
            return "OK in"
        writer.write(b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
        await reader.readline()
        return "NO [AUTHENTICATIONFAILED] no"

    def _verdict(self, command: str) -> str:
        if command.startswith("LOGIN") and "right" not in command:
            return "NO [AUTHENTICATIONFAILED] no"
        folder = re.search(r'"([^"]*)"', command)
        if (
            command.startswith(("SELECT", "EXAMINE", "UID MOVE", "UID COPY"))
            and folder
            and folder[1] not in self.folders
        ):
            return "NO [TRYCREATE] no such folder"
        return "OK done"

    def _answer(self, command: str) -> bytes:
        if command == "CAPABILITY":
            return f"* CAPABILITY {self.abilities}\r\n".encode()
        if command.startswith(("SELECT", "EXAMINE")):
            return f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] fine\r\n".encode()
        if command.startswith("CREATE"):
            self.folders.add(command.split('"')[1])
        if command.startswith("UID "):
            return self._of_mails(command)
        return b"* BYE\r\n" if command == "LOGOUT" else b""

    def _of_mails(self, command: str) -> bytes:
        if listing := re.match(r"UID FETCH (\d+):\* ", command):
            return b"".join(self._size(uid) for uid in self._from(int(listing[1])))
        if fetched := re.match(r"UID FETCH (\d+) \(BODY.PEEK\[(HEADER)?", command):
            raw = self.mails[int(fetched[1])]
            raw = raw.split(b"\r\n\r\n", 1)[0] if fetched[2] else raw
            return f"* 1 FETCH (UID {fetched[1]} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n"
        if marked := re.match(r"UID STORE (\d+) \+FLAGS.SILENT \((.*)\)", command):
            self.seen |= {int(marked[1])} if "Seen" in marked[2] else set()
            self.flagged |= {int(marked[1])} if "Flagged" in marked[2] else set()
        if (moved := re.match(r'UID (?:MOVE|COPY) (\d+) "(.*)"', command)) and moved[2] in self.folders:
            self.moved.setdefault(moved[2], []).append(int(moved[1]))
        if searched := re.match(r"UID SEARCH (SINCE|ALL)", command):
            found = self.recent if searched[1] == "SINCE" and self.recent is not None else set(self.mails)
            told = b"* SEARCH " + " ".join(map(str, sorted(found))).encode() + b"\r\n"
            self._arrive()
            return told
        return b""

    def _arrive(self) -> None:
        """What comes after the first search."""
        arriving, self.between_searches = self.between_searches, {}
        self.mails |= arriving
        if arriving and self.recent is not None:
            self.recent |= set(arriving)

    def _from(self, first: int) -> list[int]:
        """The last mail is listed even if its UID is below ``first``, as real servers do."""
        return [uid for uid in self.mails if uid >= first] or list(self.mails)[-1:]

    def _size(self, uid: int) -> bytes:
        return f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(self.mails[uid])})\r\n".encode()
