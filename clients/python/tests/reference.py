"""A second reader of the IDL, which shares no code with the package or its generator."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from solders.pubkey import Pubkey

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = ("jobs", "staking", "rewards")
FORMATS = {"u8": "<B", "u16": "<H", "u32": "<I", "u64": "<Q", "i64": "<q", "bool": "<?"}


def read_idl(name: str) -> dict[str, Any]:
    """Returns an IDL as it is."""
    idl: dict[str, Any] = json.loads((ROOT / "idl" / f"{name}.json").read_text(encoding="utf-8"))
    return idl


def definition(idl: dict[str, Any], name: str) -> dict[str, Any]:
    """Returns the type of this name."""
    found: dict[str, Any] = next(item for item in idl["types"] if item["name"] == name)["type"]
    return found


def fields_of(idl: dict[str, Any], name: str) -> list[tuple[str, Any]]:
    """Returns the fields of a struct that have a meaning."""
    fields = [(field["name"], field["type"]) for field in definition(idl, name)["fields"]]
    return [(name, kind) for name, kind in fields if name != "reserved" and "padding" not in name]


class Numbers:
    """Values that differ from each other, for every type of the IDL."""

    def __init__(self, idl: dict[str, Any]) -> None:
        self.idl = idl
        self.count = 0

    def value(self, kind: Any) -> tuple[bytes, Any]:
        """Returns the bytes of a fresh value, and the value as plain Python data."""
        self.count += 1
        if kind == "pubkey":
            data = struct.pack("<Q", self.count) + bytes(range(24))
            return data, data
        if kind == "u128":
            return struct.pack("<QQ", self.count, self.count + 1), self.count + (
                self.count + 1 << 64
            )
        if kind == "bool":
            return struct.pack("<?", self.count % 2), bool(self.count % 2)
        if isinstance(kind, str):
            number = self.count % 200 + 1
            number = -number if kind == "i64" else number
            return struct.pack(FORMATS[kind], number), number
        return self.composite(kind)

    def composite(self, kind: dict[str, Any]) -> tuple[bytes, Any]:
        """A list, bytes, or a type that the IDL defines."""
        if "array" in kind and kind["array"][0] == "u8":
            data = bytes((self.count + index) % 256 for index in range(kind["array"][1]))
            return data, data
        if "array" in kind or "vec" in kind:
            item, count = kind.get("array") or (kind["vec"], 3)
            parts = [self.value(item) for _ in range(count)]
            prefix = b"" if "array" in kind else struct.pack("<I", count)
            return prefix + b"".join(data for data, _ in parts), [value for _, value in parts]

        if "option" in kind:
            data, value = self.value(kind["option"])
            return (b"\1" + data, value) if self.count % 2 else (b"\0", None)

        name = kind["defined"]["name"]
        found = definition(self.idl, name)
        if found["kind"] == "enum":
            number = self.count % len(found["variants"])
            return struct.pack("<B", number), number
        return self.struct(name)

    def struct(self, name: str) -> tuple[bytes, dict[str, Any]]:
        """A struct, with padding of zeros."""
        data = b""
        values: dict[str, Any] = {}
        for field in definition(self.idl, name)["fields"]:
            part, value = self.value(field["type"])
            if field["name"] == "reserved" or "padding" in field["name"]:
                data += bytes(len(part))
                continue
            data += part
            values[field["name"]] = value
        return data, values


def plain(value: Any) -> Any:
    """Turns what the package returns into plain Python data."""
    if isinstance(value, Pubkey):
        return bytes(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if hasattr(value, "LAYOUT"):
        names = [name for name, _ in value.LAYOUT if name]
        return {name.rstrip("_"): plain(getattr(value, name)) for name in names}
    return value
