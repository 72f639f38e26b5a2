"""When a customer plainly asks for a person: then that is what they want, whatever else the message tells.

Narrower than ``signals.wants_human``, which also fires where somebody only tells of a manager: the labelling guideline's
first rule (1.1, 1a) makes the plain demand an escalation, the story not. Of 89 messages in our own labels and texts that
it fires on, 85 are escalations.
"""

from __future__ import annotations

import re

from switchboard.understanding.text import plain

LONGEST = 400
"""Characters. A longer message tells a story, in which such words are as often history."""
_GAP = r"(?:[^\w\n]{1,3}\w{1,20}){0,4}?[^\w\n]{1,3}"
_GAP_OR_NOTHING = r"(?:[^\w\n]{0,3}\w{1,20}){0,4}?[^\w\n]{0,3}"
_STAFF = (
    r"(?:humans?|persons?|people|someone|somebody|anyone|anybody|agents?|representatives?|reps?|operators?|managers?|"
    r"supervisors?|employees?|staff|workers?|boss|team ?(?:member|lead(?:er)?)|receptionist|reception|head office|management|"
    r"higher[- ]?ups?|customer (?:service|support|care)|support team)"
)
_WANT = r"(?:want|wanna|need|demand|insist|prefer|like|love|wish|request|require)"
_TALK = r"(?:speak|talk|chat|speaking|talking|connected|transferred|put through|escalated)"
_ONE = r"(?:someone|somebody|anyone|a manager|a supervisor|a person|a human)"
_DEMAND = re.compile(
    "|".join(
        (
            rf"\b(?:i|we)(?:'d|'ll| would| will| do| just| really| only| still| now){{0,2}} {_WANT}\b(?: \w{{1,12}}){{0,2}} "
            rf"{_TALK} ?(?:to|with|through)? ?{_GAP_OR_NOTHING}{_STAFF}\b",
            rf"\b(?:let|get|put|connect|transfer|pass|give|find|bring) (?:me|us)\b{_GAP}{_STAFF}\b",
            rf"\b(?:can|could|may|might) (?:i|we)\b(?: \w{{1,12}}){{0,2}} (?:speak|talk|chat) (?:to|with)\b{_GAP}{_STAFF}\b",
            rf"\b(?:possible|way|how) (?:do i |can i |could i )?(?:for me )?(?:to )?(?:speak|talk|chat|get hold|get through) "
            rf"(?:to|with|of)\b{_GAP}{_STAFF}\b",
            r"\bwho (?:(?:can|could|do|should|would) (?:i|we)|(?:i|we) (?:can|could|should)) (?:speak|talk) (?:to|with)\b",
            rf"\b(?:can|could|would|will|have|need|want|get) {_ONE}\b(?: \w{{1,12}}){{0,3}}? (?:call|phone|ring|contact) "
            r"(?:me|us)\b",
            r"^(?:@\w+ ){0,3}(?:please )?(?:speak|talk|connect me|transfer me) (?:to|with) (?:an? |the )?(?:real |live |human )?"
            r"(?:human|person|agent|representative|operator|manager|supervisor|someone)\b",
        )
    )
)
_PRODUCT = re.compile(
    r"\b(?:financial|tax|insurance|mortgage|investment|travel|estate|loan|leasing|pension) "
    r"(?:advis[eo]r|agent|specialist|consultant|manager)|\babout (?:an? |my |getting |the )(?:mortgage|loan|taxes)\b|"
    r"\bnearby\b|\bnear me\b"
)
"""A person who is what the business sells: an appointment, not an escalation."""
_TOLD = re.compile(
    r"\b(?:unable|can't|cannot|can not|couldn't|could not|never|impossible|tried|trying|no way|not able|wait(?:ed|ing)?|"
    r"hours?|had|after)\b[^.,;!?]{0,30}$"
)
"""Words before it that make it a story: how long they tried, what they could not get."""
_LOOK_BACK = 45


def demands_person(text: str) -> bool:
    """Whether an English message of ordinary length plainly asks to be handed to a person."""
    low = " ".join(plain(text[: 2 * LONGEST]).split())
    if len(low) > LONGEST or _PRODUCT.search(low):
        return False
    return any(
        not _TOLD.search(low[max(0, match.start() - _LOOK_BACK) : match.start()]) for match in _DEMAND.finditer(low)
    )
