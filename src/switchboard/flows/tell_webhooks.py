"""Subscribers hear what happened: signed, at least once, over days if need be (Property 52; Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

import orjson

from switchboard.domain.event import Event
from switchboard.domain.ids import new_id
from switchboard.errors import NotFound, SwitchboardError, Unavailable
from switchboard.flows.app import App
from switchboard.ports.poster import Poster
from switchboard.ports.records import Job, JobKind, NewJob, WebhookDelivery, WebhookEndpoint
from switchboard.ports.store import Work
from switchboard.resilience import send_delay

log = logging.getLogger(__name__)
AT_ONCE = 200
GONE = 410
SECRET_PREFIX = "whsec_"


def new_endpoint(url: str, events: frozenset[str], now: datetime) -> WebhookEndpoint:
    """A subscription with a secret of its own. Empty ``events``: everything."""
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
    return WebhookEndpoint(endpoint_id=new_id("whk"), url=url, events=events, secret=secret, created_at=now)


def sign(secret: str, delivery_id: str, timestamp: int, body: bytes) -> str:
    """``v1,<base64 HMAC-SHA256 over id.timestamp.body>``."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


async def fan_out(app: App) -> int:
    """Turns new events into deliveries for whoever subscribed; returns how many. One transaction moves the cursor."""
    made = await app.store.write(lambda work: _fan_out(work, app.clock.now()))
    if made:
        app.hub.publish("deliveries")
    return made


def _fan_out(work: Work, now: datetime) -> int:
    cursor, last = work.webhooks.cursor(), work.events.last()
    endpoints = [endpoint for endpoint in work.webhooks.all() if endpoint.enabled]
    made = 0
    while cursor < last and not made:  # much may happen that nobody wants to hear
        if not endpoints:
            cursor = last
            break
        events = work.events.after(cursor, AT_ONCE)
        wanted = [(e, event) for e in endpoints for event in events if _wants(e, event)]
        for endpoint, event in wanted:
            _queue(work, endpoint, event, now)
        made, cursor = len(wanted), events[-1].sequence
    if cursor != work.webhooks.cursor():
        work.webhooks.set_cursor(cursor)
    return made


def _wants(endpoint: WebhookEndpoint, event: Event) -> bool:
    """Imports are silent: nobody is told today of what happened years ago."""
    subscribed = not endpoint.events or event.type.value in endpoint.events
    return subscribed and event.dimensions.get("imported") != "yes"


def _queue(work: Work, endpoint: WebhookEndpoint, event: Event, now: datetime) -> None:
    delivery = WebhookDelivery(
        delivery_id=new_id("whd"),
        endpoint_id=endpoint.endpoint_id,
        event_sequence=event.sequence,
        event_type=event.type.value,
        state="pending",
        attempts=(),
        created_at=now,
    )
    work.webhooks.add_delivery(delivery)
    work.jobs.add(_job(delivery, now))


def _job(delivery: WebhookDelivery, now: datetime) -> NewJob:
    # A lane of its own: one slow event must not hold up the rest of an endpoint's for hours.
    return NewJob(
        kind=JobKind.WEBHOOK,
        lane=delivery.delivery_id,
        priority=1.0,
        due_at=now,
        payload={"delivery": delivery.delivery_id},
    )


async def redeliver(app: App, delivery_id: str) -> None:
    """By hand: the same delivery (same id) again. Raises ``NotFound``."""

    def story(work: Work) -> None:
        delivery = work.webhooks.delivery(delivery_id)
        if delivery is None:
            raise NotFound("there is no such delivery")
        work.webhooks.save_delivery(replace(delivery, state="pending"))
        work.jobs.add(_job(delivery, app.clock.now()))

    await app.store.write(story)
    app.hub.publish("deliveries")


async def tell(app: App, poster: Poster, job: Job) -> None:
    """One delivery. 2xx is success, 410 turns the endpoint off, anything else comes again by the long schedule."""
    found = await app.store.read(lambda work: _find(work, job))
    if found is None:
        await app.store.write(lambda work: work.jobs.finish(job))
        return
    endpoint, delivery, event = found
    now = app.clock.now()
    body = body_of(event)
    stamp = int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "webhook-id": delivery.delivery_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": sign(endpoint.secret, delivery.delivery_id, stamp, body),
    }
    try:
        status = await poster.post(endpoint.url, headers, body)
        outcome = f"HTTP {status}"
    except Unavailable as error:
        status, outcome = 0, error.detail
    except SwitchboardError as error:
        status, outcome = GONE, error.detail
    await app.store.write(lambda work: _note(work, job, endpoint, delivery, status, outcome, now))


def _find(work: Work, job: Job) -> tuple[WebhookEndpoint, WebhookDelivery, Event] | None:
    delivery = work.webhooks.delivery(job.payload.get("delivery", ""))
    endpoint = work.webhooks.get(delivery.endpoint_id) if delivery is not None else None
    if delivery is None or endpoint is None or not endpoint.enabled or delivery.state != "pending":
        return None
    events = work.events.after(delivery.event_sequence - 1, 1)
    return (endpoint, delivery, events[0]) if events else None


def body_of(event: Event) -> bytes:
    """What a subscriber gets: the fact, with ids and codes, never a customer's words."""
    return orjson.dumps(
        {
            "event_id": event.sequence,
            "event_type": event.type.value,
            "timestamp": event.at.isoformat(),
            "conversation_id": event.conversation_id,
            "customer_id": event.customer_id,
            "message_id": event.message_id,
            "metrics": dict(event.metrics),
            "dimensions": dict(event.dimensions),
        }
    )


def _note(
    work: Work, job: Job, endpoint: WebhookEndpoint, delivery: WebhookDelivery, status: int, outcome: str, now: datetime
) -> None:
    tried = replace(delivery, attempts=(*delivery.attempts, (now, outcome)))
    if 200 <= status < 300:
        work.jobs.finish(job)
        work.webhooks.save_delivery(replace(tried, state="delivered"))
        return
    delay = None if status == GONE else send_delay(job.failures + 1, secrets.randbelow(1000) / 1000)
    if delay is None:
        work.jobs.finish(job)
        work.webhooks.save_delivery(replace(tried, state="failed"))
        if status == GONE:
            work.webhooks.save(replace(endpoint, enabled=False, disabled_reason=outcome))
        return
    work.webhooks.save_delivery(tried)
    work.jobs.retry(job, now + timedelta(seconds=delay), outcome)
