"""Which words of a message mattered."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from switchboard.engines.understanding import build_understanding
from switchboard.flows.explain import explain, read_text
from switchboard.understanding.importance import MOST_PIECES, pieces_of, weigh_pieces, without
from tests.kit import MONDAY, open_world


class TestCuttingATextIntoPieces:
    @given(st.text(max_size=600))
    def test_every_word_is_in_exactly_one_piece(self, text: str) -> None:
        pieces = pieces_of(text)

        assert [word for p in pieces for word in text[p.start : p.end].split()] == text.split()
        assert len(pieces) <= MOST_PIECES
        assert all(a.end <= b.start for a, b in itertools.pairwise(pieces))

    def test_leaving_a_word_out_leaves_single_spaces(self) -> None:
        text = "please cancel my order"

        assert [without(text, piece) for piece in pieces_of(text)][1] == "please my order"


class TestAskingTheModel:
    async def test_the_word_that_makes_the_mood_weighs_most_on_the_tone(self) -> None:
        understanding = build_understanding()
        async with open_world() as world:
            world.app.understanding = understanding
            told = await explain(world.app, "My parcel arrived and the grinder is horrible.", MONDAY)

        heaviest = min(told.weights, key=lambda weight: weight.tone)
        assert told.text[heaviest.start : heaviest.end] == "horrible."

    async def test_a_text_without_words_has_no_weights(self) -> None:
        async with open_world() as world:
            told = await explain(world.app, "   ", MONDAY)

        assert told.weights == ()
        assert told.verdict.trace

    async def test_only_the_reading_is_looked_at_nothing_is_stored(self) -> None:
        async with open_world() as world:
            before = await world.app.store.read(lambda work: work.events.last())
            await explain(world.app, "Where is my order LF-20417?", MONDAY)
            after = await world.app.store.read(lambda work: work.events.last())

        assert before == after

    async def test_weights_are_differences_to_the_whole_text(self) -> None:
        async with open_world() as world:
            whole, _ = await read_text(world.app, "angry", MONDAY)
            pieces = pieces_of("angry")
            (weight,) = weigh_pieces(whole, pieces, [whole])

        assert (weight.intent, weight.tone) == (0.0, 0.0)
