"""Everything that knows databases: the canonical schema, sources, access rules, import and checks."""
