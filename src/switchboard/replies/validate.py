"""The gate that every automatic reply passes: it stands outside the model and nothing is sent without it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from switchboard.domain.message import ChannelType
from switchboard.domain.reading import Language
from switchboard.domain.reply import (
    SEND_FROM,
    Check,
    GeneratedResponse,
    PolicyViolation,
    Severity,
    SourceKind,
    ValidationResult,
)
from switchboard.replies import policy
from switchboard.replies.compose import own_lines
from switchboard.replies.context import REPLY_LIMITS, ResponseContext
from switchboard.replies.grounding import known_words, leftovers, unsupported
from switchboard.replies.links import link_problem, links
from switchboard.replies.material import material_of
from switchboard.replies.personal_data import name_candidates, normalised, personal_data, same_identifier
from switchboard.replies.phrases import customer_name
from switchboard.replies.plain import folded, hidden_characters
from switchboard.replies.suspicion import suspicions

_MARK = re.compile(r"\s?\[(\d{1,2})\]")
_MARKUP = re.compile(r"</?[a-z!][^>\n]{0,200}>|\]\(|```|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,10});", re.IGNORECASE)
_LATIN = re.compile(r"[a-zà-ÿœß]", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_SMALL_WORDS = {
    "en": "the and you your is are to of for with this that we can",
    "de": "der die das und sie ihr ihre ist sind nicht mit für wir ein eine",
    "fr": "le la les et vous votre est sont pas avec pour nous un une des",
    "es": "el la los y su usted es son con para nos un una las por que",
}
_TELLTALE = {code: frozenset(small.split()) for code, small in _SMALL_WORDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationFacts:
    """What a draft is checked against.

    ``own``: the recipient's normalised e-mail addresses, numbers, addresses. ``others``: whether a normalised identifier
    (see ``personal_data.identifiers``) belongs to another customer. ``published``: contacts that the business made public.
    ``material``: reference of a source to the full text it was taken from. ``own_lines``: the frame's sentences.
    ``detected``: the language of the draft, where a detector ran. ``must_cite``: relevant knowledge exists (Property 26).
    """

    channel: ChannelType
    language: str = "en"
    own: frozenset[str] = frozenset()
    own_names: frozenset[str] = frozenset()
    others: Callable[[str], bool] = field(default=lambda identifier: False)
    published: frozenset[str] = frozenset()
    material: Mapping[str, str] = field(default_factory=dict)
    own_lines: tuple[str, ...] = ()
    link_hosts: frozenset[str] = frozenset()
    known_urls: frozenset[str] = frozenset()
    banned_phrases: tuple[str, ...] = ()
    detected: Language | None = None
    must_cite: bool = False
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class _Finding:
    """One check with what it found."""

    check: Check
    violations: tuple[PolicyViolation, ...] = ()


_SEAL = object()


class ApprovedReply:
    """A reply that may be sent. Only ``approve`` makes one, and only from a draft that passed every check."""

    __slots__ = ("_draft", "_result")

    def __init__(self, draft: GeneratedResponse, result: ValidationResult, seal: object) -> None:
        if seal is not _SEAL or not result.is_valid:
            raise TypeError("an approved reply comes from validation only: call approve()")
        self._draft = draft
        self._result = result

    def __init_subclass__(cls) -> None:
        raise TypeError("an approved reply cannot be imitated by a subclass")

    @property
    def text(self) -> str:
        return self._draft.text

    @property
    def draft(self) -> GeneratedResponse:
        return self._draft

    @property
    def result(self) -> ValidationResult:
        return self._result


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The verdict on a draft; ``reply`` is None when it may not be sent."""

    result: ValidationResult
    reply: ApprovedReply | None


def facts_for(
    context: ResponseContext,
    draft: GeneratedResponse,
    *,
    others: Callable[[str], bool] | None = None,
    detected: Language | None = None,
) -> ValidationFacts:
    """The facts for a draft that was written from this context."""
    profile, brand = context.profile, context.brand
    known = (*(identity.address for identity in profile.identities), profile.email, profile.phone, profile.location)
    material = material_of(context)
    return ValidationFacts(
        channel=context.channel,
        language=context.language,
        own=frozenset(normalised(value) for value in known if value),
        own_names=frozenset(filter(None, (normalised(customer_name(context) or ""),))),
        others=others or (lambda identifier: False),
        published=frozenset(normalised(contact) for contact in brand.published_contacts) | _contacts_in(context),
        material=material,
        own_lines=own_lines(context, draft.sources),
        link_hosts=brand.link_hosts,
        known_urls=frozenset(filter(None, (brand.help_url, *(result.url for result in context.results)))),
        banned_phrases=brand.banned_phrases,
        detected=detected,
        must_cite=bool(context.relevant),
    )


def _contacts_in(context: ResponseContext) -> frozenset[str]:
    """The contacts that stand in the business's own help articles: published, unless they are another customer's."""
    texts = [result.passage.text for result in context.relevant if not suspicions(result.passage.text)]
    return frozenset(item.value for text in texts for item in personal_data(text))


def validate(draft: GeneratedResponse, facts: ValidationFacts) -> ValidationResult:
    """Every check on a draft, passed or not. Pure; reads no more than the draft and the facts."""
    findings = [check(draft, facts) for check in CHECKS]
    violations = tuple(violation for finding in findings for violation in finding.violations)
    return ValidationResult(
        is_valid=all(finding.check.passed for finding in findings),
        violations=violations,
        contains_pii=any(violation.type == "personal_data" for violation in violations),
        checks=tuple(finding.check for finding in findings),
    )


def approve(draft: GeneratedResponse, facts: ValidationFacts) -> Approval:
    """Validate, and seal the draft for sending if it passed. A validator that fails approves nothing."""
    try:
        result = validate(draft, facts)
    except Exception as error:  # whatever goes wrong in here, the reply must not leave
        result = _broken(type(error).__name__)
    return Approval(result=result, reply=ApprovedReply(draft, result, _SEAL) if result.is_valid else None)


def _broken(kind: str) -> ValidationResult:
    violation = PolicyViolation(
        type="validator_failed", severity=Severity.HIGH, description=f"the check broke off ({kind})"
    )
    return ValidationResult(
        is_valid=False,
        violations=(violation,),
        contains_pii=False,
        checks=(Check(name="validator", passed=False, detail=violation.description),),
    )


def _found(name: str, problems: list[str], fine: str, severity: Severity = Severity.HIGH, kind: str = "") -> _Finding:
    violations = tuple(
        PolicyViolation(type=kind or name, severity=severity, description=problem) for problem in problems
    )
    return _Finding(Check(name=name, passed=not problems, detail="; ".join(problems) or fine), violations)


def _check_confidence(draft: GeneratedResponse, facts: ValidationFacts) -> _Finding:
    sure = f"confidence {draft.confidence:.2f}, needed {SEND_FROM:.2f}"
    low = not draft.confidence >= SEND_FROM  # written so that NaN counts as low
    return _found("confidence", [f"{sure}: too low"] if low else [], sure, Severity.LOW, "low_confidence")


def _check_plain(draft: GeneratedResponse, facts: ValidationFacts) -> _Finding:
    problems = []
    if not draft.text.strip():
        problems.append("the reply is empty")
    if hidden_characters(draft.text):
        problems.append(f"{hidden_characters(draft.text)} invisible or direction-changing characters")
    if _MARKUP.search(draft.text):
        problems.append("markup where plain text is due")
    return _found("plain_text", problems, "plain text", Severity.MEDIUM)


def _check_length(draft: GeneratedResponse, facts: ValidationFacts) -> _Finding:
    limit = facts.max_bytes or REPLY_LIMITS[facts.channel]
    size = len(draft.text.encode(errors="replace"))
    said = f"{size} of {limit} bytes"
    return _found("length", [f"{said}: too long for {facts.channel}"] if size > limit else [], said, Severity.LOW)


def _check_language(draft: GeneratedResponse, facts: ValidationFacts) -> _Finding:
    if facts.detected is not None and facts.detected.code != "und" and facts.detected.confidence >= 0.7:
        wrong = facts.detected.code != facts.language
        problem = f"written in {facts.detected.code}, the customer writes {facts.language}"
    else:
        wrong = _looks_foreign(draft.text, facts.language)
        problem = f"does not look like {facts.language}"
    return _found("language", [problem] if wrong else [], f"in {facts.language}", Severity.MEDIUM)


def _looks_foreign(text: str, language: str) -> bool:
    """Without a detector: another alphabet, or clearly more small words of another language."""
    if language not in _TELLTALE:
        return False
    letters = _LETTER.findall(text)
    if letters and sum(bool(_LATIN.match(letter)) for letter in letters) < 0.8 * len(letters):
        return True
    spoken = re.findall(r"[^\W\d_]+", text.casefold())
    counts = {code: sum(word in telling for word in spoken) for code, telling in _TELLTALE.items()}
    return max(counts.values()) >= counts[language] + 4


def _check_personal_data(draft: GeneratedResponse, facts: ValidationFacts) -> _Finding:
    leaks = [item.kind for item in personal_data(draft.text) if not _may_be_told(item.value, draft, facts)]
    names = [name for name in name_candidates(draft.text) if name not in _own_name_parts(facts) and facts.others(name)]
    problems = [f"{kind} that is neither the recipient's nor published" for kind in dict.fromkeys(leaks)]
    if names:
        problems.append(f"{len(names)} name(s) or identifier(s) of another customer")
    return _found("personal_data", problems, "no personal data of others")


def _own_name_parts(facts: ValidationFacts) -> frozenset[str]:
    return facts.own_names | facts.own


def _may_be_told(value: str, draft: GeneratedResponse, facts: ValidationFacts) -> bool:
    if any(same_identifier(value, own) or (" " in value and value in own) for own in facts.own):
        return True
    if facts.others(value):
        return False
    return any(same_identifier(value, contact) for contact in facts.published) or _is_own_figure(value, draft, facts)


def _is_own_figure(value: str, draft: GeneratedResponse, facts: ValidationFacts) -> bool:
    """A number that looks like a telephone number, but is one of the recipient's order numbers or of a cited quote of
    their own profile."""
    own = "\n".join(
        source.quote for source in draft.sources if source.kind is SourceKind.PROFILE and _genuine(source, facts)
    )
    return value.isdigit() and value in re.sub(r"[^\d\n]", "", own).replace("\n", " ").split()


def _check_policy(draft: GeneratedResponse, facts: ValidationFacts) -> _Finding:
    violations = (
        *policy.promises(draft.text, _published(draft, facts)),
        *policy.banned(draft.text, facts.banned_phrases),
    )
    details = "; ".join(dict.fromkeys(violation.description for violation in violations))
    return _Finding(
        Check(name="policy", passed=not violations, detail=details or "no promise, no banned phrase"), violations
    )


def _check_harm(draft: GeneratedResponse, facts: ValidationFacts) -> _Finding:
    violations = tuple(policy.harmful(draft.text, _published(draft, facts)))
    details = "; ".join(dict.fromkeys(violation.description for violation in violations))
    return _Finding(Check(name="harmful", passed=not violations, detail=details or "nothing harmful"), violations)


def _published(draft: GeneratedResponse, facts: ValidationFacts) -> str:
    """The knowledge that the draft cites, as we hold it (never as the draft quotes it)."""
    cited = [s.reference for s in draft.sources if s.kind is SourceKind.KNOWLEDGE]
    return "\n".join(facts.material.get(reference, "") for reference in cited)


def _check_links(draft: GeneratedResponse, facts: ValidationFacts) -> _Finding:
    judged = [link_problem(link, facts.link_hosts, facts.known_urls) for link in links(folded_links(draft.text))]
    problems = list(dict.fromkeys(problem for problem in judged if problem))
    return _found("links", problems, f"{len(judged)} link(s), all to listed hosts", kind="link")


def folded_links(text: str) -> str:
    """E-mail addresses are another check's business; what remains is read for links."""
    return re.sub(r"[\w.+%-]{1,64}@[\w.-]{1,200}", " ", text)


def _check_grounding(draft: GeneratedResponse, facts: ValidationFacts) -> _Finding:
    sources = {source.number: source for source in draft.sources}
    problems = []
    for claim, number in draft.claims:
        source = sources.get(number)
        if source is None or not _genuine(source, facts):
            problems.append(f"a statement cites source {number}, which is not among what was found")
        elif reason := unsupported(claim, facts.material[source.reference]):
            problems.append(f"a statement citing source {number}: {reason}")
    rest = _uncited_words(draft, facts)
    if rest:
        problems.append(f"{len(rest)} word(s) outside cited statements state something")
    return _found("grounding", problems, f"{len(draft.claims)} statement(s), each carried by its source")


def _genuine(source: object, facts: ValidationFacts) -> bool:
    reference, quote = getattr(source, "reference", ""), getattr(source, "quote", "")
    held = facts.material.get(reference)
    return held is not None and all(line.strip() in held for line in quote.split("\n"))


def _uncited_words(draft: GeneratedResponse, facts: ValidationFacts) -> list[str]:
    """What remains of the text when cited statements and the frame's own lines are taken out."""
    rest = folded(_MARK.sub(" ", draft.text))
    pieces = {
        folded(_MARK.sub(" ", piece)).strip(" .") for piece in (*(claim for claim, _ in draft.claims), *facts.own_lines)
    }
    for piece in sorted(pieces - {""}, key=len, reverse=True):
        rest = re.sub(rf"(?<!\w){re.escape(piece)}(?!\w)", " ¶ ", rest)
    return leftovers(rest, known_words(*facts.own_names))


def _check_citations(draft: GeneratedResponse, facts: ValidationFacts) -> _Finding:
    cited = {number for _, number in draft.claims}
    kinds = {source.kind for source in draft.sources if source.number in cited}
    problems = []
    if facts.must_cite and SourceKind.KNOWLEDGE not in kinds:
        problems.append("knowledge on the matter exists, but the reply cites none of it")
    if not draft.claims:
        problems.append("the reply states nothing that rests on a source")
    return _found("citations", problems, f"{len(cited)} source(s) cited", Severity.MEDIUM)


CHECKS: tuple[Callable[[GeneratedResponse, ValidationFacts], _Finding], ...] = (
    _check_confidence,
    _check_personal_data,
    _check_policy,
    _check_harm,
    _check_links,
    _check_grounding,
    _check_citations,
    _check_plain,
    _check_length,
    _check_language,
)
