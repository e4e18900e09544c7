"""Qualtrics as Fivetran lands it: invented rows, and the published test schema where it is there."""

import hashlib

import pytest

from tests.mappings.native import reading
from tests.mappings.seeds import company_of, truths

SCHEMA = """
survey: id text, survey_name text, last_activated moment
question: id text, survey_id text, question_type text, selector text, data_export_tag text
question_option: key whole, question_id text, survey_id text, recode_value whole
survey_response: id text, survey_id text, finished whole, status whole, start_date moment, recorded_date moment, recipient_email text, distribution_channel text
question_response: response_id text, question_id text, sub_question_key text, value whole, text text
directory_contact: id text, email text, first_name text, creation_date moment, directory_unsubscribed flag
core_contact: id text, email text, _fivetran_synced moment, unsubscribed flag
distribution: id text, survey_link_survey_id text, parent_distribution_id text, request_type text
distribution_contact: distribution_id text, contact_id text, response_id text, sent_at moment, status text
"""
OWN = """
[settings]
base_currency = "EUR"
timezone = "UTC"
[value_maps.survey_kind]
"Service quality" = "servqual"
[value_maps.servqual_dimension]
"Q1" = "reliability"
"""
crm = reading("qualtrics", SCHEMA, "sqlite", "postgresql")

NPS = [{"id": "Q1", "survey_id": "S", "question_type": "MC", "selector": "NPS"},
       {"id": "Q2", "survey_id": "S", "question_type": "TE", "selector": "SL"},
       {"id": "Q3", "survey_id": "S", "question_type": "MC", "selector": "SAVR"}]  # fmt: skip


def response(id, **more):
    """A finished answer to the survey S."""
    row = {"id": id, "survey_id": "S", "finished": 1, "status": 0, "start_date": "2026-03-01 10:00"}
    return row | {"recorded_date": "2026-03-01 10:05", "distribution_channel": "email"} | more


def key(email):
    return hashlib.sha256(email.encode()).hexdigest()


def test_a_promoter_question_is_on_its_scale_and_its_group_is_no_answer(crm):
    company = crm(
        own=OWN,
        survey=[{"id": "S", "survey_name": "NPS 2026"}],
        question=NPS,
        survey_response=[response("R1", recipient_email="Ann@web.de"), response("R2", finished=0), response("R3", status=1),
                         response("R4", status=8)],
        question_response=[
            {"response_id": "R1", "question_id": "Q1", "value": 9},
            {"response_id": "R1", "question_id": "Q1_NPS_GROUP", "value": 3, "text": "Promoter"},
            {"response_id": "R1", "question_id": "Q2", "text": "fine"},
            {"response_id": "R1", "question_id": "Q3", "value": 2, "text": "rather"},
            {"response_id": "R2", "question_id": "Q1", "value": 4},
            {"response_id": "R3", "question_id": "Q1", "value": 10},
        ],
    )  # fmt: skip
    assert company.by_key("surveys", "kind", "scale_min", "scale_max") == {"S": ("nps", 0, 10)}
    assert company.by_key("survey_responses", "is_complete", "customer_id") == {
        "R1": (True, key("ann@web.de")),
        "R2": (False, None),
    }
    assert company.by_key("survey_answers", "score", "text") == {
        ("R1", "Q1"): (9, None),
        ("R1", "Q2"): (None, "fine"),
        ("R1", "Q3"): (None, "rather"),
        ("R2", "Q1"): (4, None),
    }
    assert company.problems() == []


def test_who_was_asked_and_did_not_answer_is_there(crm):
    company = crm(
        own=OWN,
        survey=[{"id": "S", "survey_name": "NPS"}],
        question=NPS,
        directory_contact=[{"id": "C1", "email": "ann@web.de", "creation_date": "2025-01-01", "directory_unsubscribed": True},
                           {"id": "C2", "email": "bob@web.de", "creation_date": "2025-01-01"}],
        core_contact=[{"id": "M1", "email": "Ann@web.de", "_fivetran_synced": "2025-02-01"}],
        distribution=[{"id": "D", "survey_link_survey_id": "S"}],
        distribution_contact=[
            {"distribution_id": "D", "contact_id": "C1", "response_id": "R1", "sent_at": "2026-03-01 09:00"},
            {"distribution_id": "D", "contact_id": "C2", "sent_at": "2026-03-01 09:00"},
        ],
        survey_response=[response("R1")],
    )  # fmt: skip
    assert company.by_key("survey_responses", "customer_id", "is_complete") == {
        "R1": (key("ann@web.de"), True),
        "sent:D:C2": (key("bob@web.de"), False),
    }
    silent = company.by_key("survey_responses", "responded_at")["sent:D:C2"]
    assert silent is None
    assert len(company.rows("customers", "customer_id")) == 2
    assert company.by_key("customers", "consent_marketing")[key("ann@web.de")] is False
    assert company.problems() == []


def test_a_reminder_asks_nobody_twice_and_thanks_ask_nobody(crm):
    def sent(distribution, contact, day, response=None):
        row = {"distribution_id": distribution, "contact_id": contact, "response_id": response}
        return row | {"sent_at": f"2026-03-{day} 08:00"}

    company = crm(
        own=OWN,
        survey=[{"id": "S", "survey_name": "NPS 2026"}],
        question=NPS,
        directory_contact=[{"id": name, "email": f"{name}@web.de", "creation_date": "2025-01-01"} for name in "abc"],
        distribution=[
            {"id": "D1", "survey_link_survey_id": "S", "request_type": "Invite"},
            {"id": "D2", "survey_link_survey_id": "S", "request_type": "Reminder", "parent_distribution_id": "D1"},
            {"id": "D3", "survey_link_survey_id": "S", "request_type": "ThankYou", "parent_distribution_id": "D1"},
        ],
        distribution_contact=[
            *(sent("D1", name, "01", response) for name, response in (("a", "R1"), ("b", None), ("c", None))),
            *(sent("D2", name, "08", response) for name, response in (("b", "R2"), ("c", None))),
            sent("D3", "a", "10"),
        ],
        survey_response=[
            response("R1"),
            response("R2", start_date="2026-03-08 10:00", recorded_date="2026-03-08 10:05"),
        ],
    )
    found = company.by_key("survey_responses", "is_complete", "customer_id")
    assert found == {
        "R1": (True, key("a@web.de")),
        "R2": (True, key("b@web.de")),
        "sent:D1:c": (False, key("c@web.de")),
    }
    assert {str(at)[:10] for at in company.by_key("survey_responses", "sent_at").values()} == {"2026-03-01"}
    assert company.problems() == []


def test_only_questions_on_the_scale_have_a_score(crm):
    options = (("Q1", 5), ("Q2", 40), ("Q3", 6))
    company = crm(
        own=OWN.replace('"Service quality" = "servqual"', '"Reached" = "csat"'),
        survey=[{"id": "S", "survey_name": "Reached"}, {"id": "P", "survey_name": "Promoters"}],
        question=[
            {"id": "Q1", "survey_id": "P", "question_type": "MC", "selector": "NPS"},
            {"id": "Q2", "survey_id": "P", "question_type": "MC", "selector": "SAVR", "data_export_tag": "CSAT"},
            {"id": "Q1", "survey_id": "S", "question_type": "MC", "selector": "SAVR", "data_export_tag": "CSAT"},
            {"id": "Q2", "survey_id": "S", "question_type": "MC", "selector": "DL", "data_export_tag": "Country"},
            {"id": "Q3", "survey_id": "S", "question_type": "MC", "selector": "MAVR", "data_export_tag": "Reasons"},
        ],
        question_option=[
            {"key": n, "question_id": question, "survey_id": "S", "recode_value": n}
            for question, last in options
            for n in range(1, last + 1)
        ],
        survey_response=[response("R1"), response("R2", survey_id="P")],
        question_response=[
            *({"response_id": "R1", "question_id": question, "value": 4} for question, _ in options),
            {"response_id": "R2", "question_id": "Q1", "value": 9},
            {"response_id": "R2", "question_id": "Q2", "value": 2},
        ],
    )
    assert company.by_key("surveys", "kind", "scale_min", "scale_max") == {"S": ("csat", 1, 5), "P": ("nps", 0, 10)}
    scores = {(row["response_id"], row["item_key"]): row["score"] for row in company.rows("survey_answers")}
    assert scores == {("R1", "Q1"): 4, ("R1", "Q2"): None, ("R1", "Q3"): None, ("R2", "Q1"): 9, ("R2", "Q2"): None}
    assert company.problems() == []


def test_other_surveys_are_what_the_company_says(crm):
    company = crm(
        own=OWN,
        survey=[{"id": "S", "survey_name": "Service quality"}],
        question=[{"id": "Q1", "survey_id": "S", "question_type": "MC", "selector": "SAVR", "data_export_tag": "Q1"}],
        question_option=[{"key": n, "question_id": "Q1", "survey_id": "S", "recode_value": n} for n in range(1, 8)],
        survey_response=[response("R1")],
        question_response=[{"response_id": "R1", "question_id": "Q1", "value": 4}],
    )
    assert company.by_key("surveys", "kind", "scale_min", "scale_max") == {"S": ("servqual", 1, 7)}
    assert company.by_key("survey_answers", "dimension", "score", "score_0_1") == {
        ("R1", "Q1"): ("reliability", 4, 0.5)
    }
    assert company.problems() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_published_schema_is_read_and_every_row_is_there(kind, tmp_path):
    company = company_of("qualtrics", kind, tmp_path, own=OWN)
    assert len(company.rows("survey_responses", "response_id")) == int(truths()["qualtrics_survey_response"]["value"])
    assert company.problems() == []
