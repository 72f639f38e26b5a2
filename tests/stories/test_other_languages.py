"""A message in another language than English is never answered in English by the machine; a person who speaks it gets it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from switchboard.domain.conversation import Handler
from switchboard.domain.reading import IntentCategory, Reading, Topic
from switchboard.engines.language import LanguageTeller
from switchboard.ports.engines import TextToRead
from switchboard.ports.records import Page
from switchboard.understanding.combine import ModelView, combine
from tests.kit import ASKS_DELIVERY, World, open_world


class SureModel:
    """A model that is always certain of a question about a delivery, joined with rules and language as in service."""

    def __init__(self) -> None:
        self._language = LanguageTeller()

    async def read(self, texts: Sequence[TextToRead]) -> list[Reading]:
        return [self._reading(text.text) for text in texts]

    def _reading(self, text: str) -> Reading:
        chances = {intent: 0.99 if intent is IntentCategory.INQUIRY else 0.0 for intent in IntentCategory}
        view = ModelView(
            primary=chances, present=chances, topic=Topic.DELIVERY_FULFILMENT, score=0.0, score_confidence=0.9
        )
        return combine(view, text, language=self._language.tell(text))


async def replies_sent(world: World) -> int:
    """Answers of the automation; a notice that a person will answer is none."""
    entries = (await world.read(lambda work: work.audit.page(Page()))).items
    return sum(entry.action == "reply_sent" for entry in entries)


class TestAMessageInAnotherLanguage:
    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("Wie lange dauert die Lieferung?", "de"),
            ("Combien de temps prend la livraison ?", "fr"),
            ("¿Cuánto tarda el envío?", "es"),
            ("Kuinka kauan toimitus kestää?", None),
        ],
    )
    async def test_goes_to_a_person_however_sure_the_model_is(self, text: str, language: str | None) -> None:
        async with open_world() as world:
            await world.allow_automation()
            world.app.understanding = SureModel()
            asked = await world.say(text)
            await world.drain()

            found = await world.conversation(asked.conversation_id)
            assert await replies_sent(world) == 0
            assert found.state.handler is Handler.QUEUE
            if language:
                assert found.language == language

    async def test_would_have_been_answered_in_english(self) -> None:
        async with open_world() as world:
            await world.allow_automation()
            world.app.understanding = SureModel()
            await world.say(ASKS_DELIVERY)
            await world.drain()

            assert await replies_sent(world) == 1

    async def test_that_says_only_ok_stays_in_the_language_of_the_conversation(self) -> None:
        async with open_world() as world:
            world.app.understanding = SureModel()
            asked = await world.say("Wie lange dauert die Lieferung?")
            await world.drain()
            await world.say("ok")
            await world.drain()

            assert (await world.conversation(asked.conversation_id)).language == "de"
