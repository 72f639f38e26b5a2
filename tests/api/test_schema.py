"""A machine reads the published description and tries everything it can think of: nothing may break."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from switchboard.trust.roles import Role
from tests.api.face import Face, open_face
from tests.api.operations import NEEDS

ENDLESS = {"/v1/events"}
EXAMPLES = 20


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Face, asyncio.Runner]]:
    folder: Path = tmp_path_factory.mktemp("schema")
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def begin() -> Face:
            face = await stack.enter_async_context(open_face(folder / "d", limits={"requests_per_minute": 1_000_000}))
            body = {"channel": "web_chat", "sender": {"address": "v1"}, "text": "hello"}
            await face.ask("POST", "/v1/messages", json=body)
            return face

        yield runner.run(begin()), runner
        runner.run(stack.aclose())


@pytest.mark.parametrize("name", sorted(set(NEEDS) - {f"GET {path}" for path in ENDLESS}))
def test_an_operation_answers_every_input_as_described(running: tuple[Face, asyncio.Runner], name: str) -> None:
    face, runner = running
    method, path = name.split()
    schema = schemathesis.openapi.from_dict(face.system.api.openapi())
    operation = schema[path][method]

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(), role=st.sampled_from([Role.ADMIN, Role.PRIVACY_OFFICER]))
    def try_it(case: Any, role: Role) -> None:
        arguments = case.as_transport_kwargs(base_url="http://test")
        headers = {k: v for k, v in (arguments.pop("headers", None) or {}).items() if k.lower() != "authorization"}
        headers["Authorization"] = f"Bearer {face.keys[role]}"
        wanted = {k: arguments[k] for k in ("params", "json", "content", "data") if arguments.get(k) is not None}
        answer = runner.run(face.client.request(method, arguments["url"], headers=headers, **wanted))

        assert answer.status_code < 500, f"{arguments} -> {answer.status_code} {answer.text[:300]}"
        described = operation.definition.raw["responses"]
        assert str(answer.status_code) in described, f"{arguments} -> {answer.status_code} {answer.text[:300]}"
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"

    try_it()
