"""How customers ask for a person, word for word, in English and nine other languages; matched on text in lower case."""

from __future__ import annotations

import re

from switchboard.understanding.language_words import COMMON
from switchboard.understanding.text import listed

GAP = r"(?:[^\w\n]{1,3}\w{1,20}){0,5}?[^\w\n]{1,3}"
"""Up to five short words between the two halves of a wish; bounded, so matching stays linear."""
_STAFF = (
    r"(?:humans?|persons?|people|someone|somebody|anyone|anybody|agents?|representatives?|reps?|operators?|"
    r"managers?|supervisors?|"
    r"advis[eo]rs?|employees?|staff|workers?|boss|officer|team ?(?:member|lead)|colleagues?|specialists?|consultants?|"
    r"receptions?|receptionist|head office|higher[- ]?ups?|management|department|humano)"
)
ENGLISH = (
    rf"\b(?:speak|talk|talking|speaking|chat)\b{GAP}{_STAFF}\b",
    rf"\b(?:connect|transfer|transferred|put|pass|hand|forward|get|give|need|want|bring|find|reach|prefer|"
    rf"contact|assign|let)\b"
    rf"{GAP}(?:a |an |the |some )?(?:real |live |actual |human |different |other )*"
    rf"(?:humans?|real person|live person|agents?|representatives?|operators?|managers?|supervisors?|human "
    rf"being|someone else|somebody else)\b",
    r"\b(?:real|live|actual) (?:human|person|agent|people)\b",
    r"\b(?:human|agent|operator|representative|manager|supervisor)(?: now)? (?:please|pls)\b",
    r"\bescalat(?:e|ed|ing|ion)\b",
    r"\b(?:someone|somebody|anyone) (?:please )?(?:call|phone|ring) me\b|\bcall me (?:back|on|at)\b|"
    r"\bplease (?:call|phone|ring) me\b",
    r"\bwho (?:(?:can|could|do|should) (?:i|we)|(?:i|we) (?:can|could|should)) (?:speak|talk) (?:to|with)\b",
    r"\bput me through\b|\b(?:talk|speak|chat|deal)(?:ing)? (?:to|with) (?:an? |the |your |this |some )?"
    r"(?:bots?|chatbots?|robots?|machines?|computers?)\b",
    r"\bspeak to (?:a )?human\b|\btalk to (?:an )?agent\b",
)
BARE = (
    r"(?:an? |the |live |customer service |human )?(?:operator|agent|human|representative|manager|"
    r"supervisor|person)[ .!?]*(?:please|pls|now)?[ .!?]*"
)
"""A whole message that is nothing but the wish, in English."""
ENGLISH_KEYS = listed(
    "human humans humano person persons people someone somebody anyone anybody agent agents representative representatives rep "
    "reps operator operators manager managers supervisor supervisors advisor advisors adviser advisers employee employees "
    "staff worker workers boss officer team teammember teamlead colleague colleagues specialist specialists consultant "
    "consultants reception receptions receptionist head higher higherup higherups management department escalate escalated "
    "escalating escalation call phone ring who through bot bots chatbot chatbots robot robots machine machines computer computers"
)
"""Every English wish has one of these in it: a text without any need not be looked at closer."""
REACH = 200
"""Characters before such a word in which its wish begins, at most."""
AFTER = 60

_DE = (
    r"(?:menschen|mitarbeiter(?:in)?|berater(?:in)?|person|vorgesetzte[nrs]?|chef(?:in)?|agent(?:en)?|manager|jemande[mn]?|"
    r"kollegen|ansprechpartner|leiter|filialleiter|teamleiter|kundenbetreuer|teamleiterin|filialleiterin|vorgesetzter)"
)
_FR = (
    r"(?:humain|agent|conseill[eè]re?|personne|responsable|op[eé]rateur|op[eé]ratrice|manager|superviseur|quelqu'un|"
    r"employ[eé]e?|chef|directeur|directrice|sup[eé]rieure?|technicienne?|cheffe|humaine|g[eé]rante?)"
)
_ES = (
    r"(?:humano|humana|agente|persona|alguien|operador|operadora|gerente|supervisor|supervisora|encargado|encargada|"
    r"representante|responsable|asesor|asesora|jefe|jefa|directora?|superior|superiora|t[eé]cnic[oa])"
)
_IT = (
    r"(?:operatore|operatrice|persona|umano|responsabile|agente|qualcuno|supervisore|direttore|direttrice|addetto|addetta|"
    r"consulente|essere umano|tecnico|superiore|capo|titolare)"
)
_PT = (
    r"(?:humano|humana|atendente|agente|pessoa|gerente|supervisora?|algu[eé]m|operadora?|respons[aá]vel|"
    r"encarregad[oa]|chefe|chefia|diretora?|superiora?|t[eé]cnico|assistente)"
)
_NL = (
    r"(?:mens|medewerker|persoon|agent|manager|leidinggevende|chef|iemand|collega|adviseur|teamleider|baas|verantwoordelijke|"
    r"bazin|directeur|manageres)"
)

OTHERS = (
    # To be called, in all of them. "je m'appelle", "me llamo" and "mi chiamo" only give a name
    rf"\b(?:jemand|einer|mich|uns)\b{GAP}(?:an|zurück)ruf(?:t|en|st)?\b|"
    rf"\bquelqu'un\b{GAP}(?:m'|me |nous )(?:r?appeler?|rappelle)\b|"
    r"\b(?:m'appeler|me rappeler|nous r?appeler|me téléphoner)\b|\b(?:me|nos) (?:llamen?|llamara|llamarán|telefoneen?)\b|"
    r"\bllamar(?:me|nos)\b|\b(?:me|nos) (?:puede|pueden|podría|podrían|puedes) llamar\b|\b(?:ri)?chiamar(?:mi|ci)\b|"
    rf"\b(?:mi|ci)\b{GAP}(?:ri)?chiamare\b|\b(?:me|nos) (?:ligar|ligarem|telefonar|retornar)\b|"
    r"\b(?:ligar|telefonar)-(?:me|nos)\b|"
    rf"\biemand\b{GAP}(?:terug)?bellen\b|\bzadzwoni\w{{1,3}} do mnie\b|\bbeni ara\w{{0,12}}\b|\bringa (?:mig|oss|upp)\b",
    # German
    rf"\bmit{GAP}{_DE}\b{GAP}?(?:sprechen|reden|verbinden|verbunden|telefonieren|schreiben)",
    rf"\b(?:gebt|geben sie|gib|holen sie|holt|verlange|fordere|brauche|will)\b{GAP}{_DE}\b",
    rf"\b(?:will|möchte|würde){GAP}{_DE} (?:sprechen|kontaktieren)\b",
    r"\b(?:echte[nr]?|richtige[nr]?|menschliche[nr]?) (?:mensch(?:en)?|person|mitarbeiter|ansprechpartner)\b",
    r"\bkeinen? (?:bot|chatbot|roboter|automaten)\b|\bnicht mit (?:einem |dem |ner? )?(?:bot|chatbot|roboter|maschine)\b",
    r"\bverbinden sie mich\b|\b(?:rufen|ruft|rufe) (?:sie )?(?:mich|uns)\b|\b(?:um )?(?:einen )?rückruf\b|\beskalier\w{0,6}\b|"
    r"\bjemand (?:bitte )?(?:anrufen|zurückrufen|mich anrufen)\b|\bmich (?:bitte )?(?:jemand )?(?:zurückrufen|anrufen)\b",
    # French
    rf"\b(?:parler|discuter|échanger)\b{GAP}{_FR}\b|\b(?:passez|passe|mettez|transf[eé]rez)[- ]moi\b{GAP}{_FR}\b",
    rf"\bje (?:veux|voudrais|souhaite|demande|exige)\b{GAP}{_FR}\b",
    r"\b(?:un|une) (?:vrai[e]? (?:personne|humain|conseiller)|conseiller humain|agent humain)\b|\bêtre humain\b|"
    r"\b(?:rappelez|rappelle|appelez)[- ](?:moi|nous)\b|\bme rappeler\b|\bêtre rappel[eé]e?\b|\bescalader\b|"
    r"\bpas (?:avec |à )?(?:un |une |le |votre )?(?:robot|bot|machine)\b",
    # Spanish
    rf"\b(?:hablar|comunicarme|hable|contactar)\b{GAP}{_ES}\b|\b(?:p[aá]s[ae]nme|p[aá]s[ea]me|comun[ií]quenme|ponme|"
    rf"p[oó]ngame)\b{GAP}{_ES}\b|\b(?:quiero|exijo|necesito)\b{GAP}(?:un |una |al |el |la )?(?:persona real|humano|gerente|"
    r"encargado|encargada|supervisor|agente)\b",
    r"\b(?:persona real|agente humano|ser humano)\b|\bll[aá]m[ea]n?me\b|\bque me llamen?\b|\bescal(?:ar|en|e) (?:mi|el|este|la|"
    r"esta)\b|\bno (?:quiero )?(?:hablar )?con (?:un |el |una )?(?:bot|robot|m[aá]quina)\b",
    # Italian
    rf"\b(?:parlare|parlo)\b{GAP}{_IT}\b|\b(?:passatemi|passami|mi passi|mi passate|datemi)\b{GAP}{_IT}\b|"
    rf"\b(?:voglio|pretendo|esigo)\b{GAP}(?:il |la |un |una |il vostro )?(?:responsabile|operatore|persona vera|umano|"
    r"direttore|superiore)\b",
    r"\bpersona (?:reale|vera)\b|\boperatore umano\b|\bessere umano\b|\b(?:ri)?chiam(?:ate|a|i)mi\b|"
    r"\bmi (?:ri)?chiami(?:ate|no)?\b|\bessere richiamat[oa]\b|\bnon (?:con )?(?:un |il )?(?:bot|robot)\b",
    # Portuguese
    rf"\bfal(?:ar|o|e)\b{GAP}{_PT}\b|\b(?:me )?pass(?:a|e|em)(?:-me)?\b{GAP}(?:para |a |com )?(?:um |uma |o |a )?{_PT}\b|"
    rf"\b(?:quero|exijo|preciso)\b{GAP}(?:um |uma |o |a )?(?:atendente|gerente|humano|supervisor|pessoa (?:real|de verdade))\b",
    r"\bpessoa (?:real|de verdade)\b|\batendente humano\b|\bser humano\b|\bme lig(?:ue|uem|a)\b|\blig(?:ue|uem|a)-me\b|"
    r"\bme (?:chame|retorne)m?\b|\bn[aã]o com (?:um |o )?(?:rob[oô]|bot)\b",
    # Dutch
    rf"\bmet (?:een |de |uw |jullie )?(?:echte? |menselijke )?{_NL}\s?(?:te |wil |kan )?(?:spreken|praten|bellen|overleggen)",
    rf"\b(?:spreken|praten) met (?:een |iemand|de )|\b{_NL} (?:te )?spreken\b|\bechte? (?:mens|persoon|medewerker)\b",
    rf"\b(?:geef|verbind)\b{GAP}{_NL}\b|\bverbind (?:mij|me) door\b|\bdoorverbinden\b|\bdoorverbonden\b",
    r"\bbel (?:mij|me|ons)\b|\bteruggebeld\b|\b(?:mij|me) (?:terug)?bellen\b|\bescaleren\b|\bgeen (?:bot|chatbot|robot)\b|"
    r"\bniet met (?:een |de )?(?:bot|chatbot|robot|computer)\b",
    # Polish, Turkish, Swedish
    r"\b(?:rozmawiać|porozmawiać|połącz\w{0,6}|rozmowy) z (?:\w{1,20} ){0,2}?(?:konsultant\w{0,4}|człowiekiem|pracownikiem|"
    r"kierownikiem|kimś|osobą|doradcą)|\b(?:proszę o telefon|oddzwoń\w{0,5}|proszę zadzwonić)\b",
    r"\b(?:temsilci\w{0,8}|yetkili\w{0,6}|müdür\w{0,8}|insan\w{0,4}|biriyle|operatör\w{0,6})(?: ile)?(?: \w{1,15}){0,2}? "
    r"(?:görüş\w{0,12}|konuş\w{0,12}|bağla\w{0,8})|\bbeni ara(?:yın|r mısınız)?\b",
    r"\b(?:prata|tala|pratar) med (?:\w{1,15} ){0,3}?(?:människa|person|någon|chef\w{0,4}|handläggare|medarbetare|"
    r"kundtjänst)|\bring (?:mig|upp mig)\b|\bbli uppringd\b|\bkoppla mig\b",
)
_LOOK_ENGLISH = listed(
    "die war bin hat den per an man also all or under over son sin con sera fine mal mail ten tan fin hem men van par am as us "
    "des est non la de las los el le pan fort grave bad gut mag star far bar par tag info fast land die dos ha te on at do"
)
OTHERS_KEYS = frozenset(
    {word for code, words in COMMON.items() if code != "en" for word in words.split()}
    - frozenset(COMMON["en"].split())
    - _LOOK_ENGLISH
) | listed(
    "sprechen reden verbinden telefonieren gebt geben gib verlange fordere echter echten richtiger menschlicher mitarbeiter "
    "berater menschen vorgesetzten vorgesetzte rufen ruft rufe rückruf anrufen zurückrufen eskalieren eskaliert parler discuter "
    "passez passe rappelez rappelle appelez rappeler humain conseiller conseillère escalader exige demande hablar hable "
    "comunicarme contactar páseme páseme pásenme comuníquenme póngame ponme exijo humano humana llámenme llámame llamenme "
    "llamame llamen escalar parlare passatemi passami passi datemi pretendo esigo reale vera umano richiamatemi richiamami "
    "chiamatemi chiamami richiamata richiamato falar falo fale passa passe passem atendente ligue liguem ligar gerente pessoa "
    "spreken praten overleggen geef verbind doorverbinden doorverbonden medewerker teruggebeld bellen terugbellen bel escaleren "
    "rozmawiać porozmawiać połącz połączcie połączyć rozmowy oddzwoń oddzwonić zadzwonić konsultantem temsilci temsilciyle "
    "jemand anruft zurückruft rappeler appeler quelqu llamarme llamarnos llamar llame llamara telefoneen chiamare richiamare "
    "chiamarmi richiamarmi ligar telefonar retornar iemand do ringa "
    "yetkili müdür insan beni prata tala pratar människa ring uppringd koppla"
)
"""Every wish in another language has one of these in it, or one of its small words."""


def either(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
