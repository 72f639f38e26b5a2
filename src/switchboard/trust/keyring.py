"""Opened data keys, kept for a while: a bounded memory, so that a million customers need no million keys at hand."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from switchboard.trust.vault import DataKey

CAPACITY = 10_000


class Keyring:
    """Least recently used keys fall out first. Safe to use from several threads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._keys: OrderedDict[str, DataKey] = OrderedDict()
        self._current: dict[str, str] = {}
        self._lock = Lock()

    def get(self, key_id: str) -> DataKey | None:
        with self._lock:
            key = self._keys.get(key_id)
            if key is not None:
                self._keys.move_to_end(key_id)
            return key

    def current(self, owner: str) -> DataKey | None:
        """The key that new values of this owner are sealed with."""
        key_id = self._current.get(owner)
        return self.get(key_id) if key_id is not None else None

    def add(self, key: DataKey, *, current: bool = False) -> None:
        with self._lock:
            self._keys[key.key_id] = key
            self._keys.move_to_end(key.key_id)
            if current:
                self._current[key.owner] = key.key_id
            while len(self._keys) > self._capacity:
                _, oldest = self._keys.popitem(last=False)
                if self._current.get(oldest.owner) == oldest.key_id:
                    del self._current[oldest.owner]

    def forget(self, owner: str) -> None:
        """Drops every key of an owner, whose keys are being destroyed."""
        with self._lock:
            self._current.pop(owner, None)
            for key_id in [key_id for key_id, key in self._keys.items() if key.owner == owner]:
                del self._keys[key_id]

    def clear(self) -> None:
        with self._lock:
            self._keys.clear()
            self._current.clear()

    def __len__(self) -> int:
        return len(self._keys)
