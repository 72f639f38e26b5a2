"""Documents become passages that can be quoted exactly."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.knowledge.cut import MOST_WORDS, cut, text_to_embed
from tests.replies.cases import article

LINES = [
    "# Head\n",
    "## Sub\n",
    "A short line. ",
    "word " * 50,
    "e.g. this one. ",
    "\n\n",
    "- item\n",
    "Ärger! ",
    "x" * 40,
]
PIECES = st.lists(st.sampled_from(LINES))


class TestAnyDocument:
    @settings(max_examples=150, deadline=None)
    @given(PIECES.map("".join) | st.text(max_size=500))
    def test_positions_are_exact_and_nothing_is_lost_or_too_long(self, content: str) -> None:
        passages = cut(article("d", "Title", content))
        for passage in passages:
            assert content[passage.start : passage.end] == passage.text
            assert len(passage.text.split()) <= MOST_WORDS
        assert [p.position for p in passages] == list(range(len(passages)))
        assert all(one.end <= two.start for one, two in pairwise(passages))
        between = [content[one.end : two.start].split("\n") for one, two in pairwise(passages)]
        lost = [line for lines in between for line in lines if line.strip() and not line.lstrip().startswith("#")]
        assert lost == []


class TestALongArticle:
    part = " ".join(f"This is sentence number {n} of the part." for n in range(60))
    text = f"# Guide\n\nIntro words here.\n\n## Long part\n\n{part}"

    def test_is_cut_into_even_pieces_at_sentence_ends(self) -> None:
        parts = [p for p in cut(article("d", "Guide", self.text)) if p.heading == "Guide > Long part"]
        assert len(parts) >= 3
        for part in parts:
            assert part.text.endswith(".")
            assert 40 <= len(part.text.split()) <= MOST_WORDS

    def test_a_new_version_has_new_passage_names(self) -> None:
        first = article("d", "Guide", self.text)
        assert not {p.passage_id for p in cut(first)} & {p.passage_id for p in cut(replace(first, version=2))}

    def test_the_embedder_reads_title_and_heading_too(self) -> None:
        passage = cut(article("d", "Guide", self.text))[-1]
        assert text_to_embed("Guide", passage).startswith("Guide\nGuide > Long part\nThis is")
