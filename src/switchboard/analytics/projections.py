"""All projections in one place: each is a pure fold over events in order of sequence."""

from __future__ import annotations

from switchboard.analytics.dashboard import Dashboard, fold_dashboard
from switchboard.analytics.metrics import AnalyticsEvent, measure
from switchboard.analytics.people import AgentMetrics, agent_metrics
from switchboard.analytics.report import DailyReport, daily_report, day_bounds
from switchboard.analytics.savings import CostSettings, Savings, cost_savings
from switchboard.analytics.topics import TrendingTopic, trending_topics

__all__ = [
    "AgentMetrics",
    "AnalyticsEvent",
    "CostSettings",
    "DailyReport",
    "Dashboard",
    "Savings",
    "TrendingTopic",
    "agent_metrics",
    "cost_savings",
    "daily_report",
    "day_bounds",
    "fold_dashboard",
    "measure",
    "trending_topics",
]
