"""Simulates transactions, and chooses the limits that they request."""

from __future__ import annotations

from solders.hash import Hash
from solders.transaction import VersionedTransaction

from nosana.deliver import to_base64
from nosana.errors import InvalidArgument
from nosana.request import Request
from nosana.steps import Call, Flow
from nosana.transaction import (
    MAX_COMPUTE_UNITS,
    MAX_LOADED_BYTES,
    Limits,
    compile_message,
    unsigned,
)

#: Compute units beyond those of the simulation: other transactions may land first.
SPARE_UNITS = 5_000
SPARE_DIVISOR = 10
#: Bytes of a page. Leaders charge whole pages: a limit between two of them reserves no less.
PAGE_BYTES = 32 * 1024
#: The share of the simulated bytes that is added: an upgrade of a program may land first.
LOADED_SPARE_DIVISOR = 4
#: The least number of bytes that is added: queues may grow first, and accounts may be created.
MIN_LOADED_SPARE_BYTES = 2 * PAGE_BYTES


def choose_limits(request: Request) -> Flow[Limits]:
    """Returns the limits to request: the caller's compute units alone, or those that follow from a
    simulation.
    """
    price = request.options.priority_micro_lamports
    if request.options.compute_units is not None:
        return Limits(request.options.compute_units, None, price)

    used, loaded = yield from simulate(request)
    units = min(used + used // SPARE_DIVISOR + SPARE_UNITS, MAX_COMPUTE_UNITS)
    return Limits(units, None if loaded is None else choose_loaded_limit(loaded), price)


def choose_loaded_limit(simulated_bytes: int) -> int:
    """Returns the limit of loaded bytes to request, given those that the simulation loaded."""
    spare = max(simulated_bytes // LOADED_SPARE_DIVISOR, MIN_LOADED_SPARE_BYTES)
    pages = -(-(simulated_bytes + spare) // PAGE_BYTES)
    return min(pages * PAGE_BYTES, MAX_LOADED_BYTES)


def simulate(request: Request) -> Flow[tuple[int, int | None]]:
    """Returns the compute units that the transaction uses, and the bytes that it loads; or raises
    its error.

    The bytes are `None` if the node does not report them or reports zero, or if the transaction has
    no room for the instruction that limits them.
    """
    transaction, limits = build_simulation(request)
    options = {
        "encoding": "base64",
        "replaceRecentBlockhash": True,
        "sigVerify": False,
        "commitment": request.commitment,
    }
    answer = yield Call("simulateTransaction", [to_base64(transaction), options])

    outcome = answer["value"]
    if outcome["err"] is not None:
        raise request.failure(outcome["err"], outcome.get("logs") or [], None, limits)
    has_limit = limits.loaded_bytes is not None
    loaded = outcome.get("loadedAccountsDataSize") if has_limit else None
    # Every transaction loads its payer: a node that reports zero has not counted.
    return int(outcome.get("unitsConsumed") or MAX_COMPUTE_UNITS), loaded or None


def build_simulation(request: Request) -> tuple[VersionedTransaction, Limits]:
    """Returns the transaction to simulate, and its limits: without that of loaded bytes if it only
    fits into a packet so.
    """
    payer = request.signers[0].pubkey()
    price = request.options.priority_micro_lamports
    most = Limits(MAX_COMPUTE_UNITS, MAX_LOADED_BYTES, price)
    try:
        return unsigned(compile_message(request.instructions, payer, Hash.default(), most)), most
    except InvalidArgument:
        less = Limits(MAX_COMPUTE_UNITS, None, price)
        return unsigned(compile_message(request.instructions, payer, Hash.default(), less)), less
