"""The words that the rules know: tone, hurry, intents and topics. Our own lists, extended by reading messages."""

from __future__ import annotations

from switchboard.domain.reading import Topic
from switchboard.understanding.text import listed


def _weights(groups: dict[float, str]) -> dict[str, float]:
    return {word: weight for weight, words in groups.items() for word in words.split()}


TONE = _weights(
    {
        -1.0: "worst disgusting disgusted furious hate hated disgrace disgraceful scam scammers crap crappy "
        "bullshit fuck fucking "
        "fucked shit shitty pathetic outrageous unacceptable appalling atrocious horrible horrendous "
        "horrific terrible awful "
        "idiots idiot morons liars lying lied thieves stealing enraged livid abysmal despicable garbage trash rubbish "
        "unverschämt katastrophe furchtbar schrecklich inacceptable horrible scandaleux inaceptable pésimo terribile "
        "vergognoso inaccettabile inaceitável péssimo schandalig verschrikkelijk",
        -0.6: "angry annoyed annoying upset frustrated frustrating frustration disappointed disappointing "
        "disappointment ridiculous "
        "useless incompetent rude poor bad broken worse fail failed failure fails failing ruined ruin sucks "
        "suck waste wasted "
        "mess nightmare shame ashamed unhappy dissatisfied overpriced ignored lazy misleading mislead "
        "cheated cheating unfair "
        "unprofessional lousy mediocre bland sad fed tired sick stupid dumb nasty shocking joke damn wtf cancelling "
        "enttäuscht ärgerlich schlecht wütend déçu mauvais furieux decepcionado malo enfadado deluso "
        "pessimo arrabbiato "
        "decepcionada ruim irritado teleurgesteld slecht boos",
        -0.3: "problem problems issue issues wrong error errors late delayed delay missing lost stolen "
        "trouble unable cannot never "
        "still again declined rejected refused denied worried worry concerned confused confusing slow "
        "difficult difficulty "
        "complaint damaged defective faulty crash crashes crashed crashing bug bugs glitch wait waiting "
        "waited unfortunately "
        "lack lacked lacking stuck locked hacked cold overcharged incorrect inaccurate problème problema "
        "kaputt verspätet "
        "retard roto ritardo rotto atrasado quebrado kapot",
        0.3: "thanks thank glad nice fine okay good helpful useful easy fair solid decent appreciate "
        "appreciated smooth quick "
        "fresh comfortable works enjoyed enjoy clean friendly polite resolved solved pleased satisfied "
        "welcome cool bien "
        "danke merci gracias grazie obrigado obrigada bedankt gut bon bueno buono bom goed",
        0.6: "great happy lovely beautiful delicious impressed impressive recommend recommended thrilled "
        "delighted pleasure "
        "tasty well wonderful superb brilliant best loyal favourite favorite excited kudos props toll super genial "
        "bravo ottimo ótimo geweldig",
        1.0: "love loved loves amazing awesome excellent fantastic perfect perfectly outstanding incredible phenomenal "
        "exceptional magnificent fabulous wunderbar ausgezeichnet parfait excelente perfetto perfeito uitstekend",
    }
)  # fmt: skip
"""Tone of a word on its own, from -1 to 1."""

EMOJI = {
    **dict.fromkeys("😡🤬👿💩🤮🖕", -0.9),
    **dict.fromkeys("😠😤😭😢😞😔😟🙁☹👎😒🙄😩😫💔😣😖🤦", -0.5),
    **dict.fromkeys("🙂😊👍🙏😀😃😄😁👌✅😉", 0.4),
    **dict.fromkeys("😍🥰❤💕💖🤩🎉😘💯🥳", 0.9),
}
NEGATIONS = listed(
    "not no never don't dont didn't didnt doesn't doesnt isn't isnt wasn't wasnt aren't ain't can't cant won't ",
    "wont couldn't wouldn't shouldn't haven't hasn't without nothing none neither hardly barely nicht kein ",
    "keine pas jamais non não niet geen",
)
STRONG = listed(
    "very so really extremely absolutely totally completely utterly super incredibly too such sehr très muy ",
    "molto muito heel",
)

TIME_WORDS = (
    "urgent", "urgently", "urgency", "emergency", "asap", "a.s.a.p.", "a.s.a.p", "as soon as possible", "immediately",
    "immediate",     "right now", "right away", "straight away", "deadline", "critical", "time sensitive",
    "time-sensitive", "hurry", "at once",
    "without delay", "by tonight", "by tomorrow", "by today", "in a rush", "quickly as possible",
    "dringend", "sofort", "sofortige", "eilig", "notfall", "umgehend", "unverzüglich", "so schnell wie möglich",
    "schnellstmöglich",
    "urgente", "urgence",
    "immédiatement", "dès que possible", "au plus vite", "tout de suite", "d'urgence", "le plus vite possible",
    "urgentemente", "urgencia", "inmediatamente", "de inmediato", "cuanto antes", "lo antes posible", "emergencia",
    "ahora mismo",
    "urgenza", "subito", "immediatamente", "il prima possibile", "emergenza", "al più presto",
    "imediatamente", "o mais rápido possível", "o quanto antes", "emergência", "urgência", "agora mesmo",
    "spoed", "spoedig", "onmiddellijk", "zo snel mogelijk", "meteen", "noodgeval", "per direct",
    "eilt", "es eilt", "noch heute", "auf der stelle", "ganz schnell",
    "en urgence", "une urgence", "pressé", "pressant", "sans délai", "rapidement possible", "le plus rapidement possible",
    "ya mismo", "enseguida", "inmediata", "es urgentísimo", "sin demora", "a la mayor brevedad",
    "con urgenza", "immediata", "quanto prima", "appena possibile", "adesso subito", "urgentissimo", "d'urgenza",
    "com urgência", "imediato", "imediata", "já já", "o mais depressa possível", "urgentíssimo", "quanto antes",
    "haast", "nu meteen", "vandaag nog", "z.s.m.", "zsm",
    "pilne", "pilnie", "natychmiast", "jak najszybciej", "acil", "acilen", "hemen", "bir an önce", "brådskande", "omedelbart",
    "akut", "så snart som möjligt", "genast",
)  # fmt: skip
"""Words and phrases of hurry in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Turkish and Swedish."""

TOPIC_WORDS: dict[Topic, str] = {
    Topic.ACCOUNT_ACCESS: "login log-in password passwort passcode pin locked unlock sign signin 2fa "
    "verification verify code otp "
    "username credentials recover recovery access einloggen contraseña senha wachtwoord",
    Topic.ACCOUNT_MANAGEMENT: "account subscription subscribe unsubscribe profile settings statement "
    "newsletter email address name "
    "membership plan dependent close konto abonnement cuenta conta",
    Topic.BILLING_PAYMENT: "charge charged charges bill billing invoice payment payments pay paid card "
    "transfer top-up topup balance "
    "autopay debit credit transaction deposit withdrawal rechnung zahlung facture paiement factura pago "
    "fattura pagamento factuur",
    Topic.REFUND_RETURN: "refund refunded refunds return returned returning reimbursement compensation "
    "exchange voucher claim money-back "
    "rückerstattung erstattung remboursement reembolso rimborso devolución terugbetaling",
    Topic.ORDER_BOOKING: "order orders ordered booking book booked reservation reserve appointment cancel "
    "stock availability table "
    "bestellung commande réservation pedido reserva ordine prenotazione bestelling buchung",
    Topic.DELIVERY_FULFILMENT: "delivery deliver delivered shipping shipped ship parcel package tracking "
    "courier late delayed flight "
    "baggage luggage bag arrive arrived arrival lieferung paket livraison colis envío paquete consegna "
    "spedizione entrega levering pakket",
    Topic.PRODUCT_QUALITY: "quality broke broken defective damaged faulty warranty battery taste food size "
    "fabric sound headset phone "
    "product item seat comfortable restaurant meal steak kaputt defekt cassé roto rotto kapot",
    Topic.TECHNICAL_ISSUE: "app website site crash crashes crashing error bug bugs server servers update "
    "install download network wifi "
    "internet connection screen loading sync game software browser device outage glitch",
    Topic.SUPPORT_SERVICE: "support service agent representative staff rude hold manager operator human "
    "hours reply response answer "
    "phone call person supervisor kundenservice mitarbeiter",
    Topic.PRICING_POLICY: "price prices fee fees cost costs rate rates discount offer policy terms limit "
    "limits opening hours location "
    "student coupon expensive eligible preis prix precio prezzo preço prijs",
    Topic.SECURITY_FRAUD: "fraud fraudulent stolen scam scammer hacked hack phishing identity theft "
    "unauthorized unauthorised suspicious "
    "privacy compromised betrug fraude frode estafa",
}  # fmt: skip
