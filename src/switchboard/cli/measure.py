"""Measures how well messages are read, on a file of one's own or on the project's labels."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import Progress

from switchboard.engines.understanding import build_understanding
from switchboard.errors import InvalidInput
from switchboard.ports.engines import Understanding
from switchboard.training.evaluate import PATIENCE, Evaluation, RulesReader, evaluation
from switchboard.training.label_files import CHECKS, Row, own_labels, read_labelled
from switchboard.training.report_html import report

Engine = Literal["model", "rules"]


def evaluate(
    task: Annotated[str, Parameter(help="intent, sentiment, entities or language")],
    *,
    data: Annotated[Path | None, Parameter(help="JSONL with text and the task's labels.")] = None,
    own_labels_of: Annotated[
        str | None,
        Parameter(
            name="--own-labels",
            help="The project's labels instead: test, measure, languages or languages-tune; --data names the folder of texts.",
        ),
    ] = None,
    engine: Annotated[Engine, Parameter(help="rules: what stands in when the model is missing.")] = "model",
    model: Annotated[Path | None, Parameter(help="Folder of another model.")] = None,
    html: Annotated[Path | None, Parameter(help="Write a report with plots to this file.")] = None,
    show_texts: Annotated[bool, Parameter(help="Show messages in the report; without it, only row numbers.")] = False,
) -> None:
    """Measure the model on labelled messages; prints JSON."""
    if task not in CHECKS:
        raise InvalidInput("there is no such task", field="task", limit=", ".join(CHECKS), fix="choose one of them")
    rows = _rows(task, data, own_labels_of)
    if model is not None and not model.is_dir():
        raise InvalidInput(
            "this folder does not exist", field="model", fix="name a folder that switchboard train wrote"
        )
    measured = _with_progress(task, rows, _reader(engine, model))
    if html is not None:
        texts = [str(row["text"]) for row in rows] if show_texts else None
        html.write_text(report(measured, title=f"Evaluation: {task}", texts=texts), encoding="utf-8")
    print(json.dumps(measured.figures, indent=2, ensure_ascii=False))


def _rows(task: str, data: Path | None, own: str | None) -> list[Row]:
    if own is not None:
        return own_labels(own, task, data)
    if data is None:
        raise InvalidInput(
            "there is nothing to measure on", field="data", fix="name a JSONL file, or give --own-labels"
        )
    return read_labelled(data, task)


def _reader(engine: Engine, model: Path | None) -> Understanding:
    reader = build_understanding(model, timeout=PATIENCE)
    if engine == "rules":
        return RulesReader(reader)
    reader.load()  # a model that cannot be loaded is told at once, instead of measuring the rules in its place
    return reader


def _with_progress(task: str, rows: list[Row], reader: Understanding) -> Evaluation:
    console = Console(stderr=True)
    with Progress(console=console, disable=not sys.stderr.isatty(), transient=True) as progress:
        bar = progress.add_task("reading", total=len(rows))
        return evaluation(task, rows, reader, lambda done: progress.advance(bar, done))
