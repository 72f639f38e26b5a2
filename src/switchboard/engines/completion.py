"""The form in which every language model must answer, and how its sections are written."""

from __future__ import annotations

from html import escape

from pydantic import BaseModel, ConfigDict, Field

from switchboard.ports.engines import Completion, Prompt

CALL_LIMIT_S = 10.0
"""A call is cut after this many seconds (security requirements, section 1)."""
_MOST_STATEMENTS = 20
_LONGEST_STATEMENT = 2000


class StatementForm(BaseModel):
    """One sentence and the number of the section it rests on; 0 where it states no fact."""

    model_config = ConfigDict(extra="forbid")
    text: str
    section: int


class AnswerForm(BaseModel):
    """The structured output asked of the model."""

    model_config = ConfigDict(extra="forbid")
    statements: list[StatementForm] = Field(default_factory=list)
    confidence: float


def user_text(prompt: Prompt) -> str:
    """The user's turn: the data in numbered, marked sections, then the task."""
    sections = [
        f'<section number="{number}" kind="{escape(label)}">\n{escape(text, quote=False)}\n</section>'
        for number, (label, text) in enumerate(prompt.data, start=1)
    ]
    return "\n\n".join((*sections, prompt.task))


def to_completion(form: AnswerForm, model: str) -> Completion:
    """Our form of the answer, with lengths bounded and the confidence brought into [0, 1] (not a number counts as 0)."""
    sure = form.confidence if 0.0 <= form.confidence <= 1.0 else 0.0
    statements = tuple((s.text[:_LONGEST_STATEMENT], s.section) for s in form.statements[:_MOST_STATEMENTS])
    return Completion(statements=statements, confidence=sure, model=model)
