"""What is kept, table by table. Columns named ``sealed…`` hold encrypted customer data; everything else is codes and ids.

Times are whole microseconds since 1970 (UTC). Truth values are 0 or 1, so that both databases speak the same SQL.
"""

from __future__ import annotations

from switchboard.stores import tables_conversations, tables_customers, tables_office, tables_work
from switchboard.stores.columns import metadata

__all__ = ["metadata", "tables_conversations", "tables_customers", "tables_office", "tables_work"]
