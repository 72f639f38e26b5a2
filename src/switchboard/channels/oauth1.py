"""OAuth 1.0a request signing (RFC 5849, HMAC-SHA1): X's tokens of this kind never expire."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1:
    """The app's key pair and the account's token pair."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)

    def header(
        self, method: str, url: str, *, timestamp: int, nonce: str, query: Mapping[str, str] | None = None
    ) -> str:
        """The ``Authorization`` header of a request whose body is not a form. ``nonce`` must be new each time; ``url``
        is without the ``query``, which is signed too."""
        oauth = {
            "oauth_consumer_key": self.consumer_key,
            "oauth_nonce": nonce,
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": str(timestamp),
            "oauth_token": self.token,
            "oauth_version": "1.0",
        }
        signed = {**oauth, "oauth_signature": self.signature(method, url, {**(query or {}), **oauth})}
        return "OAuth " + ", ".join(f'{_escape(name)}="{_escape(value)}"' for name, value in sorted(signed.items()))

    def signature(self, method: str, url: str, parameters: Mapping[str, str]) -> str:
        """Base64 HMAC-SHA1 over method, address (without query) and all parameters."""
        escaped = sorted((_escape(name), _escape(value)) for name, value in parameters.items())
        joined = "&".join(f"{name}={value}" for name, value in escaped)
        base = "&".join((method.upper(), _escape(url), _escape(joined)))
        key = f"{_escape(self.consumer_secret)}&{_escape(self.token_secret)}"
        return b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode("ascii")


def _escape(value: str) -> str:
    return quote(value, safe="~")
