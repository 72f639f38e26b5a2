"""Customers: one person, any number of addresses, each found by its keyed fingerprint only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from switchboard.domain.customer import CustomerProfile, CustomerValue, Evidence, Identity, Issue, Purchase
from switchboard.domain.ids import ConversationId, CustomerId, new_id
from switchboard.domain.inbound import SenderAddress
from switchboard.domain.message import ChannelType
from switchboard.errors import Conflict
from switchboard.ports.records import MergeRecord, Page
from switchboard.ports.tables.rows import Rows
from switchboard.stores.codec import decode, maybe_micros, maybe_moment, micros, moment
from switchboard.stores.customer_index import CustomerIndex
from switchboard.stores.database import Row, insert, sql, upsert
from switchboard.stores.erasing import erase
from switchboard.stores.merging import merge, merges_of, unmerge
from switchboard.stores.session import Session, cursor_of, page_limit, pair_cursor

_PLAIN = ["created_at", "customer_value", "language", "preferred_channel", "last_agent_id", "merged_into", "erased_at"]
_SELECT = f"SELECT customer_id, {', '.join(_PLAIN)}, sealed FROM customers"

_INSERT = insert("customers", ["customer_id", *_PLAIN, "sealed"])
_SAVE = sql(
    f"UPDATE customers SET {', '.join(f'{name} = :{name}' for name in [*_PLAIN, 'sealed'])} "
    "WHERE customer_id = :customer_id"
)
_GET = sql(f"{_SELECT} WHERE customer_id = :id")
_MERGED_INTO = sql("SELECT merged_into FROM customers WHERE customer_id = :id")
_OWNERS = sql("SELECT a.address_key, a.customer_id FROM address_owners a WHERE a.address_key IN :keys", "keys")
_CLAIM_ADDRESS = insert("address_owners", ["address_key", "customer_id"], or_ignore=["address_key"])
_ADDRESS_OWNER = sql("SELECT customer_id FROM address_owners WHERE address_key = :key")
_IDENTITY_COLUMNS = ["identity_id", "customer_id", "channel", "address_key", "verified", "evidence", "since", "sealed"]
_IDENTITIES = sql(
    f"SELECT {', '.join(_IDENTITY_COLUMNS)} FROM identities WHERE customer_id IN :ids ORDER BY since, identity_id",
    "ids",
)
_IDENTITY = sql(
    f"SELECT {', '.join(_IDENTITY_COLUMNS)} FROM identities WHERE address_key = :key AND channel = :channel"
)
_ADD_IDENTITY = insert("identities", _IDENTITY_COLUMNS)
_UPGRADE = sql(
    "UPDATE identities SET verified = :verified, evidence = :evidence, sealed = :sealed WHERE identity_id = :identity_id"
)
_DROP_IDENTITY = sql("DELETE FROM identities WHERE address_key = :key AND channel = :channel AND customer_id = :id")
_RELEASE_ADDRESS = sql(
    "DELETE FROM address_owners WHERE address_key = :key AND customer_id = :id "
    "AND NOT EXISTS (SELECT 1 FROM identities i WHERE i.address_key = :key)"
)
_PURCHASES = sql(
    "SELECT purchase_key, sealed FROM purchases WHERE customer_id = :id ORDER BY purchased_at, purchase_key"
)
_PUT_PURCHASE = upsert("purchases", ["purchase_key"], ["customer_id", "purchased_at", "sealed"])
_ISSUE_COLUMNS = ["customer_id", "conversation_id", "intent", "topic", "created_at", "resolved_at", "sealed"]
_ISSUES = sql(
    f"SELECT issue_id, {', '.join(_ISSUE_COLUMNS)} FROM issues WHERE customer_id = :id ORDER BY created_at, issue_id"
)
_PUT_ISSUE = upsert("issues", ["issue_id"], _ISSUE_COLUMNS)
_PAGE = f"{_SELECT} WHERE merged_into IS NULL AND erased_at IS NULL"
_ORDER = "ORDER BY created_at DESC, customer_id DESC LIMIT :limit"
_PAGES = {
    (found, following): sql(
        f"{_PAGE}{' AND customer_id IN :found' if found else ''}"
        f"{' AND (created_at, customer_id) < (:first, :second)' if following else ''} {_ORDER}",
        *(["found"] if found else []),
    )
    for found in (False, True)
    for following in (False, True)
}
_STRENGTH = {
    Evidence.CLAIMED: 0,
    Evidence.PROVIDER: 1,
    Evidence.SAME_PHONE: 2,
    Evidence.SENDER_CHECKED: 2,
    Evidence.SIGNED_VISITOR: 2,
    Evidence.LINKED_BY_API: 3,
    Evidence.LINKED_BY_AGENT: 3,
}


class SqlCustomers:
    """Fulfils ``ports.store.Customers``."""

    def __init__(self, session: Session) -> None:
        self._db = session
        self._index = CustomerIndex(session)

    def get(self, customer_id: CustomerId) -> CustomerProfile | None:
        row = self._db.one(_GET, id=customer_id)
        if row is None:
            return None
        return self._profile(
            row,
            self._identities(self._db.all(_IDENTITIES, ids=[customer_id])),
            purchases=self._purchases(customer_id),
            issues=self._issues(customer_id),
        )

    def brief(self, customer_id: CustomerId) -> CustomerProfile | None:
        row = self._db.one(_GET, id=customer_id)
        return (
            None if row is None else self._profile(row, self._identities(self._db.all(_IDENTITIES, ids=[customer_id])))
        )

    def standing(self, customer_id: CustomerId) -> CustomerProfile | None:
        row = self._db.one(_GET, id=customer_id)
        return None if row is None else self._profile(row, ())

    def current(self, customer_id: CustomerId) -> CustomerId:
        for _ in range(100):
            row = self._db.one(_MERGED_INTO, id=customer_id)
            if row is None or row.merged_into is None:
                break
            customer_id = CustomerId(row.merged_into)
        return customer_id

    def owners(self, addresses: Sequence[SenderAddress]) -> dict[tuple[ChannelType, str, str], CustomerId]:
        keys = {
            (a.channel, a.account, a.address): self._db.index.address(a.channel, a.account, a.address)
            for a in addresses
        }
        if not keys:
            return {}
        found = {
            row.address_key: CustomerId(row.customer_id) for row in self._db.all(_OWNERS, keys=list(keys.values()))
        }
        return {address: found[key] for address, key in keys.items() if key in found}

    def add(self, profile: CustomerProfile) -> None:
        """With its identities, purchases and issues. Raises ``Conflict`` if an address belongs to somebody else."""
        self._db.sealer.begin(profile.customer_id)
        self._db.put(_INSERT, self._row(profile))
        self._db.fresh.add(profile.customer_id)
        for identity in profile.identities:
            self.add_identity(profile.customer_id, identity)
        for purchase in profile.purchase_history:
            self.add_purchase(profile.customer_id, purchase)
        self._save_issues(profile)
        self._index.add_profile(profile)

    def save(self, profile: CustomerProfile) -> None:
        """Issues are added or replaced by id and never removed, so a ``brief`` profile can be saved."""
        self._db.put(_SAVE, self._row(profile))
        self._save_issues(profile)
        self._index.set_profile(profile)

    def add_identity(self, customer_id: CustomerId, identity: Identity) -> None:
        key = self._key(identity)
        unknown = bool(self._db.run(_CLAIM_ADDRESS, address_key=key, customer_id=customer_id))
        if not unknown:
            owner = self._db.one(_ADDRESS_OWNER, key=key)
            if owner is None or owner.customer_id != customer_id:
                raise Conflict("this address belongs to another customer")
        known = None if unknown else self._db.one(_IDENTITY, key=key, channel=identity.channel)
        if known is not None:
            self._upgrade(known, identity)
            return
        identity_id = new_id("idn")
        self._db.run(
            _ADD_IDENTITY,
            identity_id=identity_id,
            customer_id=customer_id,
            channel=identity.channel,
            address_key=key,
            verified=int(identity.verified),
            evidence=identity.evidence,
            since=maybe_micros(identity.since),
            sealed=self._sealed_identity(customer_id, identity_id, identity),
        )
        self._index.add_identity(customer_id, identity)

    def remove_identity(self, customer_id: CustomerId, channel: ChannelType, account: str, address: str) -> None:
        key = self._db.index.address(channel, account, address)
        self._db.run(_DROP_IDENTITY, key=key, channel=channel, id=customer_id)
        self._db.run(_RELEASE_ADDRESS, key=key, id=customer_id)
        left = self._identities(self._db.all(_IDENTITIES, ids=[customer_id]))
        self._index.set_identities(customer_id, left)

    def add_purchase(self, customer_id: CustomerId, purchase: Purchase) -> None:
        key = self._db.index.opaque(f"purchase:{customer_id}", purchase.purchase_id)
        self._db.run(
            _PUT_PURCHASE,
            purchase_key=key,
            customer_id=customer_id,
            purchased_at=micros(purchase.purchased_at),
            sealed=self._db.sealer.seal(customer_id, _place("purchases", key), purchase),
        )
        self._index.add_purchase(customer_id, purchase)

    def merge(self, record: MergeRecord) -> MergeRecord:
        self._db.fresh.discard(record.kept)
        return merge(self._db, record)

    def unmerge(self, merge_id: str, at: datetime) -> MergeRecord:
        return unmerge(self._db, merge_id, at)

    def merges(self, customer_id: CustomerId) -> tuple[MergeRecord, ...]:
        return merges_of(self._db, customer_id)

    def page(self, page: Page, query: str | None = None) -> Rows[CustomerProfile]:
        limit, cursor = page_limit(page), pair_cursor(page)
        values: dict[str, object] = {"limit": limit + 1}
        if query is not None:
            values["found"] = sorted({self.current(CustomerId(each)) for each in self._index.matching(query)})
            if not values["found"]:
                return Rows(items=())
        if cursor is not None:
            values["first"], values["second"] = cursor
        rows = self._db.all(_PAGES[query is not None, cursor is not None], **values)
        following = cursor_of(rows[limit - 1].created_at, rows[limit - 1].customer_id) if len(rows) > limit else None
        return Rows(items=self._profiles(rows[:limit]), next_cursor=following)

    def knows_address(self, normalised: str) -> CustomerId | None:
        found = self._index.with_address(normalised)
        return None if found is None else self.current(CustomerId(found))

    def erase(self, customer_id: CustomerId, at: datetime) -> Mapping[str, int]:
        return erase(self._db, customer_id, at)

    # --- rows and values

    def _row(self, profile: CustomerProfile) -> Mapping[str, object]:
        return {
            "customer_id": profile.customer_id,
            "created_at": micros(profile.created_at),
            "customer_value": profile.customer_value,
            "language": profile.language,
            "preferred_channel": profile.preferred_channel,
            "last_agent_id": profile.last_agent_id,
            "merged_into": profile.merged_into,
            "erased_at": maybe_micros(profile.erased_at),
            "sealed": None if profile.erased_at else self._sealed_profile(profile),
        }

    def _sealed_profile(self, profile: CustomerProfile) -> bytes:
        document = {
            "name": profile.name,
            "email": profile.email,
            "phone": profile.phone,
            "location": profile.location,
            "name_set_by_staff": profile.name_set_by_staff,
            "preferences": profile.preferences,
        }
        return self._db.sealer.seal(profile.customer_id, _place("customers", profile.customer_id), document)

    def _profiles(self, rows: Sequence[Row]) -> tuple[CustomerProfile, ...]:
        """For lists: with identities, without purchases and issues."""
        found = self._db.all(_IDENTITIES, ids=[row.customer_id for row in rows]) if rows else []
        self._db.sealer.preload([*(row.sealed for row in rows), *(row.sealed for row in found)])
        of = {row.customer_id: [each for each in found if each.customer_id == row.customer_id] for row in rows}
        return tuple(self._profile(row, self._identities(of[row.customer_id])) for row in rows)

    def _profile(
        self,
        row: Row,
        identities: tuple[Identity, ...],
        purchases: tuple[Purchase, ...] = (),
        issues: tuple[Issue, ...] = (),
    ) -> CustomerProfile:
        texts = self._db.sealer.open_or_none(_place("customers", row.customer_id), row.sealed) or {}
        return CustomerProfile(
            customer_id=CustomerId(row.customer_id),
            name=texts.get("name"),
            created_at=moment(row.created_at),
            email=texts.get("email"),
            phone=texts.get("phone"),
            preferred_channel=ChannelType(row.preferred_channel) if row.preferred_channel else None,
            customer_value=CustomerValue(row.customer_value),
            language=row.language,
            location=texts.get("location"),
            name_set_by_staff=texts.get("name_set_by_staff", False),
            preferences=texts.get("preferences", {}),
            identities=identities,
            purchase_history=purchases,
            previous_issues=issues,
            last_agent_id=row.last_agent_id,
            merged_into=CustomerId(row.merged_into) if row.merged_into else None,
            erased_at=maybe_moment(row.erased_at),
        )

    def _identities(self, rows: Iterable[Row]) -> tuple[Identity, ...]:
        return tuple(self._identity(row) for row in rows)

    def _identity(self, row: Row) -> Identity:
        texts = self._db.sealer.open(_place("identities", row.identity_id), row.sealed)
        return Identity(
            channel=ChannelType(row.channel),
            address=texts["address"],
            account=texts["account"],
            display_name=texts["display_name"],
            verified=bool(row.verified),
            evidence=Evidence(row.evidence),
            since=maybe_moment(row.since),
        )

    def _sealed_identity(self, customer_id: str, identity_id: str, identity: Identity) -> bytes:
        document = {"address": identity.address, "account": identity.account, "display_name": identity.display_name}
        return self._db.sealer.seal(customer_id, _place("identities", identity_id), document)

    def _upgrade(self, known: Row, identity: Identity) -> None:
        """Better evidence replaces weaker, never the other way; a newly given display name is kept."""
        before = self._identity(known)
        better = _STRENGTH[identity.evidence] > _STRENGTH[before.evidence]
        named = identity.display_name and identity.display_name != before.display_name
        if not (better or named or (identity.verified and not before.verified)):
            return
        shown = identity if named else before
        self._db.run(
            _UPGRADE,
            identity_id=known.identity_id,
            verified=int(before.verified or identity.verified),
            evidence=identity.evidence if better else before.evidence,
            sealed=self._sealed_identity(known.customer_id, known.identity_id, shown),
        )
        self._index.add_identity(known.customer_id, shown)

    def _purchases(self, customer_id: CustomerId) -> tuple[Purchase, ...]:
        rows = self._db.all(_PURCHASES, id=customer_id)
        open_ = self._db.sealer.open
        return tuple(decode(Purchase, open_(_place("purchases", row.purchase_key), row.sealed)) for row in rows)

    def _issues(self, customer_id: CustomerId) -> tuple[Issue, ...]:
        return tuple(self._issue(row) for row in self._db.all(_ISSUES, id=customer_id))

    def _issue(self, row: Row) -> Issue:
        texts = self._db.sealer.open_or_none(_place("issues", row.issue_id), row.sealed) or {}
        return Issue(
            issue_id=row.issue_id,
            conversation_id=ConversationId(row.conversation_id),
            intent=row.intent,
            topic=row.topic,
            created_at=moment(row.created_at),
            resolved_at=maybe_moment(row.resolved_at),
            summary=texts.get("summary"),
        )

    def _save_issues(self, profile: CustomerProfile) -> None:
        rows = [
            {
                "issue_id": issue.issue_id,
                "customer_id": profile.customer_id,
                "conversation_id": issue.conversation_id,
                "intent": issue.intent,
                "topic": issue.topic,
                "created_at": micros(issue.created_at),
                "resolved_at": maybe_micros(issue.resolved_at),
                "sealed": self._db.sealer.seal(
                    profile.customer_id, _place("issues", issue.issue_id), {"summary": issue.summary}
                ),
            }
            for issue in profile.previous_issues
        ]
        self._db.many(_PUT_ISSUE, rows)

    def _key(self, identity: Identity) -> str:
        return self._db.index.address(identity.channel, identity.account, identity.address)


def _place(table: str, row: str) -> str:
    return f"{table}|{row}|texts"
