"""Public posts that mention the business on X, in the shapes of both webhook products."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from switchboard.channels.fields import Json, ident, obj, objects, text
from switchboard.channels.twitter_parts import bare_event, file_of, links_of, person, unescape
from switchboard.domain.inbound import InboundEvent, InboundKind
from switchboard.domain.message import Attachment, MessageContent


def read_tweet(tweet: Json, account: str) -> InboundEvent:
    """The older shape. A retweet of our post looks like a mention and is none; our own posts come back too."""
    user = obj(tweet, "user")
    author, post_id = ident(user, "id_str") or ident(user, "id"), ident(tweet, "id_str") or ident(tweet, "id")
    event = bare_event(tweet, account, post_id)
    if obj(tweet, "retweeted_status"):
        return replace(event, reason="retweet")
    whole = obj(tweet, "extended_tweet")
    media = [item for part in (whole, tweet) for item in objects(obj(part, "extended_entities"), "media")]
    files = tuple(file_of(item) for item in media or objects(obj(tweet, "entities"), "media"))
    words = text(whole, "full_text") or text(tweet, "full_text") or text(tweet, "text") or ""
    links = links_of(whole) if "entities" in whole else links_of(tweet)
    event = replace(event, reply_to=ident(tweet, "in_reply_to_status_id_str"), metadata=links)
    return _said(event, post_id, author, {author: user} if author else {}, words, files)


def read_post(payload: Json, includes: Json, account: str) -> InboundEvent:
    """The newer shape: the writer and the files stand beside the post."""
    author, post_id = ident(payload, "author_id"), ident(payload, "id")
    event = replace(bare_event(payload, account, post_id), sent_at=_when(text(payload, "created_at")))
    related = {text(other, "type"): ident(other, "id") for other in objects(payload, "referenced_tweets")}
    if "retweeted" in related:
        return replace(event, reason="retweet")
    keys = obj(payload, "attachments").get("media_keys")
    named = keys if isinstance(keys, list) else []
    files = tuple(_file(item) for item in objects(includes, "media") if item.get("media_key") in named)
    users = {key: user for user in objects(includes, "users") if (key := ident(obj(user, "data") or user, "id"))}
    long = obj(payload, "note_tweet")
    words = text(long, "text") or text(payload, "text") or ""
    event = replace(event, reply_to=related.get("replied_to"), metadata=links_of(long) or links_of(payload))
    return _said(event, post_id, author, users, words, files)


def _said(
    event: InboundEvent,
    post_id: str | None,
    author: str | None,
    users: Json,
    words: str,
    files: tuple[Attachment, ...],
) -> InboundEvent:
    content = MessageContent(text=unescape(words), attachments=files)
    if author is not None and author == event.account:
        return replace(event, kind=InboundKind.ECHO, content=content)
    event = person(event, author, users)
    told = {**event.metadata, **({"public_id": post_id} if post_id else {})}
    return replace(event, kind=InboundKind.PUBLIC_MENTION, content=content, metadata=told)


def _file(media: Json) -> Attachment:
    """The newer shape names the same things differently."""
    older = {**media, "media_url_https": media.get("url"), "video_info": {"variants": media.get("variants")}}
    return file_of({**older, "id_str": media.get("media_key")})


def _when(written: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(written[:40]) if written else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found
