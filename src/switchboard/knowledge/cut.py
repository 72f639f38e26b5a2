"""Cut help documents into passages: pieces small enough to quote, that never break a sentence in two."""

from __future__ import annotations

import re
from dataclasses import dataclass

from switchboard.domain.knowledge import KnowledgeDocument, Passage
from switchboard.domain.words import sentence_spans

MOST_WORDS = 180
"""A passage is at most this long; one longer sentence is broken between words."""
FEWEST_WORDS = 40
"""Pieces below this are joined with their neighbour under the same heading."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S.{0,300})$")


@dataclass(frozen=True, slots=True)
class _Section:
    heading: str
    start: int
    end: int


def cut(document: KnowledgeDocument) -> tuple[Passage, ...]:
    """A document's passages, in order. ``content[start:end]`` of each is exactly its text; headings stand beside it."""
    spans = [
        (section.heading, start, end)
        for section in _sections(document.content)
        for start, end in _pieces(document.content, section)
    ]
    return tuple(
        Passage(
            passage_id=f"{document.document_id}:{document.version}:{position}",
            document_id=document.document_id,
            position=position,
            heading=heading,
            text=document.content[start:end],
            start=start,
            end=end,
        )
        for position, (heading, start, end) in enumerate(spans)
    )


def text_to_embed(title: str, passage: Passage) -> str:
    """What the embedder reads for a passage: its title and heading say what the words are about."""
    lines = dict.fromkeys(line for line in (title, passage.heading, passage.text) if line)
    return "\n".join(lines)


def _sections(content: str) -> list[_Section]:
    """The stretches between headings, each named by the path of headings above it ("Delivery > Tracking")."""
    found: list[_Section] = []
    path: list[tuple[int, str]] = []
    start = position = 0
    for line in content.splitlines(keepends=True):
        heading = _HEADING.match(line.rstrip())
        if heading:
            found.append(_Section(_name(path), start, position))
            level = len(heading.group(1))
            path = [*(step for step in path if step[0] < level), (level, heading.group(2).rstrip("# \t"))]
            start = position + len(line)
        position += len(line)
    found.append(_Section(_name(path), start, len(content)))
    return [section for section in found if content[section.start : section.end].strip()]


def _name(path: list[tuple[int, str]]) -> str:
    return " > ".join(text for _, text in path)


def _pieces(content: str, section: _Section) -> list[tuple[int, int]]:
    """Equal shares of a section, so that none is a mere remnant."""
    units = [
        unit for span in sentence_spans(content[section.start : section.end]) for unit in _unit(content, section, span)
    ]
    total = sum(count for _, _, count in units)
    shares = -(-total // MOST_WORDS)
    return _join_remnants(_pack(units, target=total / max(1, shares)))


def _unit(content: str, section: _Section, span: tuple[int, int]) -> list[tuple[int, int, int]]:
    """One sentence as (start, end, words); one too long for any passage comes in several."""
    start, end = section.start + span[0], section.start + span[1]
    words = list(re.finditer(r"\S+", content[start:end]))
    runs = [words[at : at + MOST_WORDS] for at in range(0, len(words), MOST_WORDS)]
    return [(start + run[0].start(), start + run[-1].end(), len(run)) for run in runs]


def _pack(units: list[tuple[int, int, int]], target: float) -> list[tuple[int, int, int]]:
    packed: list[tuple[int, int, int]] = []
    for start, end, count in units:
        if packed and packed[-1][2] + count <= MOST_WORDS and packed[-1][2] + count / 2 <= target:
            packed[-1] = (packed[-1][0], end, packed[-1][2] + count)
        else:
            packed.append((start, end, count))
    return packed


def _join_remnants(packed: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int, int]] = []
    for start, end, count in packed:
        before = joined[-1] if joined else None
        if before and min(before[2], count) < FEWEST_WORDS and before[2] + count <= MOST_WORDS:
            joined[-1] = (before[0], end, before[2] + count)
        else:
            joined.append((start, end, count))
    return [(start, end) for start, end, _ in joined]
