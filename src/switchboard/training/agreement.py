"""Compares two readers of the same messages: our labels and the second reading, both made from the guideline alone.

Run as ``python -m switchboard.training.agreement --data DATA`` for figures as JSON; ``--texts`` adds every message
on which the two name another intent or topic.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from switchboard.domain.reading import sentiment_label
from switchboard.training.data import LABELS, NO_INTENT, Example, load_hand
from switchboard.training.metrics import Figures, ratio, tone_error

SECOND = Path(__file__).parent / "labels_second"
ROUNDS = 2_000
SEED = 77

Pair = tuple[Example, Example]
Mark = Callable[[Example], str]


def compare(data: Path, first: Path = LABELS, second: Path = SECOND, *, texts: bool = False) -> Figures:
    """Agreement of two folders of labels on the messages that both hold."""
    pairs = pair_up(load_hand(data, first), load_hand(data, second))
    listed: Figures = {"disagreements": [disagreement(pair) for pair in pairs if differ(pair)]} if texts else {}
    return {
        **figures(pairs),
        "per_source": {source: brief(of_source(pairs, source)) for source in sorted({one.source for one, _ in pairs})},
        **listed,
    }


def pair_up(first: Sequence[Example], second: Sequence[Example]) -> list[Pair]:
    """The two readings of every message that both readers saw, in the order of the second."""
    known = {example.key: example for example in first}
    return [(known[example.key], example) for example in second if example.key in known]


def of_source(pairs: Sequence[Pair], source: str) -> list[Pair]:
    return [pair for pair in pairs if pair[0].source == source]


def figures(pairs: Sequence[Pair]) -> Figures:
    """Everything measured over all sources together."""
    meant = [pair for pair in pairs if both(pair, has_intent)]
    themed = [pair for pair in pairs if both(pair, has_topic)]
    return {
        "n": len(pairs),
        "intent": {**agreement(pairs, intent_of), "confusions": confusions(pairs, intent_of)},
        "intent_when_both_name_one": agreement(meant, intent_of),
        "secondary": coverage(pairs),
        "topic": {**agreement(themed, topic_of), "confusions": confusions(themed, topic_of)},
        "score": tone(pairs),
        "polarity": agreement(pairs, polarity_of),
        "label": agreement(pairs, label_of),
    }


def brief(pairs: Sequence[Pair]) -> Figures:
    """The few figures that still mean something on one source."""
    themed = [pair for pair in pairs if both(pair, has_topic)]
    return {
        "n": len(pairs),
        "intent": share(pairs, intent_of),
        "intent_kappa": kappa(marks(pairs, intent_of)),
        "topic": share(themed, topic_of),
        "score_mae": tone(pairs)["mae"],
    }


def agreement(pairs: Sequence[Pair], mark: Mark) -> Figures:
    """Share of equal marks and Cohen's kappa, with the 95 % interval of kappa over resampled messages."""
    named = marks(pairs, mark)
    return {"n": len(pairs), "agreement": share(pairs, mark), "kappa": kappa(named), "kappa_95": interval(named)}


def marks(pairs: Sequence[Pair], mark: Mark) -> list[tuple[str, str]]:
    return [(mark(one), mark(two)) for one, two in pairs]


def share(pairs: Sequence[Pair], mark: Mark) -> float:
    return ratio(sum(mark(one) == mark(two) for one, two in pairs), len(pairs))


def kappa(named: Sequence[tuple[str, str]]) -> float:
    """Cohen's kappa: agreement beyond what the two readers' habits alone would give; 1.0 when both name only one mark."""
    size = len(named)
    one, two = Counter(first for first, _ in named), Counter(second for _, second in named)
    seen = sum(first == second for first, second in named) / max(1, size)
    chance = sum(one[mark] * two[mark] for mark in one) / max(1, size) ** 2
    return round((seen - chance) / (1 - chance), 4) if chance < 1 else 1.0


def interval(named: Sequence[tuple[str, str]], rounds: int = ROUNDS, seed: int = SEED) -> list[float]:
    """Percentile interval of kappa over messages drawn again with replacement."""
    if not named:
        return []
    draw = random.Random(seed)
    found = sorted(kappa(draw.choices(named, k=len(named))) for _ in range(rounds))
    return [found[int(0.025 * rounds)], found[int(0.975 * rounds) - 1]]


def coverage(pairs: Sequence[Pair]) -> Figures:
    """How often the intent of one reader stands at least among the secondary ones of the other."""
    apart = [pair for pair in pairs if intent_of(pair[0]) != intent_of(pair[1])]
    covered = sum(covers(one, two) or covers(two, one) for one, two in apart)
    return {
        "apart": len(apart),
        "covered": covered,
        "share_of_apart": ratio(covered, len(apart)),
        "agreement_with_secondary": ratio(len(pairs) - len(apart) + covered, len(pairs)),
    }


def covers(one: Example, two: Example) -> bool:
    return intent_of(two) in one.secondary


def tone(pairs: Sequence[Pair]) -> Figures:
    """Mean absolute difference and correlation of the scores, and the share within 0.2 of each other."""
    scores = [(one.score or 0.0, two.score or 0.0) for one, two in pairs]
    near = sum(abs(one - two) <= 0.2001 for one, two in scores)
    return {
        **tone_error([one for one, _ in scores], [two for _, two in scores]),
        "mean_shift": round(sum(two - one for one, two in scores) / max(1, len(scores)), 4),
        "within_0.2": ratio(near, len(scores)),
    }


def confusions(pairs: Sequence[Pair], mark: Mark) -> list[list[object]]:
    """First reader's mark, second reader's mark and count, where they differ, most frequent first."""
    apart = Counter((one, two) for one, two in marks(pairs, mark) if one != two)
    return [[one, two, count] for (one, two), count in sorted(apart.items(), key=lambda item: (-item[1], item[0]))]


def differ(pair: Pair) -> bool:
    one, two = pair
    return intent_of(one) != intent_of(two) or (both(pair, has_topic) and one.topic != two.topic)


def disagreement(pair: Pair) -> Figures:
    one, two = pair
    return {"key": one.key, "text": one.text, "first": shown(one), "second": shown(two)}


def shown(example: Example) -> Figures:
    return {
        "intent": example.intent,
        "secondary": example.secondary,
        "topic": topic_of(example),
        "score": example.score,
    }


def both(pair: Pair, test: Callable[[Example], bool]) -> bool:
    return test(pair[0]) and test(pair[1])


def has_intent(example: Example) -> bool:
    return intent_of(example) != NO_INTENT


def has_topic(example: Example) -> bool:
    return example.topic is not None


def intent_of(example: Example) -> str:
    return example.intent or NO_INTENT


def topic_of(example: Example) -> str:
    return str(example.topic or "")


def label_of(example: Example) -> str:
    return str(sentiment_label(example.score or 0.0))


def polarity_of(example: Example) -> str:
    return label_of(example).removeprefix("very_")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m switchboard.training.agreement", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--texts", action="store_true", help="list the messages that the two readers label differently")
    arguments = parser.parse_args()
    print(json.dumps(compare(arguments.data, texts=arguments.texts), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
