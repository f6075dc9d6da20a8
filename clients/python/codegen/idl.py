"""Reads an IDL, and refuses what the generator does not know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SPEC = "0.1.0"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#: The length of an address in bytes.
ADDRESS_BYTES = 32

Item = dict[str, Any]


class Refused(Exception):
    """The IDL has something that the generator cannot express."""


@dataclass(frozen=True)
class Program:
    """An IDL, with its types sorted by their use."""

    #: The name of the file, which is the name of the module.
    module: str
    address: str
    description: str
    instructions: list[Item]
    accounts: list[Item]
    events: list[Item]
    #: Types that are neither accounts nor events; a type comes after those that it contains.
    types: list[Item]
    errors: list[Item]

    def account_named(self, name: str) -> Item | None:
        """Returns the account type of this name."""
        return next((account for account in self.accounts if account["name"] == name), None)

    def is_enum(self, name: str) -> bool:
        """Whether the type of this name is an enumeration."""
        found = next(item for item in self.types if item["name"] == name)
        return bool(found["type"]["kind"] == "enum")


def read_program(path: Path) -> Program:
    """Reads an IDL file."""
    idl = json.loads(path.read_text(encoding="utf-8"))
    spec = idl["metadata"]["spec"]
    if spec != SPEC:
        raise Refused(f"{path} has the format {spec}; this generator reads {SPEC}")

    definitions = {item["name"]: item for item in idl["types"]}
    accounts = [tagged(item, definitions) for item in idl["accounts"]]
    events = [tagged(item, definitions) for item in idl["events"]]
    used = {item["name"] for item in accounts + events}
    plain = [item for name, item in definitions.items() if name not in used]

    for item in idl["types"]:
        check_type(item)
    return Program(
        module=path.stem,
        address=idl["address"],
        description=idl["metadata"]["description"],
        instructions=idl["instructions"],
        accounts=accounts,
        events=events,
        types=sort_types(plain),
        errors=idl["errors"],
    )


def tagged(item: Item, definitions: dict[str, Item]) -> Item:
    """Returns an account's or event's type with its discriminator."""
    return definitions[item["name"]] | {"discriminator": item["discriminator"]}


def check_type(item: Item) -> None:
    """Refuses generic types, tuples, and enumerations with fields."""
    kind = item["type"]["kind"]
    if item.get("generics") or kind not in ("struct", "enum"):
        raise Refused(f"`{item['name']}` is generic, or neither a struct nor an enum")
    if kind == "enum" and any("fields" in variant for variant in item["type"]["variants"]):
        raise Refused(f"`{item['name']}` has variants with fields")
    if kind == "struct" and any("name" not in field for field in item["type"]["fields"]):
        raise Refused(f"`{item['name']}` has fields without names")


def sort_types(items: list[Item]) -> list[Item]:
    """Sorts types so that each comes after those that it contains."""
    waiting = {item["name"]: item for item in items}
    done: list[Item] = []
    while waiting:
        text = {name: json.dumps(item["type"]) for name, item in waiting.items()}
        ready = [
            name
            for name in waiting
            if not any(f'"name": "{other}"' in text[name] for other in waiting if other != name)
        ]
        if not ready:
            raise Refused(f"types contain each other: {', '.join(waiting)}")
        done += [waiting.pop(name) for name in ready]
    return done


def to_base58(data: bytes) -> str:
    """Returns the text form of an address."""
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = BASE58[digit] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + digits
