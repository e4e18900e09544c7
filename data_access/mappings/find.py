"""Where mappings lie: a path, a folder beside this module, or one under `examples/`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_access.errors import MappingError
from data_access.mappings.manifest import MANIFEST, Manifest, closest, read_manifest, read_own
from data_access.mappings.review import review

SHIPPED = Path(__file__).resolve().parent
EXAMPLES = SHIPPED.parent.parent / "examples"


def mapping_folders() -> Iterator[Path]:
    """Every folder of a mapping that has a name."""
    for place in (SHIPPED, EXAMPLES):
        if place.is_dir():
            yield from sorted(path.parent for path in place.glob(f"*/{MANIFEST}"))


def known_mappings() -> list[Manifest]:
    """The mappings that can be asked for by name."""
    return [_read(folder) for folder in mapping_folders()]


def find_folder(name: str, near: Path | None = None) -> Path:
    """The folder of a mapping by name or path; `near` is the folder that relative paths start from."""
    named = {folder.name: folder for folder in mapping_folders()}
    if name in named:
        return named[name]
    path = (near / name if near else Path(name)).expanduser()
    path = path.parent if path.name == MANIFEST else path
    if (path / MANIFEST).is_file():
        return path.resolve()
    if path.is_dir():
        raise MappingError(f"The folder {path} holds no `{MANIFEST}`; a mapping needs one.")
    raise MappingError(
        f"There is no mapping `{name}`; {closest(name, named)} A path to a folder with `{MANIFEST}` works too."
    )


def open_mapping(name: str) -> Manifest:
    """The mapping of that name or path."""
    return _read(find_folder(name))


def company_mapping(name: str, own: dict[str, Any], folder: Path | None) -> Manifest:
    """The mapping of that name or path, with what a company's own settings file says otherwise."""
    if not own:
        return _read(find_folder(name, folder))
    manifest = read_own({**own, "extends": name}, folder or Path.cwd(), find_folder)
    review(manifest)
    return manifest


def _read(folder: Path) -> Manifest:
    manifest = read_manifest(folder, find_folder)
    review(manifest)
    return manifest
