"""What must be noticed at once in a message: the wish for a person, hurry, and steps outside the service path."""

from __future__ import annotations

import re

from switchboard.understanding.lexicon import TIME_WORDS
from switchboard.understanding.text import plain, remembered
from switchboard.understanding.tone import tone

_GAP = r"(?:[^\w\n]{1,3}\w{1,20}){0,5}?[^\w\n]{1,3}"
"""Up to five short words between the two halves of a wish; bounded, so matching stays linear."""
_STAFF = (
    r"(?:humans?|persons?|people|someone|somebody|anyone|anybody|agents?|representatives?|reps?|operators?|"
    r"managers?|supervisors?|"
    r"advis[eo]rs?|employees?|staff|workers?|boss|officer|team ?(?:member|lead)|colleagues?|specialists?|consultants?|"
    r"receptions?|receptionist|head office|higher[- ]?ups?|management|department|humano)"
)
_WISHES = (
    rf"\b(?:speak|talk|talking|speaking|chat)\b{_GAP}{_STAFF}\b",
    rf"\b(?:connect|transfer|transferred|put|pass|hand|forward|get|give|need|want|bring|find|reach|prefer|"
    rf"contact|assign|let)\b"
    rf"{_GAP}(?:a |an |the |some )?(?:real |live |actual |human |different |other )*"
    rf"(?:humans?|real person|live person|agents?|representatives?|operators?|managers?|supervisors?|human "
    rf"being|someone else|somebody else)\b",
    r"\b(?:real|live|actual) (?:human|person|agent|people)\b",
    r"^(?:an? |the |live |customer service |human )?(?:operator|agent|human|representative|manager|"
    r"supervisor|person)[ .!?]*(?:please|pls|now)?[ .!?]*$",
    r"\b(?:human|agent|operator|representative|manager|supervisor)(?: now)? (?:please|pls)\b",
    r"\bescalat(?:e|ed|ing|ion)\b",
    r"\b(?:someone|somebody|anyone) (?:please )?(?:call|phone|ring) me\b|\bcall me (?:back|on|at)\b|"
    r"\bplease (?:call|phone|ring) me\b",
    r"\bwho (?:(?:can|could|do|should) (?:i|we)|(?:i|we) (?:can|could|should)) (?:speak|talk) (?:to|with)\b",
    r"\bput me through\b|\b(?:talk|speak|chat|deal)(?:ing)? (?:to|with) (?:an? |the |your |this |some )?"
    r"(?:bots?|chatbots?|robots?|machines?|computers?)\b",
    r"\bspeak to (?:a )?human\b|\btalk to (?:an )?agent\b",
    # German
    rf"\bmit{_GAP}(?:menschen|mitarbeiter(?:in)?|berater(?:in)?|person|vorgesetzten|chef|agent(?:en)?|"
    rf"manager|jemandem?|kollegen)"
    rf"\b{_GAP}?(?:sprechen|reden|verbinden|telefonieren)",
    r"\b(?:echte[nr]?|richtige[nr]?|menschliche[nr]?) (?:mensch(?:en)?|person|mitarbeiter|ansprechpartner)\b",
    r"\bverbinden sie mich\b|\b(?:rufen|ruft) (?:sie )?mich\b|\bum rückruf\b|\brückruf bitte\b|\beskalier\w{0,6}\b",
    # French
    rf"\bparler\b{_GAP}(?:humain|agent|conseill[eè]re?|personne|responsable|op[eé]rateur|manager|"
    rf"superviseur|quelqu'un|employ[eé]e?)\b",
    r"\b(?:un|une) (?:vrai[e]? (?:personne|humain)|conseiller humain|agent humain)\b|\brappelez[- ]moi\b|\bescalader\b",
    # Spanish
    rf"\bhablar\b{_GAP}(?:humano|humana|agente|persona|alguien|operador|operadora|gerente|supervisor|"
    rf"supervisora|encargado|encargada|"
    r"representante|responsable|asesor|asesora)\b",
    r"\b(?:persona real|agente humano|ser humano)\b|\bll[aá]m[ea]n?me\b|\bescal(?:ar|en|e) (?:mi|el|este|la|esta)\b",
    # Italian
    rf"\bparlare\b{_GAP}(?:operatore|operatrice|persona|umano|responsabile|agente|qualcuno|supervisore|"
    rf"direttore|addetto)\b",
    r"\bpersona reale\b|\boperatore umano\b|\brichiamatemi\b",
    # Portuguese
    rf"\bfalar\b{_GAP}(?:humano|humana|atendente|agente|pessoa|gerente|supervisor|supervisora|algu[eé]m|"
    rf"operador|operadora|respons[aá]vel)\b",
    r"\bpessoa real\b|\batendente humano\b|\bme lig(?:ue|uem)\b",
    # Dutch
    r"\bmet (?:een |de |uw |jullie |iemand )(?:echte? |menselijke )?(?:mens|medewerker|persoon|agent|"
    r"manager|leidinggevende|chef)?\s?"
    r"(?:te |wil |kan )?(?:spreken|praten|bellen)",
    r"\b(?:spreken|praten) met (?:een |iemand|de )|\bechte? (?:mens|persoon|medewerker)\b|\bbel mij\b|\bescaleren\b",
)
_WANTS_HUMAN = re.compile("|".join(f"(?:{wish})" for wish in _WISHES))
_OUTSIDE = re.compile(
    r"\b(?:lawyers?|attorneys?|solicitors?|small claims|see you in court|take (?:you|this|them) to court|"
    r"legal action|sue|suing|lawsuit|"
    r"ombudsman|regulators?|consumer protection|trading standards|better business bureau|bbb|charge ?back|"
    r"(?:file|make|lodge|submit|raise) an? (?:formal|official) complaint|formal complaint|official complaint|"
    r"contact(?:ing)? the (?:press|media|police)|cfpb|ftc|attorney general|anwalt|rechtsanwalt|"
    r"verbraucherzentrale|klage einreichen|"
    r"avocat|tribunal|abogado|demandar|avvocato|advogado|procon|advocaat|rechter)\b"
)
_TIME = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(word) for word in sorted(TIME_WORDS, key=len, reverse=True)) + r")(?!\w)"
)
_NOT_BEFORE = re.compile(
    r"(?:\bnot|n't|\bno|\bnicht|\bpas|\bnão|\bnon|\bniet|\bnothing)(?: (?:that|so|very|really|an?|is|super))?\s*$"
)


@remembered
def wants_human(text: str) -> bool:
    """Whether the customer asks for a person or for escalation, in seven languages (Property 36).

    A negated keyword counts too: a message that speaks of escalation is better seen by a person than missed.
    """
    return bool(_WANTS_HUMAN.search(plain(text)))


@remembered
def outside_step(text: str) -> bool:
    """Whether the text speaks of lawyers, courts, regulators, press or chargebacks (guideline 1.1, 1b)."""
    return bool(_OUTSIDE.search(plain(text)))


@remembered
def time_sensitive(text: str) -> tuple[str, ...]:
    """Words of hurry found, in order of appearance, each once; "not urgent" is none."""
    low = plain(text)
    found = (
        match[0]
        for match in _TIME.finditer(low)
        if not _NOT_BEFORE.search(low[max(0, match.start() - 16) : match.start()])
    )
    return tuple(dict.fromkeys(found))


def quick_priority_hint(text: str) -> float:
    """How early a message should be read when many wait: 0 calm to 1 pressing, in microseconds, without a model."""
    displeasure = max(0.0, -tone(text).score)
    pressing = 0.35 * wants_human(text) + 0.3 * bool(time_sensitive(text)) + 0.2 * outside_step(text)
    return min(1.0, pressing + 0.35 * displeasure)
