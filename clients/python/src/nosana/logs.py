"""Events in a transaction's logs, and which program failed.

Any program may log any bytes. So data count as an event of a program only if they were logged while
that program was running. The runtime's own lines, which bracket each invocation, show which one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from solders.pubkey import Pubkey

from nosana import jobs, rewards, staking
from nosana.errors import DecodeError
from nosana.records import Event

EVENTS: dict[Pubkey, dict[bytes, type[Event]]] = {
    jobs.PROGRAM_ID: jobs.events.EVENTS,
    staking.PROGRAM_ID: staking.events.EVENTS,
    rewards.PROGRAM_ID: rewards.events.EVENTS,
}
DISCRIMINATOR_BYTES = 8
INVOKE = re.compile(r"Program (\w+) invoke \[\d+\]")
END = re.compile(r"Program (\w+) (success|failed.*)", re.DOTALL)
FAILED = re.compile(r"Program (\w+) failed")
DATA = "Program data: "
#: The line of a node that left out the rest.
TRUNCATED = "Log truncated"


def decode_events(logs: Iterable[str]) -> list[Event]:
    """Returns the events of the three programs, in order.

    The logs of a failed transaction contain events that did not take effect.
    """
    found: list[Event] = []
    for program, data in logged_data(logs):
        kind = EVENTS.get(program, {}).get(data[:DISCRIMINATOR_BYTES])
        if kind is None:
            continue
        try:
            found.append(kind.decode(data))
        except DecodeError:
            # Data that only begin like an event are not one.
            continue
    return found


def logged_data(logs: Iterable[str]) -> Iterator[tuple[Pubkey, bytes]]:
    """Returns all logged data, each with the program that logged it."""
    running: list[Pubkey] = []
    for line in logs:
        # What a program logs as text begins with `Program log: `, so it cannot pass for a line of
        # the runtime.
        if line.startswith(("Program log: ", "Program return: ", "Program consumption: ")):
            continue
        if line.startswith(DATA):
            data = decode_fields(line[len(DATA) :])
            if running and data is not None:
                yield running[-1], data
        elif invoked := INVOKE.fullmatch(line):
            running.append(Pubkey.from_string(invoked[1]))
        elif END.fullmatch(line) and running:
            running.pop()


def decode_fields(text: str) -> bytes | None:
    """Decodes a data line: fields in base64, which are concatenated."""
    try:
        return b"".join(base64.b64decode(field, validate=True) for field in text.split(" "))
    except binascii.Error:
        return None


def find_failed_program(logs: Iterable[str]) -> Pubkey | None:
    """Returns the innermost program that failed: the one whose error the transaction reports."""
    for line in logs:
        failed = FAILED.match(line)
        if failed:
            return Pubkey.from_string(failed[1])
    return None
