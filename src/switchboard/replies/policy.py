"""What an automatic reply must never do: promise, admit, threaten, insult or ask for secrets."""

from __future__ import annotations

import re

from switchboard.domain.reply import PolicyViolation, Severity
from switchboard.domain.words import sentences
from switchboard.replies.grounding import is_verbatim
from switchboard.replies.plain import folded

_WE = r"\b(?:we|i|our team|the team|[\w ]{1,20}team)"
_GIVE = (
    r"(?:refund|compensat|credit|reimburs|waive|replac|pay|send you|give you|offer you|grant|discount|cancel|upgrad)"
)

_PROMISES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "promise",
            rf"{_WE}(?:'ll| will| shall| can| are going to| am going to| would)\b.{{0,40}}\b{_GIVE}",
        ),
        (
            "promise",
            r"\b(?:you|customer)(?:'ll| will| shall| are going to| can expect to)\b.{0,40}\b(?:refund|compensat|"
            r"credit|money back|voucher|reimburs)",
        ),
        (
            "promise",
            r"\b(?:entitled to|eligible for|right to|owed|owe you|approved for|granted)\b.{0,40}\b(?:refund|"
            r"compensation|credit|discount|payment|voucher|replacement)",
        ),
        (
            "promise",
            r"\b(?:full|complete|partial|immediate|instant)\s(?:refund|compensation|reimbursement)\b",
        ),
        (
            "promise",
            r"\brefund (?:of|is|has been|was) \b|\brefund(?:ed)?\b.{0,30}\b(?:approved|issued|processed|"
            r"on its way)\b|\bmoney back\b",
        ),
        (
            "guarantee",
            r"\b(?:guarantee[ds]?|we promise|i promise|rest assured|100 ?% (?:sure|safe|certain)|definitely will|"
            r"legally binding)\b",
        ),
        (
            "price",
            r"\b(?:for free|free of charge|at no (?:extra )?(?:cost|charge)|half price|special price|"
            r"\d{1,3} ?% (?:off|discount)|discount of|discount code|coupon|voucher code|promo code)\b",
        ),
        (
            "admission",
            r"\b(?:our|my) (?:fault|mistake|negligence|liability|legal responsibility)\b|\b(?:liable|negligent|"
            r"admit|at fault|to blame|accept (?:full )?(?:responsibility|liability)|broke the law|breach of)\b",
        ),
        (
            "advice",
            r"\b(?:legal advice|you should sue|take us to court|medical advice|invest in|buy shares)\b",
        ),
    )
)
_ACTS = re.compile(
    r"\b(?:i|we)(?:'ve| have| just| already|'ve just)?(?: have)? (?:just |already |now )?(?:refunded|cancelled|"
    r"canceled|changed|updated|deleted|removed|closed|"
    r"credited|transferred|merged|issued|processed|reset|unlocked|upgraded|booked|ordered|shipped|sent|forwarded|"
    r"escalated|waived|approved)\b|"
    r"\byour (?:account|order|refund|subscription|password|payment|address|contract) (?:has been|was|is now|"
    r"is hereby) "
    r"(?:successfully |now )?(?:refunded|cancelled|canceled|changed|updated|deleted|closed|credited|reset|"
    r"unlocked|upgraded|approved|waived|processed|issued)\b"
)
_SECRETS = (
    r"(?:password|passcode|pin|cvv|cvc|security code|card number|card details|one[- ]time (?:code|password)|otp|"
    r"verification code|ssn|social security number|bank login|seed phrase|private key)"
)
_HARM: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "asks for secrets",
            rf"\b(?:send|tell|give|reply with|respond with|provide|share|confirm|enter|type|text|email|state|need|"
            rf"what is)\b.{{0,30}}\b{_SECRETS}s?\b",
        ),
        (
            "asks for money",
            r"\b(?:gift cards?|wire transfer|western union|moneygram|bitcoin|btc|crypto(?:currency)?|usdt|"
            r"ethereum wallet)\b",
        ),
        (
            "asks for remote access",
            r"\b(?:anydesk|teamviewer|remote (?:access|control|desktop)|install this|download and run|"
            r"disable your (?:antivirus|firewall))\b",
        ),
        (
            "insult",
            r"\b(?:idiot|stupid|moron|dumb|imbecile|loser|shut up|pathetic|worthless|scum|retard(?:ed)?|bastard|"
            r"bitch|asshole|f+u+c+k\w*|s+h+i+t\w*|cunt|go to hell|screw you)\b",
        ),
        (
            "hate",
            r"\b(?:your (?:kind|race|people) (?:are|is)|subhuman|vermin|inferior race|nigg\w+|fagg\w+|kike|"
            r"gas the)\b",
        ),
        (
            "threat",
            r"\b(?:we|i) (?:will|'ll|shall|know where) .{0,20}\b(?:hurt|harm|kill|find you|destroy you|sue you|"
            r"report you|come for you|you live|punish)|\byou(?:'ll| will) regret\b|\bor else\b",
        ),
        (
            "self-harm",
            r"\b(?:kill yourself|harm yourself|hurt yourself|end your life|commit suicide)\b",
        ),
        (
            "danger",
            r"\b(?:bomb|explosive|poison|meth|ricin|nerve agent)s?\b.{0,40}\b(?:make|build|mix|cook|prepare)|"
            r"\b(?:make|build|mix|cook)\b.{0,40}\b(?:bomb|explosives?|poison|meth|ricin)\b|\bmix bleach\b",
        ),
    )
)
_DONT = re.compile(r"\b(?:never|not|no one|nobody|don't|do not|won't|cannot)\b")


def promises(text: str, published: str) -> list[PolicyViolation]:
    """Promises, prices and admissions that the cited knowledge does not hold word for word, and acts claimed as done."""
    found: list[PolicyViolation] = []
    for sentence in sentences(text):
        plain = folded(sentence)
        if is_verbatim(_uncited(sentence), published):
            continue
        if _ACTS.search(plain):
            found.append(_violation("claimed_act", "claims that something was done; replies have no such authority"))
        found.extend(
            _violation(name, f"a {name} that no cited passage makes")
            for name, pattern in _PROMISES
            if pattern.search(plain)
        )
    return found


def harmful(text: str, published: str) -> list[PolicyViolation]:
    """Threats, insults, dangerous advice, and requests for secrets or money; warnings against these are fine."""
    found: list[PolicyViolation] = []
    for sentence in sentences(text):
        plain = folded(sentence)
        for name, pattern in _HARM:
            if pattern.search(plain) and not (_DONT.search(plain) and is_verbatim(_uncited(sentence), published)):
                found.append(PolicyViolation(type="harmful", severity=Severity.HIGH, description=name))
    return found


def banned(text: str, phrases: tuple[str, ...]) -> list[PolicyViolation]:
    """The business's own forbidden phrases, however they are spelt."""
    plain, tight = folded(text), _letters(text)
    hits = [phrase for phrase in phrases if phrase.strip() and (folded(phrase) in plain or _tight_hit(phrase, tight))]
    return [
        PolicyViolation(type="banned_phrase", severity=Severity.HIGH, description=f'holds the banned phrase "{phrase}"')
        for phrase in hits
    ]


def _violation(kind: str, description: str) -> PolicyViolation:
    return PolicyViolation(type=kind, severity=Severity.HIGH, description=description)


def _uncited(sentence: str) -> str:
    return re.sub(r"\[\d{1,2}\]", " ", sentence)


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", folded(text))


def _tight_hit(phrase: str, tight: str) -> bool:
    """Long phrases are found with letters pulled apart too; short ones would hit innocent words."""
    letters = _letters(phrase)
    return len(letters) >= 8 and letters in tight
