"""Questions find the passages that answer them."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.domain.ids import DocumentId
from switchboard.knowledge.cut import cut
from switchboard.knowledge.index import RELEVANT_FROM, KnowledgeIndex, build_index
from tests.replies.cases import ARTICLES, INDEX, article, index_of


class TestSearchByWords:
    def test_the_right_passage_comes_first_and_counts_as_relevant(self) -> None:
        for asked, title in (
            ("How long can I return a machine?", "Returns and refunds"),
            ("how do i descale my otto 2", "Descaling your machine"),
            ("how long does express delivery take", "Delivery times"),
        ):
            best = INDEX.search(asked)[0]
            assert best.title == title
            assert best.score >= RELEVANT_FROM, asked

    def test_an_unrelated_question_finds_nothing_relevant(self) -> None:
        found = INDEX.search("Who won the football championship in Norway?")
        assert all(result.score < RELEVANT_FROM for result in found)

    def test_a_code_finds_the_one_passage_that_has_it(self) -> None:
        many = [
            article(f"e{n}", f"Error E{n}", f"Error E{n} means that part {n} is stuck. Clean it.") for n in range(60)
        ]
        assert index_of(*many).search("what does error E37 mean")[0].title == "Error E37"

    @settings(max_examples=100, deadline=None)
    @given(st.text(max_size=300), st.integers(min_value=0, max_value=9))
    def test_scores_stay_between_nought_and_one_and_fall(self, asked: str, limit: int) -> None:
        found = INDEX.search(asked, limit=limit)
        scores = [result.score for result in found]
        assert len(found) <= limit
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)

    def test_only_the_asked_language(self) -> None:
        german = article("de", "Rückgabe", "Sie können eine Maschine zurückgeben.", "de")
        found = index_of(*ARTICLES, german).search("machine zurückgeben", language="de")
        assert {result.title for result in found} == {"Rückgabe"}


class TestSearchByMeaning:
    def test_a_vector_finds_what_shares_no_word(self) -> None:
        index = with_vectors()
        found = index.search("gibberish", (0.0, 1.0, 0.0, 0.0))
        assert found[0].title == ARTICLES[1].title
        assert found[0].vector_score == 1.0

    def test_a_vector_of_the_wrong_width_falls_back_to_words(self) -> None:
        index = with_vectors()
        assert index.search("return machine", (1.0,)) == index.search("return machine")

    def test_an_empty_index_finds_nothing(self) -> None:
        assert KnowledgeIndex().search("anything", (1.0, 0.0)) == ()


class TestReplacingDocuments:
    def test_a_new_version_takes_the_place_of_the_old(self) -> None:
        newer = replace(ARTICLES[0], content="Machines may be returned within 60 days.", version=2)
        index = INDEX.with_document(newer, cut(newer))
        texts = [entry.passage.text for entry in index.entries if entry.passage.document_id == newer.document_id]
        assert texts == ["Machines may be returned within 60 days."]
        assert INDEX.search("return a machine")[0].passage.text != texts[0]

    def test_a_removed_document_is_no_longer_found(self) -> None:
        index = INDEX.without_document(DocumentId("returns"))
        assert "Returns and refunds" not in {result.title for result in index.search("return machine refund")}

    def test_the_order_of_adding_does_not_matter_to_scores(self) -> None:
        shuffled = list(ARTICLES)
        random.Random(3).shuffle(shuffled)
        ours = {r.passage.passage_id: r.score for r in INDEX.search("return a machine")}
        theirs = {r.passage.passage_id: r.score for r in index_of(*shuffled).search("return a machine")}
        assert ours == theirs


def with_vectors() -> KnowledgeIndex:
    basis = [(1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0)]
    return build_index(
        [
            (document, [replace(passage, embedding=vector) for passage in cut(document)])
            for document, vector in zip(ARTICLES, basis, strict=True)
        ]
    )
