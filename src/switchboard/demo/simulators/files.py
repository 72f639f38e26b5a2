"""The providers' file servers: what customers sent lies there, and what we hand over for a message."""

from __future__ import annotations

import hashlib
from email import message_from_bytes
from email.policy import default

import httpx2

from switchboard.demo.simulators.carrier import Carrier, SentFile, number_id

FOLDER = "/simulated-files/"
"""Below the provider's API, so that the same address may be called."""


def link(host: str, file_id: str) -> str:
    return f"https://{host}{FOLDER}{file_id}"


def given_out(carrier: Carrier, request: httpx2.Request) -> httpx2.Response | None:
    """The answer to a request for a file; None for any other request."""
    path = request.url.path
    if request.method != "GET" or not path.startswith(FOLDER):
        return None
    file = carrier.files.get(path.removeprefix(FOLDER))
    if file is None:
        return httpx2.Response(404)
    headers = {"content-type": file.content_type}
    if file.name:
        headers["content-disposition"] = f'attachment; filename="{file.name}"'
    return httpx2.Response(200, content=file.data, headers=headers)


def described(carrier: Carrier, file_id: str, host: str) -> dict[str, object] | None:
    """What WhatsApp tells of a media id."""
    file = carrier.files.get(file_id)
    if file is None:
        return None
    digest = hashlib.sha256(file.data).hexdigest()
    return {
        "id": file_id,
        "url": link(host, file_id),
        "mime_type": file.content_type,
        "sha256": digest,
        "file_size": len(file.data),
    }


def form_of(request: httpx2.Request) -> tuple[dict[str, str], SentFile | None]:
    """Fields and file of a form."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    fields: dict[str, str] = {}
    file: SentFile | None = None
    for part in message_from_bytes(head + request.content, policy=default).iter_parts():
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes):
            continue
        if part.get_filename() is not None:
            file = SentFile(data=data, content_type=part.get_content_type(), name=part.get_filename())
        else:
            fields[str(part.get_param("name", header="content-disposition"))] = data.decode("utf-8", "replace")
    return fields, file


def taken_in(carrier: Carrier, request: httpx2.Request) -> str | None:
    """The id of a file that we handed over, or None if the form holds none."""
    _, file = form_of(request)
    return carrier.lay_out(file, number_id(16)) if file is not None else None
