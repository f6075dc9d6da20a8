"""`command/run`: commands that a node runs in a sandbox, one after the other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from nosana.content.cid import digest_of, identifier
from nosana.definition.checks import (
    Operation,
    check_count,
    check_path,
    check_range,
    operation,
    without_defaults,
)
from nosana.errors import InvalidArgument

MAX_STEPS = 64
MAX_INPUTS = 64
MAX_PATTERNS = 64
MAX_VARIABLES = 128
MAX_VARIABLE_BYTES = 32 * 1024
MAX_ENVIRONMENT_BYTES = 256 * 1024
MAX_COMMAND_BYTES = 32 * 1024
MAX_STEP_NAME_BYTES = 128
MAX_TIMEOUT_SECONDS = 24 * 60 * 60
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
#: The bounds of the limits of time and resources.
LIMITS = {
    "timeout_seconds": (1, MAX_TIMEOUT_SECONDS),
    "memory_mib": (16, 1024 * 1024),
    "cpus": (1, 256),
    "processes": (4, 32 * 1024),
    "disk_mib": (1, 1024 * 1024),
    "output_bytes": (1, 64 * 1024 * 1024),
}

Step = dict[str, Any]
Input = dict[str, Any]


def command(
    name: str,
    *steps: Step | str | Sequence[str],
    env: Mapping[str, str] | None = None,
    inputs: Sequence[Input] = (),
    artifacts: Sequence[str] = (),
    working_directory: str | None = None,
    network: bool = False,
    limits: Mapping[str, int] | None = None,
) -> Operation:
    """Returns an operation that runs commands in a sandbox.

    Args:
        name: The operation's name in the job.
        steps: What `step()` returns, a line for a shell, or a program and its arguments. After a
            step that fails, the later ones are skipped.
        env: Variables in addition to `PATH`, `HOME` and `LANG`.
        inputs: What `content_input()` returns: content that is placed in the work folder.
        artifacts: Files to keep, as paths or patterns relative to the work folder.
        working_directory: The folder in which steps begin; defaults to the work folder.
        network: Whether steps may use the network. A node can refuse.
        limits: `timeout_seconds`, `memory_mib`, `cpus`, `processes`, `disk_mib`, `output_bytes`.
    """
    check_count("steps", steps, 1, MAX_STEPS)
    named: list[Step] = []
    for number, each in enumerate(steps, 1):
        named.append(each if isinstance(each, dict) else step(each, f"step {number}"))
    names = [each["name"] for each in named]
    twice = {each for each in names if names.count(each) > 1}
    if twice:
        raise InvalidArgument(f"two steps have the name `{twice.pop()}`; rename one")

    check_environment(env or {})
    check_count("inputs", inputs, 0, MAX_INPUTS)
    check_count("artifacts", artifacts, 0, MAX_PATTERNS)
    for pattern in artifacts:
        check_path("an artifact", pattern)
    if working_directory is not None:
        check_path("working_directory", working_directory, may_be_root=True)
    check_limits(limits or {})

    args = {
        "steps": named,
        "env": dict(env or {}),
        "working_directory": working_directory,
        "inputs": list(inputs),
        "artifacts": list(artifacts),
        "network": network,
        "limits": dict(limits or {}),
    }
    return operation(name, "command/run", args)


def step(
    run: str | Sequence[str],
    name: str = "run",
    *,
    shell: str | None = None,
    timeout_seconds: int | None = None,
) -> Step:
    """Returns one command: a line for a shell, or a program and its arguments.

    Args:
        run: The line, or the program and its arguments.
        name: The step's name; its log has the same name.
        shell: `bash` or `sh`, for a line; defaults to bash where the sandbox has it.
        timeout_seconds: The longest time of this step.
    """
    is_line = isinstance(run, str)
    words = [run] if isinstance(run, str) else list(run)
    if not words or not words[0].strip():
        raise InvalidArgument("a command is blank; give a line, or a program and its arguments")
    if any("\0" in word for word in words):
        raise InvalidArgument("a command has a NUL character, which no command can have")
    if sum(len(word.encode()) for word in words) > MAX_COMMAND_BYTES:
        message = f"a command has more than {MAX_COMMAND_BYTES} bytes; send a script as an input"
        raise InvalidArgument(message)
    if shell is not None and (shell not in ("bash", "sh") or not is_line):
        raise InvalidArgument("shell is `bash` or `sh`, and only for a line")
    if not name.strip() or len(name.encode()) > MAX_STEP_NAME_BYTES or not name.isprintable():
        raise InvalidArgument(f"the name of a step has 1 to {MAX_STEP_NAME_BYTES} printable bytes")
    check_range("timeout_seconds", timeout_seconds, 1, MAX_TIMEOUT_SECONDS)

    fields = {
        "name": name,
        "run": run if is_line else words,
        "shell": shell,
        "timeout_seconds": timeout_seconds,
    }
    return without_defaults(fields)


def content_input(path: str, content: bytes | str, *, unpack: bool = False) -> Input:
    """Returns content that is placed in the work folder.

    Args:
        path: The file's path, or the folder into which an archive is unpacked.
        content: The content's digest or its identifier.
        unpack: Whether it is a tar archive.
    """
    check_path("the path of an input", path, may_be_root=unpack)
    name = content if isinstance(content, str) else identifier(content)
    digest_of(name)
    return without_defaults({"path": path, "content": name, "unpack": unpack})


def check_environment(env: Mapping[str, str]) -> None:
    """Checks variables."""
    check_count("variables", list(env), 0, MAX_VARIABLES)
    for name, value in env.items():
        if not VARIABLE.fullmatch(name):
            raise InvalidArgument(f"`{name[:100]}` is not a name for a variable")
        if len(value.encode()) > MAX_VARIABLE_BYTES or "\0" in value:
            raise InvalidArgument(f"`{name}` has more than {MAX_VARIABLE_BYTES} bytes, or a NUL")
    if sum(len(name) + len(value.encode()) for name, value in env.items()) > MAX_ENVIRONMENT_BYTES:
        message = f"all variables have more than {MAX_ENVIRONMENT_BYTES} bytes; send an input"
        raise InvalidArgument(message)


def check_limits(limits: Mapping[str, int]) -> None:
    """Checks limits of time and resources."""
    for name, value in limits.items():
        if name not in LIMITS:
            raise InvalidArgument(f"`{name}` is not a limit; use {', '.join(LIMITS)}")
        check_range(name, value, *LIMITS[name])
