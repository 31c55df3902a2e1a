"""What a column may be declared to be, and how it may be read, in words."""

from __future__ import annotations

from promontory.program.responses.rules.mapping import PARTIAL

ASKED = "asked"
"""A column that is an answer on the scale which the question about it declares."""
SCORES = {
    "nps": "Recommendation, 0–10 (the score)",
    "csat": "Satisfaction, 1–5, 5 is best (CSAT)",
    "ces": "Effort, 1–7, 7 is easiest (CES)",
    "yes_no": "Yes or no, 1 or 0",
}
RAW_SCALES = ("1-10", "0-10", "1-5", "0-5", "1-7", "1-6", "1-4", "1-3", "0-100")
ABOUT = {
    "at": "When it was answered",
    "id": "The answer's own id",
    "comment": "Comment",
    "language": "Language",
    "channel": "Channel",
    "unit": "Unit of the organisation",
    "account": "Customer organisation (account)",
    "weight": "Weight",
}
WHO = {
    "customer": "Customer number",
    "email": "E-mail address",
    "phone": "Telephone number",
    "name": "Name",
}
SLICES = {
    "attribute": "Attribute, for readers of answers",
    "declared": "Attribute, for everybody",
}
ORDERS = {
    "dmy": "Day first: 31/03/2026",
    "mdy": "Month first: 03/31/2026",
    "ymd": "Year first: 2026/03/31",
}
NUMBERS = {
    "excel": "Excel's days since 1900",
    "epoch-s": "Seconds since 1970",
    "epoch-ms": "Milliseconds since 1970",
}
FOLDS = {
    "ask": "Set the row apart and say so",
    "earlier": "Take the earlier of the two",
    "later": "Take the later of the two",
}
PARTIAL_WORDS = {key: words[0].upper() + words[1:] for key, words in PARTIAL.items()}
