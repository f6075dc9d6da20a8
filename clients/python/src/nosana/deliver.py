"""Delivers one signed transaction: sends the same bytes until they have landed or no longer can."""

from __future__ import annotations

import base64
import time
from typing import Any

from solders.transaction import VersionedTransaction

from nosana.errors import RpcError
from nosana.rpc import NODE_BEHIND
from nosana.steps import Call, Flow, Pause

#: The interval at which the bytes are sent again, and that of polls for the outcome.
RESEND_SECONDS = 2.0
POLL_SECONDS = 0.2
#: Every how many polls the block height is compared with the transaction's last one.
POLLS_PER_EXPIRY = 10
#: Blocks after its last valid one at which a transaction counts as expired: by then that block is
#: final on every server behind one address.
EXPIRY_MARGIN_BLOCKS = 32
COMMITMENTS = ("processed", "confirmed", "finalized")


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


def to_base64(transaction: VersionedTransaction) -> str:
    """Returns a transaction as nodes read it."""
    return base64.b64encode(bytes(transaction)).decode()
