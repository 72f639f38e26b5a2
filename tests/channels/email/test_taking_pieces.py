"""A mail on its way in over SMTP: whole whatever the network cuts, and never in the way of others."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.channels.email.smtp_listener import ListenerOptions, MailEnvelope, MailListener, _Body

HELP = "help@shop.example"
LINES = st.lists(st.sampled_from([b"", b".", b"..", b"a", b".a", b"\r", b"\n.", b"x."]), max_size=6)


@given(lines=LINES, cuts=st.lists(st.integers(1, 7), min_size=1, max_size=9))
@settings(max_examples=300, deadline=None)
def test_dots_and_cuts_change_nothing(lines: list[bytes], cuts: list[int]) -> None:
    text = b"".join(line + b"\r\n" for line in lines)
    wire = (b"\r\n" + text).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\nQUIT\r\n"
    body, place, number = _Body(1_000), 0, 0

    while not body.take(wire[place : place + cuts[number % len(cuts)]]):
        place += cuts[number % len(cuts)]
        number += 1

    assert body.content() == text
    assert b"QUIT\r\n".startswith(body.rest)


async def talk(lmtp: bool, *said: bytes, max_size: int = 1_000_000) -> tuple[list[bytes], list[bytes]]:
    """What the listener took, and the lines of its answers."""
    taken: list[bytes] = []

    async def deliver(raw: bytes, envelope: MailEnvelope) -> None:
        taken.append(raw)

    listener = MailListener(ListenerOptions(port=0, lmtp=lmtp, recipients=(HELP,), max_size=max_size), deliver)
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    for piece in said:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02)
    answers = (await reader.read()).splitlines()
    writer.close()
    await listener.stop()
    return taken, answers


START = b"MAIL FROM:<a@b.c>\r\nRCPT TO:<help@shop.example>\r\nDATA\r\n"


class TestAMailOverTheWire:
    async def test_may_have_lines_of_any_length(self) -> None:
        line = b"x" * 20_000

        taken, answers = await talk(
            False, b"EHLO me\r\n" + START, b"Subject: x\r\n\r\n" + line + b"\r\n.\r\n", b"QUIT\r\n"
        )

        assert taken[0].endswith(b"Subject: x\r\n\r\n" + line + b"\r\n")
        assert any(answer.startswith(b"250 2.0.0") for answer in answers)

    async def test_may_be_huge(self) -> None:
        photo = (b"x" * 76 + b"\r\n") * 20_000 + b"..end\r\n"

        taken, _ = await talk(
            False,
            b"EHLO me\r\n" + START,
            b"Subject: x\r\n\r\n" + photo + b".\r\n",
            b"QUIT\r\n",
            max_size=2_000_000,
        )

        assert taken == [b"Return-Path: <a@b.c>\r\nSubject: x\r\n\r\n" + photo.replace(b"..end", b".end")]

    async def test_may_be_followed_at_once_by_the_next(self) -> None:
        both = START + b"one\r\n.\r\n" + START + b"..two\r\n.\r\nQUIT\r\n"

        taken, _ = await talk(True, b"LHLO me\r\n" + both)

        assert [raw.rpartition(b">\r\n")[2] for raw in taken] == [b"one\r\n", b".two\r\n"]

    async def test_that_is_too_big_is_refused_at_its_end(self) -> None:
        taken, answers = await talk(
            False, b"EHLO me\r\n" + START, *[b"x" * 998 + b"\r\n"] * 5, b".\r\nQUIT\r\n", max_size=2_000
        )

        assert taken == []
        assert any(answer.startswith(b"552") for answer in answers)

    async def test_that_breaks_off_is_not_taken(self) -> None:
        taken, _ = await talk_and_hang_up(b"EHLO me\r\n" + START + b"half a ma")

        assert taken == []


async def talk_and_hang_up(said: bytes) -> tuple[list[bytes], None]:
    taken: list[bytes] = []

    async def deliver(raw: bytes, envelope: MailEnvelope) -> None:
        taken.append(raw)

    listener = MailListener(ListenerOptions(port=0, recipients=(HELP,)), deliver)
    await listener.start()
    _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(said)
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await writer.wait_closed()
    await asyncio.sleep(0.05)
    await listener.stop()
    return taken, None
