"""Stores exchange blocks with the HTTP API of an IPFS node."""

from __future__ import annotations

import tempfile
import threading
import unittest
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

from nosana.content import FolderStore, KuboStore, digest_of
from nosana.content.unixfs import digest_block
from nosana.errors import ContentError
from tests.test_content import HELLO, pattern


class KuboHandler(BaseHTTPRequestHandler):
    """The two calls of an IPFS node's API that stores need, with blocks in memory."""

    blocks: dict[bytes, bytes] = {}
    pinned: set[bytes] = set()

    def do_POST(self) -> None:
        url = urlparse(self.path)
        query = parse_qs(url.query)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if url.path == "/api/v0/block/put":
            boundary = self.headers["Content-Type"].split("boundary=")[1].encode()
            block = body.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--" + boundary + b"--", 1)[0]
            assert query["cid-codec"] == ["dag-pb"] and query["mhtype"] == ["sha2-256"]
            self.blocks[digest_block(block)] = block
            self.pinned |= {digest_block(block)} if query["pin"] == ["true"] else set()
            self.answer(200, b"{}")
        else:
            found = self.blocks.get(digest_of(query["arg"][0]))
            self.answer(500, b"block was not found") if found is None else self.answer(200, found)

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Prints nothing."""


class Kubo(unittest.TestCase):
    def setUp(self) -> None:
        KuboHandler.blocks, KuboHandler.pinned = {}, set()
        server = ThreadingHTTPServer(("127.0.0.1", 0), KuboHandler)
        serve = partial(server.serve_forever, poll_interval=0.02)
        threading.Thread(target=serve, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.kubo = KuboStore(f"http://127.0.0.1:{server.server_port}", timeout_seconds=5)

    def test_files_are_stored_pinned_and_read(self) -> None:
        digest = self.kubo.put(pattern(300_000))
        self.assertEqual(self.kubo.get(digest), pattern(300_000))
        self.assertEqual(len(KuboHandler.pinned), 3)

    def test_a_forged_block_is_refused(self) -> None:
        digest = self.kubo.put(b"content")
        KuboHandler.blocks[digest] = b"another block"
        with self.assertRaisesRegex(ContentError, "is damaged"):
            self.kubo.get(digest)

    def test_errors_name_the_node(self) -> None:
        with self.assertRaisesRegex(ContentError, "cannot read a block: block was not found"):
            self.kubo.get(HELLO)
        with self.assertRaisesRegex(ContentError, "check its address"):
            KuboStore("http://127.0.0.1:1", timeout_seconds=1).get(HELLO)

    def test_a_folder_shares_its_blocks_with_the_node_behind_it(self) -> None:
        with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
            digest = FolderStore(ours, self.kubo).put(pattern(300_000))
            other = FolderStore(theirs, self.kubo)
            self.assertEqual(other.get(digest), pattern(300_000))
            self.assertEqual(FolderStore(theirs).get(digest), pattern(300_000), "kept")


if __name__ == "__main__":
    unittest.main()
