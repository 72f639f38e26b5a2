"""The guard around helpers that fail, and documents as they come."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from switchboard.engines.breaker import Guard, GuardedLanguageModel, Guards
from switchboard.errors import BreakerOpen, InvalidInput, Unavailable
from switchboard.ports.engines import Completion, Prompt

PROMPT = Prompt(system="", data=(), task="")


@dataclass(slots=True)
class Hands:
    """A clock that is moved by hand."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 20, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds


@dataclass(slots=True)
class Double:
    """A model that fails as told."""

    failure: Exception | None = None
    calls: int = 0
    name: str = "double"
    wait: asyncio.Event | None = field(default=None)

    async def complete(self, prompt: Prompt) -> Completion:
        self.calls += 1
        if self.wait is not None:
            await self.wait.wait()
        if self.failure is not None:
            raise self.failure
        return Completion(statements=(), confidence=1.0, model=self.name)


class TestAGuardedModel:
    async def test_is_not_asked_after_five_failures_until_half_a_minute_passed(self) -> None:
        clock, double = Hands(), Double(failure=Unavailable("down"))
        model = GuardedLanguageModel(double, Guard("language model", clock))
        for _ in range(5):
            with pytest.raises(Unavailable):
                await model.complete(PROMPT)
        with pytest.raises(BreakerOpen) as refused:
            await model.complete(PROMPT)
        assert double.calls == 5
        assert refused.value.retry_after == 30
        clock.seconds, double.failure = 30.0, None
        for _ in range(3):
            await model.complete(PROMPT)
        assert Guards(clock).named("x").breaker.state.value == "closed"
        assert double.calls == 8

    async def test_tests_with_one_call_at_a_time(self) -> None:
        clock, double = Hands(), Double(failure=Unavailable("down"))
        guard = Guard("language model", clock)
        model = GuardedLanguageModel(double, guard)
        for _ in range(5):
            with pytest.raises(Unavailable):
                await model.complete(PROMPT)
        clock.seconds, double.failure, double.wait = 31.0, None, asyncio.Event()
        probe = asyncio.create_task(model.complete(PROMPT))
        await asyncio.sleep(0)
        with pytest.raises(BreakerOpen):
            await model.complete(PROMPT)
        double.wait.set()
        await probe
        await model.complete(PROMPT)

    async def test_a_cancelled_test_call_gives_its_place_back(self) -> None:
        clock, double = Hands(), Double(failure=Unavailable("down"))
        guard = Guard("language model", clock)
        for _ in range(5):
            with pytest.raises(Unavailable):
                await guard.call(lambda: double.complete(PROMPT))
        clock.seconds, double.wait = 31.0, asyncio.Event()
        probe = asyncio.create_task(guard.call(lambda: double.complete(PROMPT)))
        await asyncio.sleep(0)
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        double.failure, double.wait = None, None
        assert (await guard.call(lambda: double.complete(PROMPT))).model == "double"

    async def test_a_refused_request_is_no_failure_of_the_dependency(self) -> None:
        guard = Guard("language model", Hands())
        double = Double(failure=InvalidInput("too long"))
        for _ in range(9):
            with pytest.raises(InvalidInput):
                await guard.call(lambda: double.complete(PROMPT))
        assert guard.breaker.failures == 0

    def test_guards_are_kept_by_name(self) -> None:
        guards = Guards(Hands())
        assert guards.named("a") is guards.named("a")
        guards.named("b")
        assert guards.states() == {"a": "closed", "b": "closed"}


class TestImporting:
    def test_the_plugs_do_not_load_the_sdks(self) -> None:
        code = (
            "import sys, switchboard.engines.language_model_anthropic, switchboard.engines.language_model_openai; "
            "sys.exit('anthropic' in sys.modules or 'openai' in sys.modules)"
        )
        path = ":".join(sys.path)
        assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path}, check=False).returncode == 0
