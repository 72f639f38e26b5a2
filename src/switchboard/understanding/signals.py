"""What must be noticed at once in a message: the wish for a person, hurry, and steps outside the service path."""

from __future__ import annotations

import re

from switchboard.understanding.lexicon import TIME_WORDS
from switchboard.understanding.text import listed, plain, remembered
from switchboard.understanding.tone import tone
from switchboard.understanding.wishes import AFTER, BARE, ENGLISH, ENGLISH_KEYS, OTHERS, OTHERS_KEYS, REACH, either

_ENGLISH, _BARE, _OTHERS = either(ENGLISH), re.compile(BARE), either(OTHERS)
_ENGLISH_KEY = re.compile(rf"\b(?:{'|'.join(sorted(ENGLISH_KEYS, key=len, reverse=True))})\b")
_LONGEST_BARE = 80
_OUTSIDE = re.compile(
    r"\b(?:lawyers?|attorneys?|solicitors?|small claims|see you in court|take (?:you|this|them) to court|"
    r"legal action|sue|suing|lawsuit|"
    r"ombudsman|regulators?|consumer protection|trading standards|better business bureau|bbb|charge ?back|"
    r"(?:file|make|lodge|submit|raise) an? (?:formal|official) complaint|formal complaint|official complaint|"
    r"contact(?:ing)? the (?:press|media|police)|cfpb|ftc|attorney general|(?:rechts)?anw[aä]lt(?:in|e)?|"
    r"verbraucherzentrale|klage einreichen|"
    r"avocate?|tribunal|m[ée]diateur|dgccrf|abogad[oa]|demandar|denunciar?|oficina del consumidor|"
    r"(?:reclamación|hoja) (?:en|a|de) (?:consumo|reclamaciones)|avvocato|associazione (?:dei )?consumatori|denunci(?:o|are)|"
    r"advogad[oa]|procon|reclame aqui|livro de reclamações|queixa (?:na|à|a) (?:deco|polícia)|advocaat|rechter|"
    r"geschillencommissie|consumentenbond|schlichtungsstelle|(?:zur|bei der) polizei|prawnik(?:a|iem)?|adwokat(?:a|em)?|"
    r"rzecznika?|avukat(?:ım|ıma|a)?|tüketici hakem|advokat|konsumentverket)\b"
)
_TIME = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(word) for word in sorted(TIME_WORDS, key=len, reverse=True)) + r")(?!\w)"
)
_OUTSIDE_KEYS = listed(
    "lawyer lawyers attorney attorneys solicitor solicitors small court legal sue suing lawsuit ombudsman regulator regulators "
    "consumer trading bureau bbb chargeback charge formal official press media police cfpb ftc general anwalt rechtsanwalt "
    "anwältin rechtsanwältin anwälte "
    "verbraucherzentrale klage avocat avocate tribunal médiateur mediateur dgccrf abogado abogada demandar denuncia "
    "denunciar "
    "oficina reclamación hoja avvocato associazione denuncio denunciare advogado advogada procon reclame livro queixa advocaat "
    "rechter geschillencommissie consumentenbond schlichtungsstelle polizei prawnik prawnika prawnikiem adwokat adwokata "
    "adwokatem rzecznik rzecznika avukat avukatım avukatıma avukata tüketici advokat konsumentverket"
)
"""Every step outside has one of these in it."""
_PART = re.compile(r"[^\W_]+")
_TIME_PARTS = frozenset(max(_PART.findall(word), key=len) for word in TIME_WORDS)
"""The longest part of each: a text with none of them need not be searched."""
_NOT_BEFORE = re.compile(
    r"(?:\bnot|n't|\bno|\bnicht|\bkeine?n?|\bpas|\brien|\bnão|\bsem|\bnada|\bsin|\bnon|\bniente|\bniet|\bniets|\bgeen|\bnothing|"
    r"\bnie|\bdeğil|\binte)"
    r"(?: (?:that|so|very|really|an?|is|super|sehr|wirklich|ein|très|vraiment|d|de|di|es|è|é|muy|molto|muito|una?|uma?|heel|erg|"
    r"zo|una))?[\s']*$"
)
_NOT_AFTER = re.compile(r"\s+(?:ist es |es )?(?:nicht|niet|değil|inte)\b")
"""A denial that follows: "eilt nicht"."""


@remembered
def wants_human(text: str) -> bool:
    """Whether the customer asks for a person or for escalation, in ten languages (Property 36).

    A negated keyword counts too: a message that speaks of escalation is better seen by a person than missed.
    """
    low, parts = plain(text), _parts(text)
    if not ENGLISH_KEYS.isdisjoint(parts) and _wishes_in_english(low):
        return True
    return not OTHERS_KEYS.isdisjoint(parts) and bool(_OTHERS.search(low))


def _wishes_in_english(low: str) -> bool:
    """Looks only around the words that every wish has in it, so that a long text costs little."""
    if len(low) <= _LONGEST_BARE and _BARE.fullmatch(low):
        return True
    return any(_ENGLISH.search(low, start, end) for start, end in _around_keys(low))


def _around_keys(low: str) -> list[tuple[int, int]]:
    """Stretches of the text around words of a wish, each looked at once; they end where a word ends."""
    found: list[tuple[int, int]] = []
    for key in _ENGLISH_KEY.finditer(low):
        start, end = max(0, key.start() - REACH), key.end() + AFTER
        if rest := _PART.match(low, end):
            end = rest.end()
        if found and start <= found[-1][1]:
            start, end = found[-1][0], max(end, found.pop()[1])
        found.append((start, end))
    return found


@remembered
def _parts(text: str) -> frozenset[str]:
    """The words of the text, cut at apostrophes too."""
    return frozenset(_PART.findall(plain(text)))


@remembered
def outside_step(text: str) -> bool:
    """Whether the text speaks of lawyers, courts, regulators, press or chargebacks (guideline 1.1, 1b)."""
    return not _OUTSIDE_KEYS.isdisjoint(_parts(text)) and bool(_OUTSIDE.search(plain(text)))


@remembered
def time_sensitive(text: str) -> tuple[str, ...]:
    """Words of hurry found, in order of appearance, each once; "not urgent" is none."""
    if _TIME_PARTS.isdisjoint(_parts(text)):
        return ()
    low = plain(text)
    found = (
        match[0]
        for match in _TIME.finditer(low)
        if not _NOT_BEFORE.search(low[max(0, match.start() - 18) : match.start()])
        and not _NOT_AFTER.match(low, match.end())
    )
    return tuple(dict.fromkeys(found))


def quick_priority_hint(text: str) -> float:
    """How early a message should be read when many wait: 0 calm to 1 pressing, in microseconds, without a model."""
    displeasure = max(0.0, -tone(text).score)
    pressing = 0.35 * wants_human(text) + 0.3 * bool(time_sensitive(text)) + 0.2 * outside_step(text)
    return min(1.0, pressing + 0.35 * displeasure)
