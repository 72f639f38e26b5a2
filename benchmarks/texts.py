"""English customer messages of 5 to 60 words, the same on every run."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SOURCES = ("airline_tweets", "complaint_tweets", "bitext", "dstc11_track2")
SHORTEST, LONGEST = 5, 60

_OPENINGS = ("Hello,", "Hi there, I hope you can help:", "", "Good morning.", "This is the third time I write.")
_MATTERS = (
    "where is my order LC-48213? It should have arrived on Monday and the tracking page has not changed since",
    "I was charged twice for the same jacket, $49.99 each, please send one payment back",
    "your app keeps crashing when I open my invoices, I have installed it again and restarted my phone",
    "can I change my delivery address before it leaves the warehouse?",
    "the water tank of my machine arrived broken and I would like a new one, not a refund",
    "thanks, that solved it, you have been very kind and quick",
)
_ENDINGS = ("", "Please answer today.", "I am really annoyed now and want to speak to a manager.", "Thank you!")


def customer_messages(count: int, seed: int = 7) -> list[str]:
    """``count`` texts, from the shared training data where they lie beside the repository, else built from parts."""
    known = list(dict.fromkeys(text for text in _known() if SHORTEST <= len(text.split()) <= LONGEST))
    chance = random.Random(seed)
    if not known:
        return [_built(chance) for _ in range(count)]
    chance.shuffle(known)
    return [known[number % len(known)] for number in range(count)]


def mean_words(texts: Sequence[str]) -> float:
    return sum(len(text.split()) for text in texts) / len(texts)


def _built(chance: random.Random) -> str:
    return " ".join(
        part for part in (chance.choice(_OPENINGS), chance.choice(_MATTERS), chance.choice(_ENDINGS)) if part
    )


def _known() -> Iterator[str]:
    for source in SOURCES:
        path = DATA / source / f"{source}.jsonl.gz"
        if path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                yield from (str(json.loads(line)["text"]) for line in lines)
