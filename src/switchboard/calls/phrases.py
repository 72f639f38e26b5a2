"""The sentences of the telephone line in four languages; other languages hear English."""

from __future__ import annotations

from collections.abc import Mapping

from switchboard.calls.rules import Phrase

EN: Mapping[Phrase, str] = {
    Phrase.GREETING: (
        "Hello, and thank you for calling {business}. You are speaking with an automated assistant, and what you say is "
        "written down. How can we help you? Press 0 at any time for a person."
    ),
    Phrase.GREETING_BACK: "Hello, this is the automated assistant of {business}. How can we help you?",
    Phrase.MOMENT: "Thank you, we are looking into it. Please stay on the line.",
    Phrase.STILL: "We are still looking into it. Thank you for your patience.",
    Phrase.AGAIN: "Sorry, we did not hear anything. How can we help you?",
    Phrase.UNCLEAR: "Sorry, we did not understand that. Please say it again.",
    Phrase.OFFER: "Press 0 for a person, 2 if we may call you back, or 3 to leave a message.",
    Phrase.OFFER_HIDDEN: "Press 0 for a person, or 3 to leave a message.",
    Phrase.ANYTHING_ELSE: "Is there anything else? Press 1 to hear the answer again.",
    Phrase.PERSON: "One moment, please. We are looking for a colleague.",
    Phrase.WAIT: "A colleague will take care of it. The wait is about {wait}.",
    Phrase.COLLEAGUE: "A colleague has your matter now and will be with you.",
    Phrase.OPTIONS: "Please stay on the line, press 2 if we may call you back, or 3 to leave a message.",
    Phrase.OPTIONS_HIDDEN: "Please stay on the line, or press 3 to leave a message.",
    Phrase.CONNECT: "You are being connected to a colleague now.",
    Phrase.NOBODY: "Sorry, nobody could take your call.",
    Phrase.CALL_BACK: "We will call you back. The wait is about {wait}. Goodbye.",
    Phrase.NO_CALL_BACK: "Your number is hidden, so we cannot call you back. Please leave us a number.",
    Phrase.TAKES_LONGER: "This takes longer than it should. We will call you back. Goodbye.",
    Phrase.VOICE_MESSAGE: "Please leave us a message after the tone. It will be recorded.",
    Phrase.RECORDED: "Thank you for your message. We will get back to you. Goodbye.",
    Phrase.PASSED_ON: "Thank you, we have passed that on.",
    Phrase.GOODBYE: "Thank you for calling. Goodbye.",
    Phrase.TROUBLE: "Sorry, something went wrong on our side. Please call again in a moment.",
    Phrase.PLACE: "You are number {place} in the line.",
    Phrase.WHISPER: "A caller of {business} is waiting. Press any key to take the call.",
    Phrase.CALL_CUSTOMER: "{business}: your call to {name}. Press any key, and we connect you.",
    Phrase.CALLING: "One moment, we are calling.",
    Phrase.ANNOUNCE: "Hello, this is {business}. A colleague of ours wants to talk to you. One moment, please.",
    Phrase.NOT_REACHED: "Nobody could be reached. Goodbye.",
    Phrase.THE_CUSTOMER: "the customer",
}
DE: Mapping[Phrase, str] = {
    Phrase.GREETING: (
        "Guten Tag, hier ist {business}. Sie sprechen mit einem automatischen Assistenten; was Sie sagen, wird "
        "mitgeschrieben. Wie können wir Ihnen helfen? Mit der 0 erreichen Sie jederzeit einen Menschen."
    ),
    Phrase.GREETING_BACK: "Guten Tag, hier ist der automatische Assistent von {business}. Wie können wir Ihnen helfen?",
    Phrase.MOMENT: "Danke, wir sehen nach. Bitte bleiben Sie am Apparat.",
    Phrase.STILL: "Wir sehen noch nach. Danke für Ihre Geduld.",
    Phrase.AGAIN: "Wir haben leider nichts gehört. Wie können wir Ihnen helfen?",
    Phrase.UNCLEAR: "Das haben wir leider nicht verstanden. Bitte sagen Sie es noch einmal.",
    Phrase.OFFER: "Drücken Sie 0 für einen Menschen, 2 für einen Rückruf oder 3 für eine Nachricht.",
    Phrase.OFFER_HIDDEN: "Drücken Sie 0 für einen Menschen oder 3 für eine Nachricht.",
    Phrase.ANYTHING_ELSE: "Können wir sonst noch etwas tun? Mit der 1 hören Sie die Antwort noch einmal.",
    Phrase.PERSON: "Einen Moment bitte, wir suchen jemanden für Sie.",
    Phrase.WAIT: "Ein Mensch kümmert sich darum. Es dauert etwa {wait}.",
    Phrase.COLLEAGUE: "Jemand aus unserem Team hat Ihr Anliegen und ist gleich für Sie da.",
    Phrase.OPTIONS: "Bitte bleiben Sie am Apparat, drücken Sie 2 für einen Rückruf oder 3 für eine Nachricht.",
    Phrase.OPTIONS_HIDDEN: "Bitte bleiben Sie am Apparat, oder drücken Sie 3 für eine Nachricht.",
    Phrase.CONNECT: "Sie werden jetzt verbunden.",
    Phrase.NOBODY: "Leider konnte niemand Ihren Anruf annehmen.",
    Phrase.CALL_BACK: "Wir rufen Sie zurück. Es dauert etwa {wait}. Auf Wiederhören.",
    Phrase.NO_CALL_BACK: "Ihre Nummer ist unterdrückt, wir können nicht zurückrufen. Bitte nennen Sie uns eine Nummer.",
    Phrase.TAKES_LONGER: "Das dauert länger, als es sollte. Wir rufen Sie zurück. Auf Wiederhören.",
    Phrase.VOICE_MESSAGE: "Bitte sprechen Sie nach dem Ton. Ihre Nachricht wird aufgezeichnet.",
    Phrase.RECORDED: "Danke für Ihre Nachricht. Wir melden uns. Auf Wiederhören.",
    Phrase.PASSED_ON: "Danke, das haben wir weitergegeben.",
    Phrase.GOODBYE: "Danke für Ihren Anruf. Auf Wiederhören.",
    Phrase.TROUBLE: "Bei uns ist etwas schiefgegangen. Bitte rufen Sie gleich noch einmal an.",
    Phrase.PLACE: "Sie sind Nummer {place} in der Warteschlange.",
    Phrase.WHISPER: "Bei {business} wartet ein Anruf. Drücken Sie eine Taste, um ihn anzunehmen.",
    Phrase.CALL_CUSTOMER: "{business}: Ihr Anruf bei {name}. Drücken Sie eine Taste, dann verbinden wir Sie.",
    Phrase.CALLING: "Einen Moment, wir rufen an.",
    Phrase.ANNOUNCE: "Guten Tag, hier ist {business}. Jemand aus unserem Team möchte mit Ihnen sprechen. Einen Moment bitte.",
    Phrase.NOT_REACHED: "Niemand war zu erreichen. Auf Wiederhören.",
    Phrase.THE_CUSTOMER: "Ihrem Kunden",
}
FR: Mapping[Phrase, str] = {
    Phrase.GREETING: (
        "Bonjour et merci d'appeler {business}. Vous parlez à un assistant automatique et vos paroles sont transcrites. "
        "Comment pouvons-nous vous aider ? Appuyez sur 0 à tout moment pour parler à une personne."
    ),
    Phrase.GREETING_BACK: "Bonjour, ici l'assistant automatique de {business}. Comment pouvons-nous vous aider ?",
    Phrase.MOMENT: "Merci, nous cherchons. Restez en ligne, s'il vous plaît.",
    Phrase.STILL: "Nous cherchons encore. Merci de votre patience.",
    Phrase.AGAIN: "Désolé, nous n'avons rien entendu. Comment pouvons-nous vous aider ?",
    Phrase.UNCLEAR: "Désolé, nous n'avons pas compris. Pouvez-vous répéter ?",
    Phrase.OFFER: "Appuyez sur 0 pour une personne, 2 pour être rappelé ou 3 pour laisser un message.",
    Phrase.OFFER_HIDDEN: "Appuyez sur 0 pour une personne ou 3 pour laisser un message.",
    Phrase.ANYTHING_ELSE: "Avez-vous une autre question ? Appuyez sur 1 pour réécouter la réponse.",
    Phrase.PERSON: "Un instant, nous cherchons une personne disponible.",
    Phrase.WAIT: "Une personne va s'en occuper. L'attente est d'environ {wait}.",
    Phrase.COLLEAGUE: "Une personne de notre équipe s'occupe de vous.",
    Phrase.OPTIONS: "Restez en ligne, appuyez sur 2 pour être rappelé ou 3 pour laisser un message.",
    Phrase.OPTIONS_HIDDEN: "Restez en ligne ou appuyez sur 3 pour laisser un message.",
    Phrase.CONNECT: "Nous vous mettons en relation.",
    Phrase.NOBODY: "Désolé, personne n'a pu prendre votre appel.",
    Phrase.CALL_BACK: "Nous vous rappellerons. L'attente est d'environ {wait}. Au revoir.",
    Phrase.NO_CALL_BACK: "Votre numéro est masqué, nous ne pouvons pas vous rappeler. Laissez-nous un numéro.",
    Phrase.TAKES_LONGER: "Cela prend plus de temps que prévu. Nous vous rappellerons. Au revoir.",
    Phrase.VOICE_MESSAGE: "Laissez un message après le bip. Il sera enregistré.",
    Phrase.RECORDED: "Merci pour votre message. Nous vous répondrons. Au revoir.",
    Phrase.PASSED_ON: "Merci, nous l'avons transmis.",
    Phrase.GOODBYE: "Merci de votre appel. Au revoir.",
    Phrase.TROUBLE: "Désolé, un problème est survenu de notre côté. Rappelez dans un instant.",
    Phrase.PLACE: "Vous êtes numéro {place} dans la file d'attente.",
    Phrase.WHISPER: "Un appel pour {business} est en attente. Appuyez sur une touche pour le prendre.",
    Phrase.CALL_CUSTOMER: "{business} : votre appel à {name}. Appuyez sur une touche pour être mis en relation.",
    Phrase.CALLING: "Un instant, nous appelons.",
    Phrase.ANNOUNCE: "Bonjour, ici {business}. Une personne de notre équipe souhaite vous parler. Un instant, s'il vous plaît.",
    Phrase.NOT_REACHED: "Personne n'a pu être joint. Au revoir.",
    Phrase.THE_CUSTOMER: "votre client",
}
ES: Mapping[Phrase, str] = {
    Phrase.GREETING: (
        "Hola y gracias por llamar a {business}. Habla con un asistente automático y lo que diga queda por escrito. "
        "¿En qué podemos ayudarle? Pulse 0 en cualquier momento para hablar con una persona."
    ),
    Phrase.GREETING_BACK: "Hola, le llama el asistente automático de {business}. ¿En qué podemos ayudarle?",
    Phrase.MOMENT: "Gracias, lo estamos mirando. No cuelgue, por favor.",
    Phrase.STILL: "Seguimos mirándolo. Gracias por su paciencia.",
    Phrase.AGAIN: "Perdone, no hemos oído nada. ¿En qué podemos ayudarle?",
    Phrase.UNCLEAR: "Perdone, no lo hemos entendido. Repítalo, por favor.",
    Phrase.OFFER: "Pulse 0 para una persona, 2 para que le llamemos o 3 para dejar un mensaje.",
    Phrase.OFFER_HIDDEN: "Pulse 0 para una persona o 3 para dejar un mensaje.",
    Phrase.ANYTHING_ELSE: "¿Algo más? Pulse 1 para oír la respuesta otra vez.",
    Phrase.PERSON: "Un momento, buscamos a una persona.",
    Phrase.WAIT: "Una persona se ocupará de ello. La espera es de unos {wait}.",
    Phrase.COLLEAGUE: "Una persona de nuestro equipo ya tiene su asunto y le atenderá.",
    Phrase.OPTIONS: "No cuelgue, pulse 2 para que le llamemos o 3 para dejar un mensaje.",
    Phrase.OPTIONS_HIDDEN: "No cuelgue o pulse 3 para dejar un mensaje.",
    Phrase.CONNECT: "Le pasamos ahora con una persona.",
    Phrase.NOBODY: "Lo sentimos, nadie ha podido atender su llamada.",
    Phrase.CALL_BACK: "Le llamaremos. La espera es de unos {wait}. Adiós.",
    Phrase.NO_CALL_BACK: "Su número está oculto y no podemos llamarle. Déjenos un número, por favor.",
    Phrase.TAKES_LONGER: "Esto tarda más de lo debido. Le llamaremos. Adiós.",
    Phrase.VOICE_MESSAGE: "Deje un mensaje después de la señal. Se grabará.",
    Phrase.RECORDED: "Gracias por su mensaje. Le responderemos. Adiós.",
    Phrase.PASSED_ON: "Gracias, lo hemos transmitido.",
    Phrase.GOODBYE: "Gracias por llamar. Adiós.",
    Phrase.TROUBLE: "Lo sentimos, ha fallado algo por nuestra parte. Llame otra vez dentro de un momento.",
    Phrase.PLACE: "Su turno es el número {place}.",
    Phrase.WHISPER: "Hay una llamada en espera para {business}. Pulse una tecla para atenderla.",
    Phrase.CALL_CUSTOMER: "{business}: su llamada a {name}. Pulse una tecla y le comunicamos.",
    Phrase.CALLING: "Un momento, estamos llamando.",
    Phrase.ANNOUNCE: "Hola, le llama {business}. Una persona de nuestro equipo quiere hablar con usted. Un momento, por favor.",
    Phrase.NOT_REACHED: "No se ha podido localizar a nadie. Adiós.",
    Phrase.THE_CUSTOMER: "su cliente",
}
PHRASES: Mapping[str, Mapping[Phrase, str]] = {"en": EN, "de": DE, "fr": FR, "es": ES}
WITHOUT_WAIT: Mapping[str, Mapping[Phrase, str]] = {
    "en": {
        Phrase.WAIT: "A colleague will take care of it. Nobody is free right now.",
        Phrase.CALL_BACK: "We will call you back as soon as somebody is there. Goodbye.",
    },
    "de": {
        Phrase.WAIT: "Ein Mensch kümmert sich darum. Gerade ist niemand frei.",
        Phrase.CALL_BACK: "Wir rufen Sie zurück, sobald jemand da ist. Auf Wiederhören.",
    },
    "fr": {
        Phrase.WAIT: "Une personne va s'en occuper. Personne n'est libre pour l'instant.",
        Phrase.CALL_BACK: "Nous vous rappellerons dès que quelqu'un sera là. Au revoir.",
    },
    "es": {
        Phrase.WAIT: "Una persona se ocupará de ello. Ahora no hay nadie libre.",
        Phrase.CALL_BACK: "Le llamaremos en cuanto haya alguien. Adiós.",
    },
}
"""What is said where nobody can tell how long it takes."""

CHOICES: Mapping[str, Mapping[str, str]] = {
    "en": {"0": "A person, please", "1": "Again, please", "2": "Please call me back", "3": "I leave a message"},
    "de": {
        "0": "Einen Menschen, bitte",
        "1": "Noch einmal, bitte",
        "2": "Bitte rufen Sie mich zurück",
        "3": "Nachricht",
    },
    "fr": {"0": "Une personne, s'il vous plaît", "1": "Encore", "2": "Rappelez-moi, s'il vous plaît", "3": "Message"},
    "es": {"0": "Una persona, por favor", "1": "Otra vez", "2": "Llámenme, por favor", "3": "Mensaje"},
}
"""What pressing a key stands for, as it is written into the conversation."""


def language_of(locale: str) -> str:
    """The language of a locale (``de-AT``) in which we have sentences."""
    code = locale.casefold().partition("-")[0]
    return code if code in PHRASES else "en"


def phrase(
    name: Phrase,
    locale: str,
    *,
    business: str = "",
    wait: str | None = None,
    greeting: str = "",
    place: int = 1,
    person: str = "",
) -> str:
    """The sentence in the call's language. ``greeting`` replaces ours where the business wrote its own; without a
    ``wait`` none is promised. ``place`` in the line counts from 1; ``person`` is who is called."""
    language = language_of(locale)
    if name is Phrase.GREETING and greeting:
        return greeting
    if wait is None and name in WITHOUT_WAIT[language]:
        return WITHOUT_WAIT[language][name]
    return PHRASES[language][name].format(business=business, wait=wait, place=place, name=person)


def choice(key: str, locale: str) -> str:
    """``Please call me back``, for the timeline."""
    return CHOICES[language_of(locale)][key]
