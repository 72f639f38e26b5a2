"""Drafts written by Anthropic's models."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import ValidationError

from switchboard.engines.completion import CALL_LIMIT_S, AnswerForm, to_completion, user_text
from switchboard.errors import RateLimited, Unavailable
from switchboard.ports.engines import Completion, Prompt

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic


class AnthropicModel:
    """Fulfils ``LanguageModel``. ``timeout`` in seconds; the SDK is imported on first use and never retries by itself, so
    that the breaker sees every failure."""

    def __init__(self, *, api_key: str, model: str, base_url: str | None = None, timeout: float = CALL_LIMIT_S) -> None:
        self._api_key = api_key
        self._model = model
        self._base_url = base_url
        self._timeout = min(timeout, CALL_LIMIT_S)

    @property
    def name(self) -> str:
        return f"anthropic:{self._model}"

    async def complete(self, prompt: Prompt) -> Completion:
        """Raises ``Unavailable`` for time-outs, limits, refusals and rubbish; ``RateLimited`` when told to slow down."""
        import anthropic

        try:
            async with asyncio.timeout(self._timeout):
                form = await self._ask(prompt)
        except anthropic.RateLimitError as error:
            raise RateLimited("the language model limits the rate") from error
        except TimeoutError as error:
            raise Unavailable("the language model took too long") from error
        except (anthropic.AnthropicError, ValidationError, ValueError, AttributeError, TypeError) as error:
            raise Unavailable(f"the language model failed ({type(error).__name__})") from None
        return to_completion(form, self.name)

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, prompt: Prompt) -> AnswerForm:
        message = await self._client.messages.parse(
            model=self._model,
            max_tokens=prompt.max_tokens,
            system=prompt.system,
            messages=[{"role": "user", "content": user_text(prompt)}],
            output_format=AnswerForm,
        )
        form = message.parsed_output
        if not isinstance(form, AnswerForm):
            raise ValueError("no structured answer")
        return form

    @cached_property
    def _client(self) -> AsyncAnthropic:
        from anthropic import AsyncAnthropic

        return AsyncAnthropic(api_key=self._api_key, base_url=self._base_url, max_retries=0, timeout=self._timeout)
