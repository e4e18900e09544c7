"""Metrics are asked on every engine: the fixtures of tests/worlds.py."""

from tests.worlds import ask_world, engine, load, load_on, place, place_duckdb, place_sqlite, shelf, templates

__all__ = ["ask_world", "engine", "load", "load_on", "place", "place_duckdb", "place_sqlite", "shelf", "templates"]
