"""The page where one types a message and sees everything the machine makes of it, with the words that mattered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from switchboard.desk.changes import written
from switchboard.desk.deps import DeskDeps
from switchboard.desk.render import DeskRoute
from switchboard.domain.reading import IntentCategory, Reading
from switchboard.flows.explain import Explained

LONGEST = 8000
EXAMPLES = (
    "Third time I ask: my order LF-20417 still has not arrived and nobody answers. I want to speak to a manager.",
    "How do I descale the Aurora, and how often?",
    "Could you please change the delivery address of my order to 12 Mill Lane, Leeds? It should arrive on Friday.",
    "Oh great, another grinder that dies after two weeks. Well done.",
    "Love the new filter roast! It would be nice to have it in 1 kg bags.",
    "Ich warte seit drei Wochen auf meine Rückerstattung von 89,90 €. Bitte rufen Sie mich an!",
)
STEPS = (0.02, 0.08, 0.2)
"""Weights from which a word is marked lightly, clearly, strongly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A run of the text as the page shows it: ``intent`` and ``tone`` -3..3 say how strongly it spoke for or against."""

    text: str
    intent: int = 0
    tone: int = 0
    detail: str = ""


class ReadForm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    text: str = Field(max_length=LONGEST)


def reading_router(deps: DeskDeps, explain: Callable[[str], Awaitable[Explained]], pages: type[APIRoute]) -> APIRouter:
    """``/reading`` and ``POST /f/reading``; nothing typed there is stored."""
    router = APIRouter(include_in_schema=False)
    page, piece = APIRouter(route_class=pages), APIRouter(route_class=DeskRoute)

    @page.get("/reading")
    async def show(request: Request) -> Response:
        return deps.renderer.page("reading.html", who=await deps.reader(request), examples=EXAMPLES, longest=LONGEST)

    @piece.post("/f/reading")
    async def read(request: Request, form: ReadForm) -> Response:
        await deps.writer(request)
        told = await explain(written(form.text))
        return deps.renderer.fragment(
            "fragment_reading.html", told=told, stretches=stretches(told), chances=chances(told.reading)
        )

    router.include_router(page)
    router.include_router(piece)
    return router


def stretches(told: Explained) -> list[Stretch]:
    """The whole text in order, its weighed words marked."""
    shown, at = list[Stretch](), 0
    for weight in told.weights:
        if weight.start > at:
            shown.append(Stretch(text=told.text[at : weight.start]))
        word = told.text[weight.start : weight.end]
        detail = f"{told.reading.primary.category.value} {weight.intent:+.2f}, tone {weight.tone:+.2f}"
        shown.append(Stretch(text=word, intent=_step(weight.intent), tone=_step(weight.tone), detail=detail))
        at = weight.end
    return [*shown, Stretch(text=told.text[at:])] if at < len(told.text) else shown


def chances(reading: Reading) -> list[tuple[str, float]]:
    """Every intent with its confidence, the likeliest first; what is not there at all stands at 0."""
    found = {intent.category: intent.confidence for intent in reading.intent.all_intents}
    return sorted(((c.value, found.get(c, 0.0)) for c in IntentCategory), key=lambda pair: -pair[1])


def _step(weight: float) -> int:
    size = sum(abs(weight) >= step for step in STEPS)
    return size if weight > 0 else -size
