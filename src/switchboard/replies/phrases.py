"""The wordings around an answer: greeting, acknowledgement, next step and farewell, in four languages."""

from __future__ import annotations

import re
from collections.abc import Mapping

from switchboard.domain.message import ChannelType
from switchboard.domain.reading import IntentCategory, SentimentLabel
from switchboard.replies.context import Brand, ResponseContext, order_numbers
from switchboard.replies.plain import visible

PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "greeting": "Hello {name},",
        "greeting.neutral": "Hello,",
        "acknowledge.upset": "We are sorry about the trouble with {subject}.",
        "acknowledge.complaint": "We are sorry that something went wrong with {subject}.",
        "acknowledge.inquiry": "Thank you for your question about {subject}.",
        "acknowledge.request": "Thank you for your message about {subject}.",
        "acknowledge.feedback": "Thank you for your feedback on {subject}.",
        "acknowledge.escalation": "Thank you for your message about {subject}.",
        "order": "Your order {order} ({product}) is marked {status}.",
        "order.plain": "We have your order {order} ({product}) on record.",
        "next.link": "You can read more here: {url}",
        "next.article": 'You can find more in our article "{title}".',
        "next.article.voice": "You can find more in our help article {title}.",
        "next.order_number": "Please reply with your order number so that a colleague can look into it.",
        "next.details": "Please reply with a few more details so that a colleague can look into it.",
        "next.reply": "If this does not answer your question, just reply and a colleague will take over.",
        "next.reply.voice": "If you would rather speak to a person, just say so.",
        "sign_off": "Kind regards",
        "sources": "Sources:",
        "subject.order": "your order {order}",
        "subject.account_access": "access to your account",
        "subject.account_management": "your account",
        "subject.billing_payment": "your payment",
        "subject.refund_return": "your return or refund",
        "subject.order_booking": "your order",
        "subject.delivery_fulfilment": "your delivery",
        "subject.product_quality": "your product",
        "subject.technical_issue": "your technical problem",
        "subject.support_service": "our service",
        "subject.pricing_policy": "our prices and terms",
        "subject.security_fraud": "the security of your account",
        "subject.general": "your request",
    },
    "de": {
        "greeting": "Guten Tag {name},",
        "greeting.neutral": "Guten Tag,",
        "acknowledge.upset": "es tut uns leid, dass Sie Ärger hatten.",
        "acknowledge.complaint": "es tut uns leid, dass etwas schiefgegangen ist.",
        "acknowledge.inquiry": "danke für Ihre Frage.",
        "acknowledge.request": "danke für Ihre Nachricht.",
        "acknowledge.feedback": "danke für Ihre Rückmeldung.",
        "acknowledge.escalation": "danke für Ihre Nachricht.",
        "order": "Der Status Ihrer Bestellung {order} ({product}) ist: {status}.",
        "order.plain": "Ihre Bestellung {order} ({product}) liegt uns vor.",
        "next.link": "Mehr dazu lesen Sie hier: {url}",
        "next.article": "Mehr dazu finden Sie in unserem Artikel „{title}“.",
        "next.article.voice": "Mehr dazu finden Sie in unserem Artikel {title}.",
        "next.order_number": "Bitte antworten Sie mit Ihrer Bestellnummer.",
        "next.details": "Bitte antworten Sie mit ein paar weiteren Angaben.",
        "next.reply": "Falls das Ihre Frage nicht beantwortet, antworten Sie einfach.",
        "next.reply.voice": "Wenn Sie lieber mit einem Menschen sprechen möchten, sagen Sie es einfach.",
        "sign_off": "Freundliche Grüße",
        "sources": "Quellen:",
    },
    "fr": {
        "greeting": "Bonjour {name},",
        "greeting.neutral": "Bonjour,",
        "acknowledge.upset": "Nous sommes désolés pour ce désagrément.",
        "acknowledge.complaint": "Nous sommes désolés que quelque chose se soit mal passé.",
        "acknowledge.inquiry": "Merci pour votre question.",
        "acknowledge.request": "Merci pour votre message.",
        "acknowledge.feedback": "Merci pour votre retour.",
        "acknowledge.escalation": "Merci pour votre message.",
        "order": "Le statut de votre commande {order} ({product}) est : {status}.",
        "order.plain": "Nous avons bien votre commande {order} ({product}).",
        "next.link": "Pour en savoir plus : {url}",
        "next.article": "Pour en savoir plus, voyez notre article « {title} ».",
        "next.article.voice": "Pour en savoir plus, voyez notre article {title}.",
        "next.order_number": "Merci de répondre avec votre numéro de commande.",
        "next.details": "Merci de répondre avec quelques précisions.",
        "next.reply": "Si cela ne répond pas à votre question, répondez simplement à ce message.",
        "next.reply.voice": "Si vous préférez parler à une personne, dites-le simplement.",
        "sign_off": "Cordialement",
        "sources": "Sources :",
    },
    "es": {
        "greeting": "Hola, {name}:",
        "greeting.neutral": "Hola:",
        "acknowledge.upset": "Lamentamos las molestias.",
        "acknowledge.complaint": "Lamentamos que algo haya salido mal.",
        "acknowledge.inquiry": "Gracias por su pregunta.",
        "acknowledge.request": "Gracias por su mensaje.",
        "acknowledge.feedback": "Gracias por sus comentarios.",
        "acknowledge.escalation": "Gracias por su mensaje.",
        "order": "El estado de su pedido {order} ({product}) es: {status}.",
        "order.plain": "Tenemos registrado su pedido {order} ({product}).",
        "next.link": "Puede leer más aquí: {url}",
        "next.article": "Encontrará más en nuestro artículo «{title}».",
        "next.article.voice": "Encontrará más en nuestro artículo {title}.",
        "next.order_number": "Responda con su número de pedido, por favor.",
        "next.details": "Responda con algunos detalles más, por favor.",
        "next.reply": "Si esto no responde a su pregunta, conteste a este mensaje.",
        "next.reply.voice": "Si prefiere hablar con una persona, dígalo.",
        "sign_off": "Un saludo",
        "sources": "Fuentes:",
    },
}

_PLACE = re.compile(r"\{([a-z_]{1,30})\}")
_NAME = re.compile(r"[^\W\d_][^\W\d_]*(?:[ .'’-]{1,2}[^\W\d_]+){0,4}\.?")


def speaks(language: str) -> bool:
    """Whether a reply can be framed in this language."""
    return language in PHRASES


def phrase(brand: Brand, language: str, key: str, **fields: str) -> str:
    """A wording: the brand's own where it has one (``key`` or ``language.key``), else the built-in; fields filled in."""
    built_in = PHRASES.get(language, PHRASES["en"])
    own = brand.phrases.get(f"{language}.{key}") or (brand.phrases.get(key) if language == "en" else None)
    return fill(own or built_in.get(key, ""), {"business": brand.business_name, **fields})


def fill(template: str, fields: Mapping[str, str]) -> str:
    """Put fields into a template in one pass: what is filled in is never read as a template itself."""
    return _PLACE.sub(lambda match: fields.get(match.group(1), match.group()), template)


def customer_name(context: ResponseContext) -> str | None:
    """The name to greet with: the profile's for a verified customer, else only the one given on this channel; never one
    that does not look like a name."""
    known = (context.profile.name if context.verified else None) or context.channel_name
    name = " ".join(visible(known or "").split())
    if not name or len(name) > 60 or not _NAME.fullmatch(name):
        return None
    return name.split()[0] if context.brand.first_names else name


def greeting(context: ResponseContext) -> str:
    name = customer_name(context)
    if name is None:
        return phrase(context.brand, context.language, "greeting.neutral")
    return phrase(context.brand, context.language, "greeting", name=name)


def acknowledgement(context: ResponseContext) -> str:
    """One sentence that shows we saw what it is about and how the customer feels."""
    category = context.reading.primary.category
    upset = context.reading.sentiment.label is SentimentLabel.VERY_NEGATIVE
    key = "acknowledge.upset" if upset and category is not IntentCategory.FEEDBACK else f"acknowledge.{category}"
    return phrase(context.brand, context.language, key, subject=subject(context))


def subject(context: ResponseContext) -> str:
    """What the message is about, in words: the order it names, else its topic."""
    named = order_numbers(context.reading)
    if named and len(named[0]) >= 4:
        return phrase(context.brand, context.language, "subject.order", order=named[0])
    topic = phrase(context.brand, context.language, f"subject.{context.topic}")
    return topic or phrase(context.brand, context.language, "subject.general")


def sign_off(context: ResponseContext) -> tuple[str, ...]:
    """The farewell; only letters have one."""
    if context.channel is not ChannelType.EMAIL:
        return ()
    return (phrase(context.brand, context.language, "sign_off"), context.brand.business_name)
