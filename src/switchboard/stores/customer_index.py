"""Finds customers by address, phone, order number or name, through keyed fingerprints only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from switchboard.domain.customer import CustomerProfile, Identity, Purchase
from switchboard.stores.database import insert, sql
from switchboard.stores.session import Session
from switchboard.trust.blind_index import normal_address, search_tokens

_TERMS = sql("SELECT term FROM customer_terms WHERE customer_id = :id AND source = :source")
_ADD_TERM = insert("customer_terms", ["term", "customer_id", "source"], or_ignore=["term", "customer_id", "source"])
_DROP_TERM = sql("DELETE FROM customer_terms WHERE term = :term AND customer_id = :customer_id AND source = :source")
_BY_TERM = sql("SELECT customer_id FROM customer_terms WHERE term IN :terms GROUP BY customer_id LIMIT 1000", "terms")
_BY_WORDS = sql(
    "SELECT customer_id FROM customer_terms WHERE term IN :terms AND source IN ('name', 'identity-name') "
    "GROUP BY customer_id HAVING count(DISTINCT term) = :words LIMIT 1000",
    "terms",
)


class CustomerIndex:
    """The words that lead to a customer, each with where it comes from."""

    def __init__(self, session: Session) -> None:
        self._db = session

    def add_identity(self, customer_id: str, identity: Identity) -> None:
        names = self._names(identity.display_name)
        self._add_all(customer_id, {"identity": [self._address(identity.address)], "identity-name": names})

    def set_identities(self, customer_id: str, left: Sequence[Identity]) -> None:
        """All words anew: two identities may share one."""
        self._set(customer_id, "identity", [self._address(each.address) for each in left])
        self._set(customer_id, "identity-name", [term for each in left for term in self._names(each.display_name)])

    def add_profile(self, profile: CustomerProfile) -> None:
        """Of a new customer."""
        self._add_all(profile.customer_id, self._of_profile(profile))

    def set_profile(self, profile: CustomerProfile) -> None:
        for source, terms in self._of_profile(profile).items():
            self._set(profile.customer_id, source, terms)

    def add_purchase(self, customer_id: str, purchase: Purchase) -> None:
        numbers = [purchase.purchase_id, *([purchase.order_number] if purchase.order_number else [])]
        self._add(customer_id, "order", [self._order(number) for number in numbers])

    def with_address(self, address: str) -> str | None:
        found = self._db.all(_BY_TERM, terms=[self._address(address)])
        return found[0].customer_id if found else None

    def matching(self, query: str) -> set[str]:
        """Customers with exactly this address or order number, and those whose name has all the words."""
        exact = self._db.all(_BY_TERM, terms=[self._address(query), self._order(query)])
        found = {row.customer_id for row in exact}
        words = sorted(set(self._names(query)))
        if words:
            found |= {row.customer_id for row in self._db.all(_BY_WORDS, terms=words, words=len(words))}
        return found

    def _of_profile(self, profile: CustomerProfile) -> dict[str, list[int]]:
        addresses = [self._address(each) for each in (profile.email, profile.phone) if each]
        return {"address": addresses, "name": self._names(profile.name)}

    def _address(self, address: str) -> int:
        return self._db.index.term("address", normal_address(address))

    def _order(self, number: str) -> int:
        return self._db.index.term("order", number.strip().casefold().lstrip("#"))

    def _names(self, name: str | None) -> list[int]:
        return [self._db.index.term("name", word) for word in search_tokens(name)]

    def _set(self, customer_id: str, source: str, terms: Iterable[int]) -> None:
        wanted, present = set(terms), {row.term for row in self._db.all(_TERMS, id=customer_id, source=source)}
        gone = [{"term": t, "customer_id": customer_id, "source": source} for t in sorted(present - wanted)]
        self._db.many(_DROP_TERM, gone)
        self._add(customer_id, source, wanted - present)

    def _add(self, customer_id: str, source: str, terms: Iterable[int]) -> None:
        self._add_all(customer_id, {source: terms})

    def _add_all(self, customer_id: str, terms: Mapping[str, Iterable[int]]) -> None:
        rows = sorted((term, source) for source, given in terms.items() for term in set(given))
        self._db.many(
            _ADD_TERM, [{"term": term, "customer_id": customer_id, "source": source} for term, source in rows]
        )
