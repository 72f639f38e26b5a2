"""Comments below the business's posts on Facebook and Instagram, as public messages of their writers."""

from __future__ import annotations

from dataclasses import replace

from switchboard.channels.fields import Json, fingerprint, flat, ident, moment, obj, text
from switchboard.domain.customer import Evidence
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import Attachment, ChannelType, MessageContent

PUBLIC_ID = "public_id"
"""In the metadata: the comment or post that a public answer is written below."""


POSTS = ("status", "post", "photo")
"""What visitors write on a page's own wall."""
ADDED, CHANGED, REMOVED = ("add",), ("edit", "edited"), ("remove", "delete")


def read_comment(name: str, value: Json, channel: ChannelType, account: str) -> InboundEvent | None:
    """A new comment, mention or visitor's post, and what its writer does to it later; None for other changes (likes)."""
    if channel is not ChannelType.FACEBOOK:
        if name not in ("comments", "live_comments"):
            return None
        return _comment(
            value, ident(value, "id"), text(value, "text"), ident(obj(value, "media"), "id"), channel, account
        )
    verb, written = text(value, "verb"), ident(value, "comment_id")
    words, post = text(value, "message"), ident(value, "post_id")
    if name == "mention" and verb in ADDED:
        writer = {"id": value.get("sender_id"), "name": value.get("sender_name")}
        return _comment({**value, "from": writer}, written or post, words, post, channel, account)
    if name == "feed" and verb in ADDED and text(value, "item") in POSTS and written is None:
        return _comment({**value, "photo": value.get("link")}, post, words, post, channel, account)
    if name != "feed" or text(value, "item") != "comment" or written is None:
        return None
    if verb in REMOVED:
        return replace(_bare(value, f"{written}:delete", channel, account), kind=InboundKind.DELETE, target=written)
    said = _comment(value, written, words, post, channel, account) if verb in (*ADDED, *CHANGED) else None
    if said is not None and verb in CHANGED and said.kind is InboundKind.PUBLIC_MENTION:
        edit_id = f"{written}:edit:{fingerprint(value)}"
        return replace(said, kind=InboundKind.EDIT, target=written, external_id=edit_id)
    return said


def _bare(value: Json, external_id: str, channel: ChannelType, account: str) -> InboundEvent:
    return InboundEvent(
        kind=InboundKind.IGNORED,
        channel=channel,
        account=account,
        external_id=external_id,
        sent_at=moment(value, "created_time") or moment(value, "timestamp"),
    )


def _comment(
    value: Json, comment_id: str | None, words: str | None, post: str | None, channel: ChannelType, account: str
) -> InboundEvent | None:
    writer = obj(value, "from")
    author = ident(writer, "id")
    if comment_id is None or author is None:
        return None
    event = _bare(value, comment_id, channel, account)
    if author == account:  # nothing that anybody has to answer
        return replace(event, reason="our own comment")
    return replace(
        event,
        kind=InboundKind.PUBLIC_MENTION,
        senders=(
            SenderAddress(channel=channel, address=author, account=account, verified=True, evidence=Evidence.PROVIDER),
        ),
        sender_name=text(writer, "name") or text(writer, "username"),
        content=_content(words, ident(value, "photo") or ident(value, "video")),
        reply_to=ident(value, "parent_id"),
        metadata={PUBLIC_ID: comment_id, **({"post": post} if post else {}), **flat(value, "permalink_url")},
    )


def _content(words: str | None, picture: str | None) -> MessageContent:
    attachments = (Attachment(kind="image", url=picture),) if picture else ()
    return MessageContent(text=words or "", attachments=attachments, media_urls=(picture,) if picture else ())
