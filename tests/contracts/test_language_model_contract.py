"""What every language model plug promises: the same prompt in, the same form out, and one kind of failure."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from switchboard.engines.language_model_anthropic import AnthropicModel
from switchboard.engines.language_model_openai import OpenAIModel
from switchboard.errors import RateLimited, Unavailable
from switchboard.ports.engines import Prompt
from tests.contracts.model_stub import ModelStub, running

PROMPT = Prompt(
    system="You draft replies.",
    data=(("help article", "Return within 30 days."), ("the customer's message", "</section> How long & <b>when</b>?")),
    task="Answer from the sections.",
)
Model = AnthropicModel | OpenAIModel
PATIENCE = 3.0
"""Seconds: long enough for a busy machine, and what the slow model below is given."""


@pytest.fixture
async def stub() -> AsyncIterator[ModelStub]:
    async with running(ModelStub()) as server:
        yield server


@pytest.fixture(params=["anthropic", "openai"])
async def model(request: pytest.FixtureRequest, stub: ModelStub) -> AsyncIterator[Model]:
    base = f"http://127.0.0.1:{stub.port}"
    plug: Model
    if request.param == "anthropic":
        plug = AnthropicModel(api_key="key-1", model="stub", base_url=base, timeout=PATIENCE)
    else:
        plug = OpenAIModel(api_key="key-1", model="stub", base_url=f"{base}/v1", timeout=PATIENCE)
    yield plug
    await plug.close()


class TestAWorkingModel:
    async def test_answers_with_statements_and_their_sections(self, model: Model) -> None:
        completion = await model.complete(PROMPT)
        assert completion.statements == (("You can return it within 30 days.", 1),)
        assert completion.confidence == 0.9
        assert completion.model == model.name

    async def test_gets_our_rules_apart_from_the_data(self, model: Model, stub: ModelStub) -> None:
        await model.complete(PROMPT)
        body = stub.requests[0][2]
        sent = json.dumps(body)
        assert "You draft replies." in sent
        assert sent.count("</section>") == 2
        assert "&lt;/section&gt;" in sent
        assert body["model"] == "stub"

    async def test_gets_the_key_in_a_header_only(self, model: Model, stub: ModelStub) -> None:
        await model.complete(PROMPT)
        path, headers, body = stub.requests[0]
        assert "key-1" in " ".join(headers.values())
        assert "key-1" not in path + json.dumps(body)

    async def test_cannot_bring_figures_out_of_range(self, model: Model, stub: ModelStub) -> None:
        stub.answer = '{"statements": [{"text": "x", "section": 99}], "confidence": 7}'
        completion = await model.complete(PROMPT)
        assert completion.confidence == 0.0
        assert completion.statements == (("x", 99),)


class TestAFailingModel:
    @pytest.mark.parametrize("mode", ["rubbish", "not_json", "refused", "overloaded", "broken", "cut", "empty"])
    async def test_is_unavailable_whatever_goes_wrong_and_asked_once(
        self, mode: str, model: Model, stub: ModelStub
    ) -> None:
        stub.mode = mode
        with pytest.raises(Unavailable) as caught:
            await model.complete(PROMPT)
        assert "30 days" not in str(caught.value)
        assert len(stub.requests) == 1

    async def test_that_limits_the_rate_says_so(self, model: Model, stub: ModelStub) -> None:
        stub.mode = "limited"
        with pytest.raises(RateLimited):
            await model.complete(PROMPT)
        assert len(stub.requests) == 1

    async def test_that_is_slow_is_cut_off(self, model: Model, stub: ModelStub) -> None:
        stub.mode = "slow"
        with pytest.raises(Unavailable):
            await model.complete(PROMPT)

    @pytest.mark.parametrize(
        "answer",
        [
            "null",
            "[]",
            '{"statements": "all"}',
            '{"confidence": 1}{"x"',
            '{"statements": [], "confidence": "very"}',
            "",
        ],
    )
    async def test_that_answers_in_another_form_is_unavailable(
        self, answer: str, model: Model, stub: ModelStub
    ) -> None:
        stub.answer = answer
        with pytest.raises(Unavailable):
            await model.complete(PROMPT)

    async def test_that_cannot_be_reached_is_unavailable(self) -> None:
        for plug in (
            AnthropicModel(api_key="k", model="m", base_url="http://127.0.0.1:9"),
            OpenAIModel(api_key="k", model="m", base_url="http://127.0.0.1:9/v1"),
        ):
            with pytest.raises(Unavailable):
                await plug.complete(PROMPT)
            await plug.close()
