"""The business changes a setting: checked first, recorded, and in force for the next message."""

from __future__ import annotations

from collections.abc import Mapping

from switchboard.domain.event import Event, EventType
from switchboard.flows.app import App
from switchboard.flows.business import check_document
from switchboard.ports.records import AuditEntry
from switchboard.ports.store import Work


async def configure(
    app: App, name: str, value: Mapping[str, object], actor: str, *, expected_version: int | None = None
) -> tuple[Mapping[str, object], int]:
    """Sets one document (see ``business.DOCUMENTS``). Raises ``InvalidInput``, or ``Conflict`` if it changed meanwhile."""
    checked = check_document(name, value)
    now = app.clock.now()

    def story(work: Work) -> int:
        version = work.config.set(name, checked, expected_version=expected_version)
        work.events.append(Event(type=EventType.CONFIG_CHANGED, at=now, dimensions={"name": name}))
        work.audit.append(AuditEntry(at=now, actor=actor, action="config_changed", target=name))
        return version

    version = await app.store.write(story)
    app.forget_business()
    app.hub.publish("config", {"name": name})
    return checked, version
