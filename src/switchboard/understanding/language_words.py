"""Words by which the rules tell a language: the small words of every sentence, greetings, and what customers write of."""

from __future__ import annotations

from collections.abc import Mapping

from switchboard.understanding.text import listed

COMMON: Mapping[str, str] = {
    "en": "the and to is my i you it for of in have has had not with on this was that are be been please pls plz how when "
    "what where why which who can could would will want need me your do does did don't doesn't didn't can't won't i'm i've "
    "i'd it's isn't wanna a an from they them get got still there here no yes yep yeah nope hey hello hi thanks thank thx "
    "ty cheers sorry good morning afternoon evening bye help any some never again more very just about but or if so too "
    "after before order ordered delivery parcel package refund account password address card charged cancel broken "
    "arrived late cant dont wont love great awful worst nice cool sure we our us he she his her all out up at by as "
    "money invoice subscription customer service shop store open opening closed working works wrong missing "
    "received waiting speak talk real person manager change reset close send buy bought price "
    "today tomorrow yesterday week weeks days",
    "de": "der die das und ist ich nicht mein meine meinen meiner meinem sie ein eine einen einer einem mit auf für zu zum "
    "zur habe haben hat hatte wie kann können könnte könnten bitte den dem des von es im in an am wir ihr euch uns mir mich "
    "dich dir du er wo wann warum was wer welche kein keine keinen noch schon aber oder auch nur sehr mehr wieder immer "
    "hier da dort gibt geht wird werden wurde wurden war sind bin seid bei nach seit vor über unter wenn dass damit jetzt "
    "heute morgen gestern danke dankeschön hallo moin servus tschüss guten tag abend ja nein doch gut schlecht "
    "schön super alles klar vielen dank bestellung rechnung paket lieferung konto passwort adresse karte geld zurück "
    "kaputt falsch falscher falsche storniert stornieren kündigen möchte will brauche dringend sofort kunde kundendienst "
    "angekommen geliefert erstattung liebe lieben leider niemand keiner nie mal eilt ganz viel wäre hätte würde",
    "fr": "le la les et est je ne pas mon ma mes vous votre vos un une des du de avec pour que qui quoi dans ce cette ces "
    "c'est j'ai n'ai j'aimerais comment sur au aux en où quand pourquoi combien il elle nous notre nos on y a ai as avez "
    "avons ont suis sont été être fait faire peux peut pouvez pourriez voudrais veux souhaite plus très bien mal aussi "
    "mais ou si toujours encore jamais rien personne merci bonjour bonsoir salut coucou oui non d'accord svp stp s'il "
    "plaît désolé désolée commande colis livraison facture remboursement compte mot passe adresse carte argent annuler "
    "reçu cassé retard service mauvais mauvaise parfait super génial j'adore adore déçu déçue aujourd'hui demain hier "
    "mois semaine jours heure urgent l' d' j' n' c' s' qu' m' t' jusqu' panne marche tout toute tous à été voilà",
    "es": "el la los las y es no mi mis un una unos con para de del que en por se lo le les me te su sus está están estoy "
    "ha han he hay pedido pedidos cómo cuándo dónde qué quién cuánto cuánta cuál como cuando donde yo tú usted ustedes "
    "nosotros muy más pero o si sí ya también nunca siempre nada nadie todavía aún sin sobre hasta desde este esta esto "
    "eso gracias hola buenas buenos días tardes noches adiós vale favor perdón quiero quisiera necesito puedo puede pueden "
    "podrían podría tengo tiene hacer ser fue era son soy cancelar devolver devolución reembolso paquete envío factura "
    "cuenta contraseña dirección tarjeta dinero roto rota llegado llegó mal bien encanta gusta servicio tienda urgente "
    "hoy mañana ayer semana al tarde otra otro vez veces muchas mucho a",
    "it": "il lo la i gli le e è non mio mia miei un uno una con per di del della dei delle dal dalla che in nel nella sono "
    "ho hai ha abbiamo avete hanno come quando dove perché cosa chi quanto quale io tu lei voi noi si sì no mi ti ci vi ne "
    "ma o se anche molto più già ancora mai sempre niente nulla nessuno grazie ciao salve buongiorno buonasera prego "
    "scusi scusate arrivederci vorrei voglio devo posso può potete potreste bisogno ordine ordini pacco spedizione consegna "
    "fattura rimborso reso conto password indirizzo carta soldi annullare arrivato arrivata rotto rotta male bene va adoro "
    "servizio negozio urgente oggi domani ieri settimana giorni al alla ai alle da dal sul sulla questo questa così "
    "per favore l' d' c' dov' dell' all' un' nell' quest' un'altra tutto tutti era ogni a",
    "pt": "o a os as e é não meu minha meus minhas um uma uns com para de do da dos das que em no na nos nas por pelo pela "
    "eu você vocês nós ele ela se me te lhe está estão estou tem têm tenho há como onde quando porquê quem qual quanto "
    "quanta muito mais mas ou já também nunca sempre nada ninguém ainda sem sobre até desde este esta isto isso olá oi sim "
    "obrigado obrigada bom boa dia tarde noite tchau desculpe desculpa quero queria preciso gostaria posso pode podem "
    "podiam poderiam fazer ser foi era são sou cancelar devolver devolução reembolso encomenda pedido entrega fatura conta "
    "senha morada endereço cartão dinheiro partido quebrado chegou chegar mal bem adoro adorei gosto serviço loja urgente "
    "hoje amanhã ontem semana dias outra outro vez vezes ao à às num numa liga errado",
    "nl": "de het een en is niet mijn met voor van ik dat dit op kan kunnen kunt kon hoe wanneer waar waarom wat wie welke "
    "u uw je jij jullie we wij ze zij hij heb hebt heeft hebben had te er in aan naar bij uit om als ook maar of geen "
    "nog al weer altijd nooit niets niks niemand iemand veel meer heel erg zeer goed slecht mooi fijn bedankt dank "
    "dankjewel hallo hoi goedemorgen goedemiddag goedenavond doei ja nee graag aub alstublieft sorry wil wilt zou zouden "
    "moet moeten mag word wordt worden werd ben bent zijn was waren bestelling bestellen pakket pakketje levering factuur "
    "terugbetaling rekening wachtwoord adres kaart pas geld terug annuleren kapot stuk werkt aangekomen geleverd ontvangen "
    "vandaag morgen gisteren week dagen klantenservice winkel dringend spoed nu dan die deze daar hier",
    "pl": "w na nie jest są się z ze do mój moja moje mojego moją mojej że jak mam ma masz czy co kto gdzie kiedy dlaczego "
    "i a ale lub albo o od po za przez dla to ten ta te już jeszcze nadal znowu nigdy zawsze nic nikt bardzo dobrze źle "
    "proszę dziękuję dzięki cześć dzień dobry wieczór tak przepraszam witam chcę chciałbym chciałabym mogę może możecie "
    "potrzebuję zamówienie zamówienia paczka paczki paczkę przesyłka zwrot faktura konto hasło adres karta pieniądze "
    "anulować dotarła dotarło zepsute zepsuł dziś jutro wczoraj jestem był była było ktoś",
    "tr": "ve bir bu şu o ne için ile değil benim senin bizim var yok mı mi mu mü nasıl nerede neden kim kaç ben siz biz çok "
    "daha hâlâ hala henüz yine hiç hiçbir her en şey lütfen teşekkürler teşekkür ederim sağ olun merhaba selam iyi günler "
    "evet hayır tamam pardon siparişim sipariş siparişi kargo kargom kargonuz para iade fatura hesap hesabım şifre şifremi "
    "adres adresim kart kartım iptal istiyorum isterim edin geldi gelmedi oldu olmadı ama veya gibi kadar sonra önce bugün "
    "yarın dün kırık bozuk yardım nasılsınız",
    "sv": "och att det är inte min mitt mina en ett med för på av till från jag du ni vi han hon de som har hade hur kan "
    "kunde vill ville när var varför vad vem vilken er ert era men eller också bara mycket mer redan ännu igen aldrig "
    "alltid inget inga ingen någon här där nu då om hej tack tusen snälla ja nej god morgon kväll ursäkta förlåt behöver "
    "skulle beställning beställa paket leverans faktura återbetalning konto lösenord lösenordet adress kort pengar avboka "
    "kom kommit fick fått trasig trasigt fungerar idag imorgon igår vecka dagar fel bra dålig",
}
"""Words that speak for a language; one that is listed under several speaks for each of them, and so for none alone."""

ANYWHERE = listed(
    "ok okay super no hi a o e i y chat email mail app online wifi pdf id sms total normal hotel taxi restaurant bot ",
    "info status stop test pin code sim tv pc",
)
"""Words that are written everywhere: on their own they say nothing about the language."""

SIGNS: Mapping[str, str] = {
    "ß": "de",
    "ä": "de sv",
    "ö": "de tr sv",
    "ü": "de tr",
    "ñ": "es",
    "¿": "es",
    "¡": "es",
    "ã": "pt",
    "õ": "pt",
    "ê": "fr pt",
    "â": "fr pt tr",
    "ô": "fr pt",
    "ç": "fr pt tr",
    "œ": "fr",
    "û": "fr",
    "î": "fr",
    "ë": "fr nl",
    "è": "fr it",
    "à": "fr it pt",
    "ì": "it",
    "ò": "it",
    "ù": "it fr",
    "é": "fr es pt it nl",
    "á": "es pt",
    "í": "es pt",
    "ó": "es pt pl",
    "ú": "es pt",
    "ą": "pl",
    "ę": "pl",
    "ł": "pl",
    "ś": "pl",
    "ż": "pl",
    "ź": "pl",
    "ń": "pl",
    "ć": "pl",
    "ğ": "tr",
    "ş": "tr",
    "ı": "tr",
    "å": "sv",
}
"""Letters and marks that some of the languages write and the others do not."""
