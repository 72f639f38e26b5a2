"""A telephone call as Twilio carries it: asks our webhook, does what the TwiML says, and lends the caller ear and mouth.

Nothing here waits by itself: whoever holds the call says what the person does next (speaks, presses a key, stays silent,
hangs up), and Twilio's side follows with the requests that it would make, correctly signed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urljoin
from xml.etree import ElementTree

from switchboard.channels import signing

FORM = "application/x-www-form-urlencoded"
Knock = Callable[[str, Mapping[str, str], bytes], Awaitable[bytes]]
"""POSTs to an address with headers and body; gives the TwiML that comes back."""

MOST_STEPS = 40
"""Redirects without a pause that Twilio would follow before it gives up."""

INPUTS = ("Gather", "Record", "Dial", "Connect")
IN_QUEUE = ("Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather")
"""What Twilio carries out for somebody in a queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What every call of one number shares."""

    number: str
    account_sid: str
    auth_token: str = field(repr=False)
    webhook: str
    knock: Knock


@dataclass(slots=True, kw_only=True)
class PhoneCall:
    """One call. ``heard``: every sentence so far. ``waits_for``: the verb that needs the caller, or None once the call is
    over. ``documents``: the TwiML of each answer, for those who look closely."""

    line: Line
    caller: str
    outbound: bool = False
    sid: str = field(default_factory=lambda: f"CA{secrets.token_hex(16)}")
    heard: list[str] = field(default_factory=list)
    documents: list[bytes] = field(default_factory=list)
    status: str = "ringing"
    seconds: int = 0
    query: str = ""
    told: Callable[[str], None] = lambda words: None
    queue: str | None = None
    queue_is_full: bool = False
    _left_to: str = ""
    _waiting: ElementTree.Element | None = None
    _after: list[ElementTree.Element] = field(default_factory=list)
    _url: str = ""
    _last: tuple[str, dict[str, str]] = ("", {})

    @property
    def waits_for(self) -> str | None:
        return self._waiting.tag if self._waiting is not None else None

    @property
    def verb(self) -> ElementTree.Element:
        assert self._waiting is not None, f"the call is over: {self.heard[-2:]}"
        return self._waiting

    @property
    def holds(self) -> bool:
        """Whether the caller is asked to wait: keys count, speech does not."""
        return self._waiting is not None and self._waiting.tag == "Gather" and self._waiting.get("input") == "dtmf"

    # ---- what the person does

    async def ring(self, **more: str) -> None:
        """The call begins: somebody calls us, or takes our call."""
        self.status = "in-progress" if self.outbound else "ringing"
        await self._ask(self._address(self.query), more)
        self.status = "in-progress" if self.status == "ringing" else self.status

    async def say(self, words: str, confidence: float = 0.9) -> None:
        await self._gathered({"SpeechResult": words, "Confidence": str(confidence), "Language": "en-US"})

    async def press(self, digits: str) -> None:
        await self._gathered({"Digits": digits})

    async def stay_silent(self) -> None:
        """The pause or the time for an answer runs out."""
        gather, after = self.verb, self._after
        if gather.tag == "Gather" and gather.get("actionOnEmptyResult") == "true":
            await self._ask(self._action(gather), {})
            return
        self._waiting = None
        await self._run(after)

    async def leave_message(self, seconds: int = 6, words: str | None = None, *, ready: bool = True) -> str:
        """Speaks after the tone and presses #; Twilio tells that the file is ready and, later, its words. Returns the
        recording's id."""
        record, recording = self.verb, f"RE{secrets.token_hex(16)}"
        assert record.tag == "Record", f"nothing is recorded now: {record.tag}"
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self.line.account_sid}/Recordings/{recording}"
        known = {"RecordingSid": recording, "RecordingUrl": url, "RecordingDuration": str(seconds)}
        await self._ask(self._action(record), {**known, "Digits": "#"})
        if ready:
            await self.notify(record.get("recordingStatusCallback", ""), {**known, "RecordingStatus": "completed"})
        if words is not None:
            text = {"TranscriptionSid": f"TR{secrets.token_hex(16)}", "TranscriptionText": words}
            fields = {**self._fields(), **known, **text, "TranscriptionStatus": "completed"}
            await self.notify(record.get("transcribeCallback", ""), fields)
        return recording

    async def colleague(self, status: str = "completed", seconds: int = 60, *, presses: bool = True) -> list[str]:
        """How the call to whoever is dialled ended: completed, no-answer, busy, failed. They hear what is announced to them
        (returned), and press a key where one is asked for, unless it was a mailbox that answered."""
        dial = self.verb
        assert dial.tag == "Dial", f"nobody is called now: {dial.tag}"
        child = f"CA{secrets.token_hex(16)}"
        heard, bridged = await self._other_side(dial, child, status, presses=presses)
        took = {"DialBridged": "true" if bridged else "false"} if status == "completed" else {}
        ended = {"DialCallSid": child, "DialCallDuration": str(seconds), **took}
        await self._ask(self._action(dial), {"DialCallStatus": status, **ended})
        return heard

    async def _other_side(
        self, dial: ElementTree.Element, child: str, status: str, *, presses: bool
    ) -> tuple[list[str], bool]:
        called = dial[0]
        told = urljoin(self._url, called.get("statusCallback", "")) if called.get("statusCallback") else ""
        fields = {**self._fields(), "CallSid": child, "ParentCallSid": self.sid, "Direction": "outbound-dial",
                  "From": self.line.number, "To": (called.text or "").strip()}  # fmt: skip
        for number, state in enumerate(("ringing", "in-progress") if status == "completed" else ("ringing", status)):
            if told:
                await self._post(told, {**fields, "CallStatus": state, "SequenceNumber": str(number)})
        if status != "completed" or not called.get("url"):
            return [], status == "completed"
        heard: list[str] = []
        first = await self._hear(urljoin(self._url, called.get("url", "")), fields, heard)
        gather = first.find("Gather")
        if gather is None:
            return heard, True
        if presses:
            await self._hear(urljoin(self._url, gather.get("action", "")), {**fields, "Digits": "1"}, heard)
        return heard, presses

    async def _hear(self, url: str, fields: Mapping[str, str], heard: list[str]) -> ElementTree.Element:
        document = ElementTree.fromstring(await self._post(url, {**fields, "CallStatus": "in-progress"}))
        heard.extend("".join(say.itertext()).strip() for say in document.iter("Say"))
        return document

    async def called_out_of_queue(self, query: str) -> None:
        """Our own wish: the caller leaves the queue for the document at that address."""
        assert self.queue is not None, "they are in no queue"
        await self._leave_queue("redirected", then=self._address(query))

    async def relay_ended(self, handoff: Mapping[str, object] | None = None, status: str = "ended") -> None:
        """Our socket let go of the call, or it broke (``failed``)."""
        connect = self.verb
        data = {"HandoffData": json.dumps(handoff)} if handoff is not None else {}
        session = {"SessionId": "VX1", "SessionStatus": status, "SessionDuration": "10"}
        await self._ask(self._action(connect), {**session, **data})

    async def hang_up(self, seconds: int = 42, status: str = "completed") -> None:
        if self.status not in ("in-progress", "ringing"):
            return
        self.status, self.seconds, self._waiting = status, seconds, None
        if self.queue is not None:
            gone = {"QueueResult": "hangup", "QueueSid": self.queue, "QueueTime": str(seconds)}
            self.queue = None
            await self.notify(self._left_to, {**self._fields(), **gone})
        await self.notify(self._address(self.query), {**self._fields(), "CallDuration": str(seconds)})

    async def repeat(self) -> bytes:
        """Twilio did not get our answer and asks the same again; what it gets then."""
        url, form = self._last
        return await self._post(url, form)

    async def notify(self, url: str, form: Mapping[str, str]) -> None:
        """A notice to which nobody listens."""
        await self._post(url, {"AccountSid": self.line.account_sid, "CallSid": self.sid, **form})

    # ---- Twilio's side

    def _address(self, query: str) -> str:
        return f"{self.line.webhook}?{query}" if query else self.line.webhook

    def _action(self, verb: ElementTree.Element) -> str:
        return urljoin(self._url, verb.get("action", "") or self._url)

    async def _gathered(self, result: Mapping[str, str]) -> None:
        gather = self.verb
        assert gather.tag == "Gather", f"nobody listens now: {gather.tag}"
        wanted = "dtmf" if "Digits" in result else "speech"
        assert wanted in gather.get("input", "dtmf"), f"{wanted} does not count now"
        await self._ask(self._action(gather), {"msg": "Gather End", **result})

    async def _ask(self, url: str, more: Mapping[str, str]) -> None:
        held = {"QueueSid": self.queue, "QueuePosition": "1", "CurrentQueueSize": "1"} if self.queue else {}
        self._waiting, form = None, {**self._fields(), **held, **more}
        self._last, self._url = (url, form), url
        document = await self._post(url, form)
        self.documents.append(document)
        await self._run(list(ElementTree.fromstring(document)))  # our own words, not something from outside

    async def _run(self, verbs: list[ElementTree.Element]) -> None:
        for _ in range(MOST_STEPS):
            if not verbs:
                break
            verb, *verbs = verbs
            assert self.queue is None or verb.tag in IN_QUEUE, f"not possible in a queue: {verb.tag}"
            if verb.tag == "Enqueue":
                await self._enter_queue(verb)
                return
            if verb.tag == "Leave":
                await self._leave_queue("leave", then=self._left_to)
                return
            if verb.tag in INPUTS:
                self._listen_to(verb)
                self._waiting, self._after = verb, verbs
                return
            if verb.tag == "Redirect":
                await self._ask(urljoin(self._url, (verb.text or "").strip()), {})
                return
            if verb.tag == "Hangup":
                break
            self._listen_to(verb)
        await self.hang_up()

    async def _enter_queue(self, enqueue: ElementTree.Element) -> None:
        self._left_to = urljoin(self._url, enqueue.get("action", ""))
        if self.queue_is_full:
            await self._ask(self._left_to, {"QueueResult": "queue-full"})
            return
        self.queue = f"QU{secrets.token_hex(16)}"
        await self._ask(urljoin(self._url, enqueue.get("waitUrl", "")), {})

    async def _leave_queue(self, result: str, then: str) -> None:
        """Twilio asks the action at once; who is called out of the queue by us goes on at the address that we gave."""
        left = {"QueueResult": result, "QueueSid": self.queue or "", "QueueTime": "30"}
        self.queue = None
        if then != self._left_to:
            await self._post(self._left_to, {**self._fields(), **left})
            left = {}
        await self._ask(then, left)

    def _listen_to(self, verb: ElementTree.Element) -> None:
        for say in [verb] if verb.tag == "Say" else verb.iter("Say"):
            self.heard.append("".join(say.itertext()).strip())
            self.told(self.heard[-1])
        for relay in verb.iter("ConversationRelay"):
            self.heard.append(relay.get("welcomeGreeting", ""))
            self.told(self.heard[-1])

    def _fields(self) -> dict[str, str]:
        ours, theirs = self.line.number, self.caller
        return {
            "AccountSid": self.line.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": self.status,
            "Direction": "outbound-api" if self.outbound else "inbound",
            "From": ours if self.outbound else theirs,
            "To": theirs if self.outbound else ours,
            "FromCity": "",
        }

    async def _post(self, url: str, form: Mapping[str, str]) -> bytes:
        body = urlencode(form, errors="replace").encode("ascii")
        fields = parse_qs(body.decode(), keep_blank_values=True)
        signature = signing.twilio_signature(url, fields, self.line.auth_token)
        return await self.line.knock(url, {"content-type": FORM, "x-twilio-signature": signature}, body)
