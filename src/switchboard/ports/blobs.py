"""Files: attachments, recordings, archives. Bytes handed in here are already sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable


class Blobs(Protocol):
    """``put`` is durable when it returns. ``get`` raises ``NotFound``. ``delete`` of a missing blob is no error."""

    def put(self, blob_id: str, data: bytes) -> None: ...

    def put_pieces(self, blob_id: str, pieces: Iterable[bytes]) -> None:
        """``put`` of a file that is made while it is written."""
        ...

    def get(self, blob_id: str) -> bytes: ...

    def delete(self, blob_id: str) -> None: ...


@runtime_checkable
class ListsBlobs(Protocol):
    """Where files outlive the process, those that a crash left behind can be found. ``fingerprint``: SHA-256 of an id."""

    def fingerprints(self, since: datetime, before: datetime) -> Iterator[str]:
        """Of the files written between the two times."""
        ...

    def delete_fingerprint(self, fingerprint: str) -> None: ...
