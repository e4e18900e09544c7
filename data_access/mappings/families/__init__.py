"""How each family of engines writes the functions of a mapping and the canonical types: one module per family.

A module holds `WRITTEN`, a template for each function, and `TYPED`, one for each kind of canonical column. `{0}`,
`{1}`, ... are the arguments, already written; `{all}` is all of them, `{rest}` all but the first. Where a template is
not enough, a function takes the arguments and gives the SQL. The keys are names of sqlglot's dialects.
"""

from data_access.mappings.families import clickhouse, duckdb, mysql, postgres, spark, sqlite
from data_access.mappings.families.template import Family

FAMILIES = {
    "duckdb": Family(duckdb.WRITTEN, duckdb.TYPED),
    "postgres": Family(postgres.WRITTEN, postgres.TYPED),
    "mysql": Family(mysql.WRITTEN, mysql.TYPED),
    "sqlite": Family(sqlite.WRITTEN, sqlite.TYPED),
    "spark": Family(spark.WRITTEN, spark.TYPED),
    "clickhouse": Family(clickhouse.WRITTEN, clickhouse.TYPED),
}
# The family of an engine, by the name of its SQLAlchemy dialect.
FAMILY_OF = {
    "duckdb": "duckdb",
    "sqlite": "sqlite",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "spark": "spark",
    "clickhouse": "clickhouse",
}

__all__ = ["FAMILIES", "FAMILY_OF", "Family"]
