"""What the business has set, and the secrets it entrusted to us; all sealed at rest."""

from __future__ import annotations

from collections.abc import Mapping

from switchboard.errors import Conflict
from switchboard.stores.database import insert, sql, upsert
from switchboard.stores.sealing import SYSTEM
from switchboard.stores.session import Session

_GET = sql("SELECT version, sealed FROM config WHERE name = :name")
_ADD = insert("config", ["name", "version", "sealed"], or_ignore=["name"])
_CHANGE = sql("UPDATE config SET sealed = :sealed, version = version + 1 WHERE name = :name AND version = :version")
_NAMES = sql("SELECT name FROM config ORDER BY name")
_SECRET = sql("SELECT sealed FROM secrets WHERE name = :name")
_SET_SECRET = upsert("secrets", ["name"], ["sealed"])


class SqlConfig:
    """Fulfils ``ports.store.Config``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def get(self, name: str) -> tuple[Mapping[str, object], int] | None:
        row = self._db.one(_GET, name=name)
        return None if row is None else (self._db.sealer.open(_place(name), row.sealed), row.version)

    def set(self, name: str, value: Mapping[str, object], *, expected_version: int | None = None) -> int:
        """Returns the new version. ``expected_version`` 0 = it must not exist yet. Raises ``Conflict``."""
        row = self._db.one(_GET, name=name)
        version = row.version if row is not None else 0
        if expected_version is not None and expected_version != version:
            raise Conflict(f"the setting {name} was changed meanwhile")
        sealed = self._db.sealer.seal(SYSTEM, _place(name), value)
        if version:
            changed = self._db.run(_CHANGE, name=name, version=version, sealed=sealed)
        else:
            changed = self._db.run(_ADD, name=name, version=1, sealed=sealed)
        if not changed:
            raise Conflict(f"the setting {name} was changed meanwhile")
        return int(version + 1)

    def names(self) -> tuple[str, ...]:
        return tuple(row.name for row in self._db.all(_NAMES))

    def get_secret(self, name: str) -> bytes | None:
        row = self._db.one(_SECRET, name=name)
        return None if row is None else self._db.sealer.open_bytes(_secret_place(name), row.sealed)

    def set_secret(self, name: str, value: bytes) -> None:
        self._db.run(_SET_SECRET, name=name, sealed=self._db.sealer.seal_bytes(SYSTEM, _secret_place(name), value))


def _place(name: str) -> str:
    return f"config|{name}|value"


def _secret_place(name: str) -> str:
    return f"secrets|{name}|value"
