"""Does the product find what is planted in how the demo company asks?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import Count

from promontory.demo import truths
from promontory.errors import NotFound
from promontory.measurement.sampling import ResponseRate
from promontory.program.organization.access import SYSTEM
from promontory.program.outreach.codes import Disposition
from promontory.program.outreach.models import Invitation, Stratum, Wave
from promontory.program.outreach.queries import suppression, waves
from promontory.program.outreach.queries.rates import counted
from promontory.program.surveys.codes import CHANNELS

if TYPE_CHECKING:
    from promontory.demo.selfcheck import Demo


def _over_suppressed(demo: Demo) -> tuple[bool, str]:
    wave = _wave(truths.LAST_WAVE)
    shares: dict[str, list[int]] = {}
    for stratum in waves.strata(wave):
        kept = shares.setdefault(stratum.label.split(" · ")[0], [0, 0])
        kept[0] += stratum.size - stratum.eligible
        kept[1] += stratum.size
    held = {name: out / size for name, (out, size) in shares.items()}
    others = max(share for name, share in held.items() if name != "Cranes")
    assert wave.drawn_at is not None, "the last wave is drawn"
    found = suppression(wave.survey, wave.drawn_at, demo.at)
    said = ", ".join(f"{name} {share:.0%}" for name, share in sorted(held.items()))
    said = f"not asked: {said}; held back after bad moments: {found.share or 0:.1%} of the eligible"
    bound = waves.standing(wave).suppressed()
    return held["Cranes"] > 2 * others and bool(bound), f"{said}. {bound}"


def _sms_answers(demo: Demo) -> tuple[bool, str]:
    wave = _wave(truths.SUPPORT_WAVE)
    text, mail = (_rate(wave, channel) for channel in ("sms", "email"))
    said = f"SMS {_words(text)}, e-mail {_words(mail)}"
    return text.low is not None and mail.high is not None and text.low > mail.high, said


def _opted_out(demo: Demo) -> tuple[bool, str]:
    strata = waves.strata(_wave(truths.EARLIER_WAVE))
    away = {each.label: 1 - each.eligible / each.size for each in strata if each.size}
    worst = max(away, key=lambda label: away[label])
    others = max(share for label, share in away.items() if label != worst)
    said = f"{worst}: {away[worst]:.0%} may not be asked; nowhere else more than {others:.0%}"
    return worst == "Enterprise · Islands" and away[worst] > 5 * others, said


def _silent(demo: Demo) -> tuple[bool, str]:
    wave = _wave(truths.LAST_WAVE)
    mine = Invitation.objects.filter(wave=wave, disposition=Disposition.ANSWERED).order_by()
    answered = dict(mine.values_list("stratum").annotate(n=Count("pk")))
    silent = [each for each in waves.strata(wave) if each.drawn and not answered.get(each.number)]
    said = ", ".join(f"{each.label}: none of {each.drawn}" for each in silent)
    return bool(silent) and all(_is_reseller(each) for each in silent), said or "there is none"


def _is_reseller(stratum: Stratum) -> bool:
    return stratum.label.endswith("Reseller")


def _no_mode(demo: Demo) -> tuple[bool, str]:
    mail = demo.code("relationship", "channel", "Email")
    app = demo.code("relationship", "channel", "In-app")
    seen = demo.ask("relationship", a=f"channel:{mail}", b=f"channel:{app}")
    found = seen.compared.difference if seen.compared else None
    return found is not None and not found.significant, found.sentence() if found else "nothing"


def _nobody_lost(demo: Demo) -> tuple[bool, str]:
    every = [waves.standing(wave).reconciled for wave in waves.waves(viewer=SYSTEM)]
    lost = sum(abs(each.difference) for each in every)
    people = sum(each.frame for each in every)
    return not lost and people > 0, f"{lost} of {people:,} people in {len(every)} waves are missing"


def _wave(name: str) -> Wave:
    found = Wave.objects.select_related("survey").filter(name=name).first()
    if found is None:
        raise NotFound(f"The demo company has no wave “{name}”.")
    return found


def _rate(wave: Wave, channel: str) -> ResponseRate:
    mine = Invitation.objects.filter(wave=wave, channel=CHANNELS[channel]).order_by()
    return counted(dict(mine.values_list("disposition").annotate(n=Count("pk"))))


def _words(rate: ResponseRate) -> str:
    if rate.value is None:
        return "nobody was asked"
    return f"{rate.value:.1%} ({rate.low:.1%} to {rate.high:.1%}) of {rate.asked:,}"


CHECKS: dict[str, Callable[[Demo], tuple[bool, str]]] = {
    truths.OVER_SUPPRESSED.key: _over_suppressed,
    truths.SMS_ANSWERS.key: _sms_answers,
    truths.OPTED_OUT.key: _opted_out,
    truths.SILENT.key: _silent,
    truths.NO_MODE.key: _no_mode,
    truths.NOBODY_LOST.key: _nobody_lost,
}
