"""Changing the master key while the system runs: every data key is locked anew, no customer text is touched."""

from __future__ import annotations

from switchboard.ports.store import Store, Work
from switchboard.stores.core import Core
from switchboard.stores.database import Database, sql
from switchboard.stores.work import SqlWork
from switchboard.trust.master_key import MasterKey

CHUNK = 500

_OLD = sql(
    "SELECT key_id, owner, wrapped FROM data_keys WHERE master_id <> :master_id AND wrapped IS NOT NULL "
    f"ORDER BY key_id LIMIT {CHUNK}"
)
_REWRAP = sql(
    "UPDATE data_keys SET wrapped = :wrapped, master_id = :master_id WHERE key_id = :key_id AND wrapped IS NOT NULL"
)


async def rotate_master_key(store: Store, core: Core, new: MasterKey) -> int:
    """Locks all data keys with ``new``; returns how many. Small transactions: work goes on meanwhile, and after a crash
    it can simply be started again. New keys are locked with ``new`` from the first moment; other processes must be
    restarted with it before they can open keys they have not seen.

    Raises ``Tampered`` when a key opens with neither master key.
    """
    old = core.use_master(new)
    total = 0
    while moved := await store.write(lambda work: _rewrap(work, old, new)):
        total += moved
    return total


def _rewrap(work: Work, old: MasterKey, new: MasterKey) -> int:
    assert isinstance(work, SqlWork)
    database: Database = work.session
    rows = database.all(_OLD, master_id=new.master_id)
    for row in rows:
        raw = old.unwrap(row.key_id, row.owner, row.wrapped)
        database.run(_REWRAP, key_id=row.key_id, master_id=new.master_id, wrapped=new.wrap(row.key_id, row.owner, raw))
    return len(rows)
