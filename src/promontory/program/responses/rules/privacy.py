"""Personal data in what customers write is covered."""

from __future__ import annotations

import re

_MAIL = re.compile(r"[\w.+\-]+\s?@\s?[\w\-]+(?:\.[\w\-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}\b", re.I)
_DIGITS = re.compile(r"(?<![\w.])\+?\(?\d(?:[ ().\-/]{0,2}\d){6,18}(?!\w)")
_DATE = re.compile(r"^\d{1,4}[./\-]\d{1,2}[./\-]\d{1,4}$")


def masked(text: str) -> str:
    """Return the text with mail addresses, card and account numbers and telephones covered."""
    text = _MAIL.sub("[mail]", text)
    text = _IBAN.sub(lambda found: "[account]" if is_iban(found[0]) else found[0], text)
    return _DIGITS.sub(_number, text)


def is_card(digits: str) -> bool:
    """Say whether these digits are a card number: 13 to 19 of them, and Luhn's sum is right."""
    if not 13 <= len(digits) <= 19:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Say whether this is an international account number: its remainder by 97 is 1."""
    plain = re.sub(r"[ \-]", "", text).upper()
    if not 15 <= len(plain) <= 34 or not plain.isalnum():
        return False
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(ch, 36)) for ch in turned)) % 97 == 1


def _number(found: re.Match[str]) -> str:
    text = found[0]
    digits = re.sub(r"\D", "", text)
    if is_card(digits):
        return "[card]"
    if _DATE.match(text) or not 7 <= len(digits) <= 15:
        return text
    # A telephone is written with a prefix, a leading 0 or separators; bare digits are an order
    # number more often, and are left to be read.
    is_phone = text.startswith(("+", "0", "(")) or len(re.findall(r"\d+", text)) >= 3
    return "[phone]" if is_phone else text
