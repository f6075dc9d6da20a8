"""Errors of a program as exception classes."""

from __future__ import annotations

import json

from codegen.idl import Program
from codegen.text import INDENT, WIDTH, filled, module


def errors_module(program: Program) -> str:
    """Returns the module with a program's errors."""
    base = f"{program.module.capitalize()}Error"
    body = ["", "", f"class {base}(ProgramError):"]
    body += [f'{INDENT}"""An error of the {program.module} program."""']
    for error in program.errors:
        body += ["", "", f"class {error['name']}({base}):", f"{INDENT}CODE = {error['code']}"]
        body += text_lines(error["msg"])

    pairs = [f"{error['code']}: {error['name']}" for error in program.errors]
    body += ["", "", "#: The errors by their numbers."]
    body += filled(f"ERRORS: dict[int, type[{base}]] = {{", pairs, "}", "")
    docs = f"Errors of the {program.module} program."
    return module(docs, {("nosana.errors", "ProgramError")}, body)


def text_lines(text: str) -> list[str]:
    """Returns the assignment of an error's text."""
    quoted = json.dumps(text, ensure_ascii=False)
    single = f"{INDENT}TEXT = {quoted}"
    if len(single) <= WIDTH:
        return [single]

    deep = INDENT * 2
    parts = split_text(text)
    strings = [
        json.dumps(part + " " if number + 1 < len(parts) else part, ensure_ascii=False)
        for number, part in enumerate(parts)
    ]
    return [f"{INDENT}TEXT = (", *(deep + string for string in strings), f"{INDENT})"]


def split_text(text: str) -> list[str]:
    """Splits a text into parts that fit into a line as strings."""
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) > WIDTH - 14:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
