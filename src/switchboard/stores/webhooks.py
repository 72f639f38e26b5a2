"""Subscribers of our events and every try to tell them."""

from __future__ import annotations

from switchboard.ports.records import Page, WebhookDelivery, WebhookEndpoint
from switchboard.ports.tables.rows import Rows
from switchboard.stores.codec import load_list, micros, moment, text_dumps
from switchboard.stores.database import Row, insert, sql, upsert
from switchboard.stores.sealing import SYSTEM
from switchboard.stores.session import Session, cursor_of, number_cursor, page_limit

_COLUMNS = ["events", "created_at", "enabled", "disabled_reason", "sealed"]
_SELECT = f"SELECT endpoint_id, {', '.join(_COLUMNS)} FROM webhooks"
_SAVE = upsert("webhooks", ["endpoint_id"], _COLUMNS)
_GET = sql(f"{_SELECT} WHERE endpoint_id = :id")
_ALL = sql(f"{_SELECT} ORDER BY created_at, endpoint_id")
_REMOVE = sql("DELETE FROM webhooks WHERE endpoint_id = :id")
_REMOVE_DELIVERIES = sql("DELETE FROM deliveries WHERE endpoint_id = :id")

_DELIVERY_COLUMNS = ["delivery_id", "endpoint_id", "event_sequence", "event_type", "state", "attempts", "created_at"]
_SELECT_DELIVERY = f"SELECT seq, {', '.join(_DELIVERY_COLUMNS)} FROM deliveries"
_ADD_DELIVERY = insert("deliveries", _DELIVERY_COLUMNS)
_DELIVERY = sql(f"{_SELECT_DELIVERY} WHERE delivery_id = :id")
_SAVE_DELIVERY = sql("UPDATE deliveries SET state = :state, attempts = :attempts WHERE delivery_id = :id")
_DELIVERIES = sql(f"{_SELECT_DELIVERY} WHERE endpoint_id = :id AND seq < :before ORDER BY seq DESC LIMIT :limit")
_CURSOR = sql("SELECT value FROM counters WHERE name = 'webhooks'")
_SET_CURSOR = upsert("counters", ["name"], ["value"])


class SqlWebhooks:
    """Fulfils ``ports.store.Webhooks``."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def save(self, endpoint: WebhookEndpoint) -> None:
        document = {"url": endpoint.url, "secret": endpoint.secret}
        self._db.run(
            _SAVE,
            endpoint_id=endpoint.endpoint_id,
            events=text_dumps(endpoint.events),
            created_at=micros(endpoint.created_at),
            enabled=int(endpoint.enabled),
            disabled_reason=endpoint.disabled_reason,
            sealed=self._db.sealer.seal(SYSTEM, _place(endpoint.endpoint_id), document),
        )

    def get(self, endpoint_id: str) -> WebhookEndpoint | None:
        row = self._db.one(_GET, id=endpoint_id)
        return None if row is None else self._endpoint(row)

    def all(self) -> tuple[WebhookEndpoint, ...]:
        return tuple(self._endpoint(row) for row in self._db.all(_ALL))

    def remove(self, endpoint_id: str) -> bool:
        self._db.run(_REMOVE_DELIVERIES, id=endpoint_id)
        return bool(self._db.run(_REMOVE, id=endpoint_id))

    def add_delivery(self, delivery: WebhookDelivery) -> None:
        self._db.run(
            _ADD_DELIVERY,
            delivery_id=delivery.delivery_id,
            endpoint_id=delivery.endpoint_id,
            event_sequence=delivery.event_sequence,
            event_type=delivery.event_type,
            state=delivery.state,
            attempts=_attempts(delivery),
            created_at=micros(delivery.created_at),
        )

    def delivery(self, delivery_id: str) -> WebhookDelivery | None:
        row = self._db.one(_DELIVERY, id=delivery_id)
        return None if row is None else _delivery(row)

    def save_delivery(self, delivery: WebhookDelivery) -> None:
        self._db.run(_SAVE_DELIVERY, id=delivery.delivery_id, state=delivery.state, attempts=_attempts(delivery))

    def deliveries(self, endpoint_id: str, page: Page) -> Rows[WebhookDelivery]:
        """Newest first."""
        limit, before = page_limit(page), number_cursor(page)
        bound = 2**62 if before is None else before
        rows = self._db.all(_DELIVERIES, id=endpoint_id, before=bound, limit=limit + 1)
        following = cursor_of(rows[limit - 1].seq) if len(rows) > limit else None
        return Rows(items=tuple(_delivery(row) for row in rows[:limit]), next_cursor=following)

    def cursor(self) -> int:
        return self._db.number(_CURSOR)

    def set_cursor(self, sequence: int) -> None:
        self._db.run(_SET_CURSOR, name="webhooks", value=sequence)

    def _endpoint(self, row: Row) -> WebhookEndpoint:
        texts = self._db.sealer.open(_place(row.endpoint_id), row.sealed)
        return WebhookEndpoint(
            endpoint_id=row.endpoint_id,
            url=texts["url"],
            events=frozenset(load_list(row.events)),
            secret=texts["secret"],
            created_at=moment(row.created_at),
            enabled=bool(row.enabled),
            disabled_reason=row.disabled_reason,
        )


def _attempts(delivery: WebhookDelivery) -> str:
    return text_dumps([[micros(at), result] for at, result in delivery.attempts])


def _delivery(row: Row) -> WebhookDelivery:
    return WebhookDelivery(
        delivery_id=row.delivery_id,
        endpoint_id=row.endpoint_id,
        event_sequence=row.event_sequence,
        event_type=row.event_type,
        state=row.state,
        attempts=tuple((moment(at), result) for at, result in load_list(row.attempts)),
        created_at=moment(row.created_at),
    )


def _place(endpoint_id: str) -> str:
    return f"webhooks|{endpoint_id}|document"
