"""The definition as a whole, and the checks that its operations share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from nosana.errors import InvalidArgument

Operation = dict[str, Any]
Definition = dict[str, Any]

VERSION = "nosana/1"
#: The most operations of one job.
MAX_OPERATIONS = 16
#: The form of the name of an operation.
ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.:-]{0,63}")
MAX_PATH_BYTES = 1024


def define(*operations: Operation) -> Definition:
    """Returns a definition of operations that run one after the other."""
    check_count("operations", operations, 1, MAX_OPERATIONS)
    names = [operation["id"] for operation in operations]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise InvalidArgument(f"two operations have the name `{twice.pop()}`; rename one")
    return {"version": VERSION, "ops": list(operations)}


def operation(name: str, kind: str, args: dict[str, Any]) -> Operation:
    """Returns an operation; arguments that are `None` are left out."""
    if not ID.fullmatch(name):
        raise InvalidArgument(
            f"`{name}` is not a name for an operation; use 1 to 64 ASCII letters, digits, `-`, "
            "`_`, `.` or `:`, and do not begin with `.` or `:`"
        )
    return {"id": name, "type": kind, "args": without_defaults(args)}


def without_defaults(fields: dict[str, Any]) -> dict[str, Any]:
    """Leaves out fields that are `None`, false or empty."""
    return {name: value for name, value in fields.items() if value not in (None, False, [], {})}


def check_count(what: str, values: Sequence[Any], least: int, most: int) -> None:
    """Fails if there are too few or too many values."""
    if isinstance(values, (str, bytes)):
        raise InvalidArgument(f"{what} is one text; give a list of texts")
    if not least <= len(values) <= most:
        raise InvalidArgument(f"there are {len(values)} {what}; {least} to {most} are allowed")


def check_range(what: str, value: float | None, least: float, most: float) -> None:
    """Fails if a number is out of its bounds."""
    if value is not None and not least <= value <= most:
        raise InvalidArgument(f"{what} is {value}; {least} to {most} are allowed")


def check_text(what: str, text: str, max_bytes: int) -> None:
    """Fails if a text is blank or too long."""
    if not text.strip():
        raise InvalidArgument(f"{what} is blank; give a text")
    size = len(text.encode())
    if size > max_bytes:
        raise InvalidArgument(f"{what} has {size} bytes; at most {max_bytes} are allowed")


def check_path(what: str, path: str, *, may_be_root: bool = False) -> None:
    """Fails if a path does not stay inside the work folder."""
    if may_be_root and path == ".":
        return
    has_control = any(ord(character) < 32 or ord(character) == 127 for character in path)
    is_plain = all(part not in ("", ".", "..") for part in path.split("/"))
    if has_control or not is_plain or len(path.encode()) > MAX_PATH_BYTES:
        raise InvalidArgument(
            f"{what} must be a path like `a/b`, relative to the work folder, without `/` at "
            f"either end, `.`, `..` and control characters; not `{path[:100]}`"
        )
