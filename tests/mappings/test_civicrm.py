"""CiviCRM: invented rows in its published schema."""

from tests.mappings.native import reading

SCHEMA = """
civicrm_setting: id whole, name text, value text
civicrm_domain: id whole, contact_id whole
civicrm_option_group: id whole, name text
civicrm_option_value: id whole, option_group_id whole, value text, name text
civicrm_contact: id whole, contact_type text, display_name text, is_deleted flag, is_opt_out flag, is_deceased flag, job_title text, employer_id whole, created_date moment, modified_date moment
civicrm_email: id whole, contact_id whole, email text, is_primary flag
civicrm_address: id whole, contact_id whole, country_id whole, city text, is_primary flag
civicrm_country: id whole, iso_code text
civicrm_contribution: id whole, contact_id whole, receive_date moment, cancel_date moment, total_amount decimal, tax_amount decimal, currency text, contribution_status_id whole, is_test flag, is_template flag
civicrm_line_item: id whole, contribution_id whole, label text, qty decimal, unit_price decimal, line_total decimal
civicrm_membership: id whole, contact_id whole, membership_type_id whole, status_id whole, join_date day, end_date day, is_test flag
civicrm_membership_type: id whole, name text
civicrm_membership_status: id whole, is_current_member flag
civicrm_mailing: id whole, name text, subject text, scheduled_date moment
civicrm_mailing_job: id whole, mailing_id whole, is_test flag
civicrm_mailing_event_queue: id whole, job_id whole, contact_id whole
civicrm_mailing_event_delivered: id whole, event_queue_id whole, time_stamp moment
civicrm_mailing_event_opened: id whole, event_queue_id whole, time_stamp moment
civicrm_mailing_event_trackable_url_open: id whole, event_queue_id whole, time_stamp moment
civicrm_mailing_event_bounce: id whole, event_queue_id whole, time_stamp moment
civicrm_case: id whole, case_type_id whole, subject text, status_id whole, start_date day, end_date day, is_deleted flag
civicrm_case_contact: id whole, case_id whole, contact_id whole
civicrm_case_type: id whole, title text
civicrm_activity: id whole, activity_type_id whole, subject text, activity_date_time moment, duration whole, status_id whole, is_deleted flag, is_test flag, is_current_revision flag
civicrm_activity_contact: id whole, activity_id whole, contact_id whole, record_type_id whole
"""
OWN = """
[settings]
timezone = "Europe/London"
"""
crm = reading("civicrm", SCHEMA, "sqlite", "mariadb")

NAMES = {
    "contribution_status": ("Completed", "Pending", "Cancelled", "Refunded"),
    "case_status": ("Open", "Closed"),
    "activity_type": ("Phone Call", "Contribution"),
    "activity_status": ("Scheduled", "Completed"),
}
GROUPS = [{"id": n, "name": name} for n, name in enumerate(NAMES, start=1)]
VALUES = [
    {"id": 10 * n + k, "option_group_id": n, "value": str(k), "name": name}
    for n, names in enumerate(NAMES.values(), start=1)
    for k, name in enumerate(names, start=1)
]
BASE = {
    "civicrm_setting": [{"id": 1, "name": "defaultCurrency", "value": 's:3:"GBP";'}],
    "civicrm_option_group": GROUPS,
    "civicrm_option_value": VALUES,
}
ANN = {"id": 1, "contact_type": "Individual", "display_name": "Ann", "is_opt_out": True, "created_date": "2025-01-01"}


def test_contributions_that_came_in_are_revenue_and_trials_are_not(crm):
    gift = {"contact_id": 1, "currency": "GBP", "contribution_status_id": 1, "receive_date": "2026-07-01 00:30"}
    company = crm(
        own=OWN,
        **BASE,
        civicrm_contact=[ANN, {**ANN, "id": 2, "is_deleted": True}],
        civicrm_contribution=[
            {**gift, "id": 1, "total_amount": 120, "tax_amount": 20},
            {**gift, "id": 2, "total_amount": 50, "is_test": True},
            {**gift, "id": 3, "total_amount": 60, "contribution_status_id": 2},
            {**gift, "id": 4, "total_amount": 70, "contribution_status_id": 3, "cancel_date": "2026-07-02 10:00"},
            {**gift, "id": 5, "total_amount": 80, "contribution_status_id": 4},
            {**gift, "id": 6, "total_amount": 90, "is_template": True},
        ],
        civicrm_line_item=[
            {"id": 1, "contribution_id": 1, "label": "Gift", "qty": 1, "unit_price": 100, "line_total": 100}
        ],
    )
    assert company.by_key("orders", "status", "is_test", "document") == {
        "1": ("confirmed", False, "contribution"),
        "2": ("confirmed", True, "contribution"),
        "3": ("draft", False, "contribution"),
        "4": ("cancelled", False, "contribution"),
        "5": ("refunded", False, "contribution"),
    }
    assert str(company.by_key("orders", "ordered_at")["1"])[:16] == "2026-06-30 23:30"  # London's summer time
    assert company.ask("revenue", "2026-07", as_of="2026-12-31").result.value == 100
    assert company.by_key("order_items", "net") == {"1": 100}
    assert company.mapped.manifest.settings["base_currency"] == "GBP"
    assert company.problems() == []


def test_who_is_in_the_trash_is_nobody_and_the_own_organisation_is_marked(crm):
    company = crm(
        own=OWN,
        **BASE,
        civicrm_domain=[{"id": 1, "contact_id": 3}],
        civicrm_contact=[
            ANN | {"employer_id": 4, "job_title": "Head"},
            {**ANN, "id": 2, "is_deleted": True},
            {**ANN, "id": 3, "contact_type": "Organization", "display_name": "We"},
            {**ANN, "id": 4, "contact_type": "Organization", "display_name": "Acme", "is_opt_out": False},
        ],
        civicrm_email=[{"id": 1, "contact_id": 1, "email": "ann@x.org", "is_primary": True},
                       {"id": 2, "contact_id": 1, "email": "a@y.org", "is_primary": False}],
        civicrm_address=[{"id": 1, "contact_id": 1, "country_id": 1, "city": "Leeds", "is_primary": True}],
        civicrm_country=[{"id": 1, "iso_code": "GB"}],
        civicrm_membership=[
            {"id": 1, "contact_id": 1, "membership_type_id": 1, "status_id": 1, "join_date": "2025-05-01", "end_date": "2027-05-01"},
            {"id": 2, "contact_id": 1, "membership_type_id": 1, "status_id": 2, "join_date": "2024-05-01", "end_date": "2025-04-30"},
        ],
        civicrm_membership_type=[{"id": 1, "name": "Friend"}],
        civicrm_membership_status=[{"id": 1, "is_current_member": True}, {"id": 2, "is_current_member": False}],
    )  # fmt: skip
    assert company.by_key("customers", "kind", "email", "country", "is_own_company", "consent_marketing") == {
        "1": ("person", "ann@x.org", "GB", False, False),
        "3": ("company", None, None, True, False),
        "4": ("company", None, None, False, True),
    }
    assert company.by_key("contacts", "customer_id", "job_title") == {"1": ("4", "Head")}
    left = {key: at is not None for key, at in company.by_key("loyalty_accounts", "left_at").items()}
    assert left == {"1": False, "2": True}
    assert company.problems() == []


def test_a_mailing_is_pivoted_from_its_logs_without_trials(crm):
    company = crm(
        own=OWN,
        **BASE,
        civicrm_contact=[ANN, {**ANN, "id": 2, "display_name": "Bob"}],
        civicrm_mailing=[{"id": 1, "name": "News", "scheduled_date": "2026-02-01 09:00"}],
        civicrm_mailing_job=[{"id": 1, "mailing_id": 1, "is_test": False}, {"id": 2, "mailing_id": 1, "is_test": True}],
        civicrm_mailing_event_queue=[
            {"id": 1, "job_id": 1, "contact_id": 1},
            {"id": 2, "job_id": 1, "contact_id": 2},
            {"id": 3, "job_id": 2, "contact_id": 1},
        ],
        civicrm_mailing_event_delivered=[
            {"id": 1, "event_queue_id": 1, "time_stamp": "2026-02-01 10:00"},
            {"id": 3, "event_queue_id": 3, "time_stamp": "2026-02-01 08:00"},
        ],
        civicrm_mailing_event_opened=[
            {"id": 1, "event_queue_id": 1, "time_stamp": "2026-02-01 11:00"},
            {"id": 2, "event_queue_id": 1, "time_stamp": "2026-02-01 12:00"},
        ],
        civicrm_mailing_event_trackable_url_open=[
            {"id": 1, "event_queue_id": 1, "time_stamp": "2026-02-01 12:01"},
            {"id": 2, "event_queue_id": 1, "time_stamp": "2026-02-01 12:02"},
            {"id": 3, "event_queue_id": 3, "time_stamp": "2026-02-01 08:02"},
        ],
        civicrm_mailing_event_bounce=[{"id": 1, "event_queue_id": 2, "time_stamp": "2026-02-01 10:05"}],
    )
    members = company.rows("campaign_members", "member_key", "opens", "clicks", "bounced_at")
    assert [(row["member_key"], row["opens"], row["clicks"], row["bounced_at"] is not None) for row in members] == [
        ("1", 2, 2, False),
        ("2", 0, 0, True),
    ]
    assert list(company.by_key("touchpoints", "kind")) == ["click:1", "click:2"]
    assert company.problems() == []


def test_cases_and_activities_are_told_by_the_names_of_their_codes(crm):
    company = crm(
        own=OWN,
        **BASE,
        civicrm_contact=[ANN],
        civicrm_case_type=[{"id": 1, "title": "Complaint"}],
        civicrm_case=[
            {"id": 1, "case_type_id": 1, "status_id": 2, "start_date": "2026-02-01", "end_date": "2026-02-05"},
            {"id": 2, "case_type_id": 1, "status_id": 1, "start_date": "2026-02-01"},
            {"id": 3, "case_type_id": 1, "status_id": 1, "start_date": "2026-02-01", "is_deleted": True},
        ],
        civicrm_case_contact=[{"id": 1, "case_id": 1, "contact_id": 1}],
        civicrm_activity=[
            {"id": 1, "activity_type_id": 1, "activity_date_time": "2026-02-01 10:00", "duration": 5, "status_id": 2},
            {"id": 2, "activity_type_id": 2, "activity_date_time": "2026-02-01 10:00", "status_id": 2},
            {"id": 3, "activity_type_id": 1, "activity_date_time": "2026-02-03 10:00", "status_id": 1},
            {"id": 4, "activity_type_id": 1, "activity_date_time": "2026-02-03 10:00", "status_id": 2, "is_current_revision": False},
        ],
        civicrm_activity_contact=[{"id": 1, "activity_id": 1, "contact_id": 1, "record_type_id": 3},
                                  {"id": 2, "activity_id": 3, "contact_id": 1, "record_type_id": 2}],
    )  # fmt: skip
    assert company.by_key("tickets", "status", "customer_id", "is_complaint") == {
        "1": ("closed", "1", True),
        "2": ("open", None, True),
    }
    assert company.by_key("interactions", "kind", "customer_id", "duration_s") == {
        "1": ("call", "1", 300),
        "3": ("call", None, None),
    }
    done = {key: at is not None for key, at in company.by_key("interactions", "done_at").items()}
    assert done == {"1": True, "3": False}
    assert company.problems() == []
