"""How metrics and channels are coded in the ledger and the warehouse."""

from __future__ import annotations

METRIC_CODES = {"nps": 1, "csat": 2, "ces": 3, "yes_no": 4}
"""How a metric is coded in the warehouse; codes are never used again for another metric."""

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "yes_no": (0, 1)}
"""The lowest and highest answer of a metric's question."""

CHANNELS = {
    "unknown": 0,
    "email": 1,
    "sms": 2,
    "web": 3,
    "in_app": 4,
    "kiosk": 5,
    "ivr": 6,
    "in_person": 7,
    "letter": 8,
}
"""How a channel is coded in the warehouse."""

CHANNEL_LABELS = {
    "unknown": "Unknown",
    "email": "Email",
    "sms": "SMS",
    "web": "Web link",
    "in_app": "In-app",
    "kiosk": "Kiosk",
    "ivr": "Phone (IVR)",
    "in_person": "In person",
    "letter": "Letter",
}
