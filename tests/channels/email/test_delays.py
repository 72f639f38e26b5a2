"""A mail of ours that is still on its way: people see why it takes so long."""

from __future__ import annotations

from switchboard.domain.inbound import Fate, InboundKind
from switchboard.domain.message import DeliveryState
from tests.kit import open_world, said

DELAY = {"delayed": "yes", "permanent": "no"}


class TestADelay:
    async def test_is_shown_at_the_message_and_settles_nothing(self) -> None:
        async with open_world() as world:
            message = await world.say("hello")
            await world.drain()
            (notice,) = [m for m in await world.timeline(message.conversation_id) if m.delivery is not None]
            target = notice.external_id or "out-whatsapp-1"

            taken = await world.hear(
                said("", kind=InboundKind.STATUS, target=target, metadata=DELAY, delivery_error="4.4.1 no answer")
            )
            after = await world.message(notice.message_id)

        assert taken.accepted[0].fate is Fate.APPLIED
        assert after.delivery is notice.delivery is DeliveryState.SENT
        assert after.delivery_error == "delayed: 4.4.1 no answer"

    async def test_of_a_mail_that_is_settled_changes_nothing(self) -> None:
        async with open_world() as world:
            taken = await world.hear(said("", kind=InboundKind.STATUS, target="<unknown@x>", metadata=DELAY))

        assert taken.accepted[0].fate is Fate.IGNORED
