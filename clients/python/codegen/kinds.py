"""Types of the IDL as codecs and as annotations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codegen.idl import Program, Refused

SCALARS = {
    "u8": "int",
    "u16": "int",
    "u32": "int",
    "u64": "int",
    "u128": "int",
    "i64": "int",
    "bool": "bool",
}


@dataclass(frozen=True)
class Kind:
    """A type in generated code."""

    #: The expression of its codec.
    codec: str
    #: Its annotation.
    annotation: str
    #: Names that the expression of the codec uses.
    codec_imports: frozenset[tuple[str, str]]
    #: Names that the annotation uses.
    annotation_imports: frozenset[tuple[str, str]] = frozenset()

    @property
    def imports(self) -> set[tuple[str, str]]:
        """All names that the code uses."""
        return set(self.codec_imports | self.annotation_imports)


def find_kind(program: Program, kind: Any) -> Kind:
    """Returns the codec and the annotation of a type."""
    if isinstance(kind, str):
        return scalar_kind(kind)
    if "defined" in kind:
        return defined_kind(program, kind["defined"]["name"])
    if "array" in kind:
        return array_kind(program, *kind["array"])
    if "vec" in kind:
        return sequence_kind(find_kind(program, kind["vec"]), None)
    if "option" in kind:
        return optional_kind(find_kind(program, kind["option"]))
    raise Refused(f"the type {kind} is not supported")


def scalar_kind(name: str) -> Kind:
    """A number, a boolean or an address."""
    if name == "pubkey":
        imports = frozenset({("nosana.codec", "ADDRESS")})
        return Kind("ADDRESS", "Pubkey", imports, frozenset({("solders.pubkey", "Pubkey")}))
    if name not in SCALARS:
        raise Refused(f"the type {name} is not supported")

    codec = name.upper()
    return Kind(codec, SCALARS[name], frozenset({("nosana.codec", codec)}))


def defined_kind(program: Program, name: str) -> Kind:
    """A type that the IDL defines."""
    is_enum = program.is_enum(name)
    home, codec = ("nosana.codec", "Choice") if is_enum else ("nosana.records", "Nested")
    own = (f"nosana.{program.module}.types", name)
    return Kind(f"{codec}({name})", name, frozenset({(home, codec), own}), frozenset({own}))


def array_kind(program: Program, item: Any, count: int) -> Kind:
    """Bytes, or several values of one type."""
    if item == "u8":
        return Kind(f"Bytes({count})", "bytes", frozenset({("nosana.codec", "Bytes")}))
    return sequence_kind(find_kind(program, item), count)


def sequence_kind(item: Kind, count: int | None) -> Kind:
    """Several values of one type."""
    codec = f"Sequence({item.codec})" if count is None else f"Sequence({item.codec}, {count})"
    imports = item.codec_imports | {("nosana.codec", "Sequence")}
    return Kind(codec, f"list[{item.annotation}]", imports, item.annotation_imports)


def optional_kind(item: Kind) -> Kind:
    """A value, or none."""
    imports = item.codec_imports | {("nosana.codec", "Optional")}
    annotation = f"{item.annotation} | None"
    return Kind(f"Optional({item.codec})", annotation, imports, item.annotation_imports)


def is_padding(name: str) -> bool:
    """Whether a field has no meaning."""
    return name == "reserved" or name.startswith("padding")
