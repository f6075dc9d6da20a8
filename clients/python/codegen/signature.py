"""The head of an instruction's function, and its documentation."""

from __future__ import annotations

from codegen.accounts import Accounts, Source
from codegen.idl import Item, Program
from codegen.kinds import find_kind
from codegen.text import INDENT, docstring, function_name, plain_docs, safe_name, wrap

Imports = set[tuple[str, str]]


def signature_lines(
    program: Program, instruction: Item, accounts: Accounts, imports: Imports
) -> list[str]:
    """Returns the function's head: first what is required, then what can be derived."""
    required = [f"{each.name}: Pubkey" for each in accounts.sources if each.is_required]
    for arg in instruction["args"]:
        kind = find_kind(program, arg["type"])
        imports |= kind.annotation_imports
        required.append(f"{safe_name(arg['name'])}: {kind.annotation}")

    optional = [
        f"{each.name}: Pubkey | None = None"
        for each in accounts.sources
        if not each.is_required and not each.constant
    ]
    optional += [f"{name}_account: {kind} | None = None" for name, kind in decoded(accounts)]
    optional += [f"{base}_{name}: Pubkey | None = None" for base, name in accounts.paths]

    name = function_name(instruction["name"])
    parameters = required + optional
    if not parameters:
        return [f"def {name}() -> Instruction:"]
    lines = [f"def {name}(", f"{INDENT}*,"]
    lines += [f"{INDENT}{parameter}," for parameter in parameters]
    return [*lines, ") -> Instruction:"]


def decoded(accounts: Accounts) -> list[tuple[str, str]]:
    """The accounts that the caller can give decoded."""
    return sorted(accounts.decoded.items())


def docs_lines(instruction: Item, accounts: Accounts) -> list[str]:
    """Returns the docstring with every parameter."""
    tail: list[str] = []

    def describe(name: str, text: str) -> None:
        tail.extend(wrap(f"{name}: {text}", INDENT * 2, INDENT * 3))

    for source in accounts.sources:
        if source.is_required:
            describe(source.name, plain_docs(source.item.get("docs")))
    for arg in instruction["args"]:
        describe(safe_name(arg["name"]), plain_docs(arg.get("docs")))
    for source in accounts.sources:
        if not source.is_required and not source.constant:
            docs = f"{plain_docs(source.item.get('docs'))} {default_of(source)}"
            describe(source.name, docs)
    for name, kind in decoded(accounts):
        describe(f"{name}_account", f"The {kind} at `{name}`, which names other accounts.")
    for base, name in accounts.paths:
        describe(f"{base}_{name}", f"The field `{name}` of `{base}`.")

    if tail:
        tail = ["", f"{INDENT}Args:", *tail]
    return docstring([plain_docs(instruction.get("docs"))], INDENT, tail)


def default_of(source: Source) -> str:
    """Says where the address comes from if it is not given."""
    if source.is_optional:
        return "Can be left out."
    origins = [f"`{base}_account`" for base in source.relations]
    bases = sorted(source.depends_on())
    bases += ["_".join(path) for path in source.path_seeds]
    if bases:
        origins.append("derived from " + " and ".join(f"`{base}`" for base in bases))
    elif source.seeds:
        origins.append("derived")
    return f"Default: {', or '.join(origins)}."
