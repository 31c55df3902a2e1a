"""The languages there are: codes of ISO 639, and what the usual exports call the frequent ones."""

from __future__ import annotations

_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv
cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr
ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw
ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv
ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr
ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi
yo za zh zu ast ceb ckb fil gsw haw hmn ilo yue
"""
LANGUAGES = frozenset(_CODES.split())

NAMES = {
    name: tag
    for tag, names in {
        "ar": "arabic|العربية",
        "bg": "bulgarian|български",
        "cs": "czech|cestina",
        "da": "danish|dansk",
        "de": "german|deutsch|ger|deu",
        "el": "greek|ελληνικα",
        "en": "english|eng|englisch|anglais|ingles|inglese",
        "es": "spanish|espanol|spanisch|espagnol|spagnolo|spa",
        "et": "estonian|eesti",
        "fa": "persian|farsi|فارسی",
        "fi": "finnish|suomi",
        "fr": "french|francais|franzosisch|francese|frances|fra|fre",
        "he": "hebrew|עברית",
        "hi": "hindi|हिन्दी",
        "hr": "croatian|hrvatski",
        "hu": "hungarian|magyar",
        "id": "indonesian|bahasa indonesia",
        "it": "italian|italiano|italienisch|italien|ita",
        "ja": "japanese|日本語",
        "ko": "korean|한국어",
        "lt": "lithuanian|lietuviu",
        "lv": "latvian|latviesu",
        "nl": "dutch|nederlands|niederlandisch|neerlandais",
        "nb": "norwegian|norsk",
        "pl": "polish|polski|polnisch",
        "pt": "portuguese|portugues|portugiesisch",
        "ro": "romanian|romana",
        "ru": "russian|русскии|russisch",
        "sk": "slovak|slovencina",
        "sl": "slovenian|slovenscina",
        "sr": "serbian|српски",
        "sv": "swedish|svenska",
        "th": "thai|ไทย",
        "tr": "turkish|turkce|turkisch",
        "uk": "ukrainian|украінська",
        "ur": "urdu|اردو",
        "vi": "vietnamese|tieng viet",
        "zh-Hans": "chinese|chinese (simplified)|simplified chinese|简体中文|中文",
        "zh-Hant": "chinese (traditional)|traditional chinese|繁體中文",
    }.items()
    for name in names.split("|")
}
"""Folded names (no case, no accents) and the tag that each stands for."""
