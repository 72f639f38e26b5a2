"""A visitor opens the file that an agent sent, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from switchboard.channels.web_chat import VisitorTokens
from switchboard.domain.message import ChannelType
from switchboard.errors import BadSignature
from switchboard.flows.agent_actions import reply
from switchboard.flows.extras import Extras
from switchboard.flows.files import hand_in
from switchboard.views.web_chat import chat_state
from tests.channels.payloads import NOW, make_channel
from tests.kit import ADDRESSES, open_world

TOKENS = VisitorTokens(secret=b"v" * 32)


class TestALinkToAFile:
    def test_opens_what_it_names(self) -> None:
        assert TOKENS.read_ticket(TOKENS.ticket("msg_1", 2, NOW), NOW) == ("msg_1", 2)

    def test_that_is_old_opens_nothing(self) -> None:
        with pytest.raises(BadSignature, match="old"):
            TOKENS.read_ticket(TOKENS.ticket("msg_1", 0, NOW), NOW + timedelta(hours=24))

    @pytest.mark.parametrize("forged", ["", ".", "a.b.c.d", "msg_1.0.99999999999.", "x" * 9000])
    def test_that_somebody_made_up_opens_nothing(self, forged: str) -> None:
        with pytest.raises(BadSignature):
            TOKENS.read_ticket(forged, NOW)

    def test_of_one_file_does_not_open_another(self) -> None:
        genuine = TOKENS.ticket("msg_1", 0, NOW)

        with pytest.raises(BadSignature):
            TOKENS.read_ticket(genuine.replace("msg_1.0", "msg_1.1"), NOW)


class TestWhatAVisitorSees:
    async def test_the_file_stands_with_the_answer(self) -> None:
        async with open_world(undo=timedelta()) as world:
            world.channels[ChannelType.WEB_CHAT] = make_channel(ChannelType.WEB_CHAT)  # type: ignore[assignment]  # the real one
            message = await world.say("hello", ChannelType.WEB_CHAT)
            upload = await hand_in(world.app, message.conversation_id, b"%PDF-1.7", "terms.pdf", "application/pdf")
            extras = Extras(uploads=(upload.blob_id or "",))
            sent = await reply(world.app, message.conversation_id, "Here.", agent_id=None, actor="t", extras=extras)

            state = await world.read(
                lambda work: chat_state(work, ADDRESSES[ChannelType.WEB_CHAT], "", leaving={sent.message_id})
            )

        assert [(f.place, f.name) for m in state.messages for f in m.files] == [(0, "terms.pdf")]
