"""Changes the encoder's weights so that it reads intent, topic and tone, and still finds the passages it found before.

One network learns everything at once: our labels, the fine classes of the public sets (they keep general sense), and to
give every text the place it had before, for retrieval. Needs PyTorch (the extra ``train``).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from switchboard.engines.encoder_heads import KINDS, OUTPUTS, TUNED_DENSE, Network
from switchboard.engines.onnx_encoder import MAX_TOKENS, MOST_WINDOWS
from switchboard.training.augment import vary
from switchboard.training.encoder_export import LAYERS
from switchboard.training.plan import Course, Plan
from switchboard.training.torch_encoder import States, TorchEncoder, padded
from switchboard.understanding.features import CUES, cues

Floats = NDArray[np.float32]
Tokens = Callable[[Sequence[str], Plan], list[list[list[int]]]]
"""The windows of each text, of which most texts have one."""

SEEN = TUNED_DENSE - CUES
LETTERS = 5
"""Letters that a token stands for, nearly."""
MOST_TOKENS = MAX_TOKENS * MOST_WINDOWS
BATCH_TOKENS = 8_192
SCALES = (384**0.5, 384**0.5, 768**0.5)
"""Brings parts of length 1 to about 1 a number, so that the head learns at an ordinary rate."""


@dataclass(slots=True, kw_only=True)
class Student:
    """The encoder with its heads while they learn."""

    encoder: TorchEncoder
    heads: dict[str, Tensor]
    several: frozenset[str]
    classes: Mapping[str, Sequence[str]]

    def dense(self, states: States, seen: Tensor) -> Tensor:
        parts = [functional.normalize(part, dim=1) for part in (states.first, states.mean, states.middle)]
        return torch.cat([*(part * scale for part, scale in zip(parts, SCALES, strict=True)), seen], dim=1)

    def scores(self, dense: Tensor, drop: float = 0.0) -> Tensor:
        kept = functional.dropout(dense, drop / 3, drop > 0)
        hidden = functional.relu(functional.linear(kept, self.heads["inner"], self.heads["inner_bias"]))
        hidden = functional.dropout(hidden, drop, drop > 0)
        return functional.linear(hidden, self.heads["outer"], self.heads["outer_bias"])

    def fine(self, name: str, dense: Tensor, drop: float = 0.0) -> Tensor:
        kept = functional.dropout(dense[:, :SEEN], drop, drop > 0)
        return functional.linear(kept, self.heads[f"{name}.weight"], self.heads[f"{name}.bias"])

    def network(self) -> Network:
        """The head as it runs in service, on parts of length 1."""
        part = {name: _array(self.heads[name]) for name in HEAD}
        return Network(
            inner=part["inner"].T * _scales()[:, None],
            inner_bias=part["inner_bias"],
            outer=part["outer"].T.copy(),
            outer_bias=part["outer_bias"],
        )

    def take(self, network: Network) -> None:
        """Go on with the heads of a model in service, which read parts of length 1."""
        inner = np.zeros((TUNED_DENSE, network.inner.shape[1]), np.float32)
        inner[-len(network.inner) :] = network.inner
        parts = (inner / _scales()[:, None], network.inner_bias, network.outer, network.outer_bias)
        for name, part in zip(HEAD, parts, strict=True):
            self.heads[name] = torch.tensor(np.ascontiguousarray(part.T), device=self.encoder.device)

    def copy(self) -> Student:
        return Student(
            encoder=TorchEncoder(self.encoder.arrays(), self.encoder.device),
            heads={name: value.detach().clone() for name, value in self.heads.items()},
            several=self.several,
            classes=self.classes,
        )


HEAD = ("inner", "inner_bias", "outer", "outer_bias")


def _scales() -> Floats:
    return np.repeat(np.array([*SCALES, 1.0], np.float32), [384, 384, 768, CUES])


def _array(value: Tensor) -> Floats:
    return np.asarray(value.detach().cpu().numpy(), np.float32)


def average(students: Sequence[Student], shares: Sequence[float] | None = None) -> Student:
    """One student with the mean of all weights, by ``shares`` that add up to 1 where given; all began from the same."""
    counts = shares or [1 / len(students)] * len(students)
    joined = students[0].copy()
    for held, parts in (
        (joined.encoder.weights, [student.encoder.weights for student in students]),
        (joined.heads, [student.heads for student in students]),
    ):
        for name in held:
            parted = [part[name].detach() * share for part, share in zip(parts, counts, strict=True)]
            held[name] = torch.stack(parted).sum(dim=0)
    return joined


def new_student(
    weights: Mapping[str, Floats], classes: Mapping[str, Sequence[str]], several: Sequence[str], width: int, seed: int
) -> Student:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    source = torch.Generator().manual_seed(seed)

    def drawn(rows: int, columns: int, gain: float = 1.0) -> Tensor:
        return (torch.randn(rows, columns, generator=source) * gain * columns**-0.5).to(device)

    heads = {
        "inner": drawn(width, TUNED_DENSE),
        "inner_bias": torch.zeros(width, device=device),
        "outer": drawn(OUTPUTS, width, 0.5),
        "outer_bias": torch.zeros(OUTPUTS, device=device),
    }
    for name, labels in classes.items():
        heads[f"{name}.weight"] = drawn(len(labels), SEEN, 0.1)
        heads[f"{name}.bias"] = torch.zeros(len(labels), device=device)
    return Student(
        encoder=TorchEncoder(weights, device), heads=heads, several=frozenset(several), classes=dict(classes)
    )


def learn(
    student: Student,
    course: Course,
    plan: Plan,
    tokens: Tokens,
    seed: int,
    advance: Callable[[int], None] = lambda done: None,
    again: Course | None = None,
    again_share: float = 0.0,
) -> None:
    """Go through a course once; ``again_share`` of each batch comes from a course gone through before. The same seed
    gives the same weights on the same machine."""
    torch.manual_seed(seed)
    draw = random.Random(seed)
    body = student.encoder.trainable()
    for value in student.heads.values():
        value.requires_grad_(True)
    step = _stepper(body, student.heads, plan)
    plans = list(_order(course, plan, draw))
    for number, rows in enumerate(plans):
        loss = _loss(student, course, rows, plan, tokens, draw)
        if again is not None and again_share:
            more = draw.sample(range(len(again.texts)), max(1, int(len(rows) * again_share)))
            loss = loss + again_share * _loss(student, again, more, plan, tokens, draw)
        loss.backward()
        step(number, len(plans))
        advance(len(rows))
    for value in (*body.values(), *student.heads.values()):
        value.requires_grad_(False)


def _order(course: Course, plan: Plan, draw: random.Random) -> Iterator[list[int]]:
    """Batches of like length in random order, ``rounds`` times."""
    left = plan.rounds
    while left > 0:
        rows = list(range(len(course.texts)))
        draw.shuffle(rows)
        rows = rows[: int(len(rows) * min(1.0, left))]
        sizes = {
            row: min(len(course.texts[row]), LETTERS * (MOST_TOKENS if plan.whole else plan.tokens)) for row in rows
        }
        rows.sort(key=lambda row: sizes[row] * draw.uniform(0.8, 1.2))
        groups = _groups(rows, sizes, plan.rows)
        draw.shuffle(groups)
        yield from groups
        left -= 1


def _groups(rows: Sequence[int], sizes: Mapping[int, int], most: int) -> list[list[int]]:
    """Batches of at most ``most`` rows, fewer where they are long: memory stays bounded."""
    groups: list[list[int]] = [[]]
    for row in rows:
        if len(groups[-1]) == most or (len(groups[-1]) + 1) * sizes[row] > LETTERS * BATCH_TOKENS:
            groups.append([])
        groups[-1].append(row)
    return [group for group in groups if group]


def _stepper(body: Mapping[str, Tensor], heads: Mapping[str, Tensor], plan: Plan) -> Callable[[int, int], None]:
    """One step of AdamW: a rising rate at first, then falling to nothing; lower layers move less."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, value in body.items():
        depth = int(name.split(".")[2]) + 1 if name.startswith("encoder.layer.") else 0
        rate = plan.rate * plan.fall ** (LAYERS - depth)
        groups.setdefault((rate, plan.decay if value.dim() > 1 else 0.0), []).append(value)
    for value in heads.values():
        groups.setdefault((plan.head_rate, plan.decay if value.dim() > 1 else 0.0), []).append(value)
    parts = [{"params": values, "lr": rate, "weight_decay": decay} for (rate, decay), values in groups.items()]
    optimiser = torch.optim.AdamW(parts, fused=True)
    full = [part["lr"] for part in optimiser.param_groups]
    everything = [value for values in groups.values() for value in values]

    def step(number: int, total: int) -> None:
        share = min(1.0, (number + 1) / (0.06 * total + 1), (total - number) / total)
        for part, rate in zip(optimiser.param_groups, full, strict=True):
            part["lr"] = rate * share
        torch.nn.utils.clip_grad_norm_(everything, 1.0)
        optimiser.step()
        optimiser.zero_grad()

    return step


def _loss(
    student: Student, course: Course, rows: Sequence[int], plan: Plan, tokens: Tokens, draw: random.Random
) -> Tensor:
    texts = [vary(course.texts[row], draw) if plan.vary else course.texts[row] for row in rows]
    device = student.encoder.device
    parts = tokens(texts, plan)
    sizes = [len(part) for part in parts]
    states = quickly(student.encoder, *padded([ids for part in parts for ids in part], device), plan.drop)
    seen = [cue for text, size in zip(texts, sizes, strict=True) for cue in [cues(text)] * size]
    dense = student.dense(states, torch.tensor(seen, device=device))
    shares = [torch.tensor([float(len(ids)) for ids in part], device=device) for part in parts]
    wanted, weights = (torch.from_numpy(part[rows]).to(device) for part in (course.wanted, course.weights))
    scores = student.scores(dense, plan.head_drop)
    loss = main_loss(over_windows(scores, shares, joined), wanted, weights, plan.blur)
    if plan.keep:
        places = torch.from_numpy(course.places[rows]).to(device)
        units = over_windows(functional.normalize(states.mean, dim=1), shares, mean_of)
        loss = loss + plan.keep * place_loss(functional.normalize(units, dim=1), places)
    if plan.fine:
        firsts = np.cumsum([0, *sizes[:-1]]).tolist()
        loss = loss + plan.fine * _fine_loss(student, [course.fine[row] for row in rows], dense[firsts], plan)
    return loss


def quickly(encoder: TorchEncoder, ids: Tensor, mask: Tensor, drop: float) -> States:
    """The encoder's states, with matrix products in half precision where the machine has it: twice as fast, while the
    weights and everything after them keep theirs."""
    on_cpu = bool(torch.cpu.get_capabilities().get("avx512_bf16"))
    able = on_cpu if encoder.device == "cpu" else torch.cuda.is_bf16_supported()
    with torch.autocast(encoder.device, dtype=torch.bfloat16, enabled=able):
        states = encoder(ids, mask, drop)
    return States(first=states.first.float(), mean=states.mean.float(), middle=states.middle.float())


def over_windows(rows: Tensor, shares: Sequence[Tensor], join: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """One row a text from those of its windows; ``shares`` holds the tokens of each window of each text."""
    if len(rows) == len(shares):
        return rows
    parts = rows.split([len(share) for share in shares])
    return torch.stack([join(part, share / share.sum()) for part, share in zip(parts, shares, strict=True)])


def mean_of(part: Tensor, share: Tensor) -> Tensor:
    return share @ part


def joined(part: Tensor, share: Tensor) -> Tensor:
    """Scores of a text from those of its windows (n, OUTPUTS), as ``encoder_heads.joined`` makes them in service."""
    logs = {kind: functional.log_softmax(part[:, KINDS[kind]], dim=1) for kind in ("intent", "topic")}
    return torch.cat(
        [
            logs["intent"].amax(dim=0),
            part[:, KINDS["present"]].amax(dim=0),
            share @ logs["topic"],
            share @ part[:, KINDS["score"]],
        ]
    )


def main_loss(scores: Tensor, wanted: Tensor, weights: Tensor, blur: float) -> Tensor:
    """Log losses of intent, presence and topic and the error of the tone, each weighed, as a mean over the rows."""
    total = scores.new_zeros(())
    for kind in ("intent", "topic"):
        place = KINDS[kind]
        width = place.stop - place.start
        soft = wanted[:, place] * (1 - blur) + blur / width
        total = (
            total - ((soft * functional.log_softmax(scores[:, place], dim=1)).sum(1) * weights[:, place.start]).mean()
        )
    place = KINDS["present"]
    soft = wanted[:, place] * (1 - blur) + blur / 2
    off = functional.binary_cross_entropy_with_logits(scores[:, place], soft, reduction="none")
    total = total + (off * weights[:, place]).sum(1).mean()
    place = KINDS["score"]
    error = functional.smooth_l1_loss(scores[:, place], wanted[:, place], reduction="none", beta=0.2)
    return total + (error * weights[:, place]).mean()


def place_loss(units: Tensor, places: Tensor) -> Tensor:
    """How far texts moved from their places, alone and to one another."""
    alone = 1 - (units * places).sum(dim=1).mean()
    return alone + ((units @ units.T) - (places @ places.T)).pow(2).mean()


def _fine_loss(
    student: Student, fine: Sequence[tuple[str, tuple[int, ...]] | None], dense: Tensor, plan: Plan
) -> Tensor:
    total = dense.new_zeros(())
    for name in sorted({one[0] for one in fine if one}):
        places = [place for place, one in enumerate(fine) if one and one[0] == name]
        scores = student.fine(name, dense[places], plan.drop)
        wanted = torch.zeros_like(scores)
        for row, place in enumerate(places):
            for label in (fine[place] or ("", ()))[1]:
                wanted[row, label] = 1
        if name in student.several:
            total = total + functional.binary_cross_entropy_with_logits(scores, wanted, reduction="sum") / 2
        else:
            total = total - (functional.log_softmax(scores, dim=1) * wanted).sum()
    return total / max(1, len(fine))
