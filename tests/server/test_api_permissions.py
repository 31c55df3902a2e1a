"""Every operation against every role: who may, who may not, and that nobody may without a key."""

from __future__ import annotations

from typing import Any

import pytest

from promontory.program.organization.access import Can
from promontory.server import openapi
from tests.program.scores.company import Company
from tests.server.callers import Caller, caller, person_of, problem, secret_of

ALL = {"administrator", "owner", "analyst", "frontline", "executive", "auditor"}
READERS = {"administrator", "owner", "analyst", "frontline"}
IMPORTERS = {"administrator", "owner", "analyst"}
EXPORTERS = IMPORTERS | {"auditor"}
AUDITORS = {"administrator", "owner", "auditor"}
OWNERS = {"administrator", "owner"}
ADMINISTRATORS = {"administrator"}
SERVERS = OWNERS | {"frontline"}

NEW_PERSON = {"email": "new@example.org", "name": "New", "role": "analyst"}
NEW_RESPONSE = {
    "survey": "none",
    "id": "a",
    "answered_at": "2026-01-01T00:00:00Z",
    "answers": {"nps": 9},
}
NEW_EVENT = {"touchpoint": "none", "key": "1", "customer": "nobody"}
MAPPING = {"survey": "relationship", "columns": [{"name": "score", "role": "answer"}]}
CONTACTS = {"columns": [{"name": "email", "role": "email"}]}

# operation id: (who may, path, body); whoever may gets past the gate, to whatever is there.
OPERATIONS: dict[str, tuple[set[str], str, Any]] = {
    "get_me": (ALL, "/me", None),
    "get_organization": (ALL, "/organization", None),
    "change_organization": (ADMINISTRATORS, "/organization", {"minimum_group": 6}),
    "list_units": (ALL, "/units", None),
    "list_audit": (AUDITORS, "/audit", None),
    "list_people": (ADMINISTRATORS, "/people", None),
    "get_person": (ADMINISTRATORS, "/people/999", None),
    "add_person": (ADMINISTRATORS, "/people", NEW_PERSON),
    "give_role": (ADMINISTRATORS, "/people/999/roles", {"role": "analyst"}),
    "take_role": (ADMINISTRATORS, "/people/999/roles/999", None),
    "list_keys": (ALL, "/keys", None),
    "make_key": (ALL, "/keys", {"name": "k", "scopes": ["see_scores"]}),
    "revoke_key": (ALL, "/keys/999", None),
    "get_ledger": (AUDITORS, "/ledger", None),
    "list_anchors": (AUDITORS, "/ledger/anchors", None),
    "make_anchor": (AUDITORS, "/ledger/anchors", None),
    "start_verification": (AUDITORS, "/ledger/verifications", {}),
    "get_verification": (AUDITORS, "/ledger/verifications/999", None),
    "get_job": (IMPORTERS | AUDITORS, "/jobs/999", None),
    "list_dimensions": (ALL, "/dimensions", None),
    "declare_dimension": (OWNERS, "/dimensions/region/declaration", None),
    "get_contact": (SERVERS, "/contacts/999", None),
    "get_contact_by_customer": (SERVERS, "/contacts/external/none", None),
    "put_contact_by_customer": (SERVERS, "/contacts/external/none", {"email": "no"}),
    "patch_contact": (SERVERS, "/contacts/999", {"name": "Anna"}),
    "search_contacts": (SERVERS, "/contacts/search", {"email": "nobody@example.org"}),
    "upsert_contacts": (SERVERS, "/contacts/bulk", {"contacts": [{"email": "no"}]}),
    "get_contact_attributes": (SERVERS, "/contacts/999/attributes", None),
    "end_stake": (SERVERS, "/contacts/999/stakes/none", None),
    "list_consents": (SERVERS, "/contacts/999/consents", None),
    "add_consent": (SERVERS, "/contacts/999/consents", {"ways": ["email"], "is_given": False}),
    "list_holds": (SERVERS, "/holds", None),
    "get_hold": (SERVERS, "/holds/999", None),
    "place_hold": (SERVERS, "/holds", {"contact": 999, "reason": "legal"}),
    "lift_hold": (SERVERS, "/holds/999/lift", None),
    "list_holds_of_contact": (SERVERS, "/contacts/999/holds", None),
    "list_contact_imports": (OWNERS, "/contact-imports", None),
    "upload_contacts": (OWNERS, "/contact-imports", "a file"),
    "get_contact_import": (OWNERS, "/contact-imports/999", None),
    "put_contact_mapping": (OWNERS, "/contact-imports/999/mapping", CONTACTS),
    "commit_contact_import": (OWNERS, "/contact-imports/999/commit", None),
    "cancel_contact_import": (OWNERS, "/contact-imports/999/cancel", None),
    "get_rejected_contacts": (OWNERS, "/contact-imports/999/rejected.csv", None),
    "list_surveys": (ALL, "/surveys", None),
    "get_survey": (ALL, "/surveys/relationship", None),
    "create_survey": (OWNERS, "/surveys", {"name": "Spring"}),
    "publish_version": (
        OWNERS,
        "/surveys/relationship/versions",
        {"questions": [{"key": "q", "text": "How?"}]},
    ),
    "list_responses": (READERS, "/responses", None),
    "get_response": (READERS, "/responses/999", None),
    "list_looks": (READERS, "/responses/999/looks", None),
    "record_response": (IMPORTERS, "/responses", NEW_RESPONSE),
    "correct_response": (
        IMPORTERS,
        "/responses/999/correction",
        {"answers": {"nps": 8}, "reason": "typed wrong"},
    ),
    "exclude_response": (OWNERS, "/responses/999/exclusion", {}),
    "readmit_response": (OWNERS, "/responses/999/readmission", {}),
    "list_imports": (IMPORTERS, "/imports", None),
    "upload_import": (IMPORTERS, "/imports", "a file"),
    "get_import": (IMPORTERS, "/imports/999", None),
    "put_mapping": (IMPORTERS, "/imports/999/mapping", MAPPING),
    "commit_import": (IMPORTERS, "/imports/999/commit", None),
    "cancel_import": (IMPORTERS, "/imports/999/cancel", None),
    "retry_import": (IMPORTERS, "/imports/999/retry", None),
    "get_rejected_rows": (IMPORTERS, "/imports/999/rejected.csv", None),
    "erase_person": (OWNERS, "/erasures", {"identifier": "nobody@example.org"}),
    "get_score": (ALL, "/scores", None),
    "get_proof": (ALL, "/scores/proof", None),
    "get_exploration": (ALL, "/explore?by=region", None),
    "list_slices": (ALL, "/slices", None),
    "list_values": (ALL, "/slices/region", None),
    "list_metrics": (ALL, "/metrics", None),
    "list_methods": (ALL, "/methods", None),
    "get_method": (ALL, "/methods/999", None),
    "make_method": (OWNERS, "/methods", {"name": "Ours"}),
    "export_cells_json": (EXPORTERS, "/exports/cells.json", None),
    "export_cells_csv": (EXPORTERS, "/exports/cells.csv", None),
    "export_cells_xlsx": (EXPORTERS, "/exports/cells.xlsx", None),
    "list_languages": (ALL, "/wording", None),
    "get_wording": (ALL, "/wording/de", None),
    "review_wording": (OWNERS, "/wording/de/review", {}),
    "get_text": (ALL, "/wording/de/page.send", None),
    "put_text": (OWNERS, "/wording/de/page.send", {"text": "Senden"}),
    "restore_text": (OWNERS, "/wording/de/page.send", None),
    "create_journey": (OWNERS, "/journeys", {"name": "Buying"}),
    "add_touchpoint": (OWNERS, "/journeys/999/touchpoints", {"name": "Support"}),
    "get_journeys": (ALL, "/journey-map", None),
    "get_response_rates": (ALL, "/response-rates", None),
    "list_channel_proposals": (ALL, "/channel-proposals", None),
    "list_channel_decisions": (ALL, "/channel-decisions", None),
    "decide_on_channels": (
        OWNERS,
        "/channel-decisions",
        {"survey": "relationship", "channels": ["sms"], "reason": "Tried."},
    ),
    "get_contact_policy": (ALL, "/contact-policy", None),
    "change_contact_policy": (OWNERS, "/contact-policy", {}),
    "list_policy_exceptions": (ALL, "/policy-exceptions", None),
    "except_survey": (
        OWNERS,
        "/surveys/relationship/policy-exception",
        {"rules": {}, "reason": "why"},
    ),
    "end_policy_exception": (OWNERS, "/policy-exceptions/999/end", None),
    "list_sampling_plans": (ALL, "/sampling-plans", None),
    "make_sampling_plan": (OWNERS, "/sampling-plans", {"survey": "none", "name": "P"}),
    "list_waves": (ALL, "/waves", None),
    "plan_wave": (OWNERS, "/waves", {"plan": 999}),
    "get_wave": (ALL, "/waves/999", None),
    "try_wave": (OWNERS, "/waves/999/dry-run", None),
    "draw_wave": (OWNERS, "/waves/999/draw", None),
    "give_up_wave": (OWNERS, "/waves/999/give-up", None),
    "list_invitations": (SERVERS, "/waves/999/invitations", None),
    "take_touchpoint_event": (OWNERS, "/touchpoint-events", NEW_EVENT),
    "why_asked": (SERVERS, "/contacts/999/asking", None),
    "list_open_links": (ALL, "/open-links", None),
    "make_open_link": (OWNERS, "/open-links", {"survey": "none", "name": "L"}),
    "close_open_link": (OWNERS, "/open-links/999/close", None),
    "list_senders": (OWNERS, "/senders", None),
    "create_sender": (OWNERS, "/senders", {"name": "S", "provider": "outbox"}),
    "list_providers": (OWNERS, "/providers", None),
    "get_sender": (OWNERS, "/senders/none", None),
    "change_sender": (OWNERS, "/senders/none", {}),
    "try_sender": (OWNERS, "/senders/none/test", {"to": "n@example.org"}),
    "get_sending": (ALL, "/waves/999/sending", None),
    "start_wave": (OWNERS, "/waves/999/start", {}),
    "pause_wave": (OWNERS, "/waves/999/pause", None),
    "resume_wave": (OWNERS, "/waves/999/resume", None),
    "cancel_sending": (OWNERS, "/waves/999/cancel-sending", None),
    "send_again": (OWNERS, "/waves/999/send-again", None),
    "list_deliveries": (OWNERS, "/waves/999/deliveries", None),
    "list_outbox": (SERVERS, "/outbox", None),
    "get_message": (SERVERS, "/outbox/999", None),
    "list_cases": (SERVERS, "/cases", None),
    "get_case": (SERVERS, "/cases/999", None),
    "call": (SERVERS, "/cases/999/call", {}),
    "note": (SERVERS, "/cases/999/notes", {"text": "n"}),
    "get_picture": (ALL, "/pictures/overview/trend?kind=csv", None),
}


def methods() -> dict[str, str]:
    from promontory.server.api import api

    document = api.get_openapi_schema(path_prefix="api/v1/")
    return {o["operationId"]: method.upper() for _, method, o in openapi.operations(document)}


def filled(company: Company) -> None:
    from promontory.program.ledger import actions as ledger
    from promontory.program.organization.access import SYSTEM
    from promontory.program.surveys.actions import REASON, RECOMMENDATION, add_version
    from tests.program.scores.company import AT

    add_version(company.survey, questions=(RECOMMENDATION, REASON), by=SYSTEM, at=AT)
    ledger.seal()
    company.answer("2025-08-10", 10, 40, region=1, plan=1)
    company.answer("2025-08-10", 3, 40, region=2, plan=1)
    company.seal("2025-08-31")


def ask(program: Caller, method: str, path: str, body: Any) -> Any:
    if body == "a file":
        return program.upload(b"score\n9\n", path=path)
    return program.send(method, path, body)


def test_the_matrix_has_every_operation_there_is() -> None:
    assert set(OPERATIONS) == set(methods())


@pytest.mark.parametrize("role", sorted(ALL))
def test_a_role_may_do_what_it_is_for_and_nothing_else(identified: Company, role: str) -> None:
    filled(identified)
    program, how = caller(role), methods()

    refused = {
        name
        for name, (_, path, body) in OPERATIONS.items()
        if ask(program, how[name], path, body).status_code == 403
    }

    assert refused == {name for name, (may, *_) in OPERATIONS.items() if role not in may}


def test_nobody_does_anything_without_a_key(identified: Company) -> None:
    filled(identified)
    how = methods()
    for secret in ("", "pm_nothing_much", "not a key at all", "pm_é_ü"):
        for name, (_, path, body) in OPERATIONS.items():
            answer = ask(Caller(secret), how[name], path, body)
            assert problem(answer) == (401, "not-signed-in"), name
            assert answer["WWW-Authenticate"] == "Bearer"


def test_somebody_without_a_role_may_nothing_but_know_who_they_are(company: Company) -> None:
    filled(company)
    person, how = person_of("executive"), methods()
    secret = secret_of("executive")
    person.memberships.all().delete()
    allowed = {
        name
        for name, (_, path, body) in OPERATIONS.items()
        if ask(Caller(secret), how[name], path, body).status_code != 403
    }
    assert allowed == {"get_me", "list_keys", "revoke_key"}


def test_a_key_does_no_more_than_its_scopes(identified: Company) -> None:
    filled(identified)
    program = caller("administrator", scopes=[Can.SEE_SCORES])
    assert program.get("/me").json()["can"] == ["see_scores"]
    assert program.get("/scores").status_code == 200
    assert problem(program.get("/responses")) == (403, "not-allowed")
    more = program.post("/keys", {"name": "more", "scopes": ["import"]})
    assert problem(more) == (403, "not-allowed")


def test_a_revoked_key_is_no_key(company: Company) -> None:
    program = caller("owner")
    me = program.get("/me").json()["key"]
    assert program.send("DELETE", f"/keys/{me}").status_code == 204
    assert problem(program.get("/me")) == (401, "not-signed-in")


def test_one_sees_and_revokes_only_ones_own_keys(company: Company) -> None:
    mine, theirs = caller("analyst"), caller("owner")
    number = theirs.get("/me").json()["key"]
    assert [key["owner"] for key in mine.get("/keys").json()["items"]] == ["analyst"]
    assert problem(mine.send("DELETE", f"/keys/{number}")) == (404, "not-found")


def test_a_session_writes_with_its_csrf_token_only(company: Company) -> None:
    page = Caller(enforce_csrf_checks=True)
    page.client.force_login(person_of("administrator"))
    assert page.get("/me").json()["key"] is None
    change = {"minimum_group": 7}
    assert problem(page.send("PATCH", "/organization", change)) == (403, "csrf")
    page.client.get("/sign-in")
    page.client.get("/settings/")
    token = page.client.cookies["csrftoken"].value
    answer = page.send("PATCH", "/organization", change, **{"X-CSRFToken": token})
    assert answer.json()["minimum_group"] == 7
