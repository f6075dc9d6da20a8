"""JSON-RPC over HTTP, with the standard library alone."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import time
import urllib.error
import urllib.request
from typing import Any

from nosana.errors import RpcError

#: Attempts after the first one, with delays of 0.1, 0.2, 0.4, 0.8 and 1.6 seconds and jitter.
MAX_RETRIES = 5
FIRST_DELAY_SECONDS = 0.1
#: Errors that mean that the node is behind the cluster.
NODE_BEHIND = (-32004, -32005, -32016)
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500


class Rpc:
    """A node. Threads may share it."""

    def __init__(self, url: str, timeout_seconds: float = 30) -> None:
        if not url.startswith(("http://", "https://")):
            raise RpcError(f"`{url}` is not the address of a node; it begins with http")
        self.url = url
        self.timeout_seconds = timeout_seconds
        self._numbers = itertools.count(1)

    def call(self, method: str, params: list[Any], *, is_repeatable: bool = True) -> Any:
        """Sends a request and returns the result; tries again while the node does not answer."""
        delay = FIRST_DELAY_SECONDS
        for attempt in itertools.count():
            try:
                return self._call_once(method, params)
            except RpcError as error:
                if not is_repeatable or attempt >= MAX_RETRIES or not is_transient(error):
                    raise
            time.sleep(delay * random.uniform(1, 2))
            delay *= 2
        raise AssertionError("unreachable")

    def _call_once(self, method: str, params: list[Any]) -> Any:
        number = next(self._numbers)
        body = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        request = urllib.request.Request(
            self.url,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_seconds) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            message = f"the node refuses `{method}` with the status {error.code}; check its limits"
            raise RpcError(message, code=error.code) from error
        except (OSError, http.client.HTTPException) as error:
            message = f"the node does not answer `{method}`: {error}; check its address"
            raise RpcError(message) from error
        except ValueError as error:
            raise RpcError(f"the node's answer to `{method}` is not JSON; check its address") from (
                error
            )
        return read_answer(method, answer)


def read_answer(method: str, answer: Any) -> Any:
    """Returns the result in an answer, or raises its error."""
    if not isinstance(answer, dict) or not ("result" in answer or "error" in answer):
        raise RpcError(f"the node's answer to `{method}` is not JSON-RPC; check its address")
    error = answer.get("error")
    if error is not None:
        message = f"the node refuses `{method}`: {error.get('message')}"
        raise RpcError(message, code=error.get("code"))
    return answer["result"]


def is_transient(error: RpcError) -> bool:
    """Whether the same request may succeed later."""
    if error.code is None or error.code in NODE_BEHIND:
        return True
    return error.code == TOO_MANY_REQUESTS or error.code >= SERVER_ERROR
