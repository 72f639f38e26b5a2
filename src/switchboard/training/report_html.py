"""An evaluation as one page: figures, plots and the worst sure errors; it loads nothing and holds no text unless asked to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import switchboard
from switchboard.training.evaluate import Evaluation
from switchboard.training.measures import Outcome
from switchboard.training.metrics import curve

WORST = 25
"""Sure errors listed."""
TEXT_MOST = 300
SIDE, PAD = 260, 36
"""Size of a plot and its margin, in pixels."""

_STYLE = """
body{padding:var(--s6);max-width:1080px;margin:0 auto}
h1{font-size:var(--t20);margin-bottom:var(--s1)}h2{font-size:var(--t16);margin:var(--s6) 0 var(--s2)}
.row{display:flex;flex-wrap:wrap;gap:var(--s6)}.card{background:var(--surface);border:1px solid var(--line);
border-radius:var(--r3);padding:var(--s4)}.card h2{margin-top:0}.fig{font-size:var(--t28);font-weight:600}
table{border-collapse:collapse}th,td{padding:var(--s1) var(--s2);text-align:left;border-bottom:1px solid var(--line)}
td.n,th.n{text-align:right}svg text{fill:var(--ink2);font:11px var(--font)}.axis{stroke:var(--edge)}.grid{stroke:var(--line)}
.heat rect{stroke:var(--surface)}.scroll{overflow-x:auto}caption{text-align:left;color:var(--ink3);padding-bottom:var(--s1)}
"""


def report(evaluation: Evaluation, *, title: str, texts: Sequence[str] | None = None) -> str:
    """The whole page. ``texts`` (one for each row) are shown beside the errors; without them only row numbers are."""
    figures, seen = evaluation.figures, evaluation.outcomes
    parts = [_head(figures, title), _cards(figures)]
    if seen:
        parts += [f'<div class="row">{_reliability(figures)}{_coverage(seen)}</div>', _confusion(figures)]
    parts += [_classes(figures), _bars(figures, "per_source", "Sources"), _bars(figures, "per_segment", "Segments")]
    if seen:
        parts.append(_errors(seen, texts))
    tokens = (Path(switchboard.__file__).parent / "desk" / "static" / "tokens.css").read_text("utf-8")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{tokens}{_STYLE}</style></head>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _head(figures: Mapping[str, object], title: str) -> str:
    by = ", ".join(map(str, _list(figures.get("model_version"))))
    return f'<h1>{escape(title)}</h1><p class="muted">{figures["n"]} messages, read by {escape(by)}</p>'


def _cards(figures: Mapping[str, object]) -> str:
    sure = _of(figures, "calibration")
    shown = [
        ("accuracy", figures.get("accuracy")),
        ("macro-F1", figures.get("macro_f1", figures.get("f1"))),
        ("lenient accuracy", figures.get("accuracy_lenient")),
        ("within one label", figures.get("within_one")),
        ("three classes", _of(figures, "polarity").get("accuracy")),
        ("mean error of the score", _of(figures, "score").get("mae")),
        ("topic accuracy", _of(figures, "topic").get("accuracy")),
        ("calibration error", sure.get("ece")),
        ("precision from 0.85", _of(sure, "at_0.85").get("precision")),
        ("coverage from 0.85", _of(sure, "at_0.85").get("coverage")),
    ]
    cards = (
        f'<div class="card"><div class="fig">{value:.3f}</div><div class="muted">{name}</div></div>'
        for name, value in shown
        if isinstance(value, float)
    )
    return f'<div class="row" style="margin-top:var(--s4)">{"".join(cards)}</div>'


def _reliability(figures: Mapping[str, object]) -> str:
    held = [[_number(value) for value in _list(one)] for one in _list(_of(figures, "calibration").get("bins"))]
    most = max((count for _, count, _, _ in held), default=1.0)
    marks = "".join(
        f'<circle cx="{_x(said):.1f}" cy="{_y(right):.1f}" r="{3 + 9 * (count / most) ** 0.5:.1f}" fill="var(--accent)" '
        f'fill-opacity=".75"><title>said {said:.2f}, right {right:.2f}, {count:.0f} messages</title></circle>'
        for _, count, said, right in held
    )
    line = f'<line class="axis" stroke-dasharray="4 4" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
    return _plot(
        "Reliability", "confidence", "share right", line + marks, "On the dashed line it is as sure as it is right."
    )


def _coverage(seen: Sequence[Outcome]) -> str:
    points = curve([one.confidence for one in seen], [one.right for one in seen])
    path = " ".join(f"{_x(one['coverage']):.1f},{_y(one['precision']):.1f}" for one in points)
    marks = "".join(
        f'<circle cx="{_x(one["coverage"]):.1f}" cy="{_y(one["precision"]):.1f}" r="3" fill="var(--accent)">'
        f"<title>from {one['level']:.2f}: coverage {one['coverage']:.2f}, precision {one['precision']:.2f}</title></circle>"
        for one in points
    )
    line = f'<polyline points="{path}" fill="none" stroke="var(--accent)" stroke-width="2"/>'
    return _plot(
        "Coverage and precision",
        "share of messages",
        "share right",
        line + marks,
        "One dot for each level of confidence.",
    )


def _plot(name: str, across: str, up: str, inside: str, note: str) -> str:
    grid = "".join(
        f'<line class="grid" x1="{_x(0)}" y1="{_y(at)}" x2="{_x(1)}" y2="{_y(at)}"/>'
        f'<text x="{_x(0) - 6}" y="{_y(at) + 4}" text-anchor="end">{at:g}</text>'
        f'<text x="{_x(at)}" y="{_y(0) + 16}" text-anchor="middle">{at:g}</text>'
        for at in (0, 0.25, 0.5, 0.75, 1)
    )
    size = SIDE + 2 * PAD
    return (
        f'<figure class="card" style="margin-top:var(--s6)"><h2>{name}</h2>'
        f'<svg role="img" aria-label="{name}: {up} over {across}" width="{size}" height="{size}" viewBox="0 0 {size} {size}">'
        f'{grid}{inside}<text x="{_x(0.5)}" y="{size - 2}" text-anchor="middle">{across}</text>'
        f'<text x="{PAD}" y="14">{up}</text></svg><figcaption class="muted">{note}</figcaption></figure>'
    )


def _x(share: float) -> float:
    return PAD + SIDE * share


def _y(share: float) -> float:
    return PAD + SIDE * (1 - share)


def _confusion(figures: Mapping[str, object]) -> str:
    """Rows are what was asked for; the shade is the share of the row."""
    table = {str(one): _of(_of(figures, "confusion"), str(one)) for one in _of(figures, "confusion")}
    names = sorted({*table, *(name for row in table.values() for name in row)})
    cell, left = 64, 130
    boxes = []
    for down, actual in enumerate(names):
        total = sum(_number(value) for value in table.get(actual, {}).values())
        top = 20 + down * cell
        boxes.append(f'<text x="{left - 8}" y="{top + cell / 2 + 4}" text-anchor="end">{escape(actual)}</text>')
        for across, predicted in enumerate(names):
            count = _number(table.get(actual, {}).get(predicted, 0))
            shade, spot = count / total if total else 0, left + across * cell
            ink = "var(--on-accent)" if shade > 0.55 else "var(--ink)"
            boxes.append(
                f'<rect x="{spot}" y="{top}" width="{cell}" height="{cell}" fill="var(--accent)" fill-opacity="{shade:.2f}">'
                f"<title>{escape(actual)} read as {escape(predicted)}: {count:.0f}</title></rect>"
            )
            if count:
                label = f'<text x="{spot + cell / 2}" y="{top + cell / 2 + 4}" text-anchor="middle" style="fill:{ink}">'
                boxes.append(f"{label}{count:.0f}</text>")
    heads = "".join(
        f'<text x="{left + place * cell + cell / 2}" y="14" text-anchor="middle">{escape(name[:9])}</text>'
        for place, name in enumerate(names)
    )
    size = left + len(names) * cell + 8, 28 + len(names) * cell
    return (
        '<h2>Confusion</h2><p class="muted">A row for what was asked for, a column for what was said.</p><div class="scroll">'
        f'<svg class="heat" role="img" aria-label="Confusion" width="{size[0]}" height="{size[1]}">'
        f"{heads}{''.join(boxes)}</svg></div>"
    )


def _classes(figures: Mapping[str, object]) -> str:
    table = _of(figures, "per_class") or _of(figures, "per_type")
    rows = "".join(
        f"<tr><td>{escape(str(name))}</td>{''.join(_cell(_of(table, str(name)).get(key)) for key in _CLASS)}</tr>"
        for name in table
    )
    heads = "".join(f'<th class="n">{name}</th>' for name in _CLASS)
    return (
        f"<h2>Classes</h2><table><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
    )


_CLASS = ("precision", "recall", "f1", "support")


def _bars(figures: Mapping[str, object], key: str, name: str) -> str:
    """A bar of accuracy (F1 for entities) for each group."""
    table = _of(figures, key)
    rows = []
    for group in table:
        mine = _of(table, str(group))
        value = _number(mine.get("accuracy", mine.get("f1", 0.0)))
        rows.append(
            f'<tr><td>{escape(str(group)) or "(none)"}</td><td class="n">{_number(mine.get("n")):.0f}</td>'
            f'<td><svg role="img" aria-label="{value:.3f}" width="240" height="14">'
            f'<rect width="240" height="14" fill="var(--sunken)"/>'
            f'<rect width="{240 * value:.0f}" height="14" fill="var(--accent)"/></svg></td><td class="n">{value:.3f}</td></tr>'
        )
    heads = '<tr><th></th><th class="n">messages</th><th></th><th class="n">right</th></tr>'
    return f"<h2>{name}</h2><table><thead>{heads}</thead><tbody>{''.join(rows)}</tbody></table>" if rows else ""


def _errors(seen: Sequence[Outcome], texts: Sequence[str] | None) -> str:
    wrong = sorted((one for one in seen if not one.defensible), key=lambda one: -one.confidence)[:WORST]
    rows = "".join(
        f'<tr><td class="n">{one.row + 1}</td><td>{escape(one.source)}</td><td>{escape(one.actual)}</td>'
        f'<td>{escape(one.predicted)}</td><td class="n">{one.confidence:.2f}</td>'
        + (f"<td>{escape(texts[one.row][:TEXT_MOST])}</td>" if texts is not None else "")
        + "</tr>"
        for one in wrong
    )
    message = "<th>message</th>" if texts is not None else ""
    heads = '<th class="n">row</th><th>source</th><th>asked for</th><th>said</th><th class="n">confidence</th>'
    return f"<h2>Worst sure errors</h2><table><thead><tr>{heads}{message}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: object) -> str:
    shown = f"{value:.3f}" if isinstance(value, float) else str(value)
    return f'<td class="n">{shown}</td>'


def _of(figures: object, name: str) -> Mapping[str, object]:
    part = figures.get(name) if isinstance(figures, Mapping) else None
    return part if isinstance(part, Mapping) else {}


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
