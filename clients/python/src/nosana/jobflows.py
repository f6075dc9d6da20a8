"""What a client does with jobs, as flows of requests."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from nosana import actions, pda
from nosana.definition import Definition
from nosana.errors import InvalidArgument, JobFailed, TimedOut
from nosana.jobs.accounts import Config, Job, Market
from nosana.jobs.types import JobKind, JobState
from nosana.reads import fetch_account
from nosana.request import Request
from nosana.result import JobResult, has_failed, load_result
from nosana.send import Receipt, send
from nosana.settings import Settings
from nosana.steps import Flow, Pause, Work
from nosana.transaction import SendOptions, Signer

POLL_SECONDS = 0.5
DEFAULT_TIMEOUT_SECONDS = 600
#: The states in which a job has a result, or has ended.
ENDED = (JobState.SUBMITTED, JobState.CHALLENGED, JobState.SETTLED)


@dataclass(frozen=True)
class Posted:
    """A job that was listed."""

    address: Pubkey
    #: The digest of its definition.
    definition: bytes
    receipt: Receipt


def send_instructions(
    settings: Settings,
    instructions: Sequence[Instruction],
    payer: Signer | None = None,
    signers: Sequence[Signer] = (),
    options: SendOptions | None = None,
) -> Flow[Receipt]:
    """Sends instructions in one transaction, signed by the client's wallet if it has to."""
    own = [settings.signer] if settings.signer is not None else []
    first = payer or settings.required_signer()
    request = Request(
        instructions=instructions,
        signers=[first, *own, *signers],
        options=options or settings.options,
        commitment=settings.commitment,
    )
    return (yield from send(request))


def post(
    settings: Settings,
    definition: Definition | bytes,
    *,
    market: Pubkey | None = None,
    timeout_seconds: int = DEFAULT_TIMEOUT_SECONDS,
    kind: JobKind = JobKind.BATCH,
    max_price_per_second: int | None = None,
    nonce: int | None = None,
    payer: Signer | None = None,
) -> Flow[Posted]:
    """Stores a definition, and lists a job with its digest."""
    client = settings.required_signer().pubkey()
    chosen = settings.required_market(market)
    digest = definition
    if isinstance(definition, dict):
        store = settings.required_store()
        digest = yield Work(lambda: store.put_json(definition))
    if not isinstance(digest, bytes):
        raise InvalidArgument("a definition is what `define()` returns, or its digest")

    config = yield from fetch_account(Config, pda.jobs_config(), settings.commitment)
    if max_price_per_second is None:
        account = yield from fetch_account(Market, chosen, settings.commitment)
        max_price_per_second = account.terms.price_per_second
    if nonce is None:
        nonce = time.time_ns()

    listing = actions.clients.list_job(
        client,
        chosen,
        config.nos_mint,
        nonce=nonce,
        definition=digest,
        timeout_seconds=timeout_seconds,
        max_price_per_second=max_price_per_second,
        kind=kind,
        payer=None if payer is None else payer.pubkey(),
    )
    receipt = yield from send_instructions(settings, [listing], payer)
    return Posted(pda.job(client, nonce), digest, receipt)


def wait(
    settings: Settings,
    address: Pubkey,
    *,
    states: Sequence[JobState] = ENDED,
    timeout_seconds: float | None = None,
) -> Flow[Job]:
    """Waits until a job is in one of these states: by default, until it has a result or ended."""
    deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    while True:
        job = yield from fetch_account(Job, address, settings.commitment)
        if job.state in states:
            return job
        if job.state == JobState.SETTLED:
            raise JobFailed(f"the job {address} is settled: {job.reason.name}")
        if deadline is not None and time.monotonic() >= deadline:
            raise TimedOut(f"the job {address} is {job.state.name} after {timeout_seconds} s")
        yield Pause(POLL_SECONDS)


def read_result(settings: Settings, address: Pubkey) -> Flow[JobResult]:
    """Reads the result of a job; checks every hash."""
    store = settings.required_store()
    job = yield from fetch_account(Job, address, settings.commitment)
    if has_failed(job):
        raise JobFailed(f"the job {address} ended without a result: {job.reason.name}")
    result: JobResult = yield Work(lambda: load_result(store, job))
    return result
