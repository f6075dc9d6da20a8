"""Requests to the node, and what both clients have in common."""

from __future__ import annotations

import inspect
import unittest

from nosana import AsyncClient, Client
from nosana.errors import RpcError
from tests.node import Refusal, ScriptedNode, Status, sequence


class Requests(unittest.TestCase):
    def test_requests_are_repeated_while_the_node_is_behind(self) -> None:
        answer = {"value": {"amount": "5"}}
        answers = sequence(Status(503), Status(429), Refusal(-32005, "behind"), answer)
        node = ScriptedNode({"getBalance": answers})
        self.addCleanup(node.close)
        rpc = Client(node.url).settings.rpc
        self.assertEqual(rpc.call("getBalance", []), answer)
        self.assertEqual(len(node.calls), 4)

    def test_other_errors_are_raised_at_once(self) -> None:
        node = ScriptedNode({"getBalance": sequence(Refusal(-32602, "wrong"), Status(404))})
        self.addCleanup(node.close)
        rpc = Client(node.url).settings.rpc
        for expected in ("wrong", "status 404"):
            with self.assertRaisesRegex(RpcError, expected):
                rpc.call("getBalance", [])
        with self.assertRaisesRegex(RpcError, "not the address of a node"):
            Client("localhost:8899")
        with self.assertRaisesRegex(RpcError, "does not answer"):
            Client("http://127.0.0.1:1").settings.rpc.call("x", [], is_repeatable=False)


class BothClients(unittest.TestCase):
    def test_they_have_the_same_methods_with_the_same_parameters(self) -> None:
        def methods(cls: type) -> dict[str, list[str]]:
            members = inspect.getmembers(cls, inspect.isfunction)
            named = {name: each for name, each in members if not name.startswith("__")}
            return {name: list(inspect.signature(each).parameters) for name, each in named.items()}

        ours, theirs = methods(Client), methods(AsyncClient)
        # An event loop has bounds of its own.
        ours["follow"].remove("timeout_seconds")
        self.assertEqual(ours, theirs)


if __name__ == "__main__":
    unittest.main()
