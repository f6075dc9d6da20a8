"""How a client ends, extends and judges jobs, as flows of requests."""

from __future__ import annotations

from solders.pubkey import Pubkey

from nosana import actions, pda
from nosana.addresses import NO_ADDRESS
from nosana.errors import AccountNotFound
from nosana.jobflows import read_result, send_instructions, wait
from nosana.jobs.accounts import Config, Job
from nosana.jobs.types import JobState
from nosana.lookups import find_cell, find_holder
from nosana.reads import fetch_account
from nosana.result import JobResult
from nosana.send import Receipt
from nosana.settings import Settings
from nosana.steps import Flow


def cancel(settings: Settings, address: Pubkey) -> Flow[Receipt]:
    """Cancels a job that waits in the queue; a matched one is settled once it comes back."""
    job = yield from fetch_account(Job, address, settings.commitment)
    cell = 0
    if job.state == JobState.QUEUED:
        cell = yield from find_cell(settings, job.market, address)
    return (yield from send_instructions(settings, [actions.clients.cancel(address, job, cell)]))


def stop(settings: Settings, address: Pubkey) -> Flow[Receipt]:
    """Stops a job that runs, or that a node took."""
    job = yield from fetch_account(Job, address, settings.commitment)
    authority = yield from find_holder(settings, address, job)
    return (yield from send_instructions(settings, [actions.clients.stop(address, job, authority)]))


def accept(settings: Settings, address: Pubkey) -> Flow[Receipt]:
    """Accepts a result before its challenge window is over, which pays the node."""
    job = yield from fetch_account(Job, address, settings.commitment)
    check_result(address, job)
    instruction = actions.clients.accept(address, job)
    return (yield from send_instructions(settings, [instruction]))


def reject(settings: Settings, address: Pubkey, *, requeue: bool = False) -> Flow[Receipt]:
    """Rejects a result before its challenge window is over: the node is not paid."""
    job = yield from fetch_account(Job, address, settings.commitment)
    check_result(address, job)
    instruction = actions.clients.reject(address, job, requeue=requeue)
    return (yield from send_instructions(settings, [instruction]))


def check_result(address: Pubkey, job: Job) -> None:
    """Fails unless the job names a node, as every job with a result does."""
    if job.node == NO_ADDRESS:
        state = job.state.name
        raise AccountNotFound(f"no node has a result of the job {address}; its state is {state}")


def conclude(
    settings: Settings, address: Pubkey, *, timeout_seconds: float | None = None
) -> Flow[JobResult]:
    """Waits for the result of a job, checks it, and accepts it, which pays the node."""
    job = yield from wait(settings, address, timeout_seconds=timeout_seconds)
    result = yield from read_result(settings, address)
    if job.state == JobState.SUBMITTED:
        yield from accept(settings, address)
    return result


def extend(settings: Settings, address: Pubkey, added_seconds: int) -> Flow[Receipt]:
    """Extends a job's timeout, and pays for it."""
    job = yield from fetch_account(Job, address, settings.commitment)
    config = yield from fetch_account(Config, pda.jobs_config(), settings.commitment)
    instruction = actions.clients.extend(address, job, config.nos_mint, added_seconds)
    return (yield from send_instructions(settings, [instruction]))
