"""Events as they happen, over the node's websocket. Requires `pip install nosana-client[live]`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from solders.pubkey import Pubkey

from nosana.errors import InvalidArgument, NosanaError, RpcError
from nosana.logs import decode_events
from nosana.records import Event

#: The time within which a websocket has to open.
OPEN_SECONDS = 10


@dataclass(frozen=True)
class LiveEvent:
    """An event of a transaction that was just confirmed."""

    signature: str
    slot: int
    event: Event


def follow(
    ws_url: str | None, address: Pubkey, commitment: str, timeout_seconds: float | None
) -> Iterator[LiveEvent]:
    """Returns the events of transactions that name an account, as they are confirmed.

    The subscription is in place before this returns. It ends with an `RpcError` when the websocket
    closes or nothing happens for `timeout_seconds`: then read the account, and follow it again.
    """
    try:
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect
    except ImportError as error:
        raise missing_extra() from error

    try:
        socket = connect(required_url(ws_url), open_timeout=OPEN_SECONDS)
        socket.send(request_text(address, commitment))
        check_subscribed(json.loads(socket.recv(OPEN_SECONDS)))
    except (OSError, WebSocketException) as error:
        raise RpcError(f"cannot follow {address}: {error}; check the websocket") from error

    def receive() -> Iterator[LiveEvent]:
        with socket:
            while True:
                try:
                    text = socket.recv(timeout_seconds)
                except (OSError, WebSocketException) as error:
                    message = f"nothing more arrives about {address}: {error!r}"
                    raise RpcError(message) from error
                yield from read_notice(json.loads(text))

    return receive()


async def follow_async(
    ws_url: str | None, address: Pubkey, commitment: str
) -> AsyncIterator[LiveEvent]:
    """Like `follow`, in an event loop; use `asyncio.timeout` for a bound."""
    try:
        from websockets.asyncio.client import connect
        from websockets.exceptions import WebSocketException
    except ImportError as error:
        raise missing_extra() from error

    try:
        socket = await connect(required_url(ws_url), open_timeout=OPEN_SECONDS)
        await socket.send(request_text(address, commitment))
        check_subscribed(json.loads(await socket.recv()))
    except (OSError, WebSocketException) as error:
        raise RpcError(f"cannot follow {address}: {error}; check the websocket") from error

    async def receive() -> AsyncIterator[LiveEvent]:
        async with socket:
            while True:
                try:
                    text = await socket.recv()
                except (OSError, WebSocketException) as error:
                    message = f"nothing more arrives about {address}: {error!r}"
                    raise RpcError(message) from error
                for event in read_notice(json.loads(text)):
                    yield event

    return receive()


def request_text(address: Pubkey, commitment: str) -> str:
    """Returns the request for the logs of transactions that name an account."""
    params = [{"mentions": [str(address)]}, {"commitment": commitment}]
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "logsSubscribe", "params": params})


def check_subscribed(answer: dict[str, Any]) -> None:
    """Fails if the node refuses the subscription."""
    if "error" in answer:
        raise RpcError(f"the node refuses `logsSubscribe`: {answer['error'].get('message')}")


def read_notice(notice: dict[str, Any]) -> Iterator[LiveEvent]:
    """Returns the events in a notice. Events of failed transactions did not take effect."""
    result = notice.get("params", {}).get("result", {})
    value = result.get("value", {})
    if value.get("err") is not None:
        return
    for event in decode_events(value.get("logs") or []):
        yield LiveEvent(value["signature"], result["context"]["slot"], event)


def required_url(ws_url: str | None) -> str:
    """Returns the websocket's address, or an error that names the missing setting."""
    if ws_url is None:
        raise InvalidArgument("this client has no websocket; give `ws_url`")
    return ws_url


def missing_extra() -> NosanaError:
    """Returns the error of a missing package."""
    return NosanaError("events need websockets; `pip install nosana-client[live]`")
