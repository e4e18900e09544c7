"""docs/schema.md says what data_access/schema.py says."""

from __future__ import annotations

from data_access.schema import METADATA, TABLES
from data_access.schema_docs import PAGE, schema_page


def test_the_page_agrees_with_the_schema() -> None:
    assert PAGE.read_text(encoding="utf-8") == schema_page(), "run `python -m data_access.schema_docs`"


def test_every_table_and_column_is_explained() -> None:
    page = schema_page()
    for table in METADATA.tables.values():
        assert table.comment
        assert f"### {table.name}\n" in page
        for column in table.columns:
            assert column.comment, f"{table.name}.{column.name}"
            assert f"`{column.name}`" in page


def test_references_lead_to_tables_of_the_schema() -> None:
    for table in TABLES.values():
        for column in table.columns:
            assert all(key.column.table.name in TABLES for key in column.foreign_keys)
