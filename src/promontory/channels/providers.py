"""Every provider there is: one line each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from promontory.channels.configuration import settings_from
from promontory.channels.contract import Means, Provider
from promontory.channels.email.outbox import Outbox
from promontory.channels.email.services import SERVICES
from promontory.channels.email.smtp import Smtp
from promontory.channels.in_app import InApp
from promontory.channels.ivr.simulator import VoiceSimulator
from promontory.channels.ivr.twilio import TwilioVoice
from promontory.channels.sms.simulator import Simulator
from promontory.channels.sms.telnyx import Telnyx
from promontory.channels.sms.twilio import Twilio
from promontory.channels.web import WebLink
from promontory.registry import Registry

providers: Registry[type[Provider]] = Registry("provider")

providers.add("outbox", Outbox)
providers.add("smtp", Smtp)
for key, service in SERVICES.items():
    providers.add(key, service)
providers.add("sms_simulator", Simulator)
providers.add("twilio", Twilio)
providers.add("telnyx", Telnyx)
providers.add("voice_simulator", VoiceSimulator)
providers.add("twilio_voice", TwilioVoice)
providers.add("web", WebLink)
providers.add("in_app", InApp)


def build(key: str, values: Mapping[str, Any], means: Means | None = None) -> Provider:
    """Return the provider of that key with these typed-in settings."""
    kind = providers.get(key)
    return kind(settings_from(kind.settings_class, values), means)
