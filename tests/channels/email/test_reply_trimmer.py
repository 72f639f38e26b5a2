"""What is left of a mail when quotes and signatures are cut away."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchboard.channels.email.reply_trimmer import newly_written

ABOVE_A_QUOTE = {
    "English, over two lines": "On Tue, 15 Mar 2022 at 10:00, Bob Smith <\nbob@example.com> wrote:\n\n> hello",
    "English, without year": "On Tue, 15 Mar, Bob Smith wrote:\n\nhello",
    "German": "Am Di., 15. März 2022 um 10:00 Uhr schrieb Bob <bob@example.com>:\n\n> hallo",
    "German, name first": "Bob <bob@example.com> schrieb am Di., 15. März 2022,\n10:00:\n\n> hallo",
    "French": "Le mar. 15 mars 2022 à 10:00, Bob <bob@example.com> a écrit :\n\n> salut",
    "Spanish": "El mar, 15 mar 2022 a las 10:00, Bob (<bob@example.com>) escribió:\n\n> hola",
    "Portuguese": "Em ter., 15 de mar. de 2022 às 10:00, Bob <\nbob@example.com> escreveu:\n\n> oi",
    "Italian": "Il giorno mar 15 mar 2022 alle ore 10:00 Bob <bob@example.com> ha scritto:\n\n> ciao",
    "Dutch": "Op di 15 mrt. 2022 om 10:00 schreef Bob <bob@example.com>:\n\n> hoi",
    "Swedish": "Den tis 15 mars 2022 kl 10:00 skrev Bob <bob@example.com>:\n\n> hej",
    "Finnish": "ti 15. maalisk. 2022 klo 10.00 Bob (bob@example.com) kirjoitti:\n\n> hei",
    "Polish": "wt., 15 mar 2022 o 10:00 Bob <bob@example.com> napisał(a):\n\n> hej",
    "Czech": "út 15. 3. 2022 v 10:00 odesílatel Bob <bob@example.com> napsal:\n\n> ahoj",
    "Russian": "вт, 15 мар. 2022 г. в 10:00, Bob <bob@example.com>:\n\n> привет",
    "Turkish": "Bob <bob@example.com>, 15 Mar 2022 Sal, 10:00 tarihinde şunu yazdı:\n\n> selam",
    "Chinese": "在 2022年3月15日，Bob <bob@example.com> 写道：\n\n> 你好",
    "Japanese": "2022年3月15日(火) 10:00 Bob <bob@example.com>:\n\n> こんにちは",
    "Korean": "2022년 3월 15일 (화) 오전 10:00, Bob <bob@example.com>님이 작성:\n\n> 안녕",
    "Zoho": "---- On Tue, 15 Mar 2022 10:00:00 +0000 Bob <bob@example.com> wrote ----\n\nhello",
    "Horde": "Zitat von Bob <bob@example.com>:\n\n> hallo",
    "Apple's forward": "Begin forwarded message:\n\n> From: bob@example.com\n> Subject: Hello\n>\n> hello",
    "Outlook in German": "Von: Bob <bob@example.com>\nGesendet: Dienstag\nAn: Ann\nBetreff: Hallo\n\nhallo",
    "Outlook in Japanese": "差出人: Bob\n送信日時: 2022年3月15日\n宛先: Ann\n件名: Hello\n\nhello",
    "Outlook with a line": "________________________________\nFrom: Bob\nSent: Tuesday\nTo: Ann\nSubject: Hi\n\nhello",
    "BlackBerry": "Original Message\nFrom: Bob\nSent: Tuesday\nTo: Ann\nSubject: Hi\n\nhello",
    "old Outlook": "-----Ursprüngliche Nachricht-----\nVon: Bob\nGesendet: Dienstag\n\nhallo",
    "a phone's line between": "Von meinem iPhone gesendet\n\n> Am 15.03.2022 um 10:00 schrieb Bob <bob@example.com>:\n>\n> hi",
    "only quotes": "> hello\n> there",
    "Thunderbird without a date": "Bob Smith wrote:\n> hello",
    "T-Online": "-----Original-Nachricht-----\nBetreff: x\nDatum: 2022\nVon: Bob <bob@example.com>\n\nhallo",
    "Zimbra in German": "----- Ursprüngliche Mail -----\nVon: Bob\nAn: Ann\nGesendet: Dienstag\nBetreff: x\n\nhallo",
    "a help desk's line": "##- Please type your reply above this line -##\n\nhello",
    "Hebrew": "\u202bב-15 במרץ 2022 ב-10:00 מאת \u202aBob\u202c <\u202abob@example.com\u202c>:\u202c\n\n> שלום",
    "Yahoo in one line": "Sent from Yahoo Mail on Android\n\n On Tue, 15 Mar 2022 at 10:00, Bob<bob@example.com> wrote:   hi",
    "Vietnamese": "Vào Th 3, 15 thg 3, 2022 vào lúc 10:00 Bob <bob@example.com> đã\nviết:\n\n> chào",
    "Greek": "Στις Τρί 15 Μαρ 2022 στις 10:00 π.μ., ο/η Bob <bob@example.com> έγραψε:\n\n> γεια",
    "Arabic": "في 15 مارس 2022 في 10:00 ص تمت كتابة ما يلي بواسطة Bob <bob@example.com>:\n\n> مرحبا",
    "Hungarian": "Bob <bob@example.com> ezt írta (időpont: 2022. márc. 15., K, 10:00):\n\n> szia",
    "Thai": "ในวันที่ อ. 15 มี.ค. 2022 เวลา 10:00 Bob <bob@example.com> เขียนว่า:\n\n> สวัสดี",
    "Apple in Japanese": "> 2022/03/15 10:00、Bob <bob@example.com>のメール:\n> \n> hi",
    "Samsung": "Sent from my Galaxy\n\n-------- Original message --------\nFrom: Bob\nDate: 3/15/22\nSubject: x\n\nhello",
    "Proton": "------- Original Message -------\nOn Tuesday, March 15th, 2022 at 10:00, Bob <b@example.com> wrote:\n\n> hi",
    "GMX": 'Gesendet: Dienstag, 15. März 2022 um 10:00 Uhr\nVon: "Bob" <b@example.com>\nAn: a@example.com\nBetreff: x\n\nhi',
    "Outlook in Romanian": "De la: Bob <b@x.y>\nTrimis: luni\nCătre: Ann\nSubiect: x\n\nsalut",
    "Outlook in Hebrew": "מאת: Bob <b@x.y>\nנשלח: יום\nאל: Ann\nנושא: x\n\nשלום",
    "Outlook in Arabic": "من: Bob <b@x.y>\nتم الإرسال: 2022\nإلى: Ann\nالموضوع: x\n\nمرحبا",
    "a phone's line in Greek": "Στάλθηκε από το iPhone μου",
    "a phone's line in Hebrew": "נשלח מה-iPhone שלי",
    "a phone's line in Vietnamese": "Gửi từ iPhone của tôi",
    "a phone's line behind dashes": "-- Sent from my phone",
    "a picture that is not there": "[cid:image001.png@01D8]",
    "QQ": "------------------ 原始邮件 ------------------\n发件人: Bob;\n发送时间: 2022年3月15日\n主题: 包裹\n\n你好",
    "Mail.ru": ">Вторник, 15 марта 2022, 10:00 +03:00 от Bob <bob@example.com>:\n> \n>привет",
    "Outlook for iOS": "Get Outlook for iOS<https://aka.ms/o0ukef>\n____________\nFrom: Bob\nSent: Tuesday\nSubject: x\n\nhi",
    "Outlook for Mac": "From: Bob <bob@example.com>\nDate: Tuesday, 15 March 2022 at 10:00\nTo: Ann\nSubject: x\n\nhello",
    "Outlook in Croatian": "Šalje: Bob <b@x.y>\nPoslano: 14. ožujka\nPrima: Ann\nPredmet: x\n\nBok",
    "Outlook in Bulgarian": "От: Bob <b@x.y>\nИзпратено: 14 март\nДо: Ann\nОтносно: x\n\nЗдравейте",
    "Outlook in Vietnamese": "Từ: Bob <b@x.y>\nĐã gửi: 14/03\nĐến: Ann\nChủ đề: x\n\nchào",
    "a paragraph for every header": "From: Bob <b@x.y>\n\nSent: Monday\n\nTo: Ann\n\nSubject: x\n\nhello",
    "an appointment": "-----Original Appointment-----\nFrom: Bob\nSent: Monday\nTo: Ann\nSubject: x\n\nhello",
    "a title that we do not know": "---------- Původní e-mail ----------\nOd: Bob <b@x.y>\nKomu: Ann\nPředmět: x\n\nahoj",
    "a title that we do not know above a name": "------ Original ------\n\nAm 05.06.24 um 14:03 schrieb Bob:\n> hallo",
    "headers as a table": "---- 回复的原邮件 ----\n发件人\tBob<b@x.y>\n日期\t2022年03月14日\n主题\tx\n\n你好",
    "Tuta in German": "14. März 2022, 10:00 von bob@example.com:\n\n> hallo",
    "Yahoo in German in one line": "Am Mo., März 14, 2022 at 10:00 schrieb Bob<bob@example.com>:   hallo",
    "a phone's excuse below": "Sent from my iPhone\nPlease excuse my brevity.",
    "a phone's line in Hungarian": "Az iPhone-omról küldve",
    "another app's line": "Sent from the all new AOL app for iOS",
    "Outlook for iOS in Russian": "Получить Outlook для iOS",
    "a virus scanner": "Virus-free. www.avast.com",
    "a virus scanner with links": "<https://www.avast.com/sig?a=1>\nVirenfrei.www.avast.com\n<https://www.avast.com/sig?a=1>\n"
    "<#DAB4FAD8-2DD7-40BB-A1B8-4E2AA1F9FDF2>",
    "a virus scanner in French": "Garanti sans virus. www.avast.com <https://www.avast.com/sig-email>",
    "a virus scanner in Portuguese": "Não contém vírus.www.avast.com <https://www.avast.com/>",
    "a virus scanner in Dutch": "Virusvrij.www.avast.com <https://www.avast.com/>",
    "a virus scanner in Polish": "Wolny od wirusów.www.avast.com <https://www.avast.com/>",
    "Outlook for Android in Spanish": "Descargar Outlook para Android<https://aka.ms/AAb9ysg>\n____________________\n"
    "De: S <s@x.es>\nEnviado: 5 de junio de 2024\nPara: Ana\nAsunto: x\n\nhola",
    "Outlook for Android in Italian": "Ottieni Outlook per Android<https://aka.ms/AAb9ysg>",
    "Outlook for Android in Portuguese": "Obtenha o Outlook para Android<https://aka.ms/AAb9ysg>",
    "Windows mail in French": "Provenance : Courrier pour Windows 10",
    "a phone's line in Polish": "Wysłane ze smartfonu Samsung Galaxy.",
    "a carrier's phone": "Sent via the Samsung Galaxy S21 5G, an AT&T 5G smartphone\n\n-------- Original message --------\n"
    "From: Bob\nDate: 6/5/24\nSubject: x\n\nhello",
    "a phone's line with an ornament": "📱 ~ Sent from my iPhone ~",
    "an app with its address": "Sent with Aqua Mail for Android\nhttps://www.mobisystems.com/aqua-mail\n\n"
    "On June 5, 2024 2:03:11 PM Bob <b@x.com> wrote:\n\n> hello",
    "an old Samsung, all in one line": "-------- Mensaje original --------De: Bob <b@x.es> Fecha: 5/6/24 A: a Asunto: x\n\nhola",
    "GroupWise": ">>> Bob Smith <bob@example.com> 05.06.2024 14:03 >>>\n\nhallo",
    "Horde in Spanish": "Citando Bob Smith <bob@example.com>:\n\n> hola",
    "Horde in Dutch": "Citeren Bob Smith <bob@example.com>:\n\n> hallo",
    "Horde in Polish": "Cytowanie Bob Smith <bob@example.com>:\n\n> cześć",
    "a name alone above a blank line": "Bob Smith schrieb:\n\n> hallo",
    "a name between dashes": "--- Bob Smith wrote: ---\nhello",
    "stars for a line": "* * *\n\n**From:** Bob <b@x.com>  \n**Sent:** Monday  \n**To:** Ann  \n**Subject:** x  \n\nhello",
    "a phone's line below the quote": "> On 5 Jun 2024, at 14:03, Bob <b@x.com> wrote:\n> \n> hello\n\nSent from my iPad",
    "a lawyer's words": "____________________\nThis message and any attachment are confidential and may be privileged.",
    "a card below three dashes": "---\nAnn Smith\nExample Ltd\n+44 20 7946 0018",
    "a PGP signature": "-----BEGIN PGP SIGNATURE-----\nVersion: GnuPG v2\n\niQEcBAEBAgAG\n=abcd\n-----END PGP SIGNATURE-----",
    "signature": "-- \nAnn Smith\nExample Ltd",
    "phone": "Sent from my iPhone",
}


class TestTrimming:
    @pytest.mark.parametrize("below", ABOVE_A_QUOTE.values(), ids=ABOVE_A_QUOTE.keys())
    def test_the_words_above_are_left(self, below: str) -> None:
        assert newly_written(f"Yes, please.\n\nAnn\n\n{below}\n") == "Yes, please.\n\nAnn"

    @pytest.mark.parametrize(
        "text",
        [
            "Where is my parcel?",
            "I want to travel:\nFrom: Berlin\nTo: Hamburg\nDate: 3 May\n\nCan you book that?",
            "My neighbour said: it is broken.\nOn 3 May it was fine.",
            "He wrote: no.\nThen I wrote: yes.\nWhat now?",
            "I need:\n- two cups\n- one lid",
            "See https://example.com/2022/03/15:\nis that right?",
            "On 14 March my wife wrote to you:\nshe wants her money back.",
            "As I wrote on 12 March 2022:\nI want a refund. Where is it?",
            "Am 14.03.2022 schrieb ich Ihnen schon:\nDie Maschine ist kaputt.",
            "Le 14 mars 2022, j'ai écrit ceci :\nma machine est en panne.",
            "Op 14 maart schreef ik u het volgende:\nde machine is stuk.",
            "Olá,\nfoi tudo certo?\nEnviado do armazém ontem mas não chegou",
            "The first thing is the lid.\n\n____________\n\nThe second is that the cup is broken.",
            "> only a quote",
            "I will reply above this line of thought.",
            "Bob wrote: it is broken.\nIs it?",
            "Ihr Mitarbeiter schrieb am 05.06.2024:\ndas Geld kommt. Es kam nicht.",
            "Le 5 juin 2024 votre collègue m'a écrit :\nle colis est parti. Il n'est pas là.",
            "El 5 de junio de 2024 me escribió:\nque llegaría hoy. No llegó.",
            "Op 5 juni 2024 heeft u mij het volgende geschreven:\nhet pakket is onderweg. Het is er niet.",
            "My order numbers:\n--\n4711\n4712",
            "Ich brauche:\n- eine Tasse\n--\nund einen Löffel bitte, den hatte ich vergessen zu bestellen.",
            "My log:\n\n2024-06-05 14:03 GMT+02:00 connection lost\n2024-06-05 14:04 GMT+02:00 Retry\n\nWhat can I do?",
            "The receipt:\n__________\nCoffee 3.20\nTea 2.10\n__________\nTotal 5.30\nIs this right?",
            "Three things.\n\n---\n\nFirst: the lid is broken.\n\n---\n\nSecond: call me at 020 7946 0018.",
            "",
        ],
    )
    def test_what_a_person_wrote_is_never_taken_for_a_quote(self, text: str) -> None:
        assert newly_written(text) is None

    def test_answers_between_quotes_keep_the_quotes(self) -> None:
        text = "On 1 May 2022, Bob wrote:\n> Red?\n\nYes.\n\n> Blue?\n\nNo.\n\n> Regards\n> Bob"

        assert newly_written(text) == "Yes.\n\n> Blue?\n\nNo."

    def test_an_answer_below_a_marked_quote_is_left(self) -> None:
        text = "> Le 5 juin 2024 à 14:03, Bob\n> <b@x.fr> a écrit :\n> \n> Quelle couleur ?\n\nRouge.\n"

        assert newly_written(text) == "Rouge."

    def test_words_signed_with_pgp_come_without_its_armour(self) -> None:
        text = (
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nYes, please.\n\nAnn\n"
            "-----BEGIN PGP SIGNATURE-----\n\niQEcBAEBAgAG\n-----END PGP SIGNATURE-----\n"
        )

        assert newly_written(text) == "Yes, please.\n\nAnn"

    @settings(max_examples=100, deadline=None)
    @given(text=st.text(alphabet=st.sampled_from("ab>:-_\n @.1"), max_size=400))
    def test_leaves_a_part_of_the_text_or_nothing(self, text: str) -> None:
        fresh = newly_written(text)

        assert fresh is None or (fresh.strip() and all(line.rstrip() in text for line in fresh.split("\n")))

    @pytest.mark.timeout(40)  # looking back from every line takes minutes
    def test_long_mails_are_done_in_time_that_grows_with_them(self) -> None:
        lines = ["On 1.1.2020 at 10:00 a@b.c", "From: x", "Sent from" + " a" * 60, "-" * 390, "> " * 190]
        newly_written("\n".join(lines * 3_500))
