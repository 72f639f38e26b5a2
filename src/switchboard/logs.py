"""Logs: one line an event, ids and counts only, never what a customer wrote."""

from __future__ import annotations

import logging
import re

import structlog

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LONGEST = 2000


def configure_logs(level: int = logging.WARNING) -> None:
    """Everything goes through one formatter that keeps an event on one line, whatever is in it."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                one_line,
                structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
            ],
            foreign_pre_chain=[
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def one_line(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Line breaks and control characters of anything outside cannot forge a second line."""
    event["event"] = CONTROL.sub(" ", str(event.get("event", "")))[:LONGEST]
    return event
