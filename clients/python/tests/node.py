"""A node that answers requests with what a test says, over a real socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[list[Any]], Any]


class Refusal(Exception):
    """An answer with an error of JSON-RPC."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Status(Exception):
    """An answer with a status of HTTP."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class ScriptedNode:
    """Listens on a free port until it is closed."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        #: The methods that were called, in order.
        self.calls: list[str] = []
        #: The parameters of each call.
        self.params: list[list[Any]] = []
        node = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                node.calls.append(request["method"])
                node.params.append(request["params"])
                status, body = node.answer(request)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Prints nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        serve = partial(self._server.serve_forever, poll_interval=0.02)
        threading.Thread(target=serve, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, request: dict[str, Any]) -> tuple[int, bytes]:
        """Returns the status and the body of an answer."""
        body: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            body["result"] = self.answers[request["method"]](request["params"])
        except Refusal as refusal:
            body["error"] = {"code": refusal.code, "message": str(refusal)}
        except Status as status:
            return status.code, b"{}"
        return 200, json.dumps(body).encode()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()


def sequence(*answers: Any) -> Answer:
    """Returns one answer after the other; the last one again and again. Exceptions are raised."""
    left = list(answers)

    def answer(_: list[Any]) -> Any:
        following = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(following, Exception):
            raise following
        return following

    return answer
