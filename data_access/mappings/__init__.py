"""Mappings: how somebody else's tables become the canonical ones, as data that anybody can read and send.

    find.py        where mappings lie, by name or path
    manifest.py    what `mapping.toml` says
    dialect.py     the one SELECT that is allowed, and everything that is refused
    functions.py   the template functions, written for each engine family
    review.py      what is refused before any file is read
    queries.py     from a manifest to SQL

A mapping is a folder with a `mapping.toml`; docs/mapping.md explains every key. Shipped mappings lie in folders
beside these modules; examples of public data sets lie under `examples/`.
"""

from data_access.mappings.find import known_mappings, open_mapping
from data_access.mappings.manifest import Manifest
from data_access.mappings.queries import Relation, Rendered, render

__all__ = ["Manifest", "Relation", "Rendered", "known_mappings", "open_mapping", "render"]
