"""Devices, services and cards that customers of many businesses name: what no catalogue of ours would hold."""

from __future__ import annotations

import re


def _joined(lines: str) -> str:
    """One alternation; its lines end after a stroke."""
    return "".join(lines.split("\n"))


_SERVICES = _joined(
    r"""
instagram|whatsapp|snapchat|tiktok|pinterest|linkedin|youtube(?: tv| music| premium| studio| kids| analytics)?|
netflix|spotify(?: premium)?|hulu|disney ?(?:plus|\+)|prime video|amazon (?:prime|music|video|echo|fire tv)|
twitch prime|apple (?:watch(?: series \d{1,2}| se| ultra)?|tv(?: 4k)?|music|care|pay|card|id|pencil)|
appletv(?: 4k)?|icloud(?: drive)?|itunes|facetime|imessage|siri|alexa|cortana|
google (?:pay|drive|maps|home|one|docs|sheets|photos|chrome|play|meet|mail)|
google (?:assistant|wallet|calendar|pixel|fi|ads|adsense|translate)|
gmail|chromecast(?: ultra)?|chromebook|android auto|carplay|adsense|skype|dropbox(?: business| paper| plus)?|
onedrive|sharepoint|outlook(?: 365)?|hotmail|microsoft (?:teams|office|word|excel|edge)|office ?365|powerpoint|
onenote|windows ?(?:\d{1,2}(?: pro| home)?|xp|vista|defender)|win ?(?:7|8|10|11)|internet explorer|firefox|
macos(?: \w{4,9})?|ios ?\d{1,2}(?:\.\d{1,2}){0,2}|android \d{1,2}|linux|ubuntu|slack|discord|trello|evernote|
photoshop(?: cc| elements)?|lightroom(?: cc| classic| mobile| \d{1,2}(?:\.\d)?)?|
adobe (?:reader|acrobat|xd|premiere|illustrator|creative cloud|sign|fonts|spark|stock|audition)|
acrobat(?: reader| pro| dc){0,2}|premiere ?pro(?: cc)?|after effects|indesign|illustrator(?: cc)?|creative cloud|
typekit|dreamweaver|quickbooks|turbotax|minecraft(?: java| bedrock| earth)?|fortnite|roblox|
gta(?: ?5| v| online)?(?: online)?|grand theft auto(?: v| 5| online)?|red dead (?:redemption(?: 2)?|online)|rdr ?2|
call of duty|pok[eé]mon go|candy crush|xbox(?: live| one(?: [xs])?| series [xs]| 360| 1| game pass)?|
play ?station(?: ?(?:\d|plus|now|network|vr))?|ps ?[345](?: pro| slim)?|psn|nintendo (?:switch(?: lite)?|wii|3ds)|
steam deck|oculus quest|paypal|venmo|google ?pay|apple ?pay|samsung pay|zelle|cash ?app|visa|master ?card|
american express|amex|kindle(?: paperwhite| fire)?|fire (?:tv(?: stick)?|stick|tablet)|echo (?:dot|show)|
ring doorbell|fitbit(?: \w{4,7})?|gopro|roku|sonos|dyson \w{2,6}|playbook
"""
)
_DEVICES = _joined(
    r"""
i?phone[ \u00a0]?(?:\d{1,2}|x|xr|xs|se)(?:[ \u00a0](?:pro|plus|max|mini))*|iphones?|ipads?(?: pro| air| mini)?|
ipods?(?: touch| nano)?|macbooks?(?: pro| air)?|mac mini|imac|air ?pods?(?: pro| max)?|
(?:samsung )?galaxy (?:[a-z]\d{1,2}|note ?\d{1,2}|tab|watch|buds)(?: ultra| plus)?|
(?:google )?pixel \d{1,2}[a-z]?(?: pro| xl)?|thinkpad [a-z]\d{1,3}|surface (?:pro|go|book|laptop)(?: \d)?|
moto (?:[a-z]\d{0,2}|razr)|razr|blackberry|oneplus \d|
(?:toyota|honda|ford|nissan|mazda|hyundai|kia|bmw|audi|tesla|chevrolet|chevy) [a-z]?\d[a-z0-9]{1,7}|tesla model [3sxy]|
(?:toyota|honda|ford|nissan) (?:civic|accord|corolla|camry|focus|fiesta|mustang|altima|prius|rav4)
"""
)
_ISSUERS = _joined(
    r"""
visa|master ?card|american express|amex|discover|capital one|chase|citi(?:bank)?|wells fargo|bank of america|
barclays|hsbc|santander|lloyds|monzo|revolut|halifax|natwest|kohl'?s|macy'?s|target|walmart|best buy|amazon|apple|
paypal|costco|home depot|lowe'?s|synchrony|comenity|usaa|navy federal
"""
)
_OWN_ACCOUNT = r"(?:google|gmail|psn|xbox|steam|outlook|icloud|coinbase|paypal) accounts?"
_ALONE = "Zoom|Twitch|Uber Eats|Maps|Teams|Word|Excel|Chrome|Premier Pro|Audition|Bridge CC|Steam|Messenger"
"""Names that are everyday words in small letters."""
_KEPT = r"(?<![\w@.-])"
"""Neither a handle nor a part of an address."""
_END = r"(?![\w-]|\.com|\.co\b)"
_WELL_KNOWN = re.compile(
    rf"{_KEPT}(?:{_DEVICES}|{_OWN_ACCOUNT}|(?:{_SERVICES})(?: (?:app|gift card|card))?){_END}", re.IGNORECASE
)
_CAPITAL = re.compile(rf"{_KEPT}(?:{_ALONE})(?: app)?{_END}")
_TYPED = re.compile(
    rf"{_KEPT}(?:{_ISSUERS})(?: (?:visa|mastercard|platinum|gold|student|business|travel|rewards?|prepaid|gift|credit|"
    r"debit|store)){0,3} cards?(?!\w)|"
    rf"{_KEPT}(?:{_ISSUERS})(?: (?:business|student|joint)){{0,1}} (?:checking|savings|current) accounts?(?!\w)",
    re.IGNORECASE,
)
_MODEL_NAME = re.compile(
    r"(?<![\w#@-])[A-Z][a-z]{2,14}(?: [A-Z][a-z]{2,14})? (?:[A-Z]{1,3}-?\d{2,4}[A-Za-z]?|Pro|Max|Ultra|Mini) "
    r"?(?:\d{1,2})?(?!\w)"
)
PRODUCT_SHAPES = ((_TYPED, 0.8), (_WELL_KNOWN, 0.8), (_CAPITAL, 0.7), (_MODEL_NAME, 0.5))
"""Patterns with how surely they find a product; every one is linear in the text."""
