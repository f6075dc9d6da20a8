"""Dataclasses of accounts, events and other types, and enumerations."""

from __future__ import annotations

from codegen.idl import Item, Program
from codegen.kinds import find_kind, is_padding
from codegen.text import INDENT, comment, constant_name, docstring, filled, plain_docs, safe_name

Imports = set[tuple[str, str]]


def record_lines(program: Program, item: Item, base: str) -> tuple[list[str], Imports]:
    """Returns a dataclass with the fields of a struct."""
    imports: Imports = {
        ("dataclasses", "dataclass"),
        ("typing", "ClassVar"),
        ("nosana.records", base),
        ("nosana.records", "Layout"),
    }
    pairs: list[str] = []
    fields: list[str] = []
    for field in item["type"]["fields"]:
        kind = find_kind(program, field["type"])
        if is_padding(field["name"]):
            imports.add(("nosana.codec", "Padding"))
            pairs.append(f'("", {kind.codec.replace("Bytes", "Padding")})')
            continue
        name = safe_name(field["name"])
        imports |= kind.imports
        pairs.append(f'("{name}", {kind.codec})')
        fields += comment(plain_docs(field.get("docs")), INDENT)
        fields.append(f"{INDENT}{name}: {kind.annotation}")

    lines = ["@dataclass(frozen=True, slots=True)", f"class {item['name']}({base}):"]
    lines += [*docstring([plain_docs(item.get("docs")) or item["name"]], INDENT), ""]
    lines += constant_lines(item, base, imports)
    lines += filled("LAYOUT: ClassVar[Layout] = (", pairs, ")", INDENT)
    return [*lines, "", *fields], imports


def constant_lines(item: Item, base: str, imports: Imports) -> list[str]:
    """Returns the discriminator of an account or event, and the program of an account."""
    if "discriminator" not in item:
        return []

    text = bytes(item["discriminator"]).hex()
    lines = [f'{INDENT}DISCRIMINATOR: ClassVar[bytes] = bytes.fromhex("{text}")']
    if base == "Account":
        imports.add(("solders.pubkey", "Pubkey"))
        lines.append(f"{INDENT}PROGRAM_ID: ClassVar[Pubkey] = PROGRAM_ID")
    return lines


def enum_lines(item: Item) -> list[str]:
    """Returns an enumeration."""
    lines = [f"class {item['name']}(IntEnum):"]
    lines += [*docstring([plain_docs(item.get("docs")) or item["name"]], INDENT), ""]
    for number, variant in enumerate(item["type"]["variants"]):
        lines += comment(plain_docs(variant.get("docs")), INDENT)
        lines.append(f"{INDENT}{constant_name(variant['name'])} = {number}")
    return lines
