"""Files of ours on their way to a provider: loaded, checked against what the channel carries, with a name."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field, replace

from switchboard.domain.message import Attachment
from switchboard.errors import Erased, InvalidInput, NotFound, TooLarge, Undeliverable
from switchboard.ports.channel import Capabilities, LoadFile, Outgoing

_LONGEST_NAME = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingFile:
    """A file with its bytes. ``kind`` is that of the channel's rule: a picture too big to be one goes as a document."""

    kind: str
    name: str
    content_type: str
    data: bytes = field(repr=False)

    @property
    def part(self) -> tuple[str, bytes, str]:
        """For a form with files."""
        return self.name, self.data, self.content_type


async def load_file(
    message: Outgoing, attachment: Attachment, limits: Capabilities, load: LoadFile | None
) -> OutgoingFile:
    """Raises ``Undeliverable`` saying why for a file that is gone or that the channel does not carry."""
    if attachment.blob_id is None or load is None:
        raise Undeliverable("An attachment has neither a stored file nor a public link")
    try:
        data = await load(message.customer_id, attachment.blob_id)
    except (NotFound, Erased) as error:
        raise Undeliverable("An attachment is no longer stored") from error
    try:
        rule = limits.carries(replace(attachment, size=len(data)))
    except (InvalidInput, TooLarge) as refused:
        advice = "; ".join(part for part in (refused.detail, refused.limit, refused.fix) if part)
        raise Undeliverable(f"An attachment cannot be sent: {advice}") from refused
    content_type = attachment.content_type or "application/octet-stream"
    return OutgoingFile(kind=rule.kind, name=_name(attachment, content_type), content_type=content_type, data=data)


def _name(attachment: Attachment, content_type: str) -> str:
    named = "".join(c if c.isprintable() and c not in '"\\/' else "_" for c in attachment.name or "")
    return named[-_LONGEST_NAME:].strip() or f"file{mimetypes.guess_extension(content_type) or ''}"
