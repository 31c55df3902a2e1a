"""Phone numbers in one form (E.164), with the reason where one cannot be written or texted to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType


class Line(StrEnum):
    """What kind of line a number is, as far as its digits tell."""

    MOBILE = "mobile"
    FIXED = "fixed"
    EITHER = "either"
    """In some countries (United States, Canada) the digits do not tell."""
    OTHER = "other"
    """Pager, premium rate, shared cost, voicemail …: never written to."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that exists on paper; whether anybody answers is another question."""

    number: str
    """E.164: "+447700900123"."""
    region: str
    line: Line

    @property
    def takes_texts(self) -> bool:
        return self.line in {Line.MOBILE, Line.EITHER}

    @property
    def takes_calls(self) -> bool:
        return self.line is not Line.OTHER

    @property
    def shown(self) -> str:
        parsed = phonenumbers.parse(self.number)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@dataclass(frozen=True, slots=True)
class NoPhone:
    """Not a phone number, and why, in a sentence for whoever typed it."""

    reason: str


_LINES = {
    PhoneNumberType.MOBILE: Line.MOBILE,
    PhoneNumberType.FIXED_LINE: Line.FIXED,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Line.EITHER,
    PhoneNumberType.PERSONAL_NUMBER: Line.EITHER,
    PhoneNumberType.VOIP: Line.FIXED,
    PhoneNumberType.TOLL_FREE: Line.FIXED,
    PhoneNumberType.UAN: Line.FIXED,
}
_REASONS = {
    NumberParseException.INVALID_COUNTRY_CODE: "it begins with no country's code",
    NumberParseException.NOT_A_NUMBER: "it is not a number",
    NumberParseException.TOO_SHORT_AFTER_IDD: "nothing follows the country's code",
    NumberParseException.TOO_SHORT_NSN: "it is too short",
    NumberParseException.TOO_LONG: "it is too long",
}
_LENGTHS = {
    phonenumbers.ValidationResult.TOO_SHORT: "it is too short",
    phonenumbers.ValidationResult.TOO_LONG: "it is too long",
    phonenumbers.ValidationResult.INVALID_LENGTH: "it has a wrong number of digits",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the area code is missing",
}


def read_phone(text: str, *, region: str = "") -> Phone | NoPhone:
    """Read a phone number; without a "+" it is taken to be of `region` ("DE")."""
    try:
        parsed = phonenumbers.parse(text, region.upper() or None)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE and "+" not in text:
            return NoPhone(
                f"“{text}” has no country's code and the installation has no default country."
            )
        return NoPhone(f"“{text}” is no phone number: {_REASONS[error.error_type]}.")
    length = phonenumbers.is_possible_number_with_reason(parsed)
    if length in _LENGTHS:
        return NoPhone(f"“{text}” is no phone number: {_LENGTHS[length]}.")
    if not phonenumbers.is_valid_number(parsed):
        return NoPhone(f"“{text}” is no phone number: nobody was ever given one like it.")
    return Phone(
        phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        phonenumbers.region_code_for_number(parsed) or "",
        _LINES.get(phonenumbers.number_type(parsed), Line.OTHER),
    )
