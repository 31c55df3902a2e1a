"""What drawing a wave costs: contacts made by SQL in a PostgreSQL of its own, then drawn for real.

    python benchmarks/drawing.py 1000000 10000000

For each number of contacts a tenth is drawn, stratified by two attributes, under rests, caps per
person, account and household, holds and opt-outs. Printed are the CPU seconds of this process and
of the database's processes, the memory this process has needed at most, and for the invitations
the seconds they took; twice the contacts should cost twice as much.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "src"), str(Path(__file__).parents[1])]

from tests import postgres  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


def server_seconds(folder: Path) -> float:
    """Return the CPU seconds of all processes of the cluster, ended ones included."""
    main = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        pid, parent = int(stat.parent.name), int(words[1])
        if pid == main:
            total += sum(map(int, words[11:15])) / TICKS
        elif parent == main:
            total += sum(map(int, words[11:13])) / TICKS
    return total


def fabricate(people: int) -> None:
    """Make customers with accounts, households, attributes, clocks, holds and an earlier wave."""
    from django.db import connection

    from promontory.program.customers.actions import NewDimension, ensure_codes, ensure_dimensions
    from promontory.program.organization.access import SYSTEM
    from promontory.program.organization.actions import found_organization
    from promontory.program.surveys.actions import create_survey

    at = moment()
    found_organization(name="Bench", zone="UTC", by=SYSTEM, at=at)
    survey = create_survey(name="Relationship", promise="identified", by=SYSTEM, at=at)
    wanted = {"region": NewDimension("Region", True), "tier": NewDimension("Tier", True)}
    region, tier = (ensure_dimensions(wanted, at=at)[key].pk for key in wanted)
    ensure_codes(region, [f"Region {n}" for n in range(12)])
    ensure_codes(tier, ["basic", "silver", "gold"])
    with connection.cursor() as cursor:
        run = cursor.execute
        run("SET session_replication_role = replica")  # made up, and consistent by construction
        run(
            "INSERT INTO customers_account (id, key, name, cluster, created_at) "
            "SELECT n, 'a' || n, 'Account ' || n, n, %s FROM generate_series(1, %s) n",
            [at, people // 20],
        )
        run(
            "INSERT INTO ledger_person (id, cluster) SELECT n, n + 10000000000 "
            "FROM generate_series(1, %s) n",
            [people],
        )
        run(
            "INSERT INTO customers_contact (id, person_id, account_id, email_index, details, "
            "language, zone, household, attributes, closed, failing, basis, created_at) "
            "SELECT n, n, CASE WHEN n %% 2 = 0 THEN (n / 2) %% %s + 1 END, "
            "int8send(n) || int8send(n), 'x', 'en', 'UTC', CASE WHEN n %% 2 = 1 THEN n / 6 END, "
            f"jsonb_build_object('{region}', n %% 12 + 1, '{tier}', CASE WHEN n %% 10 = 0 THEN 3 "
            "WHEN n %% 3 = 0 THEN 2 ELSE 1 END), CASE WHEN n %% 50 = 0 THEN 1 ELSE 0 END, "
            "CASE WHEN n %% 70 = 0 THEN 1 ELSE 0 END, 'contract', %s FROM generate_series(1, %s) n",
            [people // 20, at, people],
        )
        run(
            "INSERT INTO outreach_wave (id, survey_id, kind, name, state, is_test, seed, "
            "plan_kept, policy_kept, dry_run, frame_size, eligible, drawn, written, seen, job, "
            "problem, created_at, created_by) VALUES (1, %s, 'drawn', 'Before', 'closed', "
            "false, 0, '{}', '{}', '{}', 0, 0, 0, 0, 0, '', '', %s, 'bench')",
            [survey.pk, at],
        )
        run(
            "INSERT INTO outreach_invitation (wave_id, contact_id, channel, stratum, event, "
            "weight, disposition, reminders, due_at, invited_at, changed_at) "
            "SELECT 1, n, 1, 0, 0, 1000000, 80, n %% 2, t, t, t FROM generate_series(1, %s, 5) n, "
            "LATERAL (SELECT %s - make_interval(days => (n %% 300)::int) AS t) x",
            [people, at],
        )
        run(
            "INSERT INTO outreach_clock (contact_id, invited_at, answered_at) SELECT contact_id, "
            "invited_at, CASE WHEN contact_id %% %s = 0 THEN invited_at END "
            "FROM outreach_invitation",
            [3],
        )
        run(
            "INSERT INTO customers_hold (contact_id, reason, source, note, starts_at, placed_at, "
            "placed_by, lifted_by) SELECT n, 'open_case', 'case', '', %s, %s, 'bench', '' "
            "FROM generate_series(1, %s, 100) n",
            [at, at, people],
        )
        run("SET session_replication_role = DEFAULT")
        run("SELECT setval('outreach_wave_id_seq', 1)")
        run("ANALYZE")


def moment():
    from datetime import UTC, datetime

    return datetime(2026, 5, 4, 12, tzinfo=UTC)


def draw(people: int) -> None:
    """Draw a tenth in this fresh process, and print what it took."""
    import django

    django.setup()
    from promontory.program.organization.access import SYSTEM
    from promontory.program.outreach import actions
    from promontory.program.outreach.actions import drawing
    from promontory.program.outreach.models import Invitation
    from promontory.program.outreach.queries.reconciling import reconcile
    from promontory.program.surveys.models import Survey

    at, folder = moment(), Path(os.environ["BENCH_CLUSTER"])
    rules = {"cap_account": 5, "cap_account_days": 30, "cap_household": 1}
    actions.set_policy(rules, by=SYSTEM, at=at)
    new = actions.NewPlan(
        "Plan", size=people // 10, strata=["region", "tier"], allocation="proportional",
        minimum_per_stratum=100, expected_rate=0.2,
    )  # fmt: skip
    plan = actions.make_plan(Survey.objects.get(), new, by=SYSTEM, at=at)
    wave = actions.plan_wave(plan, by=SYSTEM, at=at)
    actions.start_draw(wave, by=SYSTEM, at=at)
    ours, theirs = time.process_time(), server_seconds(folder)
    begun = time.monotonic()
    marks: dict[str, float] = {}
    real = drawing._invite

    def invite(*given, **more):
        marks.update(
            drawn_ours=time.process_time() - ours,
            drawn_theirs=server_seconds(folder) - theirs,
            drawn=time.monotonic() - begun,
        )
        real(*given, **more)

    drawing._invite = invite
    drawing.draw_wave(wave.pk, at=at)
    wave.refresh_from_db()
    whole = time.monotonic() - begun
    print(
        json.dumps(
            {
                "contacts": people,
                "eligible": wave.eligible,
                "drawn": wave.drawn,
                "difference": reconcile(wave).difference,
                "drawing_cpu_client": round(marks["drawn_ours"], 1),
                "drawing_cpu_server": round(marks["drawn_theirs"], 1),
                "drawing_seconds": round(marks["drawn"], 1),
                "inviting_cpu_client": round(time.process_time() - ours - marks["drawn_ours"], 1),
                "inviting_cpu_server": round(
                    server_seconds(folder) - theirs - marks["drawn_theirs"], 1
                ),
                "inviting_seconds": round(whole - marks["drawn"], 1),
                "invitations": Invitation.objects.filter(wave=wave).count(),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def main(sizes: list[int]) -> None:
    cluster = postgres.server()
    os.environ["BENCH_CLUSTER"] = str(cluster._folder)
    for people in sizes:
        name = f"bench_{people}"
        environment = os.environ | {
            "PROMONTORY_HOME": str(cluster._folder.parent / f"{cluster._folder.name}-home"),
            "DJANGO_SETTINGS_MODULE": "promontory.server.settings",
            "PROMONTORY_DATABASE": cluster.create_database(name),
            "PROMONTORY_KEYS_DATABASE": cluster.create_database(f"{name}_keys"),
        }
        for part in ("make", "draw"):
            command = [sys.executable, __file__, part, str(people)]
            subprocess.run(command, env=environment, check=True)
        cluster.drop_database(name)


def make(people: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    for alias in ("default", "keys"):
        call_command("migrate", database=alias, verbosity=0)
    fabricate(people)


if __name__ == "__main__":
    if sys.argv[1] in ("make", "draw"):
        {"make": make, "draw": draw}[sys.argv[1]](int(sys.argv[2]))
    else:
        main([int(size) for size in sys.argv[1:]])
