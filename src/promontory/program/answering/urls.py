"""Where respondents come in, and the pages of those who look after them."""

from __future__ import annotations

from django.urls import path, re_path

from promontory.program.answering.views import (
    assets,
    calls,
    hosted,
    kiosk,
    links,
    preferences,
    preview,
    simulators,
    sites,
    tending,
    widget,
)

app_name = "answering"
urlpatterns = [
    path("r/<str:token>", hosted.invited, name="invited"),
    path("r/<str:token>/thanks", hosted.thanks, name="thanks"),
    path("s/<str:key>", links.opened, name="opened"),
    path("s/<str:key>/thanks", links.thanks, name="opened-thanks"),
    path("k/worker.js", kiosk.worker, name="kiosk-worker"),
    path("k/<str:key>", kiosk.kiosk, name="kiosk"),
    path("k/<str:key>/thanks", kiosk.thanks, name="kiosk-thanks"),
    path("k/<str:key>/answers", kiosk.answers, name="kiosk-answers"),
    path("k/<str:key>/exit", kiosk.leave, name="kiosk-leave"),
    path("p/<str:token>", preferences.preferences, name="preferences"),
    path("u/<str:token>", preferences.unsubscribe, name="unsubscribe"),
    path("outreach/doors", tending.doors, name="doors"),
    path("outreach/doors/decide", tending.decide, name="decide"),
    path("outreach/sites", sites.sites, name="sites"),
    path("outreach/sites/<slug:key>", sites.one, name="site"),
    path("outreach/sites/<slug:key>/secret", sites.secret, name="site-secret"),
    path("simulators/sms", simulators.sms, name="sms"),
    path("simulators/sms/<int:contact>", simulators.sms_one, name="sms-one"),
    path("simulators/phone", simulators.phone, name="phone"),
    path("simulators/phone/<int:message>", simulators.phone_one, name="phone-one"),
    path("preview/<int:version>", preview.preview, name="preview"),
    path("a/<str:name>", assets.asset, name="asset"),
    path("in/ivr/<slug:key>/answer", calls.answer, name="call"),
    path("w/promontory.js", assets.widget, name="widget"),
    re_path(r"^w/v1/(?P<what>ask|shown|answer|dismiss|event)$", widget.called, name="called"),
]
