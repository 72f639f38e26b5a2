"""Proof that a payload really comes from the provider: signatures over the raw bytes, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import parse_qs, urlsplit, urlunsplit

from switchboard.errors import BadSignature
from switchboard.ports.channel import RawRequest

DEFAULT_PORTS = {"https": 443, "http": 80}


def same(given: str, expected: str) -> bool:
    """Equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))


def sha256_hex(secret: str, body: bytes) -> str:
    """Meta's header value: ``sha256=`` and the lower-case hex HMAC-SHA256 of the body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def sha256_base64(secret: str, body: bytes) -> str:
    """X's header value: ``sha256=`` and the base64 HMAC-SHA256 of the body."""
    return "sha256=" + b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode("ascii")


def require_sha256_hex(request: RawRequest, *, header: str, secret: str) -> None:
    """Raises ``BadSignature`` unless the header signs the raw body (Meta)."""
    _require(request, header, [sha256_hex(secret, request.body)])


def require_sha256_base64(request: RawRequest, *, header: str, secret: str) -> None:
    """Raises ``BadSignature`` unless the header signs the raw body (X)."""
    _require(request, header, [sha256_base64(secret, request.body)])


def twilio_signature(url: str, form: Mapping[str, Sequence[str]], secret: str) -> str:
    """Base64 HMAC-SHA1 over the URL and, in byte order of their names, every field with its values, blank ones too."""
    fields = sorted(form.items(), key=lambda item: item[0].encode("utf-8", "replace"))
    signed = url + "".join(name + value for name, values in fields for value in sorted(set(values)))
    return b64encode(hmac.new(secret.encode(), signed.encode("utf-8", "replace"), hashlib.sha1).digest()).decode(
        "ascii"
    )


def require_twilio(request: RawRequest, form: Mapping[str, Sequence[str]], *, secret: str) -> None:
    """Raises ``BadSignature`` unless ``X-Twilio-Signature`` fits the public URL (with or without its default port)."""
    body_digest = parse_qs(urlsplit(request.url).query).get("bodySHA256")
    if body_digest is not None:
        if not same(body_digest[0], hashlib.sha256(request.body).hexdigest()):
            raise BadSignature("The body does not match bodySHA256")
        form = {}
    _require(request, "x-twilio-signature", [twilio_signature(url, form, secret) for url in _spellings(request.url)])


def _require(request: RawRequest, header: str, expected: Iterable[str]) -> None:
    given = request.headers.get(header)
    if not given:
        raise BadSignature(f"The header {header} is missing")
    if not any([same(given, candidate) for candidate in expected]):  # noqa: C419  # every candidate takes the same time
        raise BadSignature(f"The header {header} does not sign this body")


def _spellings(url: str) -> list[str]:
    """The URL without fragment: as it came, with the default port, and without it."""
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(fragment=""))
    try:
        port = parts.port
    except ValueError:
        return [bare]
    default = DEFAULT_PORTS.get(parts.scheme)
    if port is None and default is not None:
        return [bare, urlunsplit(parts._replace(netloc=f"{parts.netloc}:{default}", fragment=""))]
    if port == default:
        return [bare, urlunsplit(parts._replace(netloc=parts.netloc.rsplit(":", 1)[0], fragment=""))]
    return [bare]
