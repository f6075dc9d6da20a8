"""One function for each instruction."""

from __future__ import annotations

from codegen.accounts import Accounts, Source, read_accounts
from codegen.idl import Item, Program, Refused
from codegen.kinds import find_kind
from codegen.signature import Imports, docs_lines, signature_lines
from codegen.text import (
    INDENT,
    filled,
    function_name,
    module,
    safe_name,
)


def instruction_module(program: Program, instruction: Item) -> str:
    """Returns the module of an instruction."""
    accounts = read_accounts(program, instruction)
    check_names(instruction, accounts)
    imports: Imports = {
        ("solders.instruction", "AccountMeta"),
        ("solders.instruction", "Instruction"),
        ("solders.pubkey", "Pubkey"),
        (f"nosana.{program.module}.program", "PROGRAM_ID"),
    }
    for name in accounts.decoded.values():
        imports.add((f"nosana.{program.module}.accounts", name))

    steps = [line for source in accounts.in_order() for line in source_lines(source, accounts)]
    body = ["", f'NAME = "{instruction["name"]}"']
    body += [f'DISCRIMINATOR = bytes.fromhex("{bytes(instruction["discriminator"]).hex()}")']
    body += [
        f'{name} = Pubkey.from_string("{address}")'
        for name, address in sorted(accounts.constants.items())
    ]
    body += ["", "", *signature_lines(program, instruction, accounts, imports)]
    body += docs_lines(instruction, accounts)
    body += steps
    body += return_lines(program, instruction, accounts, imports)

    text = "\n".join(body)
    imports |= {("nosana.addresses", name) for name in ("derive", "require") if f"{name}(" in text}
    docs = f"`{instruction['name']}` of the {program.module} program."
    return module(docs, imports, body)


def check_names(instruction: Item, accounts: Accounts) -> None:
    """Refuses an instruction with two parameters of one name."""
    names = [safe_name(arg["name"]) for arg in instruction["args"]]
    names += [source.name for source in accounts.sources]
    names += [f"{name}_account" for name in accounts.decoded]
    names += [f"{base}_{name}" for base, name in accounts.paths]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise Refused(f"`{instruction['name']}` has two parameters named {', '.join(twice)}")


def source_lines(source: Source, accounts: Accounts) -> list[str]:
    """Returns the steps that find an account that was not given."""
    if source.constant or source.is_required or source.is_optional:
        return []

    lines: list[str] = []
    for base in source.relations:
        lines += [
            f"{INDENT}if {source.name} is None and {base}_account is not None:",
            f"{INDENT * 2}{source.name} = {base}_account.{source.name}",
        ]
    if source.seeds:
        lines += derive_lines(source, accounts)
    else:
        lines += require_lines(source.name, source.name, source.relations, [source.name], INDENT)
    return lines


def derive_lines(source: Source, accounts: Accounts) -> list[str]:
    """Returns the steps that derive an account."""
    lines = [f"{INDENT}if {source.name} is None:"]
    deep = INDENT * 2
    for base, name in source.path_seeds:
        is_decoded = base in accounts.decoded
        if is_decoded:
            lines += [
                f"{deep}if {base}_{name} is None and {base}_account is not None:",
                f"{deep}{INDENT}{base}_{name} = {base}_account.{name}",
            ]
        names = [source.name, f"{base}_{name}"]
        bases = [base] if is_decoded else []
        lines += require_lines(source.name, f"{base}_{name}", bases, names, deep)

    seeds = [seed.code for seed in source.seeds]
    return lines + filled(f"{source.name} = derive(", [source.deriver, *seeds], ")", deep)


def require_lines(
    account: str, variable: str, bases: list[str], names: list[str], indent: str
) -> list[str]:
    """Returns the step that refuses a missing account."""
    given = [f"`{name}`" for name in [*names, *(f"{base}_account" for base in bases)]]
    listed = given[0] if len(given) == 1 else f"{', '.join(given[:-1])} or {given[-1]}"
    items = ["NAME", f'"{account}"', variable, f'"{listed}"']
    return filled(f"{variable} = require(", items, ")", indent)


def return_lines(
    program: Program, instruction: Item, accounts: Accounts, imports: Imports
) -> list[str]:
    """Returns the last step: the instruction."""
    parts = ["DISCRIMINATOR"]
    for arg in instruction["args"]:
        kind = find_kind(program, arg["type"])
        imports |= kind.codec_imports
        parts.append(f"{kind.codec}.write({safe_name(arg['name'])})")

    lines = [""]
    if len(parts) == 1:
        lines.append(f"{INDENT}data = {parts[0]}")
    else:
        lines += filled('data = b"".join((', parts, "))", INDENT)
    lines.append(f"{INDENT}accounts = [")
    lines += [INDENT * 2 + meta_code(source) + "," for source in accounts.sources]
    return [*lines, f"{INDENT}]", f"{INDENT}return Instruction(PROGRAM_ID, data, accounts)"]


def meta_code(source: Source) -> str:
    """Returns the expression of an account. The program itself means one that is left out."""
    address = source.constant or source.name
    writable = bool(source.item.get("writable"))
    if source.is_optional:
        flag = f"{address} is not None" if writable else "False"
        return f"AccountMeta({address} or PROGRAM_ID, False, {flag})"
    return f"AccountMeta({address}, {source.is_signer}, {writable})"


def package_module(program: Program) -> str:
    """Returns the module that names all instructions."""
    imports: Imports = set()
    names = []
    pairs = []
    for instruction in program.instructions:
        name = instruction["name"]
        imports.add(
            (f"nosana.{program.module}.instructions.{safe_name(name)}", function_name(name))
        )
        names.append(f'"{function_name(name)}"')
        pairs.append(f'bytes.fromhex("{bytes(instruction["discriminator"]).hex()}"): "{name}"')

    body = ["", *filled("__all__ = [", ['"NAMES"', *sorted(names)], "]", "")]
    body += ["", "#: The names by the first bytes of an instruction's data."]
    body += ["NAMES = {", *(f"{INDENT}{pair}," for pair in pairs), "}"]
    docs = f"Instructions of the {program.module} program."
    return module(docs, imports, body)
