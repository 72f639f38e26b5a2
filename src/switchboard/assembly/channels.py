"""Which channels are set up, from the settings."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2

from switchboard.assembly.access import ChannelAccess
from switchboard.assembly.mailboxes import Accesses, own_addresses, own_domains
from switchboard.assembly.telephone import voice_url
from switchboard.channels.email.channel import EmailChannel
from switchboard.channels.email.imap_session import AccessToken
from switchboard.channels.email.loops import AutomaticLimits, AutomaticMails
from switchboard.channels.email.message import MailRules
from switchboard.channels.email.outgoing import Letterhead, Relay
from switchboard.channels.email.webhooks import BasicAuth, Mailgun, MailWebhook, Postmark, SendGrid
from switchboard.channels.email.worker_pool import MailReaderPool
from switchboard.channels.facebook import Facebook
from switchboard.channels.instagram import Instagram
from switchboard.channels.twitter import Twitter
from switchboard.channels.twitter_access import BearerAccess
from switchboard.channels.voice import Voice
from switchboard.channels.web_chat import VisitorTokens, WebChat
from switchboard.channels.whatsapp import WhatsApp
from switchboard.domain.message import ChannelType
from switchboard.engines.breaker import Guards
from switchboard.engines.guarded_channel import GuardedChannel
from switchboard.ports.channel import Channel
from switchboard.ports.clock import Clock
from switchboard.ports.hub import Hub
from switchboard.settings import Email, Settings


def build_channels(
    settings: Settings,
    clock: Clock,
    hub: Hub,
    guards: Guards,
    client: httpx2.AsyncClient,
    secrets_: Mapping[str, bytes],
    relay: Relay | None,
    mails: MailReaderPool,
    access: ChannelAccess,
) -> Mapping[ChannelType, Channel]:
    """Every channel that is set up; web chat and e-mail intake always are. Sending goes through a breaker each."""
    channels: list[Channel] = [
        WebChat(tokens=visitor_tokens(settings, secrets_), hub=hub),
        _email(settings, clock, secrets_, relay or _relay(settings, client, clock, access), mails, access),
    ]
    wa, fb, ig, tw, vo = settings.whatsapp, settings.facebook, settings.instagram, settings.twitter, settings.voice
    if wa.app_secret.get_secret_value():
        channels.append(
            WhatsApp(
                app_secret=wa.app_secret.get_secret_value(),
                verify_token=wa.verify_token.get_secret_value(),
                access_token=wa.access_token.get_secret_value(),
                phone_number_id=wa.phone_number_id,
                business_account_id=wa.business_account_id,
                read_marks=wa.read_marks,
                load=access.load,
                fetcher=access.fetcher,
                base_url=wa.base_url,
                client=client,
                now=clock.now,
            )
        )
    if fb.app_secret.get_secret_value():
        channels.append(
            Facebook(
                app_secret=fb.app_secret.get_secret_value(),
                verify_token=fb.verify_token.get_secret_value(),
                access_token=fb.access_token.get_secret_value(),
                app_id=fb.app_id or None,
                human_agent=fb.human_agent,
                public=fb.public,
                read_marks=fb.read_marks,
                load=access.load,
                fetcher=access.fetcher,
                base_url=fb.base_url,
                client=client,
                now=clock.now,
            )
        )
    if ig.app_secret.get_secret_value():
        channels.append(
            Instagram(
                app_secret=ig.app_secret.get_secret_value(),
                verify_token=ig.verify_token.get_secret_value(),
                access_token=ig.access_token.get_secret_value(),
                app_id=ig.app_id or None,
                human_agent=ig.human_agent,
                public=ig.public,
                read_marks=ig.read_marks,
                load=access.load,
                fetcher=access.fetcher,
                base_url=ig.base_url,
                client=client,
                now=clock.now,
            )
        )
    if tw.consumer_secret.get_secret_value():
        channels.append(
            Twitter(
                consumer_secret=tw.consumer_secret.get_secret_value(),
                access_token=tw.access_token.get_secret_value(),
                consumer_key=tw.consumer_key or None,
                access_secret=tw.access_secret.get_secret_value() or None,
                renewing=x_renewing(settings, client, access) if tw.client_id else None,
                public=tw.public,
                load=access.load,
                fetcher=access.fetcher,
                base_url=tw.base_url,
                client=client,
                now=clock.now,
            )
        )
    if vo.auth_token.get_secret_value():
        channels.append(
            Voice(
                account_sid=vo.account_sid,
                auth_token=vo.auth_token.get_secret_value(),
                number=vo.number,
                public_url=voice_url(settings),
                language=vo.language,
                deletes=vo.delete_recordings,
                fetcher=access.fetcher,
                base_url=vo.base_url,
                client=client,
                now=clock.now,
            )
        )
    return {channel.type: GuardedChannel(channel, guards.named(channel.type.value)) for channel in channels}


def x_renewing(settings: Settings, client: httpx2.AsyncClient, access: ChannelAccess) -> BearerAccess:
    tw = settings.twitter
    return BearerAccess(
        token=tw.access_token.get_secret_value(),
        refresh_token=tw.refresh_token.get_secret_value(),
        client_id=tw.client_id,
        client_secret=tw.client_secret.get_secret_value(),
        client=client,
        base_url=tw.base_url,
        keeper=access.x_tokens,
    )


def visitor_tokens(settings: Settings, secrets_: Mapping[str, bytes]) -> VisitorTokens:
    site = settings.web_chat.identity_secret.get_secret_value()
    return VisitorTokens(secret=secrets_["visitors"], site_secret=site.encode() or None)


def _email(
    settings: Settings,
    clock: Clock,
    secrets_: Mapping[str, bytes],
    relay: Relay | None,
    mails: MailReaderPool,
    access: ChannelAccess,
) -> EmailChannel:
    return EmailChannel(
        mail_rules(settings, secrets_),
        clock,
        webhook=_mail_webhook(settings),
        relay=relay,
        letterhead=Letterhead(display_name=settings.email.display_name or None, unsubscribe=settings.email.unsubscribe),
        load_blob=access.load,
        read=mails.read,
        automatic=_automatic(settings.email, access),
    )


def _automatic(mail: Email, access: ChannelAccess) -> AutomaticMails:
    limits = AutomaticLimits(per_thread=mail.automatic_per_thread, per_hour=mail.automatic_per_hour)
    return AutomaticMails(access.store, limits)


def _relay(settings: Settings, client: httpx2.AsyncClient, clock: Clock, access: ChannelAccess) -> Relay | None:
    accesses = Accesses(client=client, clock=clock, keeper=access.keeper)
    return mail_relay(settings.email, accesses.main(settings.email))


def mail_rules(settings: Settings, secrets_: Mapping[str, bytes]) -> MailRules:
    return MailRules(
        own_addresses=own_addresses(settings.email),
        own_domains=own_domains(settings.email),
        trusted_authserv_ids=settings.email.trusted_authserv_ids,
        thread_secret=secrets_["mail-threads"],
    )


def mail_relay(mail: Email, access: AccessToken | None = None) -> Relay | None:
    """The server that takes our mails, if one is set up."""
    if not mail.smtp_host:
        return None
    return Relay(
        host=mail.smtp_host,
        port=mail.smtp_port,
        security=mail.smtp_tls,
        user=mail.smtp_user or (mail.address if access is not None else None),
        password=mail.smtp_password.get_secret_value() or None,
        access=access,
    )


def _mail_webhook(settings: Settings) -> MailWebhook | None:
    secret = settings.email.webhook_secret.get_secret_value()
    match settings.email.webhook_provider:
        case "sendgrid":
            return SendGrid(public_key=secret)
        case "mailgun":
            return Mailgun(signing_key=secret)
        case "postmark":
            user, _, password = secret.partition(":")
            return Postmark(basic=BasicAuth(user=user, password=password))
        case _:
            return None
