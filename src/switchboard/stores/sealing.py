"""Seals and opens values with the right customer's key, inside one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from switchboard.errors import Erased, Tampered
from switchboard.ports.clock import Clock
from switchboard.stores.codec import dumps, loads, micros
from switchboard.stores.database import Database, Row, insert, sql
from switchboard.trust.keyring import Keyring
from switchboard.trust.master_key import MasterKey
from switchboard.trust.vault import DataKey, data_key, key_id_of, new_data_key, seal, unseal

PAYLOADS = "@payloads"
ACCESS = "@access"
SYSTEM = "@system"
INDEX = "@index"

_BY_ID = sql("SELECT key_id, owner, wrapped, master_id FROM data_keys WHERE key_id IN :ids", "ids")
_CURRENT = sql(
    "SELECT key_id, owner, wrapped, master_id FROM data_keys WHERE owner = :owner "
    "ORDER BY CASE WHEN wrapped IS NULL THEN 1 ELSE 0 END, created_at, key_id LIMIT 1"
)
_ADD = insert("data_keys", ["key_id", "owner", "wrapped", "master_id", "created_at"])
_DESTROY = sql(
    "UPDATE data_keys SET wrapped = NULL, destroyed_at = :at WHERE owner IN :owners AND wrapped IS NOT NULL", "owners"
)


@dataclass(slots=True)
class Sealer:
    """Keys made here become known to others only when the transaction is committed (``publish``)."""

    database: Database
    master: MasterKey
    keyring: Keyring
    clock: Clock
    former: tuple[MasterKey, ...] = ()
    fresh: dict[str, DataKey] = field(default_factory=dict)
    destroyed: set[str] = field(default_factory=set)

    def seal(self, owner: str, place: str, value: object) -> bytes:
        """``value`` as a JSON document under the owner's key. Raises ``Erased`` if the key was destroyed."""
        return seal(self._current(owner), place, dumps(value))

    def seal_bytes(self, owner: str, place: str, value: bytes) -> bytes:
        return seal(self._current(owner), place, value)

    def open(self, place: str, record: bytes) -> dict[str, Any]:
        """Raises ``Tampered`` or ``Erased``."""
        return loads(self.open_bytes(place, record))

    def open_bytes(self, place: str, record: bytes) -> bytes:
        return unseal(self._key(key_id_of(record)), place, record)

    def open_or_none(self, place: str, record: bytes | None) -> dict[str, Any] | None:
        """None where nothing personal is left; still raises ``Tampered``."""
        opened = self.bytes_or_none(place, record)
        return None if opened is None else loads(opened)

    def bytes_or_none(self, place: str, record: bytes | None) -> bytes | None:
        if record is None:
            return None
        try:
            return self.open_bytes(place, record)
        except Erased:
            return None

    def begin(self, owner: str) -> None:
        """Makes the key of an owner who is new in this transaction, without looking for an older one."""
        if owner not in self.fresh and self.keyring.current(owner) is None:
            self._create(owner)

    def preload(self, records: Iterable[bytes | None]) -> None:
        """Fetches the keys of many records with one question instead of one each."""
        wanted = {key_id_of(record) for record in records if record is not None}
        wanted.difference_update(key.key_id for key in self.fresh.values())
        unknown = [key_id for key_id in wanted if self.keyring.get(key_id) is None]
        for start in range(0, len(unknown), 500):
            for row in self.database.all(_BY_ID, ids=unknown[start : start + 500]):
                if row.wrapped is not None:
                    self.keyring.add(self._unwrap(row))

    def destroy(self, owners: list[str]) -> int:
        """Makes everything sealed for these owners unreadable for ever; returns how many keys there were."""
        for owner in owners:
            self.fresh.pop(owner, None)
            self.keyring.forget(owner)
        self.destroyed.update(owners)
        return self.database.run(_DESTROY, owners=owners, at=micros(self.clock.now()))

    def publish(self) -> None:
        """After the commit."""
        for owner in self.destroyed:
            self.keyring.forget(owner)
        for key in self.fresh.values():
            self.keyring.add(key, current=True)

    def _current(self, owner: str) -> DataKey:
        known = self.fresh.get(owner) or self.keyring.current(owner)
        if known is not None:
            return known
        row = self.database.one(_CURRENT, owner=owner)
        if row is None:
            return self._create(owner)
        if row.wrapped is None:
            raise Erased
        key = self._unwrap(row)
        self.keyring.add(key, current=True)
        return key

    def _create(self, owner: str) -> DataKey:
        key, raw = new_data_key(owner)
        wrapped = self.master.wrap(key.key_id, owner, raw)
        self.database.run(
            _ADD,
            key_id=key.key_id,
            owner=owner,
            wrapped=wrapped,
            master_id=self.master.master_id,
            created_at=micros(self.clock.now()),
        )
        self.fresh[owner] = key
        return key

    def _key(self, key_id: str) -> DataKey:
        known = self.keyring.get(key_id)
        if known is not None:
            return known
        for key in self.fresh.values():
            if key.key_id == key_id:
                return key
        row = self.database.one(_BY_ID, ids=[key_id])
        if row is None:
            raise Tampered("a stored value names a key that never existed")
        if row.wrapped is None:
            raise Erased
        key = self._unwrap(row)
        self.keyring.add(key)
        return key

    def _unwrap(self, row: Row) -> DataKey:
        masters = (self.master, *self.former)
        master = next((each for each in masters if each.master_id == row.master_id), self.master)
        return data_key(row.key_id, row.owner, master.unwrap(row.key_id, row.owner, row.wrapped))
