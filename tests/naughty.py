"""Texts that break careless programs: every one is an honest message that somebody could send."""

from __future__ import annotations

PLAIN = (
    "undefined", "null", "NULL", "None", "nil", "true", "FALSE", "0", "-1", "1e309", "NaN", "Infinity", "-0", "00",
    "1/0", "0x7fffffff", "999999999999999999999999999999", "1,000.00", "1.000,00", "$1.00", "#", "-", ".", "..", "%",
    "&", "<", ">", "?", "\\", "/", "//", "*", "'", '"', "`", "''", '""', "' '", "\\'", "{}", "[]", "()", "{{}}", "${}",
    "CON", "PRN", "AUX", "LPT1", "desktop.ini", "index.html", "__proto__", "constructor", "toString", "hasOwnProperty",
)  # fmt: skip
SPACES = (
    " x", "x ", "\tx", "x\n", "\r\nx\r\n", "a\u00a0b", "a\u2003b", "a\u200bb", "a\u2028b", "a\u2029b", "\u3000x",
    "\ufeffx", "a\u00adb", "x\u0085y", "\x0b\x0cx", "\x01\x02\x03\x04", "\x07bell", "\x1b[31mred", "\x7fdelete", "\x08\x08x",
)  # fmt: skip
SCRIPTS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>', "javascript:alert(1)",
    "<a href='javascript:void(0)'>x</a>", "<b>bold</b>", "&lt;script&gt;", "&#x3C;", "<![CDATA[x]]>", "<!-- -->",
    "<iframe srcdoc='x'>", "<style>*{display:none}</style>", "<plaintext>", "</textarea>", "</script><script>",
    "{{7*7}}", "{% raw %}", "${7*7}", "#{7*7}", "<%= 7 %>", "{0}", "%s%s%s%n", "%d %x", "%00", "%0d%0aSet-Cookie: x=1",
)  # fmt: skip
COMMANDS = (
    "'; DROP TABLE messages; --", "' OR 1=1 --", "1; SELECT pg_sleep(10)", "admin'--", "\" OR \"\"=\"", "') OR ('a'='a",
    "$(touch x)", "`touch x`", "; ls", "| cat x", "&& true", "../../../etc/passwd", "..\\..\\x", "file:///etc/passwd",
    "=cmd|' /C calc'!A0", "@SUM(1+1)", "+1+1", "() { :; }; echo", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///x'>]><a>&b;</a>",
    "jndi:ldap://x.example/a", "${jndi:ldap://x.example/a}", "x' UNION SELECT 1,2,3--", "LIKE '%%'", "MATCH x*", "NEAR(a b)",
)  # fmt: skip
WORLD = (
    "ﾟ･✿ヾ╲(｡◕‿◕｡)╱✿･ﾟ", "田中さんにあげて下さい", "사회과학원 어학연구소", "찦차를 타고 온 펲시맨", "Ω≈ç√∫˜µ≤≥÷", "åß∂ƒ©˙∆˚¬…æ",
    "œ∑´®†¥¨ˆøπ“‘", "¡™£¢∞§¶•ªº–≠", "⁰⁴⁵₀₁₂", "ด้้้้้็็็็็้้้้้็็็็็", "Z̮̞̠͙͔ͅḀ̗̞͈̻̗Ḷ͙͎̯̹̞͓G̻O̭̗̮", "الكل في المجمو عة", "בְּרֵאשִׁית בָּרָא", "הָיְתָהtest",
    "\u202etest\u202c", "\u2066test\u2069", "مُنَاقَشَةُ سُبُلِ", "᚛ᚄᚓᚐᚋᚒᚄ᚜", "Ⱥ", "ß", "ﬁ", "İstanbul", "ıi", "ǅ", "Å vs Å",
    "👩🏽", "👨‍👩‍👧‍👦", "🇩🇪🇪🇸", "0️⃣", "🏳️‍🌈", "👍🏿👍", "𝕋𝕙𝕖", "ʇxǝʇ", "\U0010ffff", "\U000e0001\U000e0041", "\ufffe",
    "\uffff", "\ue000",
    "e\u0301" * 5, "a" + "\u0300" * 200, "١٢٣", "１２３", "½", "Ⅷ", "℡", "㍿", "ⓗⓔⓛⓛⓞ", "˙ɐnbᴉlɐ", "Roses are \x1b[0;31mred",
)  # fmt: skip
LONG = ("x" * 5000, "word " * 2000, "(" * 3000, "a@" * 1500, "http://" * 800, "1" * 4000,
    "\n" * 3000 + "x", "<b>" * 1500, "é" * 3000)  # fmt: skip
NAMES = (
    "Scunthorpe",
    "Robert'); --",
    "O'Neill",
    "Null",
    "van der Berg",
    "X Æ A-12",
    "María José",
    "Test User",
    "D'Arcy",
    "李",
)
NAUGHTY = (*PLAIN, *SPACES, *SCRIPTS, *COMMANDS, *WORLD, *LONG, *NAMES)
UNSTORABLE = {"a\x00b": "a\ufffdb", "\x00": "\ufffd", "lone \ud800 half": "lone \ufffd half", "\udfff": "\ufffd"}
"""What no store can hold, and what stands in its place."""
