"""What customers send besides words (places, people, orders, links), as the desk shows it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import orjson

from switchboard.desk.presentation import duration, label, words
from switchboard.domain.message import Attachment

ICONS = {
    "location": "pin",
    "contact": "user",
    "order": "box",
    "share": "link",
    "image": "eye",
    "sticker": "smile",
    "audio": "play",
    "video": "play",
}
SHARES = {
    "story_mention": "Mentioned us in a story",
    "ig_story": "A story",
    "reel": "A reel",
    "ig_reel": "A reel",
    "post": "A post",
    "ig_post": "A post",
    "template": "A card",
    "fallback": "A link",
    "share": "A shared post",
    "appointment_booking": "A booking",
    "ephemeral": "A picture or film to be seen once",
    "unsupported_type": "Something that cannot be shown here",
}
"""Meta's names of what is shared, in words."""
CONTACT_LINES = ("org", "phones", "emails", "addresses", "urls", "birthday")
"""What is told of a person whose card was sent, in this order."""
MOST_LINES, MOST_IN_A_LINE = 50, 500
_LONGEST_NAME = 80
THUMBS_UP = frozenset({"369239263222822", "369239343222814", "369239383222810"})
"""Messenger's stickers of a thumb, small to large."""
NOT_FILLED_IN = frozenset({"flow_token", "wa_flow_response_params"})
"""Fields of a form that its program sent along."""
CALL_ANSWERS = {
    "call_permission:accept": "You may call me on WhatsApp.",
    "call_permission:reject": "Please do not call me on WhatsApp.",
}
"""Answers to a request that carry no words."""


def icon_of(attachment: Attachment) -> str:
    return ICONS.get(attachment.kind, "clip")


def name_of_file(attachment: Attachment) -> str:
    """What it is called on the line: its name, else its kind."""
    told = attachment.details
    if attachment.kind == "audio":
        known = told.get("duration_seconds", "")
        what = attachment.name or ("Voice message" if told.get("voice") or known else "Sound")
        return f"{what}, {duration(float(known))}" if known.isdecimal() else what
    if told.get("type") == "like_heart":
        return "A heart ❤️"
    if told.get("sticker_id") in THUMBS_UP:
        return "Thumbs up 👍"
    if attachment.kind == "share":
        given = attachment.name or told.get("type") or ""
        return SHARES.get(given, attachment.name or label(given)) or "A link"
    return attachment.name or label(attachment.kind)


def link_of(attachment: Attachment) -> str:
    """Where it leads outside, for facts that are no files: a web address or a place on a map; empty: nowhere."""
    if attachment.kind == "location":
        return _place(attachment.details) or web_address(attachment.url or attachment.details.get("url", ""))
    return web_address(attachment.url or "") if attachment.kind == "share" else ""


def _place(details: Mapping[str, str]) -> str:
    try:
        north, east = float(details["latitude"]), float(details["longitude"])
    except (KeyError, ValueError):
        return ""
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        return ""
    return f"https://www.openstreetmap.org/?mlat={north:.6f}&mlon={east:.6f}#map=17/{north:.6f}/{east:.6f}"


def web_address(url: str) -> str:
    """The address if a browser may open it, else nothing: never a script or a file."""
    try:
        parts = urlsplit(url.strip()[:2000])
    except ValueError:
        return ""
    return quote(url.strip()[:2000], safe="%/:?#[]@!$&'()*+,;=~-._") if parts.scheme in ("http", "https") else ""


def lines_of(attachment: Attachment) -> list[str]:
    """What else is known of it: an address, telephone numbers, the wares of an order."""
    told = attachment.details
    if attachment.kind == "location":
        return [told["address"]] if told.get("address") else []
    if attachment.kind == "contact":
        return [told[name] for name in CONTACT_LINES if told.get(name) and told[name] != attachment.name]
    if attachment.kind == "share":
        return [told["subtitle"]] if told.get("subtitle") else []
    if attachment.kind == "order":
        wares = (told[f"item_{place}"] for place in range(1, 101) if f"item_{place}" in told)
        return [_ware(ware) for ware in wares]
    return []


def _ware(text: str) -> str:
    """``2 × LT-2, 24 GBP each`` from the pairs that the channel gave."""
    pairs = dict(part.partition("=")[::2] for part in text[:1000].split(", "))
    what = f"{pairs.get('quantity', '1')} × {pairs.get('product_retailer_id', 'something')}"
    price = " ".join(part for part in (pairs.get("item_price"), pairs.get("currency")) if part)
    return f"{what}, {price} each" if price else what


def about_what(metadata: Mapping[str, str]) -> list[str]:
    """The advertisement, link or product that the customer came from, as far as the provider names it."""
    advert, product = _document(metadata.get("referral", "")), _document(metadata.get("product", ""))
    campaign = advert.get("ads_context_data")
    titled = campaign if isinstance(campaign, dict) else {}
    named = (advert.get("headline"), advert.get("body"), titled.get("ad_title"), advert.get("ref"))
    told = [str(value)[:MOST_IN_A_LINE] for value in named if isinstance(value, str) and value.strip()]
    item = product.get("product_retailer_id") or product.get("id")
    return [*told[:2], *([f"Product {str(item)[:80]}"] if item else [])]


def _document(text: str) -> Mapping[str, object]:
    try:
        found: object = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def told_without_words(payload: str | None) -> str:
    """What a message without words and files says."""
    named = (payload or "").strip()
    if named in CALL_ANSWERS:
        return CALL_ANSWERS[named]
    bare = named and len(named) <= _LONGEST_NAME and named[0] not in "{["
    return f"Tapped a button without words: {words(named.lower())}" if bare else "A message without words."


def form_lines(text: str) -> list[str]:
    """What somebody filled in, a line for each field, from the form's JSON; another document as it is."""
    try:
        filled: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        return [text[:MOST_IN_A_LINE]]
    if not isinstance(filled, dict):
        return [text[:MOST_IN_A_LINE]]
    told = [(name, value) for name, value in filled.items() if name not in NOT_FILLED_IN][:MOST_LINES]
    return [f"{label(name[:80])}: {_plain(value)}" for name, value in told]


def _plain(value: object) -> str:
    if isinstance(value, dict) and all(isinstance(inner, str | int | float) for inner in value.values()):
        return ", ".join(f"{label(str(name)[:80]).lower()} {inner}" for name, inner in value.items())[:MOST_IN_A_LINE]
    return (value if isinstance(value, str) else orjson.dumps(value).decode())[:MOST_IN_A_LINE]


def plain_placeholder(text: str) -> str:
    """``[an end-to-end encrypted message: …]`` without its brackets."""
    inner = text.strip().removeprefix("[").removesuffix("]")
    return inner[:1].upper() + inner[1:]


FILTERS = {
    "icon_of": icon_of,
    "name_of_file": name_of_file,
    "link_of": link_of,
    "lines_of": lines_of,
    "form_lines": form_lines,
    "about_what": about_what,
    "told_without_words": told_without_words,
    "web_address": web_address,
    "plain_placeholder": plain_placeholder,
}
