"""What Meta tells of an account and an app: whose it is, whether the access holds, which notices are sent where."""

from __future__ import annotations

import httpx2

from switchboard.channels.fields import Json
from switchboard.channels.meta_subscriptions import FACEBOOK, INSTAGRAM, WHATSAPP
from switchboard.demo.settings import META_APP, WABA
from switchboard.demo.simulators.carrier import Carrier, webhook
from switchboard.domain.message import ChannelType

SUBJECTS = {
    ChannelType.WHATSAPP: "whatsapp_business_account",
    ChannelType.FACEBOOK: "page",
    ChannelType.INSTAGRAM: "instagram",
}
ALL = {
    ChannelType.WHATSAPP: WHATSAPP,
    ChannelType.FACEBOOK: FACEBOOK,
    ChannelType.INSTAGRAM: INSTAGRAM,
}
NAME = "Larkfield Coffee"


def told(carrier: Carrier, request: httpx2.Request, channel: ChannelType) -> Json | None:
    """The answer to a question about the account; None for every other call."""
    node, _, edge = request.url.path.removeprefix("/").partition("/")[2].partition("/")
    if request.method != "GET":
        return None
    match node, edge:
        case (str(), "subscribed_apps") if node in ("me", WABA):
            return {"data": [_subscribed(carrier, channel)]}
        case ("debug_token", ""):
            scopes = ["whatsapp_business_messaging", "whatsapp_business_management"]
            return {"data": {"is_valid": True, "app_id": META_APP, "scopes": scopes, "expires_at": 0}}
        case ("me", ""):
            return {"id": carrier.accounts[channel], "name": NAME, "username": "larkfield"}
        case (str(), "") if node == carrier.accounts[ChannelType.WHATSAPP]:
            return {"id": node, "display_phone_number": node, "verified_name": NAME, "quality_rating": "GREEN"}
    return None


def webhooks(carrier: Carrier, request: httpx2.Request, channel: ChannelType) -> Json | None:
    """What an app is told with its own token; None for every other call."""
    if request.method != "GET":
        return None
    if request.url.path.endswith("/debug_token"):
        return {"data": {"is_valid": True, "app_id": META_APP, "expires_at": 0}}
    if not request.url.path.endswith(f"/{META_APP}/subscriptions"):
        return None
    fields = [{"name": name, "version": "v23.0"} for name in notices(carrier, channel)]
    one = {"object": SUBJECTS[channel], "callback_url": webhook(channel), "active": True, "fields": fields}
    return {"data": [one]}


def notices(carrier: Carrier, channel: ChannelType) -> list[str]:
    """The fields that are switched on."""
    return [one.name for one in ALL[channel] if one.name not in carrier.faults.unsubscribed]


def _subscribed(carrier: Carrier, channel: ChannelType) -> Json:
    app = {"id": META_APP, "name": "Switchboard"}
    if channel is ChannelType.WHATSAPP:
        return {"whatsapp_business_api_data": app}
    return {**app, "subscribed_fields": notices(carrier, channel)}
