"""yudao CRM: every rule of its mapping on invented rows."""

from __future__ import annotations

import pytest

from tests.mappings.native import reading

USUAL = "create_time moment, update_time moment, deleted flag, tenant_id whole"
SCHEMA = f"""
crm_customer: id whole, name text, owner_user_id whole, deal_status flag, mobile text, telephone text, email text, area_id whole, industry_id whole, level whole, source whole, {USUAL}
crm_contact: id whole, name text, customer_id whole, mobile text, telephone text, email text, post text, master flag, {USUAL}
crm_clue: id whole, name text, follow_up_status flag, transform_status flag, customer_id whole, owner_user_id whole, email text, source whole, {USUAL}
crm_business: id whole, name text, customer_id whole, owner_user_id whole, status_type_id whole, status_id whole, end_status whole, end_remark text, deal_time moment, total_price decimal, {USUAL}
crm_business_status_type: id whole, name text, {USUAL}
crm_business_status: id whole, type_id whole, name text, percent whole, sort whole, {USUAL}
crm_business_product: id whole, business_id whole, product_id whole, count decimal, total_price decimal, {USUAL}
crm_contract: id whole, no text, customer_id whole, business_id whole, owner_user_id whole, audit_status whole, order_date moment, total_product_price decimal, total_price decimal, sign_contact_id whole, {USUAL}
crm_contract_product: id whole, contract_id whole, product_id whole, contract_price decimal, count decimal, total_price decimal, {USUAL}
crm_product: id whole, name text, no text, price decimal, status whole, category_id whole, {USUAL}
crm_product_category: id whole, name text, {USUAL}
crm_follow_up_record: id whole, biz_type whole, biz_id whole, content text, creator text, {USUAL}
system_users: id whole, username text, nickname text, email text, status whole, dept_id whole, {USUAL}
system_dept: id whole, name text, parent_id whole, {USUAL}
"""
native = reading("yudao", SCHEMA, "sqlite", "mariadb")
STAGES = {
    "crm_business_status_type": [{"name": "默认"}],
    "crm_business_status": [
        {"type_id": 1, "name": "初步接触", "percent": 10, "sort": 1},
        {"type_id": 1, "name": "报价", "percent": 50, "sort": 2},
    ],
}


@pytest.fixture
def crm(native):
    """`crm(table=rows)`: rows are of tenant 1, not deleted, made on 5 January and changed on 10 March 2026, noon in Shanghai."""

    def make(own="", **rows):
        usual = {"create_time": "2026-01-05 12:00", "update_time": "2026-03-10 12:00", "deleted": False, "tenant_id": 1}
        return native(own=own, **{table: [usual | row for row in given] for table, given in (STAGES | rows).items()})

    return make


def test_how_a_deal_ended_is_told_by_its_end_and_not_by_its_stage(crm):
    deals = [
        {"name": f"D{n}", "status_type_id": 1, "status_id": 2, "end_status": n, "total_price": 10 * n}
        for n in (1, 2, 3)
    ]
    deals.insert(
        0,
        {
            "name": "D0",
            "status_type_id": 1,
            "status_id": 2,
            "end_status": None,
            "total_price": 5,
            "deal_time": "2026-12-31",
        },
    )
    company = crm(crm_business=[*deals, {"name": "gone", "status_type_id": 1, "status_id": 1, "deleted": True}])
    assert company.by_key("opportunities", "outcome", "stage_id") == {
        "1": ("open", "2"), "2": ("won", "1-won"), "3": ("lost", "1-lost"), "4": ("void", "1-void"),
    }  # fmt: skip
    closed = company.by_key("opportunities", "closed_at", "expected_close_date")
    assert closed["1"][0] is None
    assert str(closed["1"][1]) == "2026-12-31"
    assert f"{closed['2'][0]:%m-%d %H:%M}" == "03-10 04:00"
    assert company.by_key("stage_history", "stage_id", "outcome", "is_reconstructed") == {
        ("1", 1): ("2", "open", True),
        ("2", 1): (None, "open", True), ("2", 2): ("1-won", "won", True),
        ("3", 1): (None, "open", True), ("3", 2): ("1-lost", "lost", True),
        ("4", 1): (None, "open", True), ("4", 2): ("1-void", "void", True),
    }  # fmt: skip
    assert company.ask("win_rate", "2026-03").result.value == 0.5
    assert company.problems() == []


def test_approved_contracts_are_the_orders_at_the_hour_of_the_company(crm):
    company = crm(
        crm_customer=[{"name": "客户"}],
        crm_product=[{"name": "箱", "no": "B-1", "status": 1}],
        crm_contract=[
            {
                "no": "C-1",
                "customer_id": 1,
                "audit_status": 20,
                "order_date": "2026-04-01 00:00",
                "total_product_price": 100,
                "total_price": 90,
            },
            {
                "no": "C-2",
                "customer_id": 1,
                "audit_status": 10,
                "order_date": "2026-04-01",
                "total_product_price": 50,
                "total_price": 50,
            },
            {
                "no": "C-3",
                "customer_id": 1,
                "audit_status": 30,
                "order_date": "2026-04-01",
                "total_product_price": 50,
                "total_price": 50,
            },
        ],
        crm_contract_product=[
            {"contract_id": 1, "product_id": 1, "contract_price": 30, "count": 2, "total_price": 60},
            {"contract_id": 1, "product_id": 1, "contract_price": 40, "count": 1, "total_price": 40},
        ],
    )
    assert company.by_key("orders", "status", "net", "discount", "currency") == {
        "1": ("confirmed", 90, 10, "CNY"), "2": ("draft", 50, 0, "CNY"), "3": ("cancelled", 50, 0, "CNY"),
    }  # fmt: skip
    assert company.by_key("order_items", "net") == {"1": 54, "2": 36}
    assert company.ask("revenue", "2026-04").result.value == 90
    assert company.problems() == []


def test_only_the_company_s_own_tenant_is_read(crm):
    own = '[value_maps.tenant]\n"*" = ""\n"1" = "yes"\n'
    company = crm(own=own, crm_customer=[{"name": "ours"}, {"name": "theirs", "tenant_id": 2}])
    assert company.by_key("customers", "name") == {"1": "ours"}


def test_clues_people_and_follow_ups(crm):
    company = crm(
        system_users=[
            {"username": "ann", "nickname": "安", "status": 0, "dept_id": 1},
            {"username": "fox", "status": 1, "deleted": True},
        ],
        system_dept=[{"name": "销售"}],
        crm_customer=[{"name": "客户", "source": 10, "owner_user_id": 2}],
        crm_contact=[{"name": "李", "customer_id": 1, "master": True}],
        crm_clue=[
            {"name": "a", "transform_status": True, "customer_id": 1},
            {"name": "b", "transform_status": False, "follow_up_status": True},
            {"name": "c", "transform_status": False, "follow_up_status": False},
        ],
        crm_follow_up_record=[{"biz_type": 3, "biz_id": 1, "content": "电话", "creator": "1"}],
    )
    assert company.by_key("leads", "status", "customer_id") == {
        "1": ("converted", "1"),
        "2": ("working", None),
        "3": ("new", None),
    }
    assert company.by_key("users", "name", "is_active", "team_id") == {
        "1": ("安", True, "1"),
        "2": ("fox", False, None),
    }
    assert company.by_key("interactions", "customer_id", "contact_id", "owner_id") == {"1": ("1", "1", "1")}
    assert company.by_key("customers", "acquired_channel", "owner_id") == {"1": ("event", "2")}
    assert company.problems() == []
