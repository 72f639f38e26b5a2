"""Fine-tunes the encoder: what the untouched one makes of every text, the broad course, the narrow one, one average.

Needs PyTorch (the extra ``train``); ``train`` imports it only when an encoder is to be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from switchboard.engines.encoder_heads import KINDS, Network, features_of
from switchboard.engines.onnx_encoder import Encoded, OnnxEncoder, load_tokenizer, window, windows
from switchboard.training.cache import EncodedTexts
from switchboard.training.corpus import SEVERAL, Lesson, load_lessons
from switchboard.training.data import PERMISSIVE, Example
from switchboard.training.encoder_export import Weights
from switchboard.training.fine_tune import Student, Tokens, average, learn, new_student
from switchboard.training.fitting import fit_on, targets_of
from switchboard.training.network import Recipe, activated
from switchboard.training.plan import Course, Plan, Schedule
from switchboard.training.tuning_targets import blend, fine_of, shared, silent
from switchboard.understanding.text import tidy

Floats = NDArray[np.float32]

POSTS = ("written", "ibm_cdp")
"""Sources whose labels are in the manner of posts, reviews and chat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """The changed weights with the heads they were learned with."""

    weights: Weights
    network: Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What every step needs: the folder with the untouched encoder as int8 graph, its weights, cache and progress bar."""

    base: Path
    weights: Weights
    cache: Path
    progress: Progress
    seed: int

    def tokens(self) -> Tokens:
        tokenizer = load_tokenizer(self.base)

        def cut(texts: Sequence[str], plan: Plan) -> list[list[list[int]]]:
            ids = [tokenizer.encode(tidy(text)).ids for text in texts]
            return [windows(one) if plan.whole else [window(one, plan.tokens)] for one in ids]

        return cut

    def encoded(self, texts: Sequence[str]) -> Encoded:
        """Features by the untouched encoder, from the cache where it was asked before."""
        task = self.progress.add_task("encoding", total=len(texts))
        store = EncodedTexts(self.cache, OnnxEncoder(self.base, threads=2), self.base)
        return store.encode(texts, lambda done: self.progress.advance(task, done))


def tune(
    data: Path, hand: Sequence[Example], barred: Sequence[str], bench: Bench, recipe: Recipe, plan: Schedule
) -> Tuned:
    """The encoder changed by both courses. ``hand`` are the labels to learn from, ``barred`` the texts that only measure."""
    closed = {tidy(text).lower() for text in barred}
    lessons = [
        lesson
        for lesson in load_lessons(data, list(PERMISSIVE), bench.seed)
        if not lesson.held_out and tidy(lesson.text).lower() not in closed
    ][: plan.most]
    classes = classes_of(lessons)
    broad = broad_course(lessons, classes, hand, bench, recipe, plan)
    student = new_student(bench.weights, classes, SEVERAL, plan.width, bench.seed)
    go_through(student, broad, plan.broad, bench, "broad course", bench.seed)
    course = narrow_course(hand, bench, plan)
    first = together(student, course, broad, plan.narrow, bench, plan, 1)
    return tuned(together(first, course, None, plan.later, bench, plan, 1 + plan.members))


def tune_further(hand: Sequence[Example], network: Network, bench: Bench, plan: Schedule) -> Tuned:
    """The narrow course alone, by one student, on an encoder that was tuned before and its heads; a part of these stays, so
    that some labels more do not sway what many taught."""
    student = new_student(bench.weights, {}, (), network.inner.shape[1], bench.seed)
    student.take(network)
    before = student.copy()
    go_through(student, narrow_course(hand, bench, plan), plan.further, bench, "narrow course", bench.seed + 1)
    return tuned(average([student, before], [1 - plan.kept, plan.kept]))


def tuned(student: Student) -> Tuned:
    return Tuned(weights=student.encoder.arrays(), network=student.network())


def together(
    student: Student, course: Course, broad: Course | None, steps: Plan, bench: Bench, plan: Schedule, first: int
) -> Student:
    """Several students go on from the same weights; their average is better than each."""
    members = [student.copy() for _ in range(plan.members)]
    for number, member in enumerate(members, start=first):
        go_through(member, course, steps, bench, f"narrow course {number}", bench.seed + number, broad, plan.again)
    return average(members)


def go_through(
    student: Student,
    course: Course,
    plan: Plan,
    bench: Bench,
    name: str,
    seed: int,
    again: Course | None = None,
    share: float = 0.0,
) -> None:
    """One course with a progress bar."""
    task = bench.progress.add_task(name, total=int(len(course.texts) * plan.rounds))
    learn(
        student,
        course,
        plan,
        bench.tokens(),
        seed,
        lambda done: bench.progress.advance(task, done),
        again=again,
        again_share=share,
    )


def classes_of(lessons: Sequence[Lesson]) -> dict[str, list[str]]:
    """The own classes of every set that has some, in alphabetic order."""
    found: dict[str, set[str]] = {}
    for lesson in lessons:
        if lesson.fine:
            found.setdefault(lesson.example.source, set()).update(lesson.fine)
    return {source: sorted(names) for source, names in sorted(found.items())}


def broad_course(
    lessons: Sequence[Lesson],
    classes: Mapping[str, Sequence[str]],
    hand: Sequence[Example],
    bench: Bench,
    recipe: Recipe,
    plan: Schedule,
) -> Course:
    """Weak labels are half what class mappings say and half what heads on the untouched encoder read, which learned from
    the labels by reading; a message read by hand keeps no weak label."""
    texts = [*(example.text for example in hand), *(lesson.text for lesson in lessons)]
    encoded = bench.encoded(texts)
    seen = features_of(encoded, texts)
    read = {tidy(example.text).lower() for example in hand}
    weak = [silent(one.example) if tidy(one.text).lower() in read else one.example for one in lessons]
    network = fit_on(seen, [*hand, *weak], recipe, bench.seed)
    wanted = activated(network(seen[len(hand) :]))
    for row, example in enumerate(weak):
        blend(wanted[row], example, plan.trust)
    weights = np.full_like(wanted, 0.5)
    weights[:, KINDS["score"]] = 1.0
    return Course(
        texts=[lesson.text for lesson in lessons],
        wanted=wanted,
        weights=weights,
        fine=[fine_of(lesson, classes) for lesson in lessons],
        places=encoded.embedding[len(hand) :],
    )


def narrow_course(hand: Sequence[Example], bench: Bench, plan: Schedule) -> Course:
    """Labels by reading; a secondary intent takes a small share of the main one."""
    targets = targets_of(hand, Recipe(hand=1.0, balance=plan.balance))
    targets.weights[:, KINDS["score"]] *= plan.score
    counts = np.array([plan.posts if example.source in POSTS else 1.0 for example in hand], np.float32)
    targets.weights[:] *= (counts / counts.mean())[:, None]
    for row, example in enumerate(hand):
        shared(targets.wanted[row], example, plan.shared)
    return Course(
        texts=[example.text for example in hand],
        wanted=targets.wanted,
        weights=targets.weights.astype(np.float32),
        fine=[None] * len(hand),
        places=bench.encoded([example.text for example in hand]).embedding,
    )
