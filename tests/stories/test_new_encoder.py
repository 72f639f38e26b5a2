"""The model changed between two starts: vectors of the old encoder are made anew, once."""

from __future__ import annotations

from collections.abc import Sequence

from switchboard.flows.knowledge import NewDocument, add_document, embed_anew
from tests.kit import World, open_world


class OtherEncoder:
    """An encoder whose vectors all point the same way."""

    async def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        return [[1.0] + [0.0] * 383 for _ in texts]


async def vectors(world: World) -> list[tuple[float, ...]]:
    return [tuple(p.embedding) for _, p in await world.read(lambda work: work.knowledge.passages())]


class TestAnotherEncoder:
    async def test_gives_every_passage_a_new_vector_and_keeps_the_documents(self) -> None:
        async with open_world() as world:
            document, _ = await add_document(world.app, NewDocument(title="Descaling", content="Use citric acid."), "t")
            world.app.embedder = OtherEncoder()
            done = await embed_anew(world.app, "another")
            kept = await world.read(lambda work: work.knowledge.get(document.document_id))

            assert done == 1
            assert all(vector[0] == 1.0 for vector in await vectors(world))
            assert kept == document

    async def test_is_noticed_once(self) -> None:
        async with open_world() as world:
            await add_document(world.app, NewDocument(title="Descaling", content="Use citric acid."), "t")
            await embed_anew(world.app, "one")

            assert await embed_anew(world.app, "one") == 0

    async def test_tells_how_far_it_is(self) -> None:
        told: list[tuple[int, int]] = []
        async with open_world() as world:
            for title in ("A", "B"):
                await add_document(world.app, NewDocument(title=title, content="Some words."), "t")
            await embed_anew(world.app, "one", lambda done, of: told.append((done, of)))

        assert told == [(1, 2), (2, 2)]
