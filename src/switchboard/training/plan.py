"""What a fine-tuned encoder learns and how: courses of texts, and the plan by which it goes through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Fine = tuple[str, tuple[int, ...]] | None
"""The head for the classes of a text's own set, and which of them hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What to learn: row i of everything belongs to text i. ``wanted`` and ``weights`` (n, OUTPUTS) as for the heads,
    ``fine`` the head and the classes in it (``None``: no fine classes), ``places`` (n, 384) where each text lay before."""

    texts: Sequence[str]
    wanted: Floats
    weights: Floats
    fine: Sequence[tuple[str, tuple[int, ...]] | None]
    places: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a course is gone through.

    ``rounds`` times over all texts, ``rows`` at a time and at most ``tokens`` of each, or ``whole``: long ones in windows, as in
    service, of which the one that shows an intent most is told what it should have said; ``rate`` is the step of the top
    layer, each layer below takes ``fall`` of the one above; ``keep`` weighs the place of each text, ``fine`` its fine
    classes; ``blur`` moves that share of each label to all others; ``drop`` and ``head_drop`` are left out at random.
    """

    rounds: float = 1
    rows: int = 48
    tokens: int = 128
    whole: bool = False
    rate: float = 1e-4
    head_rate: float = 1e-3
    fall: float = 0.85
    keep: float = 8.0
    fine: float = 1.0
    blur: float = 0.05
    drop: float = 0.1
    head_drop: float = 0.3
    decay: float = 0.01
    vary: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Both courses: the broad one on weak labels and fine classes, then the narrow one on labels by reading, gone through by
    ``members`` students whose weights are averaged, and once more by as many from there, with long texts whole.

    A model in service learns ``further`` by a course of its own, of which ``kept`` of its weights stay as they were.
    ``again`` of each batch repeats the broad course the first time. A secondary intent takes ``shared`` of the main one's
    share; ``width`` hidden units sit between encoder and labels; ``trust`` is what a class mapping counts against the reading of
    the heads on the untouched encoder;
    ``balance`` and ``score`` weigh rare intents and the tone; texts in the manner of posts and reviews, of which public labels
    hold few, count ``posts`` times; ``most`` limits the broad course.
    """

    broad: Plan = Plan(rounds=1, rows=64, tokens=96)
    narrow: Plan = Plan(rounds=2, rows=32, tokens=112, rate=9e-5, head_rate=8e-4)
    later: Plan = Plan(rounds=1, rows=32, whole=True, rate=9e-5, head_rate=8e-4)
    further: Plan = Plan(rounds=2, rows=32, whole=True, rate=9e-5, head_rate=8e-4)
    kept: float = 0.4
    members: int = 2
    again: float = 0.15
    shared: float = 0.1
    balance: float = 0.15
    score: float = 2.0
    posts: float = 1.6
    width: int = 256
    trust: float = 0.5
    most: int | None = None
