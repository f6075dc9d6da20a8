"""Sends transactions: simulates, signs and delivers; signs again only after the first signature
has expired.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from solders.hash import Hash
from solders.instruction import Instruction
from solders.transaction import VersionedTransaction

from nosana.errors import RpcError, TransactionError, TransactionExpired
from nosana.failure import explain_failure
from nosana.logs import decode_events
from nosana.records import Event
from nosana.rpc import NODE_BEHIND
from nosana.steps import Call, Flow, Pause
from nosana.transaction import (
    MAX_COMPUTE_UNITS,
    SendOptions,
    Signer,
    compile_message,
    sign_message,
    unsigned,
)

#: Compute units beyond those of the simulation: other transactions may land first.
SPARE_UNITS = 5_000
SPARE_DIVISOR = 10
#: The interval at which the bytes are sent again, and that of polls for the outcome.
RESEND_SECONDS = 2.0
POLL_SECONDS = 0.2
#: Every how many polls the block height is compared with the transaction's last one.
POLLS_PER_EXPIRY = 10
#: Blocks after its last valid one at which a transaction counts as expired: by then that block is
#: final on every server behind one address.
EXPIRY_MARGIN_BLOCKS = 32
#: The time within which the node must store a transaction that it has confirmed.
DETAILS_SECONDS = 15.0
COMMITMENTS = ("processed", "confirmed", "finalized")


@dataclass(frozen=True)
class Receipt:
    """A confirmed transaction."""

    #: The first signature, which identifies it.
    signature: str
    slot: int
    #: The fee in lamports, without rent.
    fee_lamports: int
    compute_units: int
    logs: list[str]
    #: The events of the three programs, in order.
    events: list[Event]


@dataclass(frozen=True)
class Request:
    """Instructions to send."""

    instructions: Sequence[Instruction]
    #: The payer first.
    signers: Sequence[Signer]
    options: SendOptions
    commitment: str

    def failure(self, error: Any, logs: list[str], signature: str | None) -> Exception:
        """Returns the exception of this transaction after it failed."""
        programs = [instruction.program_id for instruction in self.instructions]
        return explain_failure(error, logs, programs, self.options.prefix, signature)


def send(request: Request) -> Flow[Receipt]:
    """Sends a transaction, and waits until it is confirmed and its details are known.

    If the simulation fails, nothing is sent or paid. There are never two transactions under way at
    once: the same bytes are sent again until they land or expire.
    """
    units = request.options.compute_units
    if units is None:
        used = yield from simulate(request)
        units = min(used + used // SPARE_DIVISOR + SPARE_UNITS, MAX_COMPUTE_UNITS)

    signature = ""
    for _ in range(request.options.expiry_retries + 1):
        latest = yield Call("getLatestBlockhash", [{"commitment": request.commitment}])
        message = compile_message(
            request.instructions,
            request.signers[0].pubkey(),
            Hash.from_string(latest["value"]["blockhash"]),
            units=units,
            priority_micro_lamports=request.options.priority_micro_lamports,
        )
        transaction = sign_message(message, request.signers)
        signature = str(transaction.signatures[0])
        last_height = latest["value"]["lastValidBlockHeight"]
        status = yield from deliver(transaction, last_height, request.commitment)
        if status is not None:
            return (yield from conclude(request, signature, status))
    raise TransactionExpired(
        f"the transaction {signature} expired before it landed; send it again with a higher "
        "priority fee",
        signature=signature,
    )


def simulate(request: Request) -> Flow[int]:
    """Returns the compute units that the transaction uses, or raises its error."""
    payer = request.signers[0].pubkey()
    message = compile_message(request.instructions, payer, Hash.default())
    options = {
        "encoding": "base64",
        "replaceRecentBlockhash": True,
        "sigVerify": False,
        "commitment": request.commitment,
    }
    answer = yield Call("simulateTransaction", [to_base64(unsigned(message)), options])

    outcome = answer["value"]
    if outcome["err"] is not None:
        # The simulation has one instruction before the caller's, whatever the options say.
        programs = [instruction.program_id for instruction in request.instructions]
        raise explain_failure(outcome["err"], outcome.get("logs") or [], programs, 1, None)
    return int(outcome.get("unitsConsumed") or MAX_COMPUTE_UNITS)


def deliver(
    transaction: VersionedTransaction, last_height: int, commitment: str
) -> Flow[dict[str, Any] | None]:
    """Sends the transaction until it has landed; returns `None` once it cannot land any more."""
    signature = str(transaction.signatures[0])
    sent_at = float("-inf")
    polls = 0
    while True:
        if time.monotonic() - sent_at >= RESEND_SECONDS:
            yield from transmit(transaction, is_first=polls == 0)
            sent_at = time.monotonic()
        yield Pause(POLL_SECONDS)
        polls += 1

        status = yield from find_status(signature, commitment, is_thorough=False)
        if status is not None:
            return status
        if polls % POLLS_PER_EXPIRY == 0:
            height = yield Call("getBlockHeight", [{"commitment": commitment}])
            if height > last_height + EXPIRY_MARGIN_BLOCKS:
                return (yield from find_status(signature, commitment, is_thorough=True))


def transmit(transaction: VersionedTransaction, *, is_first: bool) -> Flow[None]:
    """Sends the bytes once.

    Only an error response proves that the node did not accept them; after any other error the
    transaction may be under way.
    """
    options = {"encoding": "base64", "skipPreflight": True, "maxRetries": 0}
    params = [to_base64(transaction), options]
    try:
        yield Call("sendTransaction", params, is_repeatable=False)
    except RpcError as error:
        is_refused = error.code is not None and error.code < 0 and error.code not in NODE_BEHIND
        # A node also refuses a transaction that it has processed already.
        if is_first and is_refused:
            signature = str(transaction.signatures[0])
            status = yield from find_status(signature, COMMITMENTS[0], is_thorough=True)
            if status is None:
                raise


def find_status(
    signature: str, commitment: str, *, is_thorough: bool
) -> Flow[dict[str, Any] | None]:
    """Returns the outcome of a transaction; `None` while there is none at this commitment."""
    options = {"searchTransactionHistory": is_thorough}
    answer = yield Call("getSignatureStatuses", [[signature], options])
    status: dict[str, Any] | None = answer["value"][0]
    if status is None:
        return None
    reached = status.get("confirmationStatus") or "processed"
    return status if COMMITMENTS.index(reached) >= COMMITMENTS.index(commitment) else None


def conclude(request: Request, signature: str, status: dict[str, Any]) -> Flow[Receipt]:
    """Reads the details of a transaction that has landed."""
    details = yield from find_details(signature)
    meta = details.get("meta") or {}
    logs = meta.get("logMessages") or []
    if status["err"] is not None:
        raise request.failure(status["err"], logs, signature)
    if not meta:
        message = f"the transaction {signature} succeeded, but the node does not have its details"
        raise TransactionError(f"{message}; read the accounts", signature=signature)

    return Receipt(
        signature=signature,
        slot=details.get("slot", status["slot"]),
        fee_lamports=meta.get("fee", 0),
        compute_units=meta.get("computeUnitsConsumed") or 0,
        logs=logs,
        events=decode_events(logs),
    )


def find_details(signature: str) -> Flow[dict[str, Any]]:
    """Returns a confirmed transaction; an empty object if the node does not have it in time."""
    options = {"encoding": "json", "commitment": "confirmed", "maxSupportedTransactionVersion": 0}
    deadline = time.monotonic() + DETAILS_SECONDS
    while True:
        found: dict[str, Any] | None = yield Call("getTransaction", [signature, options])
        if found is not None:
            return found
        if time.monotonic() >= deadline:
            return {}
        yield Pause(POLL_SECONDS)


def to_base64(transaction: VersionedTransaction) -> str:
    """Returns a transaction as nodes read it."""
    return base64.b64encode(bytes(transaction)).decode()
