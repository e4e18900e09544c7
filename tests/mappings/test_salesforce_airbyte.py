"""Salesforce as Airbyte lands it: the tables and columns bear Salesforce's own names, capitals and all."""

from tests.mappings.native import reading

SCHEMA = """
Account: Id text, Name text, IsDeleted flag, CreatedDate moment, OwnerId text, BillingCountry text
Contact: Id text, Name text, Email text, AccountId text, IsDeleted flag, CreatedDate moment
User: Id text, Name text, IsActive flag, UserRoleId text
UserRole: Id text, Name text
Lead: Id text, Name text, Status text, IsConverted flag, IsDeleted flag, CreatedDate moment
Opportunity: Id text, Name text, AccountId text, OwnerId text, StageName text, Amount decimal, IsWon flag, IsClosed flag, IsDeleted flag, CloseDate day, CreatedDate moment, Loss_Reason__c text
OpportunityFieldHistory: Id text, OpportunityId text, Field text, OldValue text, NewValue text, CreatedDate moment
Order: Id text, AccountId text, StatusCode text, EffectiveDate day, TotalAmount decimal, IsDeleted flag
Product2: Id text, Name text, IsActive flag
"""
OWN = """
[settings]
base_currency = "USD"
"""
crm = reading("salesforce_airbyte", SCHEMA, "sqlite", "postgresql")


def test_the_same_tables_are_read_under_salesforces_own_names(crm):
    company = crm(
        own=OWN,
        Account=[{"Id": "A1", "Name": "Acme", "CreatedDate": "2025-01-01", "BillingCountry": "France"}],
        User=[{"Id": "U1", "Name": "Una", "IsActive": True, "UserRoleId": "R1"}],
        UserRole=[{"Id": "R1", "Name": "North"}],
        Opportunity=[
            {"Id": "a", "Name": "A", "AccountId": "A1", "OwnerId": "U1", "StageName": "Lost", "Amount": 10, "IsWon": False,
             "IsClosed": True, "CloseDate": "2026-09-01", "CreatedDate": "2026-01-05 10:00", "Loss_Reason__c": "price"},
            {"Id": "b", "Name": "B", "StageName": "New", "IsDeleted": True, "CreatedDate": "2026-01-05 10:00"},
        ],
        OpportunityFieldHistory=[{"Id": "1", "OpportunityId": "a", "Field": "StageName", "OldValue": "New", "NewValue": "Lost",
                                  "CreatedDate": "2026-02-05 10:00"}],
        Order=[{"Id": "1", "AccountId": "A1", "StatusCode": "Activated", "EffectiveDate": "2026-02-01", "TotalAmount": 50}],
        Product2=[{"Id": "P", "Name": "Thing", "IsActive": True}],
    )  # fmt: skip
    assert company.by_key("opportunities", "outcome", "team_id", "lost_reason", "is_deleted_in_source") == {
        "a": ("lost", "R1", "price", False),
        "b": ("open", None, None, True),
    }
    assert [row["stage_id"] for row in company.rows("stage_history", "opportunity_id", "seq", "stage_id")] == [
        "New",
        "Lost",
        "New",
    ]
    assert str(company.by_key("opportunities", "closed_at")["a"])[:16] == "2026-02-05 10:00"
    assert company.ask("revenue", "2026-02", as_of="2026-12-31").result.value == 50
    assert company.by_key("customers", "country") == {"A1": "FR"}
    assert company.problems("not_mapped") == []
    assert "campaigns" in company.mapped.lacking
