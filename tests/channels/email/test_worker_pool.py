"""Helper processes that read mails, and what happens to those that hang."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator

import pytest

from switchboard.channels.email.message import Delivery, MailRules, ParsedMail, parse_mail
from switchboard.channels.email.samples import plain_mail
from switchboard.channels.email.worker_pool import MailReaderPool, PoolLimits
from switchboard.errors import TooLarge, Unavailable

MAIL = plain_mail("ann@example.com", "help@shop.example", "Hi", "Where is my parcel?", message_id="m@example.com")

WITH_FILES = (
    b"From: ann@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf\n\nPDF\n"
    b"--b\nContent-Type: image/png; name=empty.png\n\n\n--b--\n"
)


def odd_reader(raw: bytes, rules: MailRules, delivery: Delivery) -> ParsedMail:
    """Does to its process what the mail says, to try the pool without waiting for a mail that really does it."""
    if b"hang" in raw:
        while True:
            pass
    if b"starve" in raw:
        time.sleep(60)
    if b"die" in raw:
        os._exit(1)
    if b"eat memory" in raw:
        bytearray(2 * 1024**3)
    if b"break" in raw:
        raise ValueError("Ann's secret words")
    return parse_mail(raw, rules=rules, delivery=delivery)


@pytest.fixture(scope="module")
def pool() -> Iterator[MailReaderPool]:
    limits = PoolLimits(seconds=2.0, megabytes=1024, workers=1)
    pool = MailReaderPool(limits, small=0, reader=odd_reader)
    yield pool
    pool.close()


def read(pool: MailReaderPool, raw: bytes = MAIL) -> ParsedMail:
    return pool.read(raw, MailRules(), Delivery())


class TestPool:
    def test_reads_like_the_reader_in_this_process(self, pool: MailReaderPool) -> None:
        assert read(pool) == parse_mail(MAIL)

    def test_files_come_back_whole(self, pool: MailReaderPool) -> None:
        raw = WITH_FILES

        assert [file.content for file in read(pool, raw).files] == [b"PDF", b""]
        assert read(pool, raw) == parse_mail(raw)

    @pytest.mark.parametrize("words", [b"hang", b"die", b"eat memory", b"break"])
    def test_a_mail_that_breaks_a_reader_is_refused_and_the_next_one_is_read(
        self, pool: MailReaderPool, words: bytes
    ) -> None:
        with pytest.raises(TooLarge) as refused:
            read(pool, MAIL + words)

        assert "secret" not in refused.value.detail
        assert read(pool).from_address == "ann@example.com"

    def test_a_mail_for_which_the_processor_has_no_time_may_come_again(self) -> None:
        pool = MailReaderPool(PoolLimits(patience=2.5, megabytes=1024, workers=1), small=0, reader=odd_reader)

        with pytest.raises(Unavailable):
            read(pool, MAIL + b"starve")

        assert read(pool).from_address == "ann@example.com"
        pool.close()

    async def test_waiting_for_a_reader_blocks_nobody_else(self, pool: MailReaderPool) -> None:
        reading = asyncio.create_task(pool.aread(MAIL + b"hang", MailRules(), Delivery()))

        await asyncio.sleep(0.05)

        assert not reading.done()
        with pytest.raises(TooLarge):
            await reading

    def test_a_closed_pool_reads_no_more(self) -> None:
        pool = MailReaderPool(small=0)
        pool.close()

        with pytest.raises(Unavailable):
            read(pool)

    def test_small_mails_need_no_helper(self) -> None:
        pool = MailReaderPool()
        pool.close()

        assert read(pool).from_address == "ann@example.com"
