"""Everything that can go wrong, in one tree. Each class carries its HTTP status and whether trying again can help."""

from __future__ import annotations

from typing import ClassVar


class SwitchboardError(Exception):
    """Base of all our errors. ``detail`` is safe to show outside: it never holds customer text.

    ``field``/``limit``/``fix`` name the offending field, the limit it broke and how to mend it, where that applies.
    """

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    retryable: ClassVar[bool] = False

    def __init__(
        self, detail: str = "", *, field: str | None = None, limit: str | None = None, fix: str | None = None
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.field = field
        self.limit = limit
        self.fix = fix


class Rejected(SwitchboardError):
    """The caller must change something before trying again."""

    status = 400
    title = "The request is not valid"


class InvalidInput(Rejected):
    status = 422
    title = "A field is not valid"


class TooLarge(Rejected):
    status = 413
    title = "Too large"


class Unauthenticated(Rejected):
    status = 401
    title = "Sign in first"


class BadSignature(Rejected):
    """The payload does not prove that it comes from the provider."""

    status = 401
    title = "The signature does not match"


class Forbidden(Rejected):
    status = 403
    title = "Your role does not allow this"


class NotFound(Rejected):
    status = 404
    title = "Not found"


class Conflict(Rejected):
    """Somebody else changed it first, or the same key was used for another body."""

    status = 409
    title = "It was changed meanwhile"


class TooManyRequests(Rejected):
    status = 429
    title = "Too many requests"
    retryable = True


class Unavailable(SwitchboardError):
    """Not now: a dependency is down, slow or overloaded. Trying later can help. ``retry_after`` in seconds."""

    status = 503
    title = "Temporarily unavailable"
    retryable = True

    def __init__(self, detail: str = "", *, retry_after: float = 5.0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class BreakerOpen(Unavailable):
    """The circuit breaker refuses calls. Waiting behind it is not an attempt."""

    title = "Paused after repeated failures"


class RateLimited(Unavailable):
    """The provider asked us to slow down."""

    title = "The provider limits the rate"


class Undeliverable(SwitchboardError):
    """The provider will never take this message: no retry."""

    status = 422
    title = "The message cannot be delivered"


class DeliveryUnknown(SwitchboardError):
    """The provider may have taken the message but its answer was lost. Never sent again by itself."""

    status = 502
    title = "Nobody knows whether the message was delivered"


class ChannelNeedsAttention(Undeliverable):
    """Token, permission or payment trouble: an operator must act before anything can be sent."""

    title = "The channel needs attention"


class Tampered(SwitchboardError):
    """An encrypted value was changed, moved or cut. It is an alarm, never text."""

    title = "A stored value does not open"


class Erased(SwitchboardError):
    """The key of this customer was destroyed: nothing personal can be read any more."""

    status = 410
    title = "This customer's data was erased"
