"""Shopify as Fivetran lands it, both families: invented rows, and the published test schema where it is there."""

import hashlib

import pytest

from tests.mappings.native import reading
from tests.mappings.seeds import company_of

SCHEMA = """
shop: id whole, currency text, iana_timezone text
customer: id whole, first_name text, last_name text, email text, created_at moment, accepts_marketing flag, _fivetran_deleted flag
customer_address: id whole, customer_id whole, is_default flag, country_code text, city text
order: id whole, customer_id whole, email text, name text, currency text, financial_status text, source_name text, created_at moment, processed_at moment, cancelled_at moment, taxes_included flag, test flag, subtotal_price decimal, total_tax decimal, total_discounts decimal, total_price decimal, total_line_items_price decimal
order_line: id whole, order_id whole, product_id whole, title text, quantity whole, price decimal, total_discount decimal, gift_card flag
discount_allocation: order_line_id whole, amount decimal
tax_line: order_line_id whole, price decimal
order_shipping_line: id whole, order_id whole, price decimal, discounted_price decimal
refund: id whole, order_id whole, created_at moment
order_line_refund: id whole, refund_id whole, order_line_id whole, quantity whole, subtotal decimal, total_tax decimal
order_adjustment: id whole, order_id whole, refund_id whole, kind text, amount decimal
product: id whole, title text, product_type text, _fivetran_deleted flag
product_variant: id whole, product_id whole, sku text, price decimal, inventory_item_id whole
inventory_item: id whole, cost decimal
"""
GRAPHQL = """
gql_shop: id whole, currency_code text, iana_timezone text
gql_customer: id whole, first_name text, email text, created_at moment, email_marketing_consent_state text
gql_order: id whole, customer_id whole, email text, currency_code text, display_financial_status text, created_at moment, cancelled_at text, taxes_included flag, test flag, subtotal_price_set_shop_amount decimal, subtotal_price_set_pres_amount decimal, total_tax_set_shop_amount decimal, total_price_set_shop_amount decimal, total_shipping_price_set_shop_amount decimal, total_discounts_set_shop_amount decimal
gql_order_line: id whole, order_id whole, product_id whole, title text, quantity whole, original_total_set_shop_amount decimal, total_discount_set_shop_amount decimal, is_gift_card flag
gql_refund: id whole, order_id whole
gql_order_line_refund: id whole, refund_id whole, order_line_id whole, quantity whole, subtotal_set_shop_amount decimal, total_tax_set_shop_amount decimal
gql_refund_line_item: id whole, refund_id whole, order_line_id whole, quantity whole, subtotal_set_shop_amount decimal, total_tax_set_shop_amount decimal
gql_order_line_tax_line: order_line_id whole, price_set_shop_amount decimal
gql_order_adjustment: id whole, refund_id whole, reason text, amount_set_shop_amount decimal
gql_product: id whole, title text, status text
gql_product_variant: id whole, product_id whole, price decimal, inventory_item_id whole
gql_inventory_item: id whole, unit_cost_amount decimal
gql_customer_visit: id whole, order_id whole, occurred_at moment, source text, utm_parameters_medium text
"""
crm = reading("shopify", SCHEMA, "sqlite", "postgresql")
graphql = reading("shopify_gql", GRAPHQL, "sqlite", "postgresql")

SHOP = [{"id": 1, "currency": "EUR", "iana_timezone": "Europe/Berlin"}]
ANN = {"id": 1, "first_name": "Ann", "email": "ann@web.de", "created_at": "2025-01-01"}


def order(id, subtotal, **more):
    """A paid order of Ann's in February."""
    row = {"id": id, "customer_id": 1, "financial_status": "paid", "created_at": "2026-02-10 10:00", "currency": "EUR"}
    return row | {"taxes_included": False, "test": False, "subtotal_price": subtotal, "source_name": "web"} | more


def test_tax_shipping_tests_and_gift_cards_are_no_revenue(crm):
    company = crm(
        shop=SHOP,
        customer=[ANN],
        order=[
            order(1, 119, taxes_included=True, total_tax=20),  # tax on shipping is in `total_tax`
            order(2, 100, test=True),
            order(3, 150, total_tax=20),
            order(4, 70, financial_status="voided"),
            order(5, 80, cancelled_at="2026-02-12 10:00"),
            order(6, 40, financial_status="pending"),
        ],
        order_line=[
            {"id": 1, "order_id": 1, "quantity": 1, "price": 119, "total_discount": 0},
            {"id": 3, "order_id": 3, "quantity": 2, "price": 50, "total_discount": 0},
            {"id": 4, "order_id": 3, "quantity": 1, "price": 50, "gift_card": True, "total_discount": 0},
            {"id": 6, "order_id": 6, "quantity": 1, "price": 40, "total_discount": 0},
        ],
        tax_line=[{"order_line_id": 1, "price": 19}, {"order_line_id": 3, "price": 20}],
        order_shipping_line=[{"id": 1, "order_id": 1, "price": 6, "discounted_price": 5}],
    )
    assert company.by_key("orders", "status", "net", "shipping", "is_test") == {
        "1": ("confirmed", 100, 5, False),
        "2": ("confirmed", 100, 0, True),
        "3": ("confirmed", 100, 0, False),
        "4": ("cancelled", 70, 0, False),
        "5": ("cancelled", 80, 0, False),
        "6": ("confirmed", 40, 0, False),
    }
    assert company.ask("revenue", "2026-02", as_of="2026-12-31").result.value == 240
    assert company.by_key("order_items", "net") == {"1": 100, "3": 100, "6": 40}
    assert company.problems() == []


def test_discounts_on_the_whole_order_are_shared_by_its_lines(crm):
    company = crm(
        shop=SHOP,
        customer=[ANN],
        product=[
            {"id": 1, "title": "Thing", "product_type": "Toys"},
            {"id": 2, "title": "Old", "_fivetran_deleted": True},
        ],
        product_variant=[
            {"id": 1, "product_id": 1, "sku": "T-1", "price": 30, "inventory_item_id": 1},
            {"id": 2, "product_id": 1, "sku": "T-2", "price": 50, "inventory_item_id": 2},
        ],
        inventory_item=[{"id": 1, "cost": 10}, {"id": 2, "cost": 20}],
        order=[order(1, 90, total_discounts=10)],
        order_line=[
            {"id": 1, "order_id": 1, "product_id": 1, "quantity": 2, "price": 30, "total_discount": 0},
            {"id": 2, "order_id": 1, "product_id": 3, "quantity": 1, "price": 40, "total_discount": 0},
        ],
        discount_allocation=[{"order_line_id": 1, "amount": 6}, {"order_line_id": 2, "amount": 4}],
    )
    assert company.by_key("order_items", "net", "product_id", "unit_price") == {"1": (54, "1", 30), "2": (36, None, 40)}
    assert company.by_key("orders", "gross", "discount", "net") == {"1": (100, 10, 90)}
    assert company.by_key("products", "is_active", "list_price", "unit_cost") == {
        "1": (True, 40, 15),
        "2": (False, None, None),
    }
    assert company.problems() == []


def test_a_refund_of_goods_lowers_revenue_and_one_of_shipping_does_not(crm):
    company = crm(
        shop=SHOP,
        customer=[ANN],
        order=[order(1, 119, taxes_included=True, total_tax=19, financial_status="partially_refunded")],
        order_line=[{"id": 1, "order_id": 1, "quantity": 2, "price": 59.5, "total_discount": 0}],
        tax_line=[{"order_line_id": 1, "price": 19}],
        refund=[{"id": 1, "order_id": 1}, {"id": 2, "order_id": 1}],
        order_line_refund=[
            {"id": 1, "refund_id": 1, "order_line_id": 1, "quantity": 1, "subtotal": 59.5, "total_tax": 9.5}
        ],
        order_adjustment=[
            {"id": 1, "refund_id": 1, "kind": "shipping_refund", "amount": -5},
            {"id": 2, "refund_id": 2, "kind": "refund_discrepancy", "amount": -7},
        ],
    )
    assert company.by_key("orders", "status", "net", "refunded") == {"1": ("partly_refunded", 100, 57)}
    assert company.ask("revenue", "2026-02", as_of="2026-12-31").result.value == 43
    assert company.by_key("order_items", "refunded_quantity") == {"1": 1}
    assert company.problems() == []


def test_guests_are_customers_by_their_mail(crm):
    guest = {"customer_id": None}
    key = hashlib.sha256(b"bob@web.de").hexdigest()
    company = crm(
        shop=SHOP,
        customer=[ANN, {"id": 2, "email": "x@web.de", "created_at": "2025-01-01", "_fivetran_deleted": True}],
        customer_address=[
            {"id": 1, "customer_id": 1, "is_default": True, "country_code": "DE"},
            {"id": 2, "customer_id": 1, "is_default": False, "country_code": "AT"},
        ],
        order=[
            order(1, 10, **guest, email="Ann@web.de"),
            order(2, 20, **guest, email="Bob@web.de"),
            order(3, 20, **guest, email=" bob@web.de"),
        ],
    )
    assert company.by_key("customers", "email_key", "country") == {
        "1": (hashlib.sha256(b"ann@web.de").hexdigest(), "DE"),
        f"guest:{key}": (key, None),
    }
    assert company.by_key("orders", "customer_id") == {"1": "1", "2": f"guest:{key}", "3": f"guest:{key}"}
    assert company.problems() == []


def test_the_graphql_family_gives_the_same(graphql):
    company = graphql(
        gql_shop=[{"id": 1, "currency_code": "EUR", "iana_timezone": "Europe/Berlin"}],
        gql_customer=[{**ANN, "email_marketing_consent_state": "SUBSCRIBED"}],
        gql_order=[
            {"id": 1, "customer_id": 1, "display_financial_status": "PARTIALLY_REFUNDED", "currency_code": "EUR",
             "created_at": "2026-02-10 10:00", "cancelled_at": " ", "taxes_included": True, "subtotal_price_set_shop_amount": 119,
             "subtotal_price_set_pres_amount": 130, "total_tax_set_shop_amount": 19, "total_shipping_price_set_shop_amount": 5},
        ],
        gql_order_line=[{"id": 1, "order_id": 1, "product_id": 1, "quantity": 2, "original_total_set_shop_amount": 119}],
        gql_refund=[{"id": 1, "order_id": 1}],
        gql_order_line_refund=[{"id": 1, "refund_id": 1, "order_line_id": 1, "quantity": 1, "subtotal_set_shop_amount": 59.5,
                                "total_tax_set_shop_amount": 9.5}],
        gql_product=[{"id": 1, "title": "Thing", "status": "ARCHIVED"}],
        gql_customer_visit=[{"id": 1, "order_id": 1, "occurred_at": "2026-02-09 10:00", "utm_parameters_medium": "CPC"}],
    )  # fmt: skip
    assert company.by_key("orders", "status", "net", "refunded", "shipping") == {"1": ("partly_refunded", 100, 50, 5)}
    assert company.by_key("customers", "consent_marketing") == {"1": True}
    assert company.by_key("products", "is_active") == {"1": False}
    assert company.by_key("touchpoints", "customer_id", "channel") == {"1": ("1", "ads")}
    assert company.problems("items_differ") == []  # the tax of lines is not among these rows


def test_the_newer_names_of_refunded_lines_and_of_their_tax_are_read_and_every_discrepancy_counts(graphql):
    order = {"customer_id": 1, "display_financial_status": "PARTIALLY_REFUNDED", "currency_code": "EUR", "taxes_included": True,
             "created_at": "2026-02-10 10:00", "subtotal_price_set_shop_amount": 119, "total_tax_set_shop_amount": 20}  # fmt: skip
    company = graphql(
        gql_shop=[{"id": 1, "currency_code": "EUR", "iana_timezone": "Europe/Berlin"}],
        gql_customer=[ANN],
        gql_order=[{**order, "id": 1}, {**order, "id": 2}],
        gql_order_line=[
            {"id": 1, "order_id": 1, "quantity": 2, "original_total_set_shop_amount": 119},
            {"id": 2, "order_id": 2, "quantity": 2, "original_total_set_shop_amount": 119},
        ],
        gql_order_line_tax_line=[{"order_line_id": n, "price_set_shop_amount": 19} for n in (1, 2)],
        gql_refund=[{"id": 1, "order_id": 1}, {"id": 2, "order_id": 2}],
        gql_refund_line_item=[
            {"id": 1, "refund_id": 1, "order_line_id": 1, "quantity": 1, "subtotal_set_shop_amount": 59.5,
             "total_tax_set_shop_amount": 9.5},
        ],
        gql_order_adjustment=[
            {"id": 1, "refund_id": 1, "reason": "RESTOCK", "amount_set_shop_amount": 5},
            {"id": 2, "refund_id": 2, "reason": None, "amount_set_shop_amount": -7},
            {"id": 3, "refund_id": 2, "reason": "CUSTOMER", "amount_set_shop_amount": -1},
        ],
    )  # fmt: skip
    assert company.by_key("orders", "net", "refunded") == {"1": (100, 45), "2": (100, 8)}
    assert company.by_key("order_items", "net", "refunded_quantity") == {"1": (100, 1), "2": (100, 0)}
    assert company.problems() == []


def test_the_tax_on_shipping_is_not_taken_from_goods_without_tax(crm):
    company = crm(
        shop=SHOP,
        customer=[ANN],
        order=[
            order(1, 119, taxes_included=True, total_tax=20),
            order(2, 50, taxes_included=True, total_tax=1),
        ],
        order_line=[
            {"id": 1, "order_id": 1, "quantity": 1, "price": 119},
            {"id": 2, "order_id": 2, "quantity": 1, "price": 50},  # a book that bears no tax, sent for a taxed fee
        ],
        tax_line=[{"order_line_id": 1, "price": 19}],
    )
    assert company.by_key("orders", "net") == {"1": 100, "2": 50}
    assert company.problems() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("mapping", ["shopify", "shopify_gql"])
def test_the_published_schema_is_read_and_every_row_is_there(mapping, kind, tmp_path):
    company = company_of("shopify", kind, tmp_path, own="", mapping=mapping)
    native = {"shopify": 8, "shopify_gql": 5}[mapping]  # of the nine orders of the GraphQL family four are deleted
    assert len(company.rows("orders", "order_id")) == native
    assert company.problems("items_differ", "rate_missing", "date_order") == []
