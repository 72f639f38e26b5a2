"""What X's private messages and public posts have in common: people, files, words."""

from __future__ import annotations

from dataclasses import replace

from switchboard.channels.fields import Json, fingerprint, ident, moment, number, obj, objects, text
from switchboard.domain.customer import Evidence
from switchboard.domain.inbound import InboundEvent, InboundKind, SenderAddress
from switchboard.domain.message import Attachment, ChannelType

MEDIA_KINDS = {"photo": "image", "video": "video", "animated_gif": "video"}


def bare_event(raw: Json, account: str, external_id: str | None = None) -> InboundEvent:
    """An ignored event with id, account and time; readers fill in the rest."""
    return InboundEvent(
        kind=InboundKind.IGNORED,
        channel=ChannelType.TWITTER,
        account=account,
        external_id=external_id or fingerprint(account, raw),
        sent_at=moment(raw, "created_timestamp") or moment(raw, "created_at_msec") or moment(raw, "timestamp_ms"),
    )


def person(event: InboundEvent, user_id: str | None, users: Json) -> InboundEvent:
    """The customer by id; name and handle are looked up and may be missing."""
    if not user_id:
        return event
    found = obj(users, user_id)
    user = obj(found, "data") or found
    handle = text(user, "screen_name") or text(user, "username")
    return replace(
        event,
        senders=(
            SenderAddress(channel=ChannelType.TWITTER, address=user_id, verified=True, evidence=Evidence.PROVIDER),
        ),
        sender_name=text(user, "name"),
        metadata={**event.metadata, "handle": handle} if handle else event.metadata,
    )


def unescape(words: str) -> str:
    """X escapes exactly these three; the ampersand comes last so that nothing is undone twice."""
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def file_of(media: Json) -> Attachment:
    """A picture or the best form of a film."""
    given = text(media, "type") or ""
    variant = _best_variant(media)
    url = (ident(variant, "url") if variant else None) or ident(media, "media_url_https") or ident(media, "media_url")
    return Attachment(
        kind=MEDIA_KINDS.get(given, "file"),
        content_type=text(variant, "content_type") if variant else None,
        url=url,
        provider_id=ident(media, "id_str") or ident(media, "id"),
        details={"type": given},
    )


def place_of(location: Json) -> tuple[Attachment, ...]:
    """A place that somebody shared: longitude and latitude, or the name of a town."""
    given = obj(obj(location, "shared_coordinate"), "coordinates").get("coordinates")
    place = obj(obj(location, "shared_place"), "place")
    name = text(place, "full_name") or text(place, "name")
    details: dict[str, str] = {}
    if isinstance(given, list) and len(given) == 2 and all(isinstance(one, int | float) for one in given):
        details = {"longitude": str(given[0]), "latitude": str(given[1])}
    return (Attachment(kind="location", name=name, details=details),) if details or name else ()


def links_of(source: Json, *, without: str | None = None) -> dict[str, str]:
    """Where the t.co links in a text lead to, one in a line; ``without`` is the link that stands for a file."""
    urls = objects(obj(source, "entities"), "urls")
    found = [target for url in urls if text(url, "url") != without and (target := ident(url, "expanded_url"))]
    return {"links": "\n".join(found)} if found else {}


def _best_variant(media: Json) -> Json | None:
    """The mp4 with the highest bit rate."""
    variants = objects(obj(media, "video_info"), "variants")
    films = [variant for variant in variants if text(variant, "content_type") == "video/mp4"]
    return max(films, key=lambda film: number(film, "bitrate") or 0.0, default=None)
