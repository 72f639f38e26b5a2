"""The words by which mail programs mark quoted mails, in the languages their makers translated them to."""

from __future__ import annotations

WROTE_WORDS = "|".join((
    "wrote", "writes", "said", "schrieb", "schrieben", "geschrieben", "a écrit", "écrit", "a ecrit", "escribió",
    "escribio", "escreveu", "escreve", "ha scritto", "scrisse", "scritto", "geschreven", "schreef", "skrev", "skreiv",
    "napisał(?:\\(?a\\)?)?", "napisała", "pisze", "napsal(?:\\(?a\\)?)?", "napísal(?:\\(?a\\)?)?", "написал(?:\\(?а\\)?)?",
    "написала", "пишет", "писал", "пише", "написав", "kirjoitti", "yazdı", "şunu yazdı", "şunları yazdı", "írta",
    "a scris", "έγραψε", "napisao", "je napisal", "va escriure", "idatzi zuen", "rašė", "rakstīja", "kirjutas",
    "quoting", "zitat von", "citando(?: a)?", "citat von", "citat", "citeren", "cytowanie",
    "viết", "đã viết", "menulis", "כתב", "كتب", "写道", "寫道", "作成", "のメッセージ", "님이 작성", "작성",
))  # fmt: skip
"""What stands in "On 1 May, Ann wrote:". Alternatives of a regular expression."""

OWN_WORDS = (
    r"\bI(?:'ve|’ve)? [a-z]|\b(?:my|our|your|we|us|ich|mein\w{0,2}|wir|unser\w{0,2}|ik|mijn|wij)\b"
    r"|\b(?:je|nous|mon|mes|notre|yo|mio|mia)\b"
    r"|\b[jJ]['’]ai\b|\bmi [a-zà-ÿ]|^(?:My|Our|Your|We|Ich|Mein\w{0,2}|Wir|Unser\w{0,2}|Je|Mon|Ik|Mijn|Mi)\b"
    r"|\b(?:я|мы|мой|моя|eu|meu|minha|jag|jeg)\b"
    r"|\bI(?:hr(?:e[nrms]?)?|hnen)\b|\b(?:mir|mich|uns|votre|vos|uw|mij|me [a-zà-ÿ]+|Państw\w{1,3}|mnie|nam)\b"
    r"|\b[mMnN](?:ous a|['’]a|['’]avez)\b"
)
"""Words of somebody who tells what was written; no mail program puts them above a quote. Names begin with a capital."""

ORIGINAL_WORDS = "|".join((
    "original message", "original e-?mail message", "reply message", "ursprüngliche nachricht",
    "urspr[^ ]{1,12}ngliche nachricht",
    "original[- ]?nachricht", "ursprüngliche (?:mail|e-?mail)", "message d'origine", "message original", "message initial",
    "mensaje original", "mensagem original", "messaggio originale", "oorspronkelijk bericht", "oorspronkelijk e-mailbericht",
    "originalmeddelande", "ursprungligt meddelande", "oprindelig meddelelse", "original meddelelse",
    "opprinnelig melding", "alkuperäinen viesti", "wiadomość oryginalna", "oryginalna wiadomość", "původní zpráva",
    "pôvodná správa", "исходное сообщение", "оригинальное сообщение", "пересылаемое сообщение", "вихідне повідомлення",
    "orijinal ileti", "özgün ileti", "eredeti üzenet", "mesaj original", "αρχικό μήνυμα", "原始邮件", "原始郵件",
    "元のメッセージ", "원본 메시지", "quoted message", "antwort nachricht", "original appointment",
))  # fmt: skip

FORWARD_WORDS = "|".join((
    "forwarded message", "forwarded by .{1,80}", "weitergeleitete nachricht", "message transféré", "mensaje reenviado",
    "mensagem encaminhada", "messaggio inoltrato", "doorgestuurd bericht", "vidarebefordrat meddelande",
    "videresendt meddelelse", "videresendt melding", "välitetty viesti", "przekazana wiadomość", "пересланное сообщение",
    "переслане повідомлення", "přeposlaná zpráva", "yönlendirilmiş ileti", "továbbított üzenet", "转发邮件", "轉寄郵件",
    "転送メッセージ", "전달된 메시지",
))  # fmt: skip

FROM_WORDS = (
    "from|von|de|da|van|från|fra|od|от|від|lähettäjä|kimden|gönderen|feladó|από|发件人|寄件者|差出人|보낸 사람|보낸사람"
    "|de la|מאת|من|šalje|pošiljatelj|nuo|saatja|từ|dari|จาก|از"
)

HEADER_WORDS = "|".join((
    FROM_WORDS,
    "sent|date|to|cc|bcc|subject|reply-to|reply to|importance|attachments",
    "gesendet|datum|an|betreff|kopie|antwort an|am",
    "envoyé|envoyé le|à|objet|répondre à|copie à",
    "enviado|enviado el|enviado em|enviada em|enviada|fecha|data|para|asunto|assunto|responder a",
    "inviato|a|oggetto|rispondi a",
    "verzonden|verstuurd|aan|onderwerp|beantwoorden",
    "skickat|skickad|till|ämne|kopia|sendt|til|emne|dato",
    "wysłano|wysłane|do|temat|dw|odesláno|odeslané|komu|předmět|kopie|odoslané|predmet",
    "отправлено|дата|кому|тема|копия|надіслано|копія",
    "lähetetty|vastaanottaja|aihe|kopio",
    "gönderme tarihi|gönderildi|tarih|kime|konu|bilgi",
    "elküldve|címzett|tárgy|másolat|dátum",
    "στάλθηκε|προς|θέμα",
    "poslano|prima|za|zadeva|изпратено|до|относно|išsiųsta|kam|saadetud|adressaat|teema|đã gửi|đến|tới|ngày|chủ đề",
    "dikirim|kepada|tanggal|subjek|ส่ง|ถึง|เรื่อง|วันที่|ارسال|به|موضوع",
    "trimis|către|subiect|נשלח|אל|נושא|תאריך|تم الإرسال|إلى|الموضوع|التاريخ",
    "发送时间|发送日期|收件人|主题|抄送|寄件日期|日期|收件者|主旨|副本|送信日時|宛先|件名|日時|보낸 날짜|받는 사람|제목|날짜",
))  # fmt: skip
"""Names of the header lines that Outlook and others put above a quoted mail."""

MAIL_WORDS = "|".join((
    "sent|subject|reply-to|gesendet|betreff|envoyé(?: le)?|objet|enviad[oa](?: e[lm])?|asunto|assunto|inviato|oggetto",
    "verzonden|verstuurd|onderwerp|skickat|skickad|ämne|sendt|emne|wysłano|wysłane|temat|odesláno|odeslané|předmět",
    "odoslané|predmet|отправлено|тема|надіслано|lähetetty|aihe|gönderme tarihi|gönderildi|konu|elküldve|tárgy",
    "poslano|zadeva|изпратено|относно|išsiųsta|saadetud|teema|đã gửi|chủ đề|dikirim|subjek|เรื่อง|ارسال|موضوع",
    "trimis|subiect|נשלח|נושא|تم الإرسال|الموضوع|στάλθηκε|θέμα|发送时间|主题|主旨|送信日時|件名|보낸 날짜|제목",
))  # fmt: skip
"""Those that only stand above mails: time of sending and subject."""

ABOVE_WORDS = "|".join((
    "reply above this line", "(?:type|write|enter) your (?:reply|response|answer) above this line",
    "(?:oberhalb|über) dieser (?:zeile|linie)", "au[- ]dessus de cette ligne", "(?:encima|arriba) de esta l[ií]nea",
    "acima (?:desta|dessa) linha", "sopra questa (?:riga|linea)", "boven deze (?:regel|lijn)",
))  # fmt: skip
"""Help desks ask for answers above a line of theirs; what is below is theirs."""

OPENER_WORDS = (
    "on|am|le|el|il|em|op|den|på|dnia|w dniu|dne|dňa|pada|vào|la|kl|at|a las|em|tir|в|на|在|於|em data de|il giorno|a"
)
"""How "On <date>, <somebody> wrote" begins."""

BEGIN_FORWARD_WORDS = "|".join((
    "begin forwarded message", "anfang der weitergeleiteten (?:nachricht|e-mail)", "début du message (?:réexpédié|transféré)",
    "inicio del mensaje reenviado", "início da mensagem (?:encaminhada|reencaminhada)", "inizio messaggio inoltrato",
    "begin doorgestuurd bericht", "vidarebefordrat brev", "videresendt besked", "start på videresendt melding",
    "välitetty viesti alkaa", "początek przekazywanej wiadomości", "начало переадресованного сообщения", "转发的邮件",
))  # fmt: skip

_EXCUSE = r"(?:[.,;]? {0,2}(?:please |kindly )?(?:excuse|forgive|pardon|sorry|apologies).{0,60})?"
_THING = r"[^\s,]{1,30}(?: [^\s,]{1,30}){0,7}?"

EXCUSE_LINE = r"(?:please |kindly )?(?:excuse|forgive|pardon|sorry|apologies).{0,60}"
"""What some people have their phone add below "Sent from my phone"."""

DEVICE_LINE = "|".join((
    rf"(?:sent|written|typed) (?:on the go |fast |quickly )?(?:from|via|with|by|using|on|through) {_THING}{_EXCUSE}",
    r"sent (?:from|via) (?:my|the) [^.,]{1,40}, (?-i:(?:an? )?[A-Z])[^.,]{1,40}\b(?:smartphone|phone|device|tablet)",
    r"from my (?:iphone|ipad|android|phone|mobile|blackberry|samsung|galaxy|cell|tablet|htc|windows)\b.{0,30}",
    r"\S{2,30}(?: \S{2,30})? from (?:mobile|iphone|phone)",
    r"get \S{2,20} for (?:ios|android|mobile|mac|windows|iphone)",
    r"(?:virus-free|virenfrei|(?:garanti )?sans virus|libre de virus|privo di virus|senza virus|livre de vírus"
    r"|não contém vírus|sem vírus|virusvrij|virusfri|wolny od wirusów|bez virů|без вирусов)[. ]{0,2}(?:www\.\S{1,40})?",
    r"provenance ?: .{1,40}|(?:descargar|descarga|ottieni|obtenha o|baixe o|baixar o) outlook .{1,30}",
    r"pobierz aplikację outlook .{1,30}|получить outlook .{1,20}|下载 outlook .{1,20}|outlook for .{1,10}を入手",
    r"get outlook for (?:ios|android|mobile|mac)|get \[outlook for (?:ios|android)\]?",
    r"envoy[ée] (?:depuis|de|à partir de|via|avec) .{1,50}|obtenez outlook pour .{1,20}|télécharger outlook pour .{1,20}",
    r"(?:diese (?:nachricht|e-?mail) wurde )?(?:von|mit|aus) (?:meinem|meiner|der|dem)? ?.{1,60} (?:gesendet|gesandt|verschickt)",
    r"gesendet (?:von|mit|aus|über) .{1,50}|outlook für (?:ios|android)(?: beziehen| herunterladen)?",
    r"holen sie sich outlook .{1,30}",
    r"enviado (?:desde|do|de|a partir do|con|com|via) .{1,50}|obtener outlook para .{1,20}|obter o outlook para .{1,20}",
    r"inviato (?:da|dal|con|tramite) .{1,50}|scarica outlook per .{1,20}",
    r"verzonden (?:met|vanaf|via|vanuit) .{1,50}|verstuurd (?:vanaf|met|via) .{1,50}|outlook voor (?:ios|android) downloaden",
    r"skickat från .{1,50}|skickades från .{1,50}|sendt fra .{1,50}|lähetetty .{1,50}|hent outlook .{1,30}",
    r"skaffa outlook .{1,30}",
    r"wysłan[oey] ze? .{1,50}|odesláno z .{1,50}|odoslané z .{1,50}|pobierz program? ?outlook .{1,30}",
    r"отправлено (?:с|из|от) .{1,50}|надіслано (?:з|із) .{1,50}|скачать outlook .{1,30}",
    r".{0,30}(?:tarafından|'?[dt][ae]n) gönderildi|küldve: .{1,40}|az .{1,30}r[óő]l küldve",
    r"(?:trimis (?:de pe|din)|στάλθηκε από|נשלח (?:מ|באמצעות)|أُ?رسلت? من) ?.{1,40}",
    r"(?:gửi từ|dikirim dari|enviat des de|poslano (?:z|s|iz)) ?.{1,40}",
    r"ส่งจาก.{1,30}|изпратено от .{1,40}|išsiųsta iš .{1,40}|nosūtīts no .{1,40}|saadetud minu .{1,40}",
    r"cid:[^\s\[\]]{1,120}",
    r".{1,30}(?:傳送|发送|發送|から送信|보냄|에서 보냄)|发自.{1,30}|傳送自.{1,30}",
))  # fmt: skip
"""One line that a mail app added: "Sent from my iPhone" and its translations."""

DISCLAIMER_WORDS = (
    r"confidential|intended recipient|privileged|vertraulich|unbefugt|confidentiel|destinataire|confidencial|destinatario"
    r"|destinatário|riservat[aoie]|vertrouwelijk|geadresseerde|poufn[aey]|adresata|konfidentiell|fortrolig"
)
"""Lawyers' words below a letter."""
