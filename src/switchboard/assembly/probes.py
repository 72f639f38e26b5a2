"""Who asks the providers about the channels that are set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx2

from switchboard.assembly.access import ChannelAccess
from switchboard.assembly.channels import mail_relay, x_renewing
from switchboard.assembly.credentials import is_set_up
from switchboard.assembly.mailboxes import Accesses, looked_into
from switchboard.channels.email.probe import MailProbe
from switchboard.channels.meta import GRAPH_FAULTS, Graph
from switchboard.channels.meta_probes import PageProbe, WhatsAppProbe
from switchboard.channels.meta_subscriptions import (
    FACEBOOK,
    FACEBOOK_PUBLIC,
    INSTAGRAM,
    INSTAGRAM_PUBLIC,
    WHATSAPP,
    Notice,
    Subscriptions,
)
from switchboard.channels.oauth1 import OAuth1
from switchboard.channels.probes import OwnSocket
from switchboard.channels.provider_probes import TwilioProbe, XProbe
from switchboard.channels.twitter_access import Access, BearerAccess, SignedAccess
from switchboard.domain.message import ChannelType
from switchboard.ports.channel_check import Probe
from switchboard.ports.clock import Clock
from switchboard.settings import Email, Facebook, Instagram, Settings, WhatsApp

SECONDS = 10.0
INSTAGRAM_LOGIN = "https://graph.instagram.com"
SUBJECTS = {
    ChannelType.WHATSAPP: "whatsapp_business_account",
    ChannelType.FACEBOOK: "page",
    ChannelType.INSTAGRAM: "instagram",
}
"""Meta's word for the kind of account, in the list of an app's webhooks."""


def build_probes(
    settings: Settings,
    clock: Clock,
    client: httpx2.AsyncClient,
    access: ChannelAccess,
    added: Mapping[ChannelType, datetime],
) -> Mapping[ChannelType, Probe]:
    """``added``: when stored accounts were added."""
    wa, fb, ig = settings.whatsapp, settings.facebook, settings.instagram
    found: dict[ChannelType, Probe] = {
        ChannelType.WHATSAPP: WhatsAppProbe(
            graph=_graph(client, wa.base_url, wa.access_token.get_secret_value()),
            now=clock.now,
            number_id=wa.phone_number_id,
            subscriptions=_subscriptions(settings, client, clock, ChannelType.WHATSAPP, WHATSAPP)
            if wa.business_account_id
            else None,
        ),
        ChannelType.FACEBOOK: PageProbe(
            graph=_graph(client, fb.base_url, fb.access_token.get_secret_value()),
            now=clock.now,
            fields="id,name",
            subscriptions=_subscriptions(
                settings, client, clock, ChannelType.FACEBOOK, (*FACEBOOK, *(FACEBOOK_PUBLIC if fb.public else ()))
            ),
            app_token=f"{fb.app_id}|{fb.app_secret.get_secret_value()}" if fb.app_id else "",
        ),
        ChannelType.INSTAGRAM: PageProbe(
            graph=_graph(client, ig.base_url, ig.access_token.get_secret_value()),
            now=clock.now,
            fields="user_id,username",
            subscriptions=_subscriptions(
                settings, client, clock, ChannelType.INSTAGRAM, (*INSTAGRAM, *(INSTAGRAM_PUBLIC if ig.public else ()))
            ),
            added_at=added.get(ChannelType.INSTAGRAM),
        ),
        ChannelType.TWITTER: _x(settings, clock, client, access),
        ChannelType.VOICE: _twilio(settings, clock, client),
        ChannelType.EMAIL: _mail(settings.email, Accesses(client=client, clock=clock, keeper=access.keeper)),
    }
    set_up: dict[ChannelType, Probe] = {
        channel: probe for channel, probe in found.items() if is_set_up(settings, channel)
    }
    chat = settings.web_chat
    signs = bool(chat.identity_secret.get_secret_value())
    return {**set_up, ChannelType.WEB_CHAT: OwnSocket(settings.server.public_url, chat.origins, signs)}


def _subscriptions(
    settings: Settings, client: httpx2.AsyncClient, clock: Clock, channel: ChannelType, wanted: Sequence[Notice]
) -> Subscriptions:
    """What Meta is asked about a channel's notices. Only pages and accounts with Instagram Login list their own fields."""
    sections: dict[ChannelType, WhatsApp | Facebook | Instagram] = {
        ChannelType.WHATSAPP: settings.whatsapp,
        ChannelType.FACEBOOK: settings.facebook,
        ChannelType.INSTAGRAM: settings.instagram,
    }
    own = sections[channel]
    through_page = channel is ChannelType.INSTAGRAM and not own.base_url.startswith(INSTAGRAM_LOGIN)
    return Subscriptions(
        graph=_graph(client, own.base_url, own.access_token.get_secret_value()),
        now=clock.now,
        node=settings.whatsapp.business_account_id if channel is ChannelType.WHATSAPP else "me",
        subject=SUBJECTS[channel],
        wanted=wanted,
        url=webhook(settings, channel),
        listing=channel is not ChannelType.WHATSAPP and not through_page,
        app_id=own.app_id,
        app_secret=own.app_secret.get_secret_value(),
    )


def webhook(settings: Settings, channel: ChannelType) -> str:
    """The address that the provider must call."""
    return f"{settings.server.public_url.rstrip('/')}/channels/{channel.value}"


def _graph(client: httpx2.AsyncClient, base_url: str, token: str) -> Graph:
    return Graph(
        client=client, base_url=base_url, access_token=token, faults=GRAPH_FAULTS, subcodes={}, timeout=SECONDS
    )


def _x(settings: Settings, clock: Clock, client: httpx2.AsyncClient, access: ChannelAccess) -> XProbe:
    tw = settings.twitter
    token, secret = tw.access_token.get_secret_value(), tw.access_secret.get_secret_value()
    way: Access
    if tw.consumer_key and secret:
        pair = OAuth1(
            consumer_key=tw.consumer_key,
            consumer_secret=tw.consumer_secret.get_secret_value(),
            token=token,
            token_secret=secret,
        )
        way = SignedAccess(pair=pair, now=clock.now)
    elif tw.client_id:
        way = x_renewing(settings, client, access)
    else:
        way = BearerAccess(token=token, client=client, base_url=tw.base_url)
    return XProbe(
        client=client,
        access=way,
        consumer_key=tw.consumer_key,
        consumer_secret=tw.consumer_secret.get_secret_value(),
        url=webhook(settings, ChannelType.TWITTER),
        now=clock.now,
        base_url=tw.base_url,
    )


def _twilio(settings: Settings, clock: Clock, client: httpx2.AsyncClient) -> TwilioProbe:
    vo = settings.voice
    return TwilioProbe(
        client=client,
        account_sid=vo.account_sid,
        auth_token=vo.auth_token.get_secret_value(),
        number=vo.number,
        url=webhook(settings, ChannelType.VOICE),
        now=clock.now,
        base_url=vo.base_url,
    )


def _mail(mail: Email, accesses: Accesses) -> MailProbe:
    doors = [f"mails come over {'LMTP' if mail.listen_lmtp else 'SMTP'}, port {mail.listen_port}"] * bool(
        mail.listen_port
    ) + [f"mails come by {mail.webhook_provider}'s webhook"] * bool(mail.webhook_provider)
    folders = looked_into(mail, accesses)
    return MailProbe(
        address=mail.address,
        relay=mail_relay(mail, accesses.main(mail)),
        mailboxes=tuple(folder.mailbox for folder in folders if not folder.sent),
        sent=tuple(folder.mailbox for folder in folders if folder.sent),
        door="; ".join(doors),
    )
