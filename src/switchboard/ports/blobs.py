"""Files: attachments, recordings, archives. Bytes handed in here are already sealed."""

from __future__ import annotations

from typing import Protocol


class Blobs(Protocol):
    """``put`` is durable when it returns. ``get`` raises ``NotFound``. ``delete`` of a missing blob is no error."""

    def put(self, blob_id: str, data: bytes) -> None: ...

    def get(self, blob_id: str) -> bytes: ...

    def delete(self, blob_id: str) -> None: ...
