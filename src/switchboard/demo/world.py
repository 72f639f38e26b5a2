"""The living demo: customers who write on every channel, providers that carry their messages, and a past to look at.

world = DemoWorld()
# build the channels from world.channel_settings, with world.client as their HTTP client
await world.import_into(app, progress)
await world.start(app)          # from now on somebody writes every few seconds
await world.write_as(customer_id, ChannelType.WHATSAPP, "Where is my parcel?")
await world.stop()
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2

from switchboard.channels.email.outgoing import Relay
from switchboard.channels.sample_payloads import Signed, facebook_text, instagram_text, twitter_dm, whatsapp_text
from switchboard.demo.catalogue import agent_id, load_demo
from switchboard.demo.colleagues import Colleagues, Manner
from switchboard.demo.importer import DemoSummary, import_demo
from switchboard.demo.script import ScriptedMessage, stream
from switchboard.demo.settings import (
    LOOPBACK,
    SCOPED,
    DemoFaults,
    DemoSecrets,
    account_of,
    channel_settings,
    visitor_address,
)
from switchboard.demo.shapes import FollowUp
from switchboard.demo.simulators.carrier import Carrier, Heard, Pace, SentFile, number_id
from switchboard.demo.simulators.echoes import come_back
from switchboard.demo.simulators.files import link
from switchboard.demo.simulators.mail import MailSimulator
from switchboard.demo.simulators.network import Network
from switchboard.demo.simulators.website import WebsiteSimulator
from switchboard.demo.writing import Progress
from switchboard.domain.conversation import ConversationStatus
from switchboard.domain.customer import UNPROVEN, Identity
from switchboard.domain.ids import CustomerId
from switchboard.domain.inbound import SenderAddress
from switchboard.domain.message import ChannelType
from switchboard.engines.clock import SystemClock
from switchboard.errors import InvalidInput, NotFound, SwitchboardError
from switchboard.flows.app import App
from switchboard.ports.store import Work

log = logging.getLogger(__name__)
PICTURE_HOSTS = {
    ChannelType.WHATSAPP: "graph.facebook.com",
    ChannelType.FACEBOOK: "graph.facebook.com",
    ChannelType.INSTAGRAM: "graph.instagram.com",
    ChannelType.TWITTER: "api.x.com",
}
"""Where the simulated providers lay their customers' files."""
MOST_TALKS = 300
"""People of the live stream of whom we remember what they would say next."""
FRESH_SEED = 997
SPARED = "maya-lindqvist"
"""Nobody stands in for her: her desk is for whoever tries the demo out."""
TELEPHONE = "+442079460018"
"""Hers: a number set aside for stories. Whoever takes it there presses a key at once."""
LONGEST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveliness:
    """``per_minute``: new messages on average; 0 keeps everybody silent. ``patience``: factor on the seconds that
    customers take before they answer. ``colleagues``: the other agents work too."""

    per_minute: float = 4.5
    patience: float = 1.0
    colleagues: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Who writes on which channel."""

    channel: ChannelType
    address: str
    name: str | None = None
    proven: bool = True

    @property
    def key(self) -> tuple[ChannelType, str]:
        return self.channel, _phone_key(self.channel, self.address)


@dataclass(slots=True)
class DemoWorld:
    """Everything outside the business. ``client`` and ``channel_settings`` are ready before anything else is."""

    secrets: DemoSecrets = field(default_factory=DemoSecrets)
    liveliness: Liveliness = field(default_factory=Liveliness)
    faults: DemoFaults = field(default_factory=DemoFaults)
    pace: Pace = field(default_factory=Pace)
    client: httpx2.AsyncClient = field(init=False)
    channel_settings: dict[str, dict[str, object]] = field(init=False)
    _carrier: Carrier = field(init=False)
    _network: Network = field(init=False)
    _mail: MailSimulator = field(init=False)
    _website: WebsiteSimulator = field(init=False)
    _life: list[asyncio.Task[None]] = field(default_factory=list)
    _talks: OrderedDict[tuple[ChannelType, str], tuple[_Writer, deque[FollowUp]]] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        accounts = dict(load_demo(now=SystemClock().now()).brand.accounts)
        carrier = Carrier(secrets=self.secrets, accounts=accounts, faults=self.faults, pace=self.pace)
        carrier.heard = self._answer_came
        self._carrier, self._network = carrier, Network(carrier)
        self._mail, self._website = MailSimulator(carrier), WebsiteSimulator(carrier)
        self.client = self._network.client()
        telephones = {str(agent_id(SPARED)): TELEPHONE}
        self.channel_settings = channel_settings(self.secrets, accounts, self._mail.port, telephones)

    async def open(self) -> None:
        """The customers' mail server takes mail from now on. Nothing is kept on disk: secrets are new in every run."""
        await self._mail.start()

    @property
    def relay(self) -> Relay:
        """The mail server that stands for all the customers' ones."""
        return Relay(host=LOOPBACK, port=self._mail.port, security="none", timeout=10.0)

    async def import_into(self, app: App, progress: Progress | None = None) -> DemoSummary:
        """Writes the past once. See ``importer.import_demo``."""
        self._carrier.app = app
        return await import_demo(app, app.clock.now(), progress)

    async def start(self, app: App) -> None:
        """Customers can be reached and, unless ``liveliness`` forbids it, begin to write by themselves."""
        self._carrier.app = app
        await self._mail.start()
        if self.liveliness.per_minute > 0 and not self._life:
            self._life.append(asyncio.create_task(self._live(app)))
            if self.liveliness.colleagues:
                team = Colleagues(app=app, since=app.clock.now(), manner=Manner(spared=agent_id(SPARED)))
                self._life.append(asyncio.create_task(team.run()))

    async def stop(self) -> None:
        """Everybody falls silent; safe to call twice."""
        for task in self._life:
            task.cancel()
        await asyncio.gather(*self._life, return_exceptions=True)
        self._life.clear()
        await self._carrier.close()
        await self._mail.stop()
        await self.client.aclose()

    # ---- customers write

    async def write_as(self, customer_id: CustomerId, channel: ChannelType, text: str) -> None:
        """The customer writes on that channel, as if on their own phone. Raises ``NotFound`` for somebody unknown or
        without an address there, ``InvalidInput`` for an empty or overlong text."""
        if not 0 < len(text.strip()) <= LONGEST:
            raise InvalidInput("there is nothing to send", field="text", limit=f"1 to {LONGEST} characters")
        app = self._carrier.running
        identity = await app.store.read(lambda work: _identity(work, customer_id, channel))
        writer = _Writer(
            channel=channel,
            address=identity.address,
            name=identity.display_name,
            proven=identity.verified,
        )
        await self._write(writer, text)

    async def write(
        self, channel: ChannelType, address: str, text: str, *, name: str | None = None, subject: str | None = None,
        proven: bool = True, picture: SentFile | None = None,
    ) -> None:  # fmt: skip
        """Anybody writes from an address, also somebody new. A ``picture`` goes along on the chat channels."""
        writer = _Writer(channel=channel, address=address, name=name, proven=proven)
        if picture is not None and channel in PICTURE_HOSTS:
            await self._carrier.hand_in(channel, self._payload(writer, text, picture))
            return
        await self._write(writer, text, subject)

    async def write_elsewhere(self, channel: ChannelType, address: str, text: str) -> None:
        """A colleague answers this customer in the provider's own app."""
        await come_back(self._carrier, channel, _phone_key(channel, address), text, f"m_{number_id(24)}")

    async def _write(self, writer: _Writer, text: str, subject: str | None = None) -> None:
        match writer.channel:
            case ChannelType.EMAIL:
                await self._mail.write(writer.address, text, name=writer.name, subject=subject, proven=writer.proven)
            case ChannelType.WEB_CHAT:
                await self._website.write(writer.address, text)
            case ChannelType.VOICE:
                await self._network.twilio.say(_phone_key(ChannelType.VOICE, writer.address), text)
            case _:
                await self._carrier.hand_in(writer.channel, self._payload(writer, text))

    def _payload(self, writer: _Writer, text: str, picture: SentFile | None = None) -> Signed:
        known, at = self.secrets, self._carrier.now()
        digits = number_id(24)
        laid_out = self._carrier.lay_out(picture, digits[-15:]) if picture is not None else None
        image_url = link(PICTURE_HOSTS[writer.channel], laid_out) if laid_out else None
        account = self._carrier.accounts[writer.channel]
        match writer.channel:
            case ChannelType.WHATSAPP:
                return whatsapp_text(
                    text, writer.address, secret=known.whatsapp_app, account=account, sent_at=at,
                    message_id=f"wamid.{digits}", name=writer.name, image_url=image_url,
                )  # fmt: skip
            case ChannelType.FACEBOOK:
                return facebook_text(
                    text, writer.address, secret=known.facebook_app, account=account, sent_at=at,
                    message_id=f"m_{digits}", image_url=image_url,
                )  # fmt: skip
            case ChannelType.INSTAGRAM:
                return instagram_text(
                    text, writer.address, secret=known.instagram_app, account=account, sent_at=at,
                    message_id=f"m_{digits}", image_url=image_url,
                )  # fmt: skip
            case _:
                return twitter_dm(
                    text, writer.address, secret=known.twitter_consumer, account=account, sent_at=at,
                    message_id=digits[:19], name=writer.name, image_url=image_url,
                )  # fmt: skip

    # ---- what customers see

    async def phones(self, customer_id: CustomerId) -> Mapping[ChannelType, tuple[Heard, ...]]:
        """What reached the customer in this run, by channel, oldest first. Raises ``NotFound``."""
        identities = await self._carrier.running.store.read(lambda work: _identities(work, customer_id))
        found: dict[ChannelType, tuple[Heard, ...]] = {}
        for identity in identities:
            thread = self.shown(identity.channel, identity.address)
            found[identity.channel] = (*found.get(identity.channel, ()), *thread)
        return found

    def shown(self, channel: ChannelType, address: str) -> tuple[Heard, ...]:
        """What reached one address on one channel."""
        return self._carrier.thread(channel, _phone_key(channel, address))

    # ---- life

    async def _live(self, app: App) -> None:
        """New messages without end. What goes wrong with one is logged; the next comes all the same."""
        business = load_demo(now=app.clock.now())
        seed = int(app.clock.now().timestamp()) % FRESH_SEED
        for message in stream(business, seed=seed, per_minute=self.liveliness.per_minute):
            await asyncio.sleep(message.pause_s)
            try:
                await self._play(message)
            except SwitchboardError as error:
                log.warning("demo: a customer could not write: %s", error.detail)

    async def _play(self, message: ScriptedMessage) -> None:
        sender = message.sender
        writer = _Writer(channel=message.channel, address=sender.address, name=sender.name, proven=sender.verified)
        self._talks[writer.key] = writer, deque(message.follow_ups)
        self._talks.move_to_end(writer.key)
        if len(self._talks) > MOST_TALKS:
            self._talks.popitem(last=False)
        await self._write(writer, message.text, message.subject)

    def _answer_came(self, message: Heard) -> None:
        """Some customers say something to an answer, after a while."""
        talk = self._talks.get((message.channel, message.address))
        if talk is not None and talk[1]:
            wait = talk[1][0].wait_s * self.liveliness.patience
            self._carrier.later(wait, lambda: self._follow_up(message))

    async def _follow_up(self, answered: Heard) -> None:
        """Only to a real answer: a notice about waiting leaves it our turn."""
        writer, said = self._talks.get((answered.channel, answered.address), (None, deque()))
        if writer is None or not said or not await self._is_their_turn(writer):
            return
        if said:  # two answers at once: the other took the last word meanwhile
            await self._write(writer, said.popleft().text)

    async def _is_their_turn(self, writer: _Writer) -> bool:
        accounts = self._carrier.accounts
        scoped = account_of(writer.channel, dict(accounts)) if writer.channel in SCOPED else ""
        account = UNPROVEN if writer.channel is ChannelType.EMAIL and not writer.proven else scoped
        sender = SenderAddress(channel=writer.channel, account=account, address=writer.key[1])
        return await self._carrier.running.store.read(lambda work: _waits_for(work, sender))


def _phone_key(channel: ChannelType, address: str) -> str:
    """The address as the simulators file it."""
    match channel:
        case ChannelType.WHATSAPP | ChannelType.VOICE:
            return f"+{address.lstrip('+')}"
        case ChannelType.WEB_CHAT:
            return visitor_address(address)
        case _:
            return address.lower()


def _identities(work: Work, customer_id: CustomerId) -> tuple[Identity, ...]:
    profile = work.customers.get(work.customers.current(customer_id))
    if profile is None:
        raise NotFound("there is no such customer")
    return profile.identities


def _identity(work: Work, customer_id: CustomerId, channel: ChannelType) -> Identity:
    own = [each for each in _identities(work, customer_id) if each.channel is channel]
    if channel is ChannelType.WEB_CHAT:
        own = [each for each in own if each.address.startswith("vis_")]
    if not own:
        raise NotFound(f"this customer has no address on {channel.value}")
    return own[0]


def _waits_for(work: Work, sender: SenderAddress) -> bool:
    owners = work.customers.owners((sender,))
    customer_id = next(iter(owners.values()), None)
    talk = work.conversations.open_for(customer_id) if customer_id is not None else None
    return talk is not None and talk.state.status is ConversationStatus.WAITING
