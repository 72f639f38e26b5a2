"""Whether a message announces a step outside the service path or only tells of one: what the model reads as two cues.

The labelling guideline (1.1, 1b and 1c) makes the announced step an escalation and the step told as history a complaint.
"""

from __future__ import annotations

import re

from switchboard.understanding.text import listed, plain, remembered, words

_OFFICE = (
    r"(?:cfpb|cpfb|ftc|fcc|bbb|fdic|occ|better business bureau|consumer financial protection bureau|attorney general|"
    r"ombudsman|regulators?|trading standards|consumer protection|small claims|courts?|commissioner|authorit(?:y|ies)|"
    r"congress(?:man|woman)?|senator|media|press|newspapers?|news|police|lawyers?|attorneys?|solicitors?|legal counsel)"
)
_WILL = (
    r"(?:'ll|will(?: now| also| then| be)?|am|'m|are|'re|shall|intend to|plan to|want to|wish to|(?:would|'d) like to|"
    r"(?:am|'m|are|'re) (?:now |also |hereby |just )?(?:going to|about to|ready to|prepared to|forced to|writing to|"
    r"considering|planning to)|have no (?:other )?choice but to|need to|have to|must|may|might|hereby|reserve the right to)"
)
_STEP = (
    r"(?:su(?:e|ing)\b|(?:fil|lodg|submitt?|mak|rais)(?:e|ing)? (?:\w+ ){0,4}?(?:complaint|claim|lawsuit|suit|report|charges)|"
    r"tak(?:e|ing) (?:\w+ ){0,3}?(?:to court|legal action|further|higher|action)|"
    r"(?:seek|pursu|consider|hir|retain|obtain|engag)(?:e|ing)? (?:\w+ ){0,4}?(?:legal|litigation|remed\w+|counsel|lawyer|"
    r"attorney|arbitration|damages)|report(?:ing)? (?:you|this|them|it|the)\b|litigat(?:e|ing)|"
    r"(?:contact|call|go|goin|writ|turn|reach|talk|speak|complain|involv|notify)(?:e|g|ing)? "
    rf"(?:\w+ ){{0,4}}?{_OFFICE}\b|escalat(?:e|ing)|formally complain)"
)
_ANNOUNCED = re.compile(
    "|".join(
        (
            rf"\b(?:i|we)(?: \w+)? ?{_WILL} (?:(?!not\b|never\b)\w+ ){{0,3}}?{_STEP}",
            r"\b(?:formal|official) complaint\b|\bformally complain",
            r"\b(?:ask|asking|request|requesting|urge|urging|beg|begging|want|need|hope|hoping|like) (?:that |for )?"
            rf"(?:the |your )?(?:{_OFFICE}|office|agency|help from the)\b",
            r"\bdear (?:the )?(?:cfpb|consumer financial|ftc|attorney general|bureau|commissioner)",
            r"\b(?:cfpb|cpfb|bureau|your (?:office|agency)|consumer financial protection bureau)\W{1,3}(?:please|pls|must|"
            r"should|remove|step|(?:to|can|could|will) (?:please )?(?:investigate|help|look|step|intervene|assist|take|"
            r"review|hold|force|make|get))|\bplease (?:cfpb|cpfb|bureau)\b",
            r"\bplease (?:\w+ ){0,2}?(?:investigate|hold (?:them|this company|these)|make (?:them|this company)|have them|"
            r"force them|take action|intervene|stop (?:this company|them))",
            r"\b(?:help|assist) me (?:\w+ ){0,4}?(?:with|against|from) (?:this|these|that) "
            r"(?:company|bank|people|collector|agency)",
            r"\bsee you in court|\bin court\b.{0,10}$|\bmy (?:lawyer|attorney|solicitor)s? (?:will|is|are|can)\b|"
            r"\blegal action (?:will|is|if)\b|\b(?:result in|lead to|face) (?:\w+ ){0,2}?(?:legal|litigation|a lawsuit)|"
            r"\bcomplaint against\b|\bthis complaint (?:to|so that|in order|through|with)\b|\bno (?:other )?choice but to\b|"
            r"\bfailure to (?:comply|respond|correct|remove|act)\b|\bi will litigate|\bbe investigated\b|"
            r"\b(?:requesting|need|asking for) (?:your|the bureau's|cfpb's) (?:help|assistance|intervention)|"
            r"\bhesitate to (?:\w+ ){0,3}?(?:escalate|file|take|contact|report|pursue)",
        )
    )
)
_TOLD = re.compile(
    rf"\b(?:i|we|he|she|they)(?:'ve|'d)?(?: have| had| already| then| also| even| was| were| did| just)* "
    r"(?:filed|reported|contacted|complained|submitted|wrote|sued|called|spoke|went|made|received|sent|got|hired)\b"
    rf"(?: \w+){{0,7}}? (?:{_OFFICE}|complaints?|report|manager|supervisor|disputes?)\b"
)
_KEYS = listed(
    "complaint complain claim claims lawsuit suit court courts legal lawyer lawyers attorney attorneys solicitor sue "
    "suing report reporting reported cfpb ftc fcc bbb fdic bureau ombudsman regulator regulators investigate "
    "escalate chargeback police media press news office agency authorities action hold assist help manager "
    "supervisor dispute disputes charges intervene litigate choice failure bureau's cpfb investigated hesitate your "
    "senator congressman"
)
EXAMINED_HERE = 4_000
"""Characters that are searched."""


@remembered
def announces_step(text: str) -> bool:
    """Whether an English message announces or takes a step outside the service path, or lodges a complaint as such."""
    return _searched(_ANNOUNCED, text)


@remembered
def tells_of_step(text: str) -> bool:
    """Whether an English message tells that such a step, or a talk with a higher instance, lies behind the writer."""
    return _searched(_TOLD, text)


def _searched(pattern: re.Pattern[str], text: str) -> bool:
    low = plain(text)[:EXAMINED_HERE]
    return not _KEYS.isdisjoint(words(low)) and bool(pattern.search(" ".join(low.split())))
