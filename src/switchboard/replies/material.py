"""The texts a reply may rest on, each under the reference that sources name it by."""

from __future__ import annotations

from switchboard.replies.compose import matching_template, passage_source, purchase_source, template_fields
from switchboard.replies.context import ResponseContext, question
from switchboard.replies.phrases import fill

CONVERSATION = "conversation"


def material_of(context: ResponseContext) -> dict[str, str]:
    """Reference to full text: relevant passages (with title and heading), a verified customer's orders, the question and
    the brand's template that applies."""
    texts = {
        passage_source(r, "").reference: "\n".join((r.passage.text, r.title, r.passage.heading))
        for r in context.relevant
    }
    if context.verified:
        texts.update({p.purchase_id: _order_text(purchase_source(p).quote) for p in context.profile.purchase_history})
    template = matching_template(context)
    if template is not None:
        filled = fill(template.text, {**template_fields(context), "answer": "\n"})
        texts[f"template:{template.name}"] = filled
    texts[CONVERSATION] = question(context.messages)
    return texts


def _order_text(quote: str) -> str:
    """The order's line with the words that our own sentence about it uses."""
    return f"{quote}\nYour order is marked; we have it on record."
