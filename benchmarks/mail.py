"""How fast mails are read, beside Python's own parser, and what a huge or hostile one does to its neighbours."""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import random
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from email.message import EmailMessage

from benchmarks.big_mails import neighbours_of_big_mails
from benchmarks.report import Figure
from benchmarks.texts import customer_messages
from switchboard.channels.email.message import Delivery, MailRules, parse_mail
from switchboard.channels.email.worker_pool import MailReaderPool
from switchboard.errors import TooLarge

PER_SECOND = 150.0
"""Ordinary mails on two cores."""
WORST_SLOWDOWN = 1.10
"""p99 of small mails while others are huge or hostile, as a multiple of the same without them."""
CORES = 2
MAILS = 600
ROUNDS = 3
RULES = MailRules(own_addresses=("help@shop.example",), own_domains=("shop.example",))
QUOTE = "\n\nOn Tue, 3 Mar 2026 at 10:00, Shop <help@shop.example> wrote:\n> Hello,\n> how can we help?\n"


def measure(*, quick: bool) -> list[Figure]:
    mails = ordinary_mails(MAILS // 4 if quick else MAILS)
    ours, stdlib = _turns(mails)
    together = _on_cores(mails)
    alone, beside = asyncio.run(_neighbours(1 if quick else ROUNDS, mails))
    beside_big = neighbours_of_big_mails(3 if quick else 8)
    return [
        Figure(
            name="mail: ordinary mails read on 2 cores", value=together, unit="per s", target=PER_SECOND, at_least=True,
            note=f"{len(mails)} mails with text, HTML, quotes and a file of 20 kB in every fifth",
        ),
        Figure(
            name="mail: our reading against Python's parser alone", value=ours / stdlib, unit="times",
            note=f"{len(mails) / ours:.0f} a second against {len(mails) / stdlib:.0f} (structure and bodies, nothing more)",
        ),
        Figure(
            name="mail: p99 of small mails beside huge and hostile ones", value=beside / alone, unit="times",
            target=WORST_SLOWDOWN, note=f"{beside * 1000:.2f} ms against {alone * 1000:.2f} ms, on the event loop",
        ),
        Figure(
            name="mail: p99 of messages while mails of 25 MB come in over SMTP",
            value=beside_big.ratio, unit="times", target=WORST_SLOWDOWN,
            note=f"median of {beside_big.told()}; a whole server with its database on disk",
        ),
    ]  # fmt: skip


def ordinary_mails(count: int) -> list[bytes]:
    """Mails as customers write them, about 4 kB each."""
    chance, texts = random.Random(7), customer_messages(count)
    return [_mail(number, text, chance) for number, text in enumerate(texts)]


def _mail(number: int, text: str, chance: random.Random) -> bytes:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = f"Jürgen Müller <customer{number}@example.com>"
    mail["To"], mail["Subject"] = "help@shop.example", f"Re: Größe der Bestellung {number}"
    mail["Message-ID"], mail["In-Reply-To"] = f"<{number}@example.com>", f"<{number}.ours@shop.example>"
    mail["Date"] = "Tue, 3 Mar 2026 11:00:00 +0100"
    for hop in range(6):
        mail[f"X-Hop-{hop}"] = f"by mx{hop}.example.com with ESMTPS id {chance.randrange(10**12)}"
    mail.set_content(text + QUOTE)
    if number % 2 == 0:
        paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
        mail.add_alternative(
            f'<html><body>{paragraphs}<div class="gmail_quote">Hello</div></body></html>', subtype="html"
        )
    if number % 5 == 0:
        mail.add_attachment(chance.randbytes(20_000), maintype="image", subtype="jpeg", filename="Foto.jpg")
    return mail.as_bytes()


def _turns(mails: list[bytes]) -> tuple[float, float]:
    """Seconds of processor time for all mails: ours, and the standard library's; they take turns."""
    ours = stdlib = 0.0
    for _ in range(ROUNDS):
        ours += _taken(_ours, mails)
        stdlib += _taken(_plainly, mails)
    return ours / ROUNDS, stdlib / ROUNDS


def _taken(read: Callable[[bytes], object], mails: list[bytes]) -> float:
    began = time.process_time()
    for raw in mails:
        read(raw)
    return time.process_time() - began


def _ours(raw: bytes) -> object:
    return parse_mail(raw, rules=RULES)


def _plainly(raw: bytes) -> object:
    """The standard library's reading of structure and bodies: no charsets mended, no quotes cut, no HTML cleaned."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    return [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]


def _batch(mails: list[bytes]) -> float:
    """Seconds of processor time."""
    return _taken(_ours, mails)


def _on_cores(mails: list[bytes]) -> float:
    """Mails a second with a process on each of two cores, by the processor time that they take: what else runs on this
    machine does not count."""
    shares = [mails[core::CORES] for core in range(CORES)]
    with ProcessPoolExecutor(CORES) as pool:
        list(pool.map(_batch, [mails[:2]] * CORES))  # started and warm
        return len(mails) / max(pool.map(_batch, shares))


def _bad_mails() -> list[bytes]:
    head = b"From: a@example.com\r\nMIME-Version: 1.0\r\n"
    photo = base64.encodebytes(random.Random(1).randbytes(17 * 2**20))
    return [
        head + b"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: base64\r\n\r\n" + photo,
        head + b"Content-Type: text/html\r\n\r\n" + b"<table><tr><td>" * 60_000,
        head + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--bb\r\n" * 400_000,
    ]


async def _neighbours(rounds: int, mails: list[bytes]) -> tuple[float, float]:
    """p99 in seconds of reading small mails, alone and while others are read that are huge or hostile."""
    small = [raw for raw in mails if len(raw) < 16_000]
    bad = _bad_mails()
    pool = MailReaderPool()
    try:
        await asyncio.gather(*(_swallow(pool, raw) for raw in bad))  # the helpers are started
        alone: list[float] = []
        beside: list[float] = []
        for _ in range(rounds):
            alone += await _stream(pool, small)
            others = [asyncio.create_task(_swallow(pool, raw)) for raw in bad]
            beside += await _stream(pool, small)
            await asyncio.gather(*others)
        return _p99(alone), _p99(beside)
    finally:
        pool.close()


async def _stream(pool: MailReaderPool, mails: list[bytes]) -> list[float]:
    """Each mail's time from its arrival, one every 5 ms as far as the reader keeps up."""
    taken = []
    for raw in mails:
        began = time.perf_counter()
        await pool.aread(raw, RULES, Delivery())
        taken.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 0.005 - taken[-1]))
    return taken


async def _swallow(pool: MailReaderPool, raw: bytes) -> None:
    try:
        await pool.aread(raw, RULES, Delivery())
    except TooLarge:
        return


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.99 * len(seconds))]
