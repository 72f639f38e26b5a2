"""Reading, embedding and finding: what every plug of these seams promises, the shipped model and its stand-ins alike."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from switchboard.domain.ids import DocumentId
from switchboard.domain.knowledge import KnowledgeDocument, KnowledgeResult
from switchboard.domain.reading import Reading, ReadingSource
from switchboard.engines.cached_embedder import CachedEmbedder
from switchboard.engines.embedder import OnnxEmbedder
from switchboard.engines.knowledge_search import StoredKnowledge
from switchboard.engines.onnx_encoder import OnnxEncoder
from switchboard.engines.understanding import OnnxUnderstanding
from switchboard.errors import Unavailable
from switchboard.knowledge.cut import cut, text_to_embed
from switchboard.knowledge.index import RELEVANT_FROM
from switchboard.ports.engines import EMBEDDING_WIDTH, Embedder, TextToRead, Understanding
from switchboard.ports.knowledge import KnowledgeSearch
from switchboard.ports.store import Store
from switchboard.stores import open_sqlite
from tests.kit import MASTER, ScriptedUnderstanding, SetClock, WordEmbedder

AT = datetime(2026, 3, 2, tzinfo=UTC)


@cache
def encoder() -> OnnxEncoder:
    return OnnxEncoder()


class CountingEmbedder:
    """Remembers what it was asked, to see what a cache spares it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        self.asked += texts
        return await WordEmbedder().embed(texts)


@pytest.fixture(params=["shipped", "shipped, cached", "words"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    if request.param == "words":
        return WordEmbedder()
    shipped = OnnxEmbedder(encoder())
    return CachedEmbedder(shipped) if "cached" in request.param else shipped


class TestAnEmbedder:
    async def test_gives_a_unit_vector_for_each_text_in_order(self, embedder: Embedder) -> None:
        texts = ["Where is my order?", "Refund please", "Where is my order?"]
        vectors = await embedder.embed(texts)

        assert [len(vector) for vector in vectors] == [EMBEDDING_WIDTH] * 3
        assert all(math.isclose(math.hypot(*vector), 1, abs_tol=1e-3) for vector in vectors)
        assert vectors[0] == pytest.approx(vectors[2], abs=1e-4)
        assert vectors[0] != vectors[1]

    async def test_gives_nothing_for_nothing(self, embedder: Embedder) -> None:
        assert await embedder.embed([]) == []

    async def test_finds_like_texts_alike(self, embedder: Embedder) -> None:
        one, like, other = await embedder.embed(
            ["the descaling light is on", "the descaling light stays on", "invoice for the company"]
        )

        assert _dot(one, like) > _dot(one, other)

    @pytest.mark.parametrize("text", ["", " ", "\x00", "🙂" * 500, "word " * 5000, "نص عربي"])
    async def test_takes_any_text(self, embedder: Embedder, text: str) -> None:
        (vector,) = await embedder.embed([text])

        assert len(vector) == EMBEDDING_WIDTH
        assert all(map(math.isfinite, vector))


class TestACachedEmbedder:
    async def test_asks_for_each_text_once(self) -> None:
        inner = CountingEmbedder()
        cached = CachedEmbedder(inner)
        first = await cached.embed(["a b", "c d", "a b"])
        again = await cached.embed(["c d", "a b"])

        assert inner.asked == ["a b", "c d"]
        assert again == [first[1], first[0]]

    async def test_forgets_the_oldest_rather_than_growing(self) -> None:
        inner = CountingEmbedder()
        cached = CachedEmbedder(inner, size=2)
        await cached.embed(["a", "b", "c"])
        await cached.embed(["c", "b"])
        await cached.embed(["a"])

        assert inner.asked == ["a", "b", "c", "a"]

    async def test_remembers_no_failure(self, tmp_path: Path) -> None:
        cached = CachedEmbedder(OnnxEmbedder(OnnxEncoder(tmp_path)))
        for _ in range(2):
            with pytest.raises(Unavailable):
                await cached.embed(["a"])


@pytest.fixture(params=["shipped", "rules", "scripted"])
def understanding(request: pytest.FixtureRequest, tmp_path: Path) -> Understanding:
    if request.param == "scripted":
        return ScriptedUnderstanding()
    return OnnxUnderstanding(encoder() if request.param == "shipped" else OnnxEncoder(tmp_path), timeout=60)


def asked(text: str, hint: str | None = None) -> TextToRead:
    return TextToRead(text=text, at=AT, language_hint=hint)


class TestUnderstanding:
    async def test_gives_a_reading_for_each_text_in_order(self, understanding: Understanding) -> None:
        texts = ["Where is my order?", "I want a refund, this is terrible!", "Danke für die schnelle Hilfe"]
        together = await understanding.read([asked(text) for text in texts])
        alone = [(await understanding.read([asked(text)]))[0] for text in texts]

        assert [r.primary.category for r in together] == [r.primary.category for r in alone]

    async def test_gives_nothing_for_nothing(self, understanding: Understanding) -> None:
        assert await understanding.read([]) == []

    @pytest.mark.parametrize("text", ["", "\x00", "?" * 5000, "🙂🙂", "<script>" * 500, "a" * 20_000, "ﷺ\u202e" * 50])
    async def test_raises_on_no_text_and_keeps_its_ranges(self, understanding: Understanding, text: str) -> None:
        (reading,) = await understanding.read([asked(text)])

        assert _in_range(reading)

    async def test_says_who_read(self, understanding: Understanding) -> None:
        (reading,) = await understanding.read([asked("Where is my order?")])

        assert reading.source in set(ReadingSource)
        assert reading.model_version


class TestUnderstandingWithoutItsModels:
    async def test_reads_by_rules_and_says_so(self, tmp_path: Path) -> None:
        (reading,) = await OnnxUnderstanding(OnnxEncoder(tmp_path)).read([asked("Where is my order LC-48213?")])

        assert reading.source is ReadingSource.RULES
        assert any("48213" in (entity.normalised or entity.value) for entity in reading.entities)


DESCALING = KnowledgeDocument(
    document_id=DocumentId("descaling"),
    title="Descaling",
    content="Descale the machine when the descaling light comes on. Descaling takes about 25 minutes.",
    category="care",
    tags=(),
    last_updated=AT,
)
RETURNS = replace(
    DESCALING,
    document_id=DocumentId("returns"),
    title="Returns",
    content="You can return any article within 30 days of delivery. The label costs 6 euros.",
    category="returns",
)
GERMAN = replace(
    DESCALING,
    document_id=DocumentId("rueckgabe"),
    title="Rückgabe",
    content="Sie können jeden Artikel innerhalb von 30 Tagen zurückgeben.",
    language="de",
)


class FakeKnowledge:
    """The seam's smallest plug: shared words."""

    def __init__(self, documents: Sequence[KnowledgeDocument]) -> None:
        self._documents = documents

    async def search(
        self, text: str, embedding: Sequence[float] | None = None, *, limit: int = 5, language: str | None = None
    ) -> tuple[KnowledgeResult, ...]:
        wanted = set(text.casefold().split())
        found = []
        for document in self._documents:
            held = set(document.content.casefold().replace(".", "").split())
            score = len(wanted & held) / max(1, len(wanted))
            if score > 0 and language in (None, document.language):
                (passage,) = cut(document)
                found.append(
                    KnowledgeResult(
                        passage=passage,
                        title=document.title,
                        score=score,
                        text_score=score,
                        vector_score=0.0,
                        category=document.category,
                        language=document.language,
                    )
                )
        return tuple(sorted(found, key=lambda result: -result.score)[:limit])


async def add(store: Store, embedder: Embedder, *documents: KnowledgeDocument) -> None:
    for document in documents:
        passages = cut(document)
        vectors = await embedder.embed([text_to_embed(document.title, passage) for passage in passages])
        embedded = [replace(p, embedding=vector) for p, vector in zip(passages, vectors, strict=True)]
        await store.write(lambda work, d=document, e=embedded: work.knowledge.add(d, e))  # type: ignore[misc]  # bound now


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = open_sqlite(None, MASTER, SetClock())
    yield opened
    await opened.close()


@pytest.fixture(params=["stored", "stored, without embedder", "fake"])
async def knowledge(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> KnowledgeSearch:
    documents = (DESCALING, RETURNS, GERMAN)
    if request.param == "fake":
        return FakeKnowledge(documents)
    await add(store, WordEmbedder(), *documents)
    broken = OnnxEmbedder(OnnxEncoder(tmp_path))
    return StoredKnowledge(store, broken if "without" in request.param else WordEmbedder())


class TestKnowledgeSearch:
    async def test_puts_the_passage_about_the_question_first(self, knowledge: KnowledgeSearch) -> None:
        results = await knowledge.search("the descaling light comes on")

        assert results[0].passage.document_id == "descaling"
        assert [r.score for r in results] == sorted((r.score for r in results), reverse=True)
        assert all(0 <= r.score <= 1 for r in results)

    async def test_gives_at_most_as_many_as_asked(self, knowledge: KnowledgeSearch) -> None:
        assert len(await knowledge.search("return the machine within 30 days", limit=1)) == 1

    async def test_can_keep_to_one_language(self, knowledge: KnowledgeSearch) -> None:
        results = await knowledge.search("artikel zurückgeben", language="de")

        assert {r.language for r in results} == {"de"}

    @pytest.mark.parametrize("text", ["", "???", "\x00", "zzz qqq", "word " * 3000])
    async def test_takes_any_question(self, knowledge: KnowledgeSearch, text: str) -> None:
        assert len(await knowledge.search(text)) <= 5


class TestStoredKnowledge:
    async def test_knows_a_new_document_at_once_and_forgets_a_removed_one(self, store: Store) -> None:
        knowledge = StoredKnowledge(store, WordEmbedder())
        assert await knowledge.search("return within 30 days") == ()
        await add(store, WordEmbedder(), RETURNS)
        found = await knowledge.search("return within 30 days")
        await store.write(lambda work: work.knowledge.remove(RETURNS.document_id))

        assert found[0].passage.document_id == "returns"
        assert found[0].score >= RELEVANT_FROM
        assert await knowledge.search("return within 30 days") == ()

    async def test_answers_from_the_last_index_while_the_store_is_down(self) -> None:
        store = open_sqlite(None, MASTER, SetClock())
        await add(store, WordEmbedder(), RETURNS)
        knowledge = StoredKnowledge(store, WordEmbedder())
        before = await knowledge.search("return within 30 days")
        await store.close()

        assert await knowledge.search("return within 30 days") == before

    async def test_is_unavailable_when_it_never_could_read(self) -> None:
        store = open_sqlite(None, MASTER, SetClock())
        await store.close()

        with pytest.raises(Unavailable):
            await StoredKnowledge(store, WordEmbedder()).search("anything")


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _in_range(reading: Reading) -> bool:
    return (
        0 <= reading.primary.confidence <= 1
        and -1 <= reading.sentiment.score <= 1
        and 0 <= reading.language.confidence <= 1
    )
