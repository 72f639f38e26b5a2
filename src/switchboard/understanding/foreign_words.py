"""What the rules listen for in German, French, Spanish, Italian, Portuguese and Dutch: questions, wishes, failings, moods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One language. Each field is a list of words and phrases apart by ``|`` in lower case; ``*`` stands for any ending of a
    word. ``polite`` are questions that ask for an action. Moods go from ``awful`` to ``superb``; ``negation`` turns them when
    it stands before; ``strong`` adds to them."""

    question: str
    polite: str
    request: str
    failing: str
    upset: str
    suggestion: str
    thanks: str
    awful: str
    bad: str
    poor: str
    fine: str
    good: str
    superb: str
    negation: str
    strong: str


NEUTRAL = (
    "guten tag|guten morgen|guten abend|danke im voraus|vielen dank im voraus|gute besserung|bonne journée|bonne soirée|"
    "bon après-midi|merci de|merci d'avance|par avance merci|buenos días|buenas tardes|buenas noches|buen día|"
    "désolé|désolée|gracias de antemano|desde ya gracias|buon giorno|buona sera|buona giornata|buona serata|grazie in anticipo|"
    "bom dia|"
    "boa tarde|boa noite|desde já obrigad*|obrigad* desde já|goede morgen|alvast bedankt|bij voorbaat dank|ja bitte|"
    "sí, gracias|sì grazie|sim obrigad*|ja graag|oui merci|non merci|nein danke|no gracias|no grazie|não obrigad*|nee dank*"
)
"""Formulas of politeness, which have no mood, in all these languages."""

LISTED: Mapping[str, Listed] = {
    "de": Listed(
        question="wie|was|wann|wo|wohin|woher|warum|wieso|weshalb|wer|welche*|wieviel|gibt es|habt ihr|haben sie|hat ihr|"
        "kann man|kann ich|darf ich|ist es möglich|eine frage|frage zu*|liefern sie|liefert ihr|wozu|ob",
        polite="könn*n sie|könn*t ihr|könntest du|kannst du|würden sie|würdet ihr",
        request="bitte|ich möchte|möchte gern*|ich würde gern*|ich brauche|wir brauchen|ich will|ich hätte gern*|"
        "stornier*|kündig*|zurückgeben|zurückschicken|umtauschen|zurücksetzen|sperr*|ändern|schicken sie|senden sie|helft mir|"
        "umstellen|freischalten|löschen|austauschen|reservieren|buchen|meine neue adresse",
        failing="kaputt*|defekt*|undicht*|beschädigt*|zerbrochen*|funktioniert nicht|geht nicht|gehen nicht|fehlt|fehlen|"
        "nicht angekommen|nichts angekommen|nicht erhalten|nichts erhalten|nicht geliefert|verspätet|verspätung*|falsch*|"
        "zweimal|doppelt|abgebucht|niemand|keiner|keine antwort|ausgefallen|stürzt ab|abgestürzt|kratzer|verloren",
        upset="schon wieder|immer noch|immer wieder|das dritte mal|zum dritten mal|die dritte|seit wochen|seit tagen|"
        "beschwer*|reklamation*|reklamier*|nie wieder|nase voll|na toll|saftladen|unverschämt*|reicht mir|mir reicht",
        suggestion="wäre * schön|wäre * prima|wäre * toll|wäre schön|wäre prima|wäre toll|wäre super|wünsche mir|"
        "verbesserungsvorschlag|vorschlag|feedback|"
        "weiter so|beratung|geschmack",
        thanks="danke|dankeschön|vielen dank|dank",
        awful="unverschämt*|katastroph*|furchtbar*|schrecklich*|saftladen|nie wieder|betrüger*|betrug|abzocke*|inakzeptabel|"
        "frechheit|mieseste*|schlechteste*|grauenhaft*|nase voll|scheiß*|scheiss*|verarsch*|diebe|lächerlich*|unfassbar*|"
        "skandal*|eine zumutung|wütend|stinksauer",
        bad="enttäusch*|ärger*|schlecht*|sauer|nervt|nervig*|frustrier*|unzufrieden|mies*|unfreundlich*|leider|traurig|"
        "unmöglich|na toll|na super|versteht nichts|nutzlos|peinlich|schade|"
        "das darf nicht wahr sein|verbraucherzentrale|anwalt|rechtsanwalt",
        poor="schon wieder|immer noch|kaputt*|defekt*|problem*|fehlt|verspät*|falsch*|verloren|beschädigt*|undicht*|"
        "niemand|keiner|die dritte|zweimal|nichts angekommen",
        fine="danke|dankeschön|vielen dank|gut*|schön*|freundlich*|nett*|hilfreich*|schnell*|geklappt|funktioniert|prima|okay|"
        "zufrieden|gefällt|gern",
        good="super|toll*|klasse|sehr gut|begeister*|empfehl*|glücklich|freue mich|lecker*|beste|bester|bestes|"
        "wunderschön*|spitze",
        superb="wunderbar*|ausgezeichnet*|perfekt*|hervorragend*|fantastisch*|großartig*|liebe es|liebe|genial*|"
        "absolut begeistert|traumhaft*|exzellent*|sensationell*",
        negation="nicht|kein|keine|keinen|keiner|nie|ohne|niemals|gar nicht",
        strong="sehr|absolut|total|echt|wirklich|so|super|völlig|extrem|mega",
    ),
    "fr": Listed(
        question="comment|quand|où|pourquoi|combien|quel*|qui|quoi|est-ce que|est-ce qu*|y a-t-il|vous livrez|vous fermez|"
        "vous ouvrez|avez-vous|peut-on|puis-je|est-il possible|une question|existe en|à quelle heure",
        polite="pouvez-vous|pourriez-vous|pouvez vous|pourriez vous|peux-tu|pourrais-tu|vous pouvez|voudriez-vous|merci de|"
        "merci d'*",
        request="s'il vous plaît|s'il vous plait|svp|stp|je voudrais|je souhaite*|j'aimerais|je veux|j'ai besoin|il me faut|"
        "annul*|rembours*-moi|rendez-moi|envoyez*|changez|modifi*|bloquez*|retourner|échanger|réinitialis*|résili*|"
        "transférer|supprim*|réserver|activez|débloquez",
        failing="cassé*|abîmé*|défectueu*|endommagé*|fuit|en panne|ne marche pas|ne fonctionne pas|ne fonctionne plus|"
        "marche plus|manque*|pas arrivé*|pas reçu|rien reçu|jamais reçu|en retard|retard*|erreur*|deux fois|débité*|"
        "personne ne répond|aucune réponse|sans réponse|plus de chauffage|bug*|plante|rayure|perdu*|toujours aucune",
        upset="encore une fois|encore un*|encore arrivé*|toujours pas|toujours aucune|troisième|plainte|réclamation|"
        "me plaindre|inadmissible|j'en ai marre|ras le bol|plus jamais|depuis des semaines|c'est la deuxième",
        suggestion="serait bien|serait chouette|serait super|ce serait|suggestion|suggère|bravo|avis|goût",
        thanks="merci|remercie",
        awful="scandal*|inadmissible*|inacceptable*|escroc*|arnaque*|voleurs|horrible*|catastroph*|honte*|la pire|le pire|nul|"
        "nulle|lamentable*|j'en ai marre|ras le bol|plus jamais|merde|furieu*|dégueulasse|foutez|une blague",
        bad="déçu*|mauvais*|énervé*|mécontent*|décevant*|insatisfait*|frustr*|triste|désagréable*|malheureusement|"
        "ne comprend rien|inutile*|dommage|impoli*|ridicule*|super, encore|médiateur|avocat",
        poor="problème*|toujours pas|aucune réponse|toujours aucune|en panne|cassé*|retard*|erreur*|rien reçu|fuit|personne ne|"
        "deux fois|perdu*|troisième|volé",
        fine="merci|bien|bon|bonne|sympa*|gentil*|rapide*|utile*|aimable*|joli*|content*|satisfait*|ça marche|agréable*|chouette",
        good="super|génial*|très bien|très bon*|bravo|ravi*|recommande|heureu*|délicieu*|pas mal|meilleur*|excellent accueil",
        superb="parfait*|excellent*|magnifique*|merveilleu*|impeccable*|j'adore|adore|formidable*|extraordinaire*|fantastique*|"
        "infiniment|au top",
        negation="pas|ne|jamais|aucun|aucune|sans|plus|rien",
        strong="très|vraiment|trop|tellement|absolument|totalement|si|super|complètement",
    ),
    "es": Listed(
        question="cómo|cuándo|dónde|qué|quién|cuánto|cuánta|cuál*|por qué|hay|a qué hora|hacen envíos|se puede|"
        "puedo|podemos|una duda|una pregunta|tienen|tenéis|viene en|como|cuando|donde|cuanto",
        polite="podrían|podría|pueden|puede usted|podéis|podríais|me podrían|me puede*|puedes|podrías",
        request="por favor|quiero|quisiera|necesito|me gustaría|cancel*|cambi*|devolver|devuelv*|devolvedme|mand*me|envíen*|"
        "bloque*|restablec*|anul*|activ*|reserv*|trasladar|revis*|solicito|ayúd*|ayuda con",
        failing="roto*|rota*|averiad*|estropead*|dañad*|defectuos*|no funciona*|no sirve*|no anda|falta*|no ha llegado|no llega|"
        "no llegó|nada ha llegado|no he recibido|sin recibir|retras*|equivocad*|dos veces|doble|cobrado*|cobraron|nadie|"
        "sin respuesta|pierde agua|no contesta*|error*|arañazo|perdid*|no hay calefacción",
        upset="otra vez|de nuevo|todavía no|aún no|sigo sin|tercera vez|queja|reclamación|reclamo|harto|harta|"
        "nunca más|otro retraso|hace semanas|desde hace",
        suggestion="estaría bien|sería genial|sería bueno|estaría genial|sugerencia|sugiero|opinión|sabor",
        thanks="gracias|agradezco|agradecid*",
        awful="ladron*|estafa*|estafador*|pésim*|horrible*|vergüenza|vergonzos*|inaceptable*|harto|harta|nunca más|asco|"
        "mierda|peor|fatal|indignante*|furios*|desastre|sinvergüenza*|una burla|terrible*|basura",
        bad="decepcion*|mal|mala|malo|enfadad*|molest*|descontent*|insatisfech*|frustra*|triste|lamentable*|no sirve|"
        "inútil*|grosero*|desafortunadamente|lástima|justo lo que me faltaba|abogado|reclamación|denuncia*",
        poor="problema*|error*|roto*|rota*|retras*|falta|perdid*|averiad*|tercera vez|otra vez|sigo sin|dos veces|nadie|"
        "no ha llegado|robado|pierde agua",
        fine="gracias|bien|bueno|buena|amable*|rápid*|útil*|bonit*|content*|satisfech*|ya funciona|entero|agradable*|fácil*",
        good="genial*|muy bien|muy buen*|feliz|recomiendo|recomendable*|delicios*|encantad*|mejor|estupend*|nada mal|simpátic*",
        superb="excelente*|perfect*|maravillos*|fantástic*|increíble*|me encanta|encanta|espectacular*|muchísimas gracias|"
        "el mejor|la mejor|lo mejor|magnífic*|de diez",
        negation="no|nunca|jamás|sin|tampoco|ningun*|nada",
        strong="muy|tan|realmente|totalmente|súper|super|absolutamente|demasiado|muchísimo",
    ),
    "it": Listed(
        question="come|quando|dove|dov'è|perché|cosa|chi|quanto|quale|quali|c'è|ci sono|avete|a che ora|spedite|si può|"
        "posso|possiamo|una domanda|è possibile|fate",
        polite="potete|potreste|può|potrebbe|puoi|potresti|mi può|mi potete",
        request="per favore|per piacere|vorrei|voglio|desidero|mi serve|ho bisogno|annull*|cambi*|bloc*|restituire|"
        "ridatemi|mandate*|inviate*|reimpost*|disdire|trasferire|attiv*|prenot*|modific*|rimbors*emi|aiut*|controllare",
        failing="rott*|guast*|danneggiat*|difettos*|non funziona*|non va|perde|manca*|non è arrivat*|non arriva|mai arrivat*|"
        "non ho ricevuto|in ritardo|ritard*|sbagliat*|due volte|addebitat*|nessuno|nessuna risposta|spento|"
        "errore|errori|graffio|perso|persa|persi|niente è arrivato|non è arrivato niente",
        upset="di nuovo|ancora una volta|ancora nessun*|terza volta|reclamo|lament*|stufo|stufa|mai più|un altro ritardo|"
        "da settimane|non è possibile che|è la seconda volta",
        suggestion="sarebbe bello|ci starebbe bene|sarebbe utile|suggerimento|suggerisco|consiglio|parere|gusto",
        thanks="grazie|ringrazio",
        awful="ladri|truff*|vergogn*|inaccettabil*|pessim*|terribil*|orribil*|schifo|schifos*|mai più|stufo|stufa|scandalos*|"
        "peggior*|indecent*|furios*|disastro*|merda|ridicol*|una presa in giro",
        bad="delus*|deludent*|brutt*|arrabbiat*|scontent*|insoddisfatt*|male|scars*|frustra*|trist*|maleducat*|inutil*|"
        "non capisce niente|purtroppo|peccato|proprio quello che ci voleva|avvocato|associazione consumatori",
        poor="problema|problemi|error*|rott*|ritard*|manca|guast*|nessuno risponde|nessuna risposta|di nuovo|terza volta|"
        "due volte|rubato|perde|non è arrivato",
        fine="grazie|bene|buono|buona|gentil*|veloc*|utile|utili|bello|bella|bel|belle|"
        "content*|soddisfatt*|adesso funziona|ora funziona|"
        "intatto|comod*|ringrazio",
        good="ottim*|molto bene|bravi*|felic*|consiglio|consigliat*|buonissim*|niente male|gentilissim*|miglior*|super|"
        "grazie mille|piacevol*",
        superb="eccellent*|perfett*|meraviglios*|fantastic*|stupend*|adoro|splendid*|eccezional*|magnific*|incredibil*|"
        "il migliore|la migliore",
        negation="non|mai|senza|né|nessun*|niente",
        strong="molto|davvero|proprio|così|assolutamente|totalmente|tanto|troppo|super",
    ),
    "pt": Listed(
        question="como|quando|onde|por que|porquê|porque não|o que|quem|quanto|quanta|qual|quais|tem|têm|vocês entregam|"
        "existe em|a que horas|posso|podemos|é possível|uma dúvida|uma pergunta|fazem",
        polite="podem|podiam|poderiam|pode|poderia|podia|podes|consegue|conseguem",
        request="por favor|quero|queria|gostaria|preciso|cancel*|alter*|mud*|bloque*|devolver|devolvam|envi*|mand*|redefinir|"
        "anul*|transferir|ativ*|reserv*|troc*|solicito|ajud*|verificar",
        failing="partid*|quebrad*|avari*|estragad*|danificad*|defeito*|não funciona*|não liga|falta*|não chegou|"
        "não recebi|nada chegou|atras*|errad*|duas vezes|cobrad*|cobraram|ninguém|sem resposta|verter água|vazando|"
        "não atende*|erro|risco|perdid*|sem aquecimento",
        upset="outra vez|de novo|ainda não|até agora nada|terceira vez|queixa|reclamação|reclamar|farto|farta|nunca mais|"
        "mais um atraso|há semanas|cansei|cansad*",
        suggestion="seria ótimo|seria bom|seria legal|sugestão|sugiro|opinião|sabor",
        thanks="obrigad*|agradeço|valeu",
        awful="ladrões|ladrão|burla|golpe|golpistas|péssim*|horríve*|vergonh*|inaceitáve*|farto|farta|nunca mais|lixo|merda|"
        "pior|nojo|absurdo|terríve*|palhaçada|furios*|um descaso",
        bad="decepcion*|desilu*|desapont*|mau|má|ruim|irritad*|chatead*|insatisfeit*|frustr*|trist*|grosseir*|"
        "não entende nada|inúti*|infelizmente|era mesmo o que eu precisava|pena|advogado|queixa|procon",
        poor="problema*|erro*|partid*|quebrad*|atras*|falta|avari*|terceira vez|outra vez|de novo|duas vezes|ninguém|"
        "não recebi|não chegou|roubaram*|verter",
        fine="obrigad*|bem|bom|boa|simpátic*|rápid*|útil|úteis|bonit*|content*|satisfeit*|já funciona|inteiro|gentil|gentis|"
        "legal",
        good="ótim*|muito bem|muito bo*|feliz|recomendo|delicios*|melhor*|nada mal|adorável|parabéns|bacana|muito obrigad*",
        superb="excelent*|perfeit*|maravilhos*|fantástic*|incríve*|adorei|adoro|amei|amo|o melhor|a melhor|espetacular*|"
        "sensacional",
        negation="não|nunca|jamais|sem|nem|nenhum*|nada",
        strong="muito|tão|realmente|totalmente|super|absolutamente|demais|mesmo",
    ),
    "nl": Listed(
        question="hoe|wanneer|waar|waarom|wat|wie|welke|hoeveel|is er|zijn er|hebben jullie|heeft u|leveren jullie|kan ik|"
        "kunnen we|mag ik|is het mogelijk|een vraag|vraagje|hoe laat",
        polite="kunt u|kunnen jullie|kun je|kan je|kan iemand|zou u|zouden jullie|zou je|wilt u|willen jullie",
        request="graag|alstublieft|aub|ik wil|ik zou|ik heb * nodig|nodig|annuleer*|annuleren|wijzig*|blokkeer*|"
        "terugsturen|retourneren|ruilen|resetten|stuur*|opzeggen|verander*|overzetten|activeer*|reserveer*|help me",
        failing="kapot*|stuk|defect*|beschadigd*|lekt|lek|werkt niet|doet het niet|ontbreekt|ontbreken|niet aangekomen|"
        "niet ontvangen|niets ontvangen|ligt hier niks|niet geleverd|vertraag*|vertraging|verkeerd*|twee keer|dubbel|"
        "afgeschreven|niemand|geen antwoord|geen reactie|storing|kras|kwijt|uitgevallen",
        upset="alweer|weer kapot|weer stuk|weer vertraging|nog steeds|derde keer|de derde|klacht|klagen|"
        "nooit meer|helemaal klaar|al weken|zat van|schandalig*",
        suggestion="zou fijn zijn|zou leuk zijn|zou mooi zijn|suggestie|tip|feedback|mening|smaak",
        thanks="bedankt|dank|dankjewel|dankuwel",
        awful="oplichters*|oplichterij|schandalig*|verschrikkelijk*|vreselijk*|waardeloos|belachelijk*|nooit meer|slechtste|"
        "onacceptabel|rot|kut|klote|dieven|woedend|drama|helemaal klaar|schande|ramp",
        bad="teleurgesteld*|teleurstellen*|slecht*|boos|ontevreden|gefrustreerd*|irritant*|jammer|helaas|onbeleefd*|"
        "snapt er niks|nutteloos|verdrietig|vervelend|precies wat ik vandaag nodig had|advocaat|geschillencommissie",
        poor="probleem|problemen|kapot|stuk|vertraging|verkeerd*|nog steeds|kwijt|twee keer|niemand|de derde|lekt|"
        "gestolen|ligt hier niks|alweer",
        fine="bedankt|dank|dankjewel|goed|mooi*|fijn*|vriendelijk*|snel*|handig*|tevreden|het werkt weer|aardig*|heel|leuk",
        good="super|top|heel goed|erg blij|blij|aanrader|lekker*|beste|prima|helemaal niet slecht|hartelijk dank",
        superb="geweldig*|fantastisch*|uitstekend*|perfect*|prachtig*|heerlijk*|ik hou van|beste ooit|beste service|"
        "schitterend*|zo blij",
        negation="niet|geen|nooit|zonder|niets|niks",
        strong="heel|erg|zeer|echt|zo|super|ontzettend|enorm|helemaal",
    ),
}
