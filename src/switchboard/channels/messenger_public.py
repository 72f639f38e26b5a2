"""Comments below the business's posts on Facebook and Instagram, as public messages of their writers."""

from __future__ import annotations

from switchboard.channels.fields import Json, fingerprint, flat, ident, moment, obj, text
from switchboard.domain.customer import Evidence
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import Attachment, ChannelType, MessageContent

PUBLIC_ID = "public_id"
"""In the metadata: the comment or post that a public answer is written below."""


def read_comment(name: str, value: Json, channel: ChannelType, account: str) -> InboundEvent | None:
    """None for changes that are no new comment (likes, edits, hidden ones)."""
    if channel is ChannelType.FACEBOOK:
        is_new = name == "feed" and text(value, "item") == "comment" and text(value, "verb") == "add"
        comment_id, words, post = ident(value, "comment_id"), text(value, "message"), ident(value, "post_id")
    else:
        is_new = name in ("comments", "live_comments")
        comment_id, words, post = ident(value, "id"), text(value, "text"), ident(obj(value, "media"), "id")
    writer = obj(value, "from")
    author = ident(writer, "id")
    if not is_new or comment_id is None or author is None:
        return None
    event = InboundEvent(
        kind=InboundKind.PUBLIC_MENTION,
        channel=channel,
        account=account,
        external_id=comment_id or fingerprint(channel, account, value),
        senders=(
            SenderAddress(channel=channel, address=author, account=account, verified=True, evidence=Evidence.PROVIDER),
        ),
        sender_name=text(writer, "name") or text(writer, "username"),
        content=_content(words, ident(value, "photo") or ident(value, "video")),
        sent_at=moment(value, "created_time") or moment(value, "timestamp"),
        reply_to=ident(value, "parent_id"),
        metadata={PUBLIC_ID: comment_id, **({"post": post} if post else {}), **flat(value, "permalink_url")},
    )
    return event if author != account else _own(event)


def _content(words: str | None, picture: str | None) -> MessageContent:
    attachments = (Attachment(kind="image", url=picture),) if picture else ()
    return MessageContent(text=words or "", attachments=attachments, media_urls=(picture,) if picture else ())


def _own(event: InboundEvent) -> InboundEvent:
    """Our own comment comes back: nothing that anybody has to answer."""
    return InboundEvent(
        kind=InboundKind.IGNORED,
        channel=event.channel,
        account=event.account,
        external_id=event.external_id,
        sent_at=event.sent_at,
        reason="our own comment",
    )
