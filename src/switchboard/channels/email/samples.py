"""Simple raw mails for the demo and for tests."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

TRUSTED_SERVER = "mx.switchboard.example"
"""The authserv-id under which an ``authenticated`` sample is marked as checked."""


def plain_mail(
    from_: str, to: str, subject: str, text: str, *, message_id: str, in_reply_to: str | None = None,
    authenticated: bool = False, cc: str = "", reply_to: str = "",
) -> bytes:  # fmt: skip
    """A plain text mail as bytes. ``from_`` and ``to`` may hold a display name; ``message_id`` gets its brackets.

    ``authenticated`` adds the note of ``TRUSTED_SERVER`` that DMARC passed for the sender's domain.
    """
    mail = EmailMessage(policy=SMTP.clone(max_line_length=400))  # ids are never folded
    if authenticated:
        domain = from_.rpartition("@")[2].strip("> ")
        mail["Authentication-Results"] = f"{TRUSTED_SERVER}; dmarc=pass header.from={domain}"
    mail["From"], mail["To"], mail["Subject"] = from_, to, subject
    if cc:
        mail["Cc"] = cc
    if reply_to:
        mail["Reply-To"] = reply_to
    mail["Message-ID"] = _bracketed(message_id)
    if in_reply_to is not None:
        mail["In-Reply-To"] = mail["References"] = _bracketed(in_reply_to)
    mail.set_content(text)
    return mail.as_bytes()


def _bracketed(message_id: str) -> str:
    return f"<{message_id.strip('<>')}>"
