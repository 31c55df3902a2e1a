"""The pages of asking, and the door at which providers call."""

from __future__ import annotations

from django.urls import path

from promontory.program.outreach.views import (
    delivery,
    links,
    outbox,
    policy,
    senders,
    sending,
    waves,
)

app_name = "outreach"
urlpatterns = [
    path("outreach", waves.waves, name="waves"),
    path("outreach/plans/new", waves.new, name="new"),
    path("outreach/waves/<int:pk>", waves.one, name="wave"),
    path("outreach/waves/<int:pk>/decide", waves.decide, name="wave-decide"),
    path("outreach/policy", policy.policy, name="policy"),
    path("outreach/policy/exceptions", policy.except_survey, name="except"),
    path("outreach/policy/exceptions/<int:pk>/end", policy.end_exception, name="end-exception"),
    path("outreach/links", links.links, name="links"),
    path("outreach/links/<int:pk>", links.link, name="link"),
    path("outreach/links/<int:pk>/code.svg", links.code, name="link-code"),
    path("outreach/links/<int:pk>/close", links.close, name="link-close"),
    path("outreach/senders", senders.senders, name="senders"),
    path("outreach/senders/new/<slug:provider>", senders.new, name="sender-new"),
    path("outreach/senders/<slug:key>", senders.one, name="sender"),
    path("outreach/senders/<slug:key>/test", senders.try_it, name="sender-test"),
    path("outreach/senders/<slug:key>/decide", senders.decide, name="sender-decide"),
    path("outreach/channels/<slug:channel>/keep-here", senders.keep_here, name="keep-here"),
    path("outreach/outbox", outbox.outbox, name="outbox"),
    path("outreach/outbox/<int:pk>", outbox.message, name="outbox-message"),
    path("outreach/outbox/<int:pk>/mail", outbox.mail, name="outbox-mail"),
    path("outreach/waves/<int:pk>/sending", sending.sending, name="sending"),
    path("outreach/waves/<int:pk>/sending/start", sending.start, name="sending-start"),
    path("outreach/waves/<int:pk>/sending/decide", sending.decide, name="sending-decide"),
    path("in/<slug:channel>/<slug:key>", delivery.called, name="called"),
    path("in/<slug:channel>/<slug:key>/<path:rest>", delivery.called, name="called-at"),
]
