"""What the customer is told when a person takes over: that it happens, and how long it takes, in their language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

PROMISE_S = 86_400.0
"""What is promised when nobody can tell the wait: an answer within a day."""

UNITS = {"minute": 60.0, "hour": 3600.0, "day": 86_400.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """One language's words. ``units`` are (one, many) with ``{n}`` for the number."""

    now: str
    wait: str
    promise: str
    units: Mapping[str, tuple[str, str]]


PHRASES: Mapping[str, Phrases] = {
    "en": Phrases(
        now="I am passing you to a member of our team. The wait is less than {time}.",
        wait="I am passing you to a member of our team. Estimated waiting time: about {time}.",
        promise="I am passing you to a member of our team. Nobody is on duty right now; you will hear from us within {time}.",
        units={"minute": ("1 minute", "{n} minutes"), "hour": ("1 hour", "{n} hours"), "day": ("1 day", "{n} days")},
    ),
    "de": Phrases(
        now="Ich verbinde Sie mit unserem Team. Die Wartezeit beträgt weniger als {time}.",
        wait="Ich verbinde Sie mit unserem Team. Sie sind voraussichtlich in etwa {time} an der Reihe (geschätzte Wartezeit).",
        promise="Ich gebe Ihr Anliegen an unser Team weiter. Gerade ist niemand da; Sie hören spätestens in {time} von uns.",
        units={
            "minute": ("1 Minute", "{n} Minuten"),
            "hour": ("1 Stunde", "{n} Stunden"),
            "day": ("1 Tag", "{n} Tagen"),
        },
    ),
    "fr": Phrases(
        now="Je vous mets en relation avec notre équipe. L'attente est de moins de {time}.",
        wait="Je vous mets en relation avec notre équipe. Temps d'attente estimé : environ {time}.",
        promise="Je transmets votre demande à notre équipe. Personne n'est disponible ; vous aurez une réponse sous {time}.",
        units={
            "minute": ("1 minute", "{n} minutes"),
            "hour": ("1 heure", "{n} heures"),
            "day": ("1 jour", "{n} jours"),
        },
    ),
    "es": Phrases(
        now="Le paso con nuestro equipo. La espera es de menos de {time}.",
        wait="Le paso con nuestro equipo. Tiempo de espera estimado: unos {time}.",
        promise="Paso su consulta a nuestro equipo. Ahora no hay nadie de turno; le responderemos en un plazo de {time}.",
        units={"minute": ("1 minuto", "{n} minutos"), "hour": ("1 hora", "{n} horas"), "day": ("1 día", "{n} días")},
    ),
    "it": Phrases(
        now="La metto in contatto con il nostro team. L'attesa è inferiore a {time}.",
        wait="La metto in contatto con il nostro team. Tempo di attesa stimato: circa {time}.",
        promise="Trasmetto la richiesta al nostro team. Ora non c'è nessuno in servizio; riceverà una risposta entro {time}.",
        units={"minute": ("1 minuto", "{n} minuti"), "hour": ("1 ora", "{n} ore"), "day": ("1 giorno", "{n} giorni")},
    ),
    "pt": Phrases(
        now="Vou passar a conversa à nossa equipe. A espera é de menos de {time}.",
        wait="Vou passar a conversa à nossa equipe. Tempo de espera estimado: cerca de {time}.",
        promise="Vou passar o seu pedido à nossa equipe. Não há ninguém de plantão agora; responderemos em até {time}.",
        units={"minute": ("1 minuto", "{n} minutos"), "hour": ("1 hora", "{n} horas"), "day": ("1 dia", "{n} dias")},
    ),
    "nl": Phrases(
        now="Ik verbind u door met ons team. De wachttijd is minder dan {time}.",
        wait="Ik verbind u door met ons team. Verwachte wachttijd: ongeveer {time}.",
        promise="Ik geef uw vraag door aan ons team. Er is nu niemand aanwezig; u hoort binnen {time} van ons.",
        units={"minute": ("1 minuut", "{n} minuten"), "hour": ("1 uur", "{n} uur"), "day": ("1 dag", "{n} dagen")},
    ),
}


def wait_notice(language: str, wait_s: float | None, *, promise_s: float = PROMISE_S) -> str:
    """The message to a customer who is handed over (Property 39). ``wait_s`` None: nobody can tell, so the business's
    promise is given. Waits are rounded up, since a pleasant surprise beats a broken word. Unknown languages: English."""
    phrases = PHRASES.get(language.casefold().partition("-")[0], PHRASES["en"])
    if wait_s is None or not math.isfinite(wait_s):
        return phrases.promise.format(time=time_words(phrases, promise_s))
    if wait_s < 60:
        return phrases.now.format(time=time_words(phrases, 60))
    return phrases.wait.format(time=time_words(phrases, wait_s))


def time_words(phrases: Phrases, seconds: float) -> str:
    """Minutes up to an hour and a half (in fives from ten), hours up to a day and a half, then days."""
    if seconds <= 90 * 60:
        minutes = max(1, math.ceil(seconds / 60))
        return _counted(phrases, "minute", minutes if minutes <= 10 else 5 * math.ceil(minutes / 5))
    unit = "hour" if seconds < 1.5 * UNITS["day"] and seconds != UNITS["day"] else "day"
    return _counted(phrases, unit, math.ceil(seconds / UNITS[unit]))


def _counted(phrases: Phrases, unit: str, number: int) -> str:
    one, many = phrases.units[unit]
    return one if number == 1 else many.format(n=number)
