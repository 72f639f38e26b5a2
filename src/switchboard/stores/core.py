"""What both databases share: the keys at hand, how a story is run, and how their errors are told in our words."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError, IntegrityError

from switchboard.errors import Conflict, SwitchboardError, Unavailable
from switchboard.ports.clock import Clock
from switchboard.stores.codec import micros
from switchboard.stores.database import Database, DriverConnection, insert, sql
from switchboard.stores.sealing import INDEX, Sealer
from switchboard.stores.session import Session
from switchboard.stores.work import SqlWork
from switchboard.trust.blind_index import BlindIndex
from switchboard.trust.keyring import Keyring
from switchboard.trust.master_key import MasterKey
from switchboard.trust.vault import new_data_key

MOST_RUNS = 5
"""How often a story is run again after losing a race."""

_INDEX_KEY = sql("SELECT key_id, wrapped FROM data_keys WHERE owner = :owner")
_ADD_KEY = insert("data_keys", ["key_id", "owner", "wrapped", "master_id", "created_at"])


@dataclass(slots=True)
class Core:
    """One open database's secrets and clock."""

    master: MasterKey
    clock: Clock
    postgres: bool
    index: BlindIndex
    keyring: Keyring = field(default_factory=Keyring)
    former: tuple[MasterKey, ...] = ()

    def use_master(self, new: MasterKey) -> MasterKey:
        """New data keys are locked with ``new`` from now on, older ones still open; returns the one used before."""
        before, self.master = self.master, new
        self.former = (before, *self.former)
        return before

    def work(self, driver: DriverConnection) -> tuple[SqlWork, Sealer]:
        """For one run of one story; publish the sealer's keys after the commit."""
        sealer = Sealer(Database(driver, self.postgres), self.master, self.keyring, self.clock, self.former)
        return SqlWork(Session(driver, self.postgres, sealer, self.index, self.clock)), sealer


def open_core(database: Database, master: MasterKey, clock: Clock) -> Core:
    """Finds the secret of the look-up fingerprints, or makes it on the first start. It lies in the database, locked by
    the master key, so that the master key can change while the fingerprints stay."""
    database.lock("index-key")
    row = database.one(_INDEX_KEY, owner=INDEX)
    if row is not None:
        secret = master.unwrap(row.key_id, INDEX, row.wrapped)
        return Core(master, clock, database.postgres, BlindIndex(secret))
    key, raw = new_data_key(INDEX)
    database.run(
        _ADD_KEY,
        key_id=key.key_id,
        owner=INDEX,
        wrapped=master.wrap(key.key_id, INDEX, raw),
        master_id=master.master_id,
        created_at=micros(clock.now()),
    )
    return Core(master, clock, database.postgres, BlindIndex(raw))


def translated(error: BaseException) -> BaseException:
    """A database's complaint as one of our errors; anything else comes back as it is."""
    if isinstance(error, SwitchboardError):
        return error
    if isinstance(error, IntegrityError | sqlite3.IntegrityError):
        return Conflict("a rival stored it first, or it refers to something that is gone")
    if isinstance(error, DBAPIError | sqlite3.Error):
        return Unavailable("the database cannot be written or read just now")
    return error
