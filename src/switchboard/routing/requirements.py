"""What the person who answers must be able to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from switchboard.domain.ids import AgentId
from switchboard.domain.routing import AgentRequirements

UNKNOWN_LANGUAGES = frozenset({"", "und"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillSettings:
    """``topic_skills``: which skills a topic needs (none listed: anybody). ``default_language`` stands in when a
    message's language cannot be told; ``team_languages``, if set, are those somebody speaks: others get the default."""

    topic_skills: Mapping[str, frozenset[str]] = field(default_factory=dict)
    default_language: str = "en"
    team_languages: frozenset[str] = frozenset()


def requirements_for(
    *,
    topic: str | None,
    language: str | None,
    urgency: int,
    settings: SkillSettings | None = None,
    rule_skills: frozenset[str] = frozenset(),
    preferred_agent_id: AgentId | None = None,
) -> AgentRequirements:
    """``rule_skills`` come from rules of the business that matched; ``preferred_agent_id`` is who helped the customer last."""
    settings = settings or SkillSettings()
    return AgentRequirements(
        skills=settings.topic_skills.get(topic or "", frozenset()) | rule_skills,
        language=_language(language, settings),
        urgency=urgency,
        topic=topic,
        preferred_agent_id=preferred_agent_id,
    )


def _language(language: str | None, settings: SkillSettings) -> str:
    code = (language or "").casefold().partition("-")[0]
    unknown = code in UNKNOWN_LANGUAGES
    nobody = bool(settings.team_languages) and code not in settings.team_languages
    return settings.default_language if unknown or nobody else code
