"""Stop asking a helper that keeps failing, and try it again carefully a little later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from switchboard.errors import BreakerOpen, SwitchboardError, Unavailable
from switchboard.ports.clock import Clock
from switchboard.ports.engines import Completion, LanguageModel, Prompt
from switchboard.resilience import Breaker

Result = TypeVar("Result")


class Guard:
    """The circuit breaker of one dependency (opens after 5 failures, tests after 30 s, closes after 3 successes).

    Only what waiting can mend counts as a failure: ``Unavailable``, a time-out or an exception that is none of ours. A
    refusal of the request itself shows that the dependency lives.
    """

    def __init__(self, name: str, clock: Clock, breaker: Breaker | None = None) -> None:
        self.name = name
        self.breaker = breaker or Breaker()
        self._clock = clock

    async def call(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """The result of ``work()``. Raises ``BreakerOpen`` without calling while the breaker refuses."""
        self._enter()
        try:
            result = await work()
        except Exception as error:
            self._leave(failed=_is_failure(error))
            raise
        except BaseException:
            self.breaker = replace(self.breaker, probing=False)  # cancelled: neither proof of life nor of death
            raise
        self._leave(failed=False)
        return result

    def _enter(self) -> None:
        now = self._clock.monotonic()
        if not self.breaker.admits(now):
            raise BreakerOpen(f"{self.name} is paused after repeated failures", retry_after=self._wait(now))
        self.breaker = self.breaker.started(now)

    def _leave(self, *, failed: bool) -> None:
        now = self._clock.monotonic()
        self.breaker = self.breaker.failed(now) if failed else self.breaker.succeeded(now)

    def _wait(self, now: float) -> float:
        return max(1.0, self.breaker.retry_after(now))


class Guards:
    """One guard a dependency, kept by name: ``language_model``, ``whatsapp:account`` and so on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._guards: dict[str, Guard] = {}

    def named(self, name: str) -> Guard:
        return self._guards.setdefault(name, Guard(name, self._clock))

    def states(self) -> dict[str, str]:
        """Name to closed, open or half_open, for the health page."""
        return {name: guard.breaker.state.value for name, guard in self._guards.items()}


class GuardedLanguageModel:
    """A language model behind its breaker."""

    def __init__(self, model: LanguageModel, guard: Guard) -> None:
        self._model = model
        self._guard = guard

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, prompt: Prompt) -> Completion:
        return await self._guard.call(lambda: self._model.complete(prompt))


def _is_failure(error: Exception) -> bool:
    return isinstance(error, Unavailable) or not isinstance(error, SwitchboardError)
