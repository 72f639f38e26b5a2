"""What all simulated providers share: the customers' phones, the way back to us, and the troubles that can be switched on."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from switchboard.channels.sample_payloads import Signed
from switchboard.demo.settings import PUBLIC_URL, DemoFaults, DemoSecrets
from switchboard.domain.message import ChannelType
from switchboard.errors import SwitchboardError
from switchboard.flows.app import App
from switchboard.flows.intake import receive_request
from switchboard.ports.channel import RawRequest, RawResponse

log = logging.getLogger(__name__)
MOST_SHOWN = 200
"""Messages that a phone remembers on one channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message of ours as it stands on the customer's phone, in the mailbox or in the ear."""

    channel: ChannelType
    address: str
    text: str
    external_id: str
    at: datetime
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A file that a customer sent, or that we handed over."""

    data: bytes = field(repr=False)
    content_type: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds from taking a message until it is on the phone, and until somebody read it; how long a caller stays on the
    line without a word; how long each "one moment, please" of a call lasts, and how long people talk."""

    delivered: float = 1.0
    read: float = 6.0
    on_the_line: float = 90.0
    hold: float = 2.0
    throttled: int = 5
    talk: float = 20.0


@dataclass(slots=True, kw_only=True)
class Carrier:
    """The ground on which the simulators stand. ``heard`` is told of everything that reaches a customer."""

    secrets: DemoSecrets
    accounts: Mapping[ChannelType, str]
    faults: DemoFaults = field(default_factory=DemoFaults)
    pace: Pace = field(default_factory=Pace)
    app: App | None = None
    heard: Callable[[Heard], None] = lambda message: None
    files: dict[str, SentFile] = field(default_factory=dict)
    """What the providers' file servers hold, by id."""
    _phones: dict[tuple[ChannelType, str], list[Heard]] = field(default_factory=lambda: defaultdict(list))
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def running(self) -> App:
        if self.app is None:
            raise RuntimeError("the demo's world has not been started")
        return self.app

    def now(self) -> datetime:
        return self.running.clock.now()

    def show(self, channel: ChannelType, address: str, text: str, external_id: str, subject: str | None = None) -> None:
        """The customer's phone has it."""
        message = Heard(
            channel=channel, address=address, text=text, external_id=external_id, at=self.now(), subject=subject
        )
        thread = self._phones[channel, address]
        thread.append(message)
        del thread[:-MOST_SHOWN]
        self.heard(message)

    def thread(self, channel: ChannelType, address: str) -> tuple[Heard, ...]:
        return tuple(self._phones.get((channel, address), ()))

    def later(self, seconds: float, act: Callable[[], Awaitable[object]]) -> None:
        """Does something in a while; a failure is logged and harms nobody else."""
        task = asyncio.create_task(_in_a_while(seconds, act))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def hand_in(self, channel: ChannelType, signed: Signed, url: str = "", query: str = "") -> RawResponse:
        """The provider calls our webhook and hears what comes back. Raises what intake raises."""
        headers, body = signed
        pairs = dict(part.split("=", 1) for part in query.split("&") if "=" in part)
        request = RawRequest(
            method="POST",
            url=url or webhook(channel),
            headers=headers,
            query=pairs,
            body=body,
            received_at=self.now(),
        )
        if self.faults.take("duplicates"):  # the provider did not hear our "received" in time
            await receive_request(self.running, channel, request)
        return await receive_request(self.running, channel, request)

    def receipts(self, *steps: tuple[float, Callable[[], Awaitable[object]]]) -> None:
        """What comes back about a message, each in its time; in reverse where disorder is switched on."""
        times = [seconds for seconds, _ in steps]
        if self.faults.take("disorder"):
            times.reverse()
        for seconds, (_, act) in zip(times, steps, strict=True):
            self.later(seconds, act)

    def lay_out(self, file: SentFile, file_id: str) -> str:
        """Puts a file on the providers' servers; returns its id."""
        self.files[file_id] = file
        while len(self.files) > MOST_SHOWN:
            del self.files[next(iter(self.files))]
        return file_id

    async def close(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def webhook(channel: ChannelType) -> str:
    """The address that the provider calls."""
    return f"{PUBLIC_URL}/channels/{channel.value}"


def number_id(digits: int) -> str:
    """A fresh id of digits, as providers give them."""
    return str(secrets.randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))


async def _in_a_while(seconds: float, act: Callable[[], Awaitable[object]]) -> None:
    await asyncio.sleep(seconds)
    try:
        await act()
    except SwitchboardError as error:
        log.warning("demo: %s", error.detail)
