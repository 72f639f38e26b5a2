"""What becomes of files, statuses, hand-overs, comments and trouble, from the payload to what the agent sees."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from switchboard.domain.ids import ConversationId, PayloadId
from switchboard.domain.inbound import Fate, InboundEvent, InboundKind
from switchboard.domain.message import (
    Attachment,
    ChannelType,
    Choice,
    ConversationMessage,
    DeliveryState,
    FileState,
    MessageContent,
    MessageKind,
)
from switchboard.errors import (
    ChannelNeedsAttention,
    Conflict,
    Erased,
    InvalidInput,
    NotFound,
    RateLimited,
    SwitchboardError,
    TooLarge,
    Unavailable,
)
from switchboard.flows import attention, signals
from switchboard.flows.agent_actions import reply
from switchboard.flows.customers import erase_customer
from switchboard.flows.extras import Extras, TemplateChoice
from switchboard.flows.files import clear_unsent, hand_in, open_file
from switchboard.flows.intake import keep_unreadable
from switchboard.flows.replay import replay_payload
from switchboard.flows.templates import refresh_templates
from switchboard.ports.channel import Capabilities, FetchedFile, MediaRule, MessageTemplate
from switchboard.ports.records import JobKind, Page, View
from tests.channels.payloads import request_of
from tests.kit import RecordingChannel, World, open_world, said, sender

FACEBOOK, WHATSAPP = ChannelType.FACEBOOK, ChannelType.WHATSAPP
PICTURE = b"\x89PNG a broken lamp"
MB = 1024 * 1024


@dataclass
class Rich(RecordingChannel):
    """A channel with everything: ``files`` are what the provider has, by link."""

    files: dict[str, FetchedFile | SwitchboardError] = field(default_factory=dict)
    signalled: list[tuple[str | None, bool]] = field(default_factory=list)

    def __init__(self, kind: ChannelType, **can: object) -> None:
        super().__init__(kind)
        usual: dict[str, object] = {
            "fetches_media": True,
            "signals": True,
            "max_buttons": 3,
            "templates": True,
            "media": (MediaRule(kind="image", max_bytes=MB, content_types=("image/png",)),),
        }
        self.capabilities = Capabilities(**{**usual, **can})  # type: ignore[arg-type]  # the fields a test names
        self.files, self.signalled = {}, []

    async def fetch(self, account: str, attachment: Attachment, most: int) -> FetchedFile:
        found = self.files[attachment.url or ""]
        if isinstance(found, SwitchboardError):
            raise found
        return found

    async def signal(self, account: str, to: str, external_id: str | None, *, typing: bool) -> None:
        self.signalled.append((external_id, typing))

    async def list_templates(self) -> tuple[MessageTemplate, ...]:
        return (
            MessageTemplate(name="order_left", language="en", text="Hello {{name}}, it left.", variables=("name",)),
        )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world(undo=timedelta()) as opened:
        yield opened


def rich(world: World, channel: ChannelType = WHATSAPP, **can: object) -> Rich:
    made = Rich(channel, **can)
    world.channels[channel] = made
    return made


def pictured(*links: str, channel: ChannelType = WHATSAPP) -> InboundEvent:
    content = MessageContent(text="look", attachments=tuple(Attachment(kind="image", url=link) for link in links))
    return replace(said("look", channel), content=content)


async def hear(world: World, event: InboundEvent) -> ConversationMessage:
    taken = await world.hear(event)
    return await world.message(taken.accepted[0].message_id)  # type: ignore[arg-type]  # it was stored


async def fetch_due(world: World) -> int:
    jobs = await world.claim(JobKind.MEDIA)
    for job in jobs:
        await world.do(job)
    return len(jobs)


async def files_of(world: World, message: ConversationMessage) -> list[tuple[FileState | None, str | None]]:
    return [(a.state, a.reason) for a in (await world.message(message.message_id)).content.attachments]


class TestAFileOfACustomer:
    async def test_is_waited_for_then_stored_and_can_be_opened(self, world: World) -> None:
        rich(world).files["l1"] = FetchedFile(data=PICTURE, content_type="image/png", name="lamp.png")
        message = await hear(world, pictured("l1"))
        assert await files_of(world, message) == [(FileState.WAITING, None)]

        await fetch_due(world)

        opened = await open_file(world.app, message.message_id, 0)
        assert await files_of(world, message) == [(FileState.STORED, None)]
        assert (opened.data, opened.attachment.name, opened.attachment.size) == (PICTURE, "lamp.png", len(PICTURE))

    async def test_lies_sealed_and_is_unreadable_once_the_customer_is_erased(self, world: World) -> None:
        rich(world).files["l1"] = FetchedFile(data=PICTURE, content_type="image/png")
        message = await hear(world, pictured("l1"))
        await fetch_due(world)
        (kept,) = world.app.blobs.kept.values()  # type: ignore[attr-defined]  # the kit's blobs lie in memory

        await erase_customer(world.app, message.customer_id, "test")

        assert PICTURE not in kept
        with pytest.raises((NotFound, Erased)):
            await open_file(world.app, message.message_id, 0)

    @pytest.mark.parametrize(
        ("found", "why"),
        [
            (FetchedFile(data=b"MZ\x90 setup"), "Windows program"),
            (FetchedFile(data=b"x", name="invoice.js"), "ends with .js"),
            (FetchedFile(data=b""), "empty"),
            (TooLarge("the file is too large", limit="26214400 bytes"), "26214400 bytes"),
            (NotFound("its link has expired"), "expired"),
            (InvalidInput("the file lies at a host that is not the provider's"), "host"),
        ],
    )
    async def test_that_is_not_kept_stays_as_a_mention_with_the_reason(
        self, world: World, found: FetchedFile | SwitchboardError, why: str
    ) -> None:
        rich(world).files["l1"] = found
        message = await hear(world, pictured("l1"))

        await fetch_due(world)

        ((state, reason),) = await files_of(world, message)
        assert state is FileState.REFUSED
        assert why in (reason or "")
        assert await fetch_due(world) == 0

    async def test_that_cannot_be_had_is_asked_for_again_after_2_4_8_seconds_and_then_lies_in_the_dead_letters(
        self, world: World
    ) -> None:
        channel = rich(world)
        channel.files["l1"] = Unavailable("the provider's file server answered 503")
        message = await hear(world, pictured("l1"))
        waits = []
        for _ in range(6):
            waited = 0
            while not await fetch_due(world):
                world.clock.move(seconds=1)
                waited += 1
            waits.append(waited)

        ((state, reason),) = await files_of(world, message)
        letters = await world.read(lambda work: work.jobs.dead_letters(Page()).items)
        assert [2**n <= wait <= 2**n * 1.1 + 1 for n, wait in enumerate(waits) if n] == [True] * 5
        assert (state, [letter.kind for letter in letters]) == (FileState.FAILED, [JobKind.MEDIA])
        assert "replay" in (reason or "")

        channel.files["l1"] = FetchedFile(data=PICTURE, content_type="image/png")
        await world.write(lambda work: work.jobs.replay(letters[0].dead_letter_id, world.clock.now()))
        await fetch_due(world)

        assert await files_of(world, message) == [(FileState.STORED, None)]

    async def test_one_that_fails_does_not_keep_its_neighbour_away(self, world: World) -> None:
        channel = rich(world)
        channel.files |= {"l1": Unavailable("503"), "l2": FetchedFile(data=PICTURE)}
        message = await hear(world, pictured("l1", "l2"))

        await fetch_due(world)

        assert [state for state, _ in await files_of(world, message)] == [FileState.WAITING, FileState.STORED]

    async def test_of_a_message_that_was_withdrawn_is_not_kept(self, world: World) -> None:
        rich(world).files["l1"] = FetchedFile(data=PICTURE)
        message = await hear(world, pictured("l1"))
        await world.hear(said("", kind=InboundKind.DELETE, target=message.external_id))

        await fetch_due(world)

        assert world.app.blobs.kept == {}  # type: ignore[attr-defined]  # the kit's blobs lie in memory

    async def test_survives_a_correction_of_the_words(self, world: World) -> None:
        rich(world).files["l1"] = FetchedFile(data=PICTURE)
        message = await hear(world, pictured("l1"))
        await fetch_due(world)

        await world.hear(said("look, broken", kind=InboundKind.EDIT, target=message.external_id))

        edited = await world.message(message.message_id)
        assert edited.content.text == "look, broken"
        assert (await open_file(world.app, message.message_id, 0)).data == PICTURE

    async def test_is_left_alone_on_a_channel_that_fetches_nothing(self, world: World) -> None:
        message = await hear(world, pictured("l1"))

        assert await files_of(world, message) == [(None, None)]
        assert await fetch_due(world) == 0


class TestAnAgentSendsAFile:
    async def test_and_it_goes_out_with_the_reply(self, world: World) -> None:
        channel, message = rich(world), await world.say("hello")
        upload = await hand_in(world.app, message.conversation_id, PICTURE, "map.png", "image/png")

        await answer(world, message.conversation_id, "", uploads=(upload.blob_id or "",))

        (sent,) = channel.sent
        assert (sent.customer_id, [a.name for a in sent.attachments]) == (message.customer_id, ["map.png"])

    async def test_twice_with_one_upload_is_refused(self, world: World) -> None:
        rich(world)
        message = await world.say("hello")
        upload = await hand_in(world.app, message.conversation_id, PICTURE, "map.png", "image/png")
        await answer(world, message.conversation_id, "here", uploads=(upload.blob_id or "",))

        with pytest.raises(InvalidInput, match="no longer there"):
            await answer(world, message.conversation_id, "again", uploads=(upload.blob_id or "",))

    async def test_of_another_customer_s_conversation_is_refused(self, world: World) -> None:
        rich(world)
        mine, other = await world.say("hello"), await world.say("hi", address="+49309999999")
        upload = await hand_in(world.app, other.conversation_id, PICTURE, "map.png", "image/png")

        with pytest.raises(InvalidInput):
            await answer(world, mine.conversation_id, "here", uploads=(upload.blob_id or "",))

    @pytest.mark.parametrize(
        ("data", "kind", "error", "limit"),
        [
            (b"x" * (MB + 1), "image/png", TooLarge, "1024 KB"),
            (b"%PDF-1.7", "application/pdf", InvalidInput, "image/png"),
        ],
    )
    async def test_that_the_channel_does_not_carry_is_refused_with_the_limit(
        self, world: World, data: bytes, kind: str, error: type[SwitchboardError], limit: str
    ) -> None:
        rich(world)
        message = await world.say("hello")
        upload = await hand_in(world.app, message.conversation_id, data, "f", kind)

        with pytest.raises(error) as caught:
            await answer(world, message.conversation_id, "here", uploads=(upload.blob_id or "",))

        assert isinstance(caught.value, SwitchboardError)
        assert caught.value.limit == limit
        assert caught.value.fix

    async def test_that_is_a_program_is_refused_at_once(self, world: World) -> None:
        message = await world.say("hello")

        with pytest.raises(InvalidInput, match="Windows program"):
            await hand_in(world.app, message.conversation_id, b"MZ...", "setup.png", "image/png")

    async def test_and_forgets_it_so_it_is_gone_after_a_day(self, world: World) -> None:
        message = await world.say("hello")
        await hand_in(world.app, message.conversation_id, PICTURE, "map.png", "image/png")
        world.clock.move(hours=25)

        assert await clear_unsent(world.app) == 1
        assert world.app.blobs.kept == {}  # type: ignore[attr-defined]  # the kit's blobs lie in memory


async def answer(world: World, conversation_id: ConversationId, text: str, **extras: object) -> ConversationMessage:
    """An agent answers, and it leaves."""
    more = Extras(**extras)  # type: ignore[arg-type]  # the fields that a test names
    message = await reply(world.app, conversation_id, text, agent_id=None, actor="test", extras=more)
    for job in await world.claim(JobKind.SEND):
        await world.do(job)
    return await world.message(message.message_id)


class TestChoices:
    async def test_reach_a_channel_that_shows_them(self, world: World) -> None:
        channel, message = rich(world), await world.say("hello")

        await answer(world, message.conversation_id, "Which?", choices=(Choice(id="a", title="Red"),))

        assert channel.sent[0].choices == (Choice(id="a", title="Red"),)

    async def test_are_numbered_text_elsewhere(self, world: World) -> None:
        message = await world.say("hello")

        await answer(
            world,
            message.conversation_id,
            "Which?",
            choices=(Choice(id="a", title="Red"), Choice(id="b", title="Blue")),
        )

        assert world.sent[0].text == "Which?\n\n1. Red\n2. Blue"


class TestATemplate:
    async def test_goes_out_with_its_variables_and_the_agent_reads_its_words(self, world: World) -> None:
        channel, message = rich(world), await world.say("hello")
        await refresh_templates(world.app, WHATSAPP)
        chosen = TemplateChoice(name="order_left", variables={"name": "Ana"})

        sent = await answer(world, message.conversation_id, "", template=chosen)

        assert sent.content.text == "Hello Ana, it left."
        assert channel.sent[0].template is not None
        assert channel.sent[0].template.variables == {"name": "Ana"}

    @pytest.mark.parametrize(
        ("name", "values", "field"),
        [
            ("unknown", {}, "template.name"),
            ("order_left", {}, "template.variables.name"),
            ("order_left", {"name": "Ana", "x": "y"}, "template.variables.x"),
        ],
    )
    async def test_that_is_not_filled_in_right_is_refused(
        self, world: World, name: str, values: Mapping[str, str], field: str
    ) -> None:
        rich(world)
        message = await world.say("hello")
        await refresh_templates(world.app, WHATSAPP)

        with pytest.raises(InvalidInput) as caught:
            await answer(world, message.conversation_id, "", template=TemplateChoice(name=name, variables=values))

        assert caught.value.field == field


class TestStatuses:
    async def test_a_watermark_reaches_everything_before_it(self, world: World) -> None:
        message = await world.say("hello", FACEBOOK)
        first = await answer(world, message.conversation_id, "one")
        second = await answer(world, message.conversation_id, "two")
        world.clock.move(seconds=10)
        late = await answer(world, message.conversation_id, "three")
        mark = (world.clock.now() - timedelta(seconds=5)).isoformat()

        taken = await world.hear(status(FACEBOOK, DeliveryState.READ, None, {"watermark": mark}))

        states = [(await world.message(m.message_id)).delivery for m in (first, second, late)]
        assert taken.fate is Fate.APPLIED
        assert states == [DeliveryState.READ, DeliveryState.READ, DeliveryState.SENT]

    async def test_the_last_one_read_stands_for_those_before_on_x(self, world: World) -> None:
        message = await world.say("hello", ChannelType.TWITTER)
        first = await answer(world, message.conversation_id, "one")
        second = await answer(world, message.conversation_id, "two")

        told = {"and_before": "true"}
        await world.hear(status(ChannelType.TWITTER, DeliveryState.READ, second.external_id or "out-twitter-2", told))

        states = [(await world.message(m.message_id)).delivery for m in (first, second)]
        assert states == [DeliveryState.READ, DeliveryState.READ]

    async def test_a_watermark_of_a_stranger_changes_nothing(self, world: World) -> None:
        stranger = replace(
            status(FACEBOOK, DeliveryState.READ, None, {"watermark": world.clock.now().isoformat()}),
            senders=(sender(FACEBOOK, "nobody"),),
        )

        assert (await world.hear(stranger)).fate is Fate.IGNORED

    async def test_a_reaction_is_kept_with_its_sign(self, world: World) -> None:
        message = await world.say("hello")

        await world.hear(said("", kind=InboundKind.REACTION, target=message.external_id, metadata={"emoji": "👍"}))

        assert (await world.message(message.message_id)).metadata["reaction:customer"] == "👍"


def status(channel: ChannelType, state: DeliveryState, target: str | None, metadata: Mapping[str, str]) -> InboundEvent:
    return said("", channel, kind=InboundKind.STATUS, delivery=state, target=target, metadata=metadata)


class TestWhenAnotherAppTakesTheConversation:
    async def test_automation_falls_silent_and_the_team_reads_why(self, world: World) -> None:
        message = await world.say("hello", FACEBOOK)

        await world.hear(said("", FACEBOOK, kind=InboundKind.SYSTEM, metadata={"thread_owner": "another app"}))

        line = await world.timeline(message.conversation_id)
        assert (line[-1].kind, "Another app" in line[-1].content.text) == (MessageKind.NOTE, True)

    async def test_and_gives_it_back_somebody_has_to_look(self, world: World) -> None:
        message = await world.say("hello", FACEBOOK)

        await world.hear(said("", FACEBOOK, kind=InboundKind.SYSTEM, metadata={"thread_owner": "us"}))

        line = await world.timeline(message.conversation_id)
        assert line[-1].kind is MessageKind.PLACEHOLDER
        assert (await world.conversation(message.conversation_id)).needs_reply_since is not None


class TestAComment:
    async def test_is_taken_in_and_answered_in_public_where_it_is_switched_on(self, world: World) -> None:
        channel = rich(world, FACEBOOK, public=True)
        taken = await world.hear(comment())
        message = await world.message(taken.accepted[0].message_id)  # type: ignore[arg-type]  # it was stored

        await answer(world, message.conversation_id, "Thank you!")

        assert (message.metadata["kind"], channel.sent[0].public_reply_to) == ("public_mention", "c1")

    async def test_that_comes_after_a_private_answer_was_written_does_not_make_it_public(self, world: World) -> None:
        channel = rich(world, FACEBOOK, public=True)
        asked = await world.say("My address is 12 Elm Street", FACEBOOK)
        await reply(world.app, asked.conversation_id, "Sent to 12 Elm Street.", agent_id=None, actor="test")
        await world.hear(comment())

        for job in await world.claim(JobKind.SEND):
            await world.do(job)

        assert channel.sent[0].public_reply_to is None

    async def test_goes_to_a_person_and_no_machine_says_a_word(self, world: World) -> None:
        channel = rich(world, FACEBOOK, public=True)
        await world.allow_automation()

        await world.hear(comment())
        await world.drain()

        (talk,) = (await world.read(lambda work: work.conversations.page(View.QUEUE, Page()))).items
        assert (talk.needs_reply_since is not None, channel.sent) == (True, [])

    async def test_is_left_alone_where_it_is_not(self, world: World) -> None:
        assert (await world.hear(comment())).fate is Fate.IGNORED


def comment() -> InboundEvent:
    return said("Great lamp", FACEBOOK, kind=InboundKind.PUBLIC_MENTION, metadata={"public_id": "c1"})


class TestTroubleOfAChannel:
    async def test_that_an_operator_must_mend_is_shown_until_something_is_sent(self, world: World) -> None:
        channel, message = rich(world), await world.say("hello")
        channel.trouble.append(ChannelNeedsAttention("the access token is not valid: reconnect the channel"))

        failed = await answer(world, message.conversation_id, "one")

        assert failed.delivery is DeliveryState.FAILED
        assert "token" in world.app.attention[WHATSAPP]
        assert WHATSAPP in await world.read(attention.read)

        await answer(world, message.conversation_id, "two")

        assert world.app.attention == {}
        assert await world.read(attention.read) == {}

    @pytest.mark.parametrize("error", [Unavailable("503", retry_after=321), RateLimited("429", retry_after=321)])
    async def test_that_passes_is_waited_out_as_long_as_the_provider_says(
        self, world: World, error: Unavailable
    ) -> None:
        channel, message = rich(world), await world.say("hello")
        channel.trouble.append(error)
        await answer(world, message.conversation_id, "one")

        world.clock.move(seconds=320)
        assert await world.claim(JobKind.SEND) == ()
        world.clock.move(seconds=2)
        assert len(await world.claim(JobKind.SEND)) == 1


class TestSignals:
    async def test_a_message_is_marked_as_read_once_and_typing_shown_every_twenty_seconds(self, world: World) -> None:
        channel, message = rich(world), await world.say("hello")

        for _ in range(3):
            await signals.seen(world.app, message.conversation_id)
            await signals.typing(world.app, message.conversation_id)
        world.clock.move(seconds=21)
        await signals.typing(world.app, message.conversation_id)

        read, typing = (message.external_id, False), (message.external_id, True)
        assert channel.signalled == [read, typing, typing]

    async def test_nothing_is_told_where_the_setting_is_off(self, world: World) -> None:
        channel, message = rich(world, signals=False), await world.say("hello")

        await signals.seen(world.app, message.conversation_id)

        assert channel.signalled == []


class TestAnUnreadablePayload:
    async def test_is_read_again_after_a_fix_and_stored_once(self, world: World) -> None:
        request = request_of(WHATSAPP, {"content-type": "application/json"}, b"now it reads")
        await keep_unreadable(world.app, WHATSAPP, request, InvalidInput("not JSON"))
        (letter,) = (await world.read(lambda work: work.payloads.page(Page()))).items

        taken = await replay_payload(world.app, PayloadId(letter.payload_id), "test")

        assert taken.fate is Fate.STORED
        with pytest.raises(Conflict):
            await replay_payload(world.app, PayloadId(letter.payload_id), "test")
