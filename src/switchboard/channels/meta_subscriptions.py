"""Asks Meta which notices our app gets of an account, and names each that is missing with what the team misses by it.

Two switches must both be on: the app's, for a kind of object (page, instagram, whatsapp_business_account), and the
account's for our app. Some kinds of account do not list fields of their own; what cannot be asked is said, not guessed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from switchboard.channels.fields import Json, ident, obj, objects, text
from switchboard.channels.meta import Graph
from switchboard.channels.probes import Now, asked, note, well, wrong
from switchboard.ports.channel_check import Finding

DASHBOARD = "In Meta's app dashboard, Webhooks, object {subject}"
UNKNOWN = "which notices come is not known: "


@dataclass(frozen=True, slots=True)
class Notice:
    """A webhook field. ``missed``: what the team does without; ``needed``: customers' own words or taps are lost."""

    name: str
    missed: str
    needed: bool = False


MESSAGES = Notice("messages", "nothing that customers write comes in", needed=True)
TAPS = Notice("messaging_postbacks", "taps on buttons and on Get Started are lost", needed=True)
STANDBY = Notice("standby", "what is said while another app has the conversation is not seen")
REACTIONS = Notice("message_reactions", "emojis that customers put below messages are not seen")

WHATSAPP = (
    MESSAGES,
    Notice("smb_message_echoes", "answers from the WhatsApp Business app on a phone are not seen (if anybody uses it)"),
)
FACEBOOK = (
    MESSAGES,
    TAPS,
    Notice("message_echoes", "answers that the page's own inbox or another app sends are not seen"),
    REACTIONS,
    Notice("message_edits", "corrections that customers make are not seen"),
    Notice("message_deliveries", "it is not seen that a message was delivered"),
    Notice("message_reads", "it is not seen that a message was read"),
    Notice("messaging_referrals", "it is not seen which advert or link a conversation began at"),
    Notice("messaging_optins", "consents to notices are not seen"),
    Notice("messaging_handovers", "another app can take a conversation, and automation talks on"),
    STANDBY,
)
FACEBOOK_PUBLIC = (
    Notice("feed", "comments below posts do not come in", needed=True),
    Notice("mention", "posts that mention the page do not come in"),
)
INSTAGRAM = (
    MESSAGES,
    TAPS,
    REACTIONS,
    Notice("messaging_seen", "it is not seen that a message was read"),
    Notice("messaging_referral", "it is not seen which advert or link a conversation began at"),
    STANDBY,
)
INSTAGRAM_PUBLIC = (Notice("comments", "comments below posts do not come in", needed=True),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriptions:
    """What is asked about one account. ``node``: the account's; ``subject``: Meta's word for its kind; ``url``: our
    webhook; ``listing``: the account says which fields it sends our app. ``app_id`` and ``app_secret``: let the app's own
    switch be asked (only at graph.facebook.com)."""

    graph: Graph
    now: Now
    node: str
    subject: str
    wanted: Sequence[Notice]
    url: str
    listing: bool
    app_id: str = ""
    app_secret: str = field(default="", repr=False)

    async def check(self) -> tuple[Finding, ...]:
        of_account, account_fields, app_id = await self._of_account()
        of_app, app_fields = await self._of_app(app_id)
        known = [fields for fields in (account_fields, app_fields) if fields is not None]
        return (*of_account, *of_app, *self._fields(account_fields, app_fields, known))

    def _fields(
        self, account: Collection[str] | None, app: Collection[str] | None, known: Sequence[Collection[str]]
    ) -> tuple[Finding, ...]:
        if not known:
            return ()
        found = []
        for one in self.wanted:
            at_account = account is not None and one.name not in account
            at_app = app is not None and one.name not in app
            if at_account or at_app:
                whose = " and ".join(["the account"] * at_account + ["the app"] * at_app)
                tell = wrong if one.needed else note
                how = self._how(one.name, at_app=at_app, at_account=at_account)
                found.append(tell(f"webhook {one.name}", f"not subscribed by {whose}: {one.missed}", how))
        have = [one.name for one in self.wanted if all(one.name in fields for fields in known)]
        return (*((well("webhook", f"subscribed: {', '.join(have)}"),) if have else ()), *found)

    def _how(self, name: str, *, at_app: bool, at_account: bool) -> str:
        app = f"{DASHBOARD.format(subject=self.subject)}, subscribe to {name}." if at_app else ""
        all_of_them = "with all wanted names in subscribed_fields"
        account = (
            f"Subscribe the account to {name}: POST {self.node}/subscribed_apps {all_of_them}." if at_account else ""
        )
        return " ".join(filter(None, (app, account)))

    async def _of_account(self) -> tuple[tuple[Finding, ...], Collection[str] | None, str]:
        """Findings, the fields that the account sends our app (None: not known), and our app's id."""
        path = f"{self.node}/subscribed_apps"
        answer, fault = await asked("webhook", self._permission(), lambda: self.graph.get(path, {}, now=self.now()))
        if answer is None:
            told = fault or wrong("webhook", "no answer", self._permission())
            return (replace(told, detail=UNKNOWN + told.detail),), None, self.app_id
        apps = objects(answer, "data")
        ours = [app for app in apps if not self.app_id or _id(app) in (None, self.app_id)]
        if not ours:
            whose = "another app is subscribed, ours is not" if apps else "no app is subscribed"
            how = f"Subscribe the app to the account: POST {path}. Then point its callback at {self.url}"
            return (wrong("webhook", f"{whose}: nothing comes in", how),), None, self.app_id
        elsewhere = [at for app in ours if (at := text(app, "override_callback_uri")) and not self._is_ours(at)]
        findings = [self._moved(elsewhere[0])] if elsewhere else []
        if len(ours) > 1:
            findings.append(
                note("webhook apps", f"{len(ours)} apps are subscribed: which is ours is not known", "Set app_id.")
            )
        fields = {name for app in ours for name in _names(app)} if self.listing else None
        return tuple(findings), fields, self.app_id or (_id(ours[0]) or "" if len(ours) == 1 else "")

    async def _of_app(self, app_id: str) -> tuple[tuple[Finding, ...], Collection[str] | None]:
        """Findings about the app's own switch, and its fields (None: not known)."""
        if urlsplit(self.graph.base_url).hostname == "graph.instagram.com":
            return (), None  # with Instagram Login the account's list is the only one
        if not (app_id and self.app_secret):
            lack = "app_id is empty" if not app_id else "app_secret is empty"
            return (
                note("webhook app", f"which notices the app gets was not asked: {lack}", "Set app_id and app_secret."),
            ), None
        ask = replace(self.graph, access_token=f"{app_id}|{self.app_secret}")
        how = "Check app_id and app_secret against Meta's app dashboard, App settings, Basic."
        answer, fault = await asked("webhook app", how, lambda: ask.get(f"{app_id}/subscriptions", {}, now=self.now()))
        if answer is None:
            told = fault or wrong("webhook app", "no answer", how)
            told = replace(told, detail=UNKNOWN + told.detail)
            return (told if self.app_id else replace(told, well=True, fix="Set app_id: Meta named the app."),), None
        mine = next((one for one in objects(answer, "data") if text(one, "object") == self.subject), None)
        if mine is None or mine.get("active") is False:
            state = "has no webhook" if mine is None else "has switched its webhook off"
            how = f"{DASHBOARD.format(subject=self.subject)}, set the callback {self.url} and the verify token."
            return (wrong("webhook app", f"the app {state} for {self.subject}: nothing comes in", how),), None
        callback = text(mine, "callback_url") or ""
        return ((self._moved(callback),) if callback and not self._is_ours(callback) else ()), _names(mine)

    def _moved(self, callback: str) -> Finding:
        where = urlsplit(callback).hostname or "another address"
        how = f"{DASHBOARD.format(subject=self.subject)}, point the callback at {self.url}"
        return wrong("webhook address", f"notices go elsewhere ({where})", how)

    def _is_ours(self, callback: str) -> bool:
        """Without a public address in the settings only the path can be compared."""
        theirs, ours = urlsplit(callback), urlsplit(self.url)
        same_path = theirs.path.rstrip("/").rpartition("/")[0].endswith("/channels")
        return same_path and ours.hostname in (None, theirs.hostname)

    def _permission(self) -> str:
        rights = {"whatsapp_business_account": "whatsapp_business_management", "page": "pages_manage_metadata"}
        default = "instagram_business_manage_messages, or pages_manage_metadata through a page"
        return f"The access token must be allowed to look: {rights.get(self.subject, default)}."


def _id(app: Json) -> str | None:
    """The app's id: in WhatsApp's answer it stands one level deeper."""
    return ident(app, "id") or ident(obj(app, "whatsapp_business_api_data"), "id")


def _names(listed: Json) -> Collection[str]:
    """Meta lists the fields as words, or as objects with a name."""
    fields = listed.get("subscribed_fields", listed.get("fields"))
    each = fields if isinstance(fields, list) else []
    named = (entry.get("name") if isinstance(entry, dict) else entry for entry in each)
    return {name for name in named if isinstance(name, str)}
