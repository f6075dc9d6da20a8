"""Sequences of requests that run both with and without `asyncio`.

A flow is a generator: it yields what has to be done next, and receives the result. `Client` runs
flows in the caller's thread, `AsyncClient` in an event loop, so that both behave the same.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from nosana.rpc import Rpc

Result = TypeVar("Result")


@dataclass(frozen=True)
class Call:
    """A request to the node."""

    method: str
    params: list[Any]
    #: Whether the request may be repeated if the node does not answer.
    is_repeatable: bool = True


@dataclass(frozen=True)
class Pause:
    """A wait."""

    seconds: float


@dataclass(frozen=True)
class Work:
    """A function that blocks, such as a read of a file."""

    function: Callable[[], Any]


Step = Call | Pause | Work
Flow = Generator[Step, Any, Result]


def perform(step: Call | Work, rpc: Rpc) -> Any:
    """Does one step and returns its result."""
    if isinstance(step, Work):
        return step.function()
    return rpc.call(step.method, step.params, is_repeatable=step.is_repeatable)


def run_flow(flow: Flow[Result], rpc: Rpc) -> Result:
    """Runs a flow in this thread."""
    answer: Any = None
    error: Exception | None = None
    while True:
        try:
            step = flow.send(answer) if error is None else flow.throw(error)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

        answer, error = None, None
        try:
            if isinstance(step, Pause):
                time.sleep(step.seconds)
            else:
                answer = perform(step, rpc)
        except Exception as raised:
            error = raised


async def run_flow_async(flow: Flow[Result], rpc: Rpc) -> Result:
    """Runs a flow in an event loop; what blocks runs in threads."""
    answer: Any = None
    error: Exception | None = None
    while True:
        try:
            step = flow.send(answer) if error is None else flow.throw(error)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

        answer, error = None, None
        try:
            if isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
            else:
                answer = await asyncio.to_thread(perform, step, rpc)
        except Exception as raised:
            error = raised
