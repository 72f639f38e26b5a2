"""Files in a folder, or in memory for tests; flushed to the disk before anybody is told that they are safe."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from io import RawIOBase
from pathlib import Path

from switchboard.errors import NotFound, Unavailable

PART = 1024 * 1024
"""As much is written between two flushes."""
BREATH_S = 0.001
"""After each piece of a file bigger than that: 25 MB take a quarter of a second longer, and everybody else does not."""


class FolderBlobs:
    """Fulfils ``ports.blobs.Blobs``. A file's name is a fingerprint of its id, so no id can point outside the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, blob_id: str, data: bytes) -> None:
        self.put_pieces(blob_id, (data,))

    def put_pieces(self, blob_id: str, pieces: Iterable[bytes]) -> None:
        """Raises ``Unavailable`` when the disk is full or broken; then nothing half-written stays behind."""
        path = self._path(blob_id)
        partial = path.with_suffix(f".{os.urandom(6).hex()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_durably(partial, pieces)
            partial.replace(path)
            _flush_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise Unavailable("the file store cannot be written") from error

    def get(self, blob_id: str) -> bytes:
        try:
            return self._path(blob_id).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("no such file") from error
        except OSError as error:
            raise Unavailable("the file store cannot be read") from error

    def delete(self, blob_id: str) -> None:
        try:
            self._path(blob_id).unlink(missing_ok=True)
        except OSError as error:
            raise Unavailable("the file store cannot be written") from error

    def fingerprints(self, since: datetime, before: datetime) -> Iterator[str]:
        """Fulfils ``ports.blobs.ListsBlobs``. What a crash left half-written goes on the way."""
        for path in self._folder.glob("??/*"):
            with suppress(OSError):  # somebody else may delete it meanwhile
                written = path.stat().st_mtime
                if path.suffix == ".part" and written < before.timestamp():
                    path.unlink()
                elif not path.suffix and since.timestamp() <= written < before.timestamp():
                    yield path.parent.name + path.name

    def delete_fingerprint(self, fingerprint: str) -> None:
        with suppress(OSError):
            self._place(fingerprint).unlink(missing_ok=True)

    def _path(self, blob_id: str) -> Path:
        return self._place(hashlib.sha256(blob_id.encode()).hexdigest())

    def _place(self, fingerprint: str) -> Path:
        return self._folder / fingerprint[:2] / fingerprint[2:]


class MemoryBlobs:
    """Fulfils ``ports.blobs.Blobs``; gone when the process ends."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    def put(self, blob_id: str, data: bytes) -> None:
        self._blobs[blob_id] = bytes(data)

    def put_pieces(self, blob_id: str, pieces: Iterable[bytes]) -> None:
        self._blobs[blob_id] = b"".join(pieces)

    def get(self, blob_id: str) -> bytes:
        try:
            return self._blobs[blob_id]
        except KeyError as error:
            raise NotFound("no such file") from error

    def delete(self, blob_id: str) -> None:
        self._blobs.pop(blob_id, None)


def _write_durably(path: Path, pieces: Iterable[bytes]) -> None:
    """A big file is flushed little by little: whoever else flushes meanwhile waits for one part at most."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        loose = written = 0
        for piece in pieces:
            size = _write_all(file, piece)
            loose, written = loose + size, written + size
            if loose >= PART:
                os.fsync(file.fileno())
                loose = 0
            if written >= PART:
                time.sleep(BREATH_S)
        os.fsync(file.fileno())


def _write_all(file: RawIOBase, piece: bytes) -> int:
    view = memoryview(piece)
    while view:
        view = view[file.write(view) or 0 :]
    return len(piece)


def _flush_folder(folder: Path) -> None:
    """Also the new name must survive a power cut, not only the bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
