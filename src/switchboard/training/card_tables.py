"""The tables of the model card, from the figures of a training run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Figures = Mapping[str, object]


def part(figures: object, *names: str) -> Figures:
    """A part of nested figures; empty when it is missing."""
    for name in names:
        figures = figures.get(name) if isinstance(figures, Mapping) else None
    return figures if isinstance(figures, Mapping) else {}


def figure_table(figures: Figures) -> str:
    """The main figures: our own test, sets that nothing may learn from, the public held-out messages."""
    columns = [
        column for column in (_kept(figures, "own_test"), _kept(figures, "other_sets"), _public(figures)) if column
    ]
    names = ("own labels never trained on", "sets never trained on", "public held-out messages")
    heads = [f"{column['n']} {name}" for column, name in zip(columns, names, strict=False)]
    lines = [f"| measure | {' | '.join(heads)} |", f"|---{'|---' * len(columns)}|"]
    for name, show in ROWS:
        lines.append(f"| {name} | {' | '.join(show(column) for column in columns)} |")
    return "\n".join(lines)


def _kept(figures: Figures, name: str) -> dict[str, object]:
    own = part(figures, name)
    return {**own, "tone": part(own, "sentiment")} if own else {}


def _public(figures: Figures) -> dict[str, object]:
    intent = part(figures, "intent")
    shown = {"n": intent.get("n"), "intent": intent, "calibration": part(intent, "calibration")}
    return {**shown, "tone": part(figures, "sentiment")}


def _value(*names: str) -> Callable[[Figures], str]:
    *path, last = names
    return lambda column: str(part(column, *path).get(last, ""))


def _level(level: str) -> Callable[[Figures], str]:
    def show(column: Figures) -> str:
        at = part(column, "calibration", level)
        return f"{at.get('coverage')} / {at.get('precision')} (n={at.get('n')})"

    return show


def _of_class(name: str) -> Callable[[Figures], str]:
    def show(column: Figures) -> str:
        found = part(column, "intent", "per_class", name)
        return f"{found.get('recall', '')} / {found.get('precision', '')} (n={found.get('support', 0)})"

    return show


def _tone(column: Figures) -> str:
    score = part(column, "tone", "score")
    return f"{score.get('mae')} / {score.get('r')}"


ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("intent accuracy (5 classes)", _value("intent", "accuracy")),
    ("intent macro-F1", _value("intent", "macro_f1")),
    ("accuracy counting a secondary intent", _value("intent", "accuracy_counting_secondary")),
    ("escalation: recall / precision", _of_class("escalation")),
    ("calibration error (ECE)", _value("calibration", "ece")),
    ("confidence at least 0.70: coverage / precision", _level("at_0.70")),
    ("confidence at least 0.85: coverage / precision", _level("at_0.85")),
    ("messages without intent below 0.70", _value("without_intent", "below_review")),
    ("topic accuracy (12 classes)", _value("intent", "topic", "accuracy")),
    ("sentiment, five labels", _value("tone", "accuracy")),
    ("sentiment, five labels, within one", _value("tone", "within_one")),
    ("sentiment, three classes", _value("tone", "polarity", "accuracy")),
    ("tone: mean error / correlation", _tone),
)


def class_table(figures: Figures) -> str:
    return f"| intent | precision | recall | F1 | messages |\n|---|---|---|---|---|\n{class_rows(figures)}"


def class_rows(figures: Figures) -> str:
    keys = ("precision", "recall", "f1", "support")
    return "\n".join(
        f"| {name} | {' | '.join(str(part(row).get(key)) for key in keys)} |"
        for name, row in part(figures, "per_class").items()
    )


def confusion_table(table: Figures) -> str:
    """Rows: what the message was; columns: what was read."""
    names = sorted({*table, *(name for row in table.values() for name in part(row))})
    lines = [f"| was / read as | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    rows = ((name, part(table, name)) for name in sorted(table))
    lines += [f"| {name} | {' | '.join(str(row.get(other, 0)) for other in names)} |" for name, row in rows]
    return "\n".join(lines)


def bins_table(calibration: Figures) -> str:
    bins = calibration.get("bins")
    rows = bins if isinstance(bins, list) else []
    lines = ["| confidence from | messages | mean confidence | share right |", "|---|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def source_table(figures: Figures) -> str:
    lines = ["| set | messages | intent accuracy |", "|---|---|---|"]
    for name in ("own_test", "other_sets"):
        counts, shares = part(figures, name, "by_source"), part(figures, name, "accuracy_by_source")
        lines += [f"| {source} | {counts.get(source)} | {share} |" for source, share in shares.items()]
    return "\n".join(lines)


def entity_table(figures: Figures) -> str:
    """What a message names: strict and touching F1 of each kind, and of the tagger's kinds on marks held out in turn."""
    strict, touching = (part(figures, "entities", "measured", how, "per_type") for how in ("strict", "overlap"))
    held = part(figures, "entities", "cross_validated", "strict", "per_type")
    if not strict:
        return "The tagger's own sets were missing in this run: the shipped tagger reads names and places."
    lines = ["| kind | F1 | touching spans | marks | on training marks held out in turn |", "|---|---|---|---|---|"]
    for kind, found in strict.items():
        shown = (
            part(found).get("f1"),
            part(touching, kind).get("f1"),
            part(found).get("support"),
            part(held, kind).get("f1"),
        )
        lines.append(f"| {kind} | {' | '.join(map(str, shown))} |")
    return "\n".join(lines)


def extra(figures: Figures) -> str:
    """Figures that only a run with a changed encoder has."""
    lines = []
    for source, found in part(figures, "fine").items():
        held = part(found)
        lines.append(
            f"- {source}: {held.get('accuracy')} of {held.get('n')} held-out rows told right among {held.get('classes')} classes"
        )
    exact = part(figures, "fp32")
    if exact:
        own = part(figures, "own_test")
        pairs = [
            ("intent accuracy", ("intent",), "accuracy"),
            ("topic accuracy", ("intent", "topic"), "accuracy"),
            ("tone, mean error", ("sentiment", "score"), "mae"),
        ]
        shown = (f"{name} {part(exact, *path).get(key)} / {part(own, *path).get(key)}" for name, path, key in pairs)
        lines.append(f"- before and after rounding to eight bits: {'; '.join(shown)}")
    return f"\n{chr(10).join(lines)}\n" if lines else ""


def mistakes(own: Figures) -> str:
    rows = own.get("misread")
    lines = ["| message | was | read as | confidence |", "|---|---|---|---|"]
    return "\n".join(
        [*lines, *(f"| {' | '.join(map(str, row))} |" for row in (rows if isinstance(rows, list) else []))]
    )
