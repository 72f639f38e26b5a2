"""Sentences written by us with places for names: they teach the tagger how customers introduce people and places."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from switchboard.domain.reading import EntityType
from switchboard.training.entity_data import Tagged
from switchboard.training.entity_gazetteer import AIRPORTS, FIRST_NAMES, LAST_NAMES, PLACES, chosen

NAMED = """
my name is {P} and i need a refund|My name is {P}, I ordered a lamp last week.|Hello, this is {P} calling about my
order|Hi {F} here, any news?|{P} here, I want to cancel my plan|I'm {P} and I would like to change my address|hi
im {F} and my card is lost|The account is in the name of {P}|name: {P}|The parcel was signed for by {P}, I don't
know who that is|transfer 200 euros to {P} please|send 40 dollars to {F}|can you pay {P} back|book a table for 4
under {F}|I have a reservation under the name {P}|the booking is for {P}|put it under {l}|I spoke to {F} yesterday
and she promised a call|I talked with {P} from your support team|your agent {F} was rude|your colleague {F} helped
me a lot, thank you!|Please thank {F} for me|{F} was very kind on the phone|Thanks {F}, that works now|Hi {F},
thank you for your answer|Dear {F}, I am still waiting|Dear Mr {L}, my invoice is wrong|Mrs. {L} told me to write
here|please ask Dr. {L} to call me|my wife {F} is on the account too|my son {F} broke the screen|is {F} available
for a chat|tell {F} that I will be late|schedule a meeting with {F} tomorrow|set up a call with {P} at 3|what did
{F} say|text {F} that i am on my way|invite {F} and {F} to the meeting|Kind regards,⏎{P}|Thanks,⏎{F}|Best,⏎{P}|
Please help.⏎⏎Regards⏎{P}|Cheers⏎{F}|Sincerely,⏎{P}|I want to add {P} to my policy|remove {P} from my account|the
card holder is {P}|{P} is listed as the owner|Mein Name ist {P} und ich warte auf mein Paket|Ich heiße {P}.|Mit
freundlichen Grüßen⏎{P}|Viele Grüße⏎{F}|Frau {L} hat mir geholfen|Ich habe mit Herrn {L} gesprochen|Je m'appelle
{P} et j'attends ma commande|Cordialement,⏎{P}|Me llamo {P} y quiero una devolución|Un saludo,⏎{P}|Mi chiamo {P},
il pacco non è arrivato|Cordiali saluti⏎{P}|Meu nome é {P}|Atenciosamente,⏎{P}|Mijn naam is {P}|Met vriendelijke
groet,⏎{P}|the driver, {F}, left it at the neighbour's|I was promised a refund by {P}, your store manager|emails
from {F} go to spam|change the name on the ticket from {P} to {P}|my full name is {P}|last name is {L}|this is
{F}, can somebody call me|it's {F} again, still no answer
"""
PLACED = """
I live in {C}|i moved to {C} last month|do you deliver to {C}?|shipping to {C} takes how long|my parcel is stuck
in {C}|The package left {C} on Monday|flight from {C} to {C} was cancelled|my flight to {C} is delayed|Is there a
shop in {C}?|your {C} store was closed|what time is it in {C}|i am travelling to {C} next week, will my card work
in {C}|what is the weather in {C}|book a hotel in {C}|we are stuck in {C} with no bags|the {C} branch is rude|I
ordered from {C}|is {C} in the delivery area|from {C} with love|near {C} airport|at {C} station|the train to {C}
was late|send it to {S}, {C}|My address is {S}, {C}|deliver to {S} please|new address: {S}, {C}|I'm at {S} right
now|Ich wohne in {C}|Liefern Sie nach {C}?|Das Paket hängt in {C} fest|J'habite à {C}|Livrez-vous à {C} ?|Vivo
en {C}|¿Envían a {C}?|Abito a {C}|Spedite a {C}?|Moro em {C}|Entregam em {C}?|Ik woon in {C}|Leveren jullie in
{C}?|how far is {C} from {C}|any plans to open in {C}|customers in {C} pay less|driving through {C} today|my bank
is in {C}, {C}|I am from {C}
"""
PLAIN = """
Meine Bestellung ist nicht angekommen und der Kundendienst antwortet nicht.|Der Akku hält nur eine Stunde, das ist
eine Frechheit.|Ich möchte den Vertrag kündigen und mein Geld zurück.|Wann kommt die Lieferung? Die Sendungsnummer
funktioniert nicht.|Die Rechnung ist falsch, bitte um Korrektur.|Guten Tag, wie kann ich das Passwort ändern?|Das
Gerät startet nicht mehr seit dem Update.|Können Sie mir bitte die Bedienungsanleitung schicken?|Der Versand war
schnell, vielen Dank für die gute Beratung!|Die Maschine verliert Wasser am Boden.|Wo finde ich meine Kundennummer?|
Ich habe eine Frage zur Garantie und zum Umtausch.|Bonjour, ma commande n'est pas arrivée.|Je voudrais un
remboursement.|Le colis est perdu, que faire ?|Merci pour votre aide rapide !|Hola, mi pedido no ha llegado.|
Quiero devolver el producto.|La factura es incorrecta.|Gracias por la ayuda.|Buongiorno, il pacco non è arrivato.|
Vorrei un rimborso.|Olá, a encomenda não chegou.|Quero cancelar a assinatura.|Hallo, mijn bestelling is niet
aangekomen.|Ik wil graag mijn geld terug.|Order Status|Refund Request: Item Not Received|RE: Your Order Has
Shipped|Subject: Missing Parcel|URGENT: Please Call Me Back Today|WHERE IS MY ORDER|THIS IS A SCAM|I WANT A
REFUND NOW|WORST SERVICE EVER|Customer Service is useless|Terms and Conditions apply|Thank You So Much|Happy New
Year to the team|The Manager was rude|Still Waiting For My Refund|Hello Support Team, the app crashes|Hi there,
quick question|Good Morning, I need help|Dear Sir or Madam, I am writing to complain|Dear Customer Service,|To
Whom It May Concern|Best Regards|Kind Regards|Sent from my phone|Error Code 503 Service Unavailable|Click Here To
Unsubscribe|Black Friday Sale starts now|Free Delivery on all orders|My Account says Pending|Invoice Number
missing|the screen is black and the light is green|can I mark it as paid|will you bill me twice|I hope to hear
from you|may I have a word|it is a grace period|just a penny more|the art of service|drew a blank|a frank answer
please|rob me of my money|that is rich|you are mean|no chance|sue you|don't pat me on the back|the max limit|
jack up the price|
"""
POSTED = """
stuck at {A} for 4 hours|my flight from {A} to {A} was cancelled|flt 1534 {A} to {A} delayed again|{A} to {A} tomorrow,
please fix my seat|the {A}-{A} flight is late|landed in {A} without my bag|sitting on the tarmac at {A}|missed my
connection in {A}|missed our connection through {C}|no gate agent at {A}|thanks to {F} at {A} for the help|shoutout to
{F} at the {C} desk|{F} in {C} was amazing|your agent {F} at gate 22 in {C} rocks|bag lost between {C} and {A}|flying
out of {C} tonight|flight to {C} diverted to {C}|can you get me to {C} tonight|trying to get home to {C}|stranded in {C}
with two kids|why is {A} so slow today|flight 487 {C} to {C} has no wifi|{C}-{C} flight delayed 3 hrs|the {C} crew was
rude|weather in {C} is fine so why the delay|two hours late into {A}|on hold since {A}, nobody answers|now in {C}, bag
still in {C}|{C} bound and no updates|lost my phone on the flight into {C}|your {C} lounge is closed|big thanks to {P} on
flight 212|{F} and {F} at baggage services were great|props to {F} for the quick reply|who is {P} and why is she on my
bill|spoke with {F}, then {F}, then {F}, no help|{C} office hung up on me|no service in {C} since monday|is there an
outage in {C}?|outage near {C}, {C}?|internet down in {C} again|driver {F} was lovely|my tech {F} never showed up|ask
{F} in the {C} store|a guy named {F} told me otherwise|@user my name is {P}, please dm me|{F} from billing is a star
"""
BRANDED = """
book a table at {b}'s|i have a reservation at {b}'s for 6 under {F}|{b}'s diner was cold|is {b}'s open on sunday|do they
take reservations at {b}'s|the food at {b} Burger was great|{b} & {b} LLC sent me a bill|the account of {b} Concrete
LLC|my lawyers at {b} and {b}|{b} Chase closed my account|{b} Outsourcing bought my debt|the debt was sold to {b}
Financial|i bank with {b} Bank|a loan from {b} Credit Union|{b} University wants the papers|we ate at long {b}'s|{c} Wild
Wings was closed|{c} Grill is loud|i like {c} Cafe|Bank of {c} called|{c} Airlines lost my bag|{c} Pizza was late|I read
it in the {c} Times|{c} State University|{b} Stores Inc. never answers|{b} Insurance denied my claim|the film "Saving {b}"
was dull|a {b} movie with no plot|{b} Motors wants 300 dollars|{b} Servicing LLC took over the mortgage|change 50 euros
to russian rubles|rate of euro to indian rupee|swiss francs please|is 12 pm eastern time the same as pacific time|the
french translation is wrong|a chinese restaurant|italian food was bad|mexican pesos to US dollars|the german version|
catalina update broke it|{b} Collections keeps calling|the {c} Bulls
won|{c} Heat tickets for friday|play the {c} Lakers game|who is the coach of the {c} Bears|{c} Cowboys jersey|{c} United
shirt without a name|a {c} City kit for my son|read me the {c} Times|the {c} Post login fails|{c} Herald subscription|voted
best by {c} Magazine|{c} Children's Hospital|bags on {c} Airlines|{c} Airways has no desk|{c} Air lost it, you found it|{c}
Roadhouse was full|a {c} cheesesteak|the {c} strip was tough|{c} Chicken is a chain|the {c} sofa in oak|the {c} sheets are
thin|{c} lamp in brass|{c} State won the game|a {c} express train|{c} standard time|{b} Fargo charged me|{b} Recovery
Systems reports a debt|{b}'s Steak is overpriced|a {b}'s sandwich|order from papa {b}'s|reserve at red {b} for 7|a {b}
brand mixer|my {b} dishwasher leaks|{b} Vs {b} is a bad film
"""
STREETS = [
    "Street",
    "St.",
    "Road",
    "Rd",
    "Avenue",
    "Ave",
    "Lane",
    "Drive",
    "Court",
    "Boulevard",
    "Blvd",
    "Square",
    "Way",
    "Close",
    "Terrace",
    "Place",
]
STREET_NAMES = [
    "Main",
    "Oak",
    "Park",
    "Church",
    "High",
    "Station",
    "King",
    "Queen",
    "Maple",
    "Cedar",
    "Elm",
    "Mill",
    "River",
    "Lake",
    "Hill",
    "Spring",
    "Victoria",
    "Bridge",
    "Green",
    "North",
    "Washington",
    "Market",
]
GERMAN_STREETS = ["Hauptstraße", "Bahnhofstraße", "Gartenweg", "Schillerstraße", "Lindenallee", "Am", "Markt"]
_PLACE = re.compile(r"\{([PFLlCSAbc])\}")


class Names:
    """Draws names of people and places, some of them from ``rare`` (names that are on no list)."""

    def __init__(self, chance: random.Random, rare: Sequence[str]) -> None:
        self._chance = chance
        self._first, self._last = FIRST_NAMES.split(), LAST_NAMES.split()
        self._rare = [word for name in rare for word in name.split() if word.isalpha()] or self._first
        self._airports = AIRPORTS.split()
        self._places = [name for name in chosen(PLACES) if len(name) > 3]

    def draw(self, kind: str) -> str:
        draw = self._chance
        if kind == "F":
            return self._cased(draw.choice(self._first if draw.random() < 0.7 else self._rare))
        if kind in "Ll":
            return self._cased(draw.choice(self._last if draw.random() < 0.7 else self._rare))
        if kind == "P":
            middle = f" {draw.choice('ABCDEJKLMRST')}." if draw.random() < 0.04 else ""
            return self.draw("F") if draw.random() < 0.3 else f"{self.draw('F')}{middle} {self.draw('L')}"
        if kind == "A":
            return draw.choice(self._airports).upper()
        if kind == "b":
            return self.draw("L" if draw.random() < 0.6 else "F")
        if kind in "Cc":
            return self._cased(draw.choice(self._places))
        number = draw.randrange(1, 9999)
        if draw.random() < 0.15:
            return f"{draw.choice(GERMAN_STREETS)} {number % 200 + 1}"
        return f"{number} {draw.choice(STREET_NAMES)} {draw.choice(STREETS)}"

    def _cased(self, name: str) -> str:
        return " ".join(
            word[:1].upper() + word[1:] if word not in {"of", "de", "the"} else word for word in name.split()
        )


def sentences(count: int, rare: Sequence[str], seed: int = 7) -> Iterator[Tagged]:
    """``count`` filled sentences and the plain ones, some in small letters or capitals."""
    chance = random.Random(seed)
    names = Names(chance, rare)
    forms = [form.replace("⏎", "\n") for form in (*_lines(NAMED), *_lines(PLACED), *_lines(POSTED), *_lines(BRANDED))]
    for number in range(count):
        yield _cased(_filled(forms[number % len(forms)], names), chance)
    for form in _lines(PLAIN):
        yield Tagged(text=form, spans=(), weight=1.5, source="sentences")


def _lines(text: str) -> list[str]:
    return [form.strip() for form in text.replace("\n", " ").split("|") if form.strip()]


def _filled(form: str, names: Names) -> Tagged:
    text, spans, place = "", [], 0
    for match in _PLACE.finditer(form):
        text += form[place : match.start()]
        drawn = names.draw(match[1])
        kind = EntityType.LOCATION if match[1] in "CSA" else EntityType.PERSON
        if match[1] not in "bc":  # parts of companies' names and titles
            spans.append((len(text), len(text) + len(drawn), kind))
        text, place = text + drawn, match.end()
    text += form[place:]
    if len(spans) == 2 and text[spans[0][1] : spans[1][0]] == ", ":  # an address is one place
        spans = [(spans[0][0], spans[1][1], spans[0][2])]
    return Tagged(text=text, spans=tuple(spans), weight=1.0, source="sentences")


def _cased(one: Tagged, chance: random.Random) -> Tagged:
    draw = chance.random()
    text = one.text.lower() if draw < 0.35 else one.text.upper() if draw < 0.4 else one.text
    if len(text) != len(one.text):
        text = one.text
    return Tagged(text=text, spans=one.spans, weight=one.weight, source=one.source)


def varied(examples: Sequence[Tagged], times: int, rare: Sequence[str], seed: int = 7) -> Iterator[Tagged]:
    """Messages marked by hand again with other persons and places in them: the words around decide, not the name."""
    chance = random.Random(seed)
    names = Names(chance, rare)
    for one in examples:
        if any(kind in {EntityType.PERSON, EntityType.LOCATION} for _, _, kind in one.spans):
            for _ in range(times):
                yield _exchanged(one, names)


def _exchanged(one: Tagged, names: Names) -> Tagged:
    text, spans, place = "", [], 0
    for start, end, kind in sorted(one.spans):
        old = one.text[start:end]
        text += one.text[place:start]
        new = old
        if kind is EntityType.PERSON:
            new = names.draw("P" if " " in old else "F")
        elif kind is EntityType.LOCATION and not any(map(str.isdigit, old)) and "," not in old:
            new = names.draw("C")
        new = new.lower() if old.islower() else new.upper() if old.isupper() and len(old) > 3 else new
        spans.append((len(text), len(text) + len(new), kind))
        text, place = text + new, end
    return Tagged(text=text + one.text[place:], spans=tuple(spans), weight=one.weight * 0.4, source=one.source)
