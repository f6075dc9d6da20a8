"""Identifiers are those of `ipfs add`, and every block is checked."""

from __future__ import annotations

import io
import tempfile
import unittest
from pathlib import Path

from nosana.content import FolderStore, digest_of, identifier, identify
from nosana.content.unixfs import Link, digest_block, encode_node, field_bytes, field_number
from nosana.errors import ContentError, InvalidArgument

CHUNK = 262_144
#: Made with the npm package `ipfs-unixfs-importer` 17.1.1; see `crates/store/tests/store.rs`.
VECTORS = [
    (0, "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"),
    (1, "QmS9JArPwa55ePgDnyg6TzX24mYTS1b1vLqWNebyVotKxQ"),
    (CHUNK, "QmeqfRyS3vkku7n6krqC3DgGMex3x2sCpSeKMDmrG13QQq"),
    (CHUNK + 1, "QmUSjGawaz4ptvREcMKSMJneWCa5j8dAz2wSAAvHtW2rnB"),
    (524_305, "Qmer2EWF4U4SkNmNMBUdvNq7ubAaWuu9FgYhqDiGYewXpN"),
    (174 * CHUNK, "QmXCym15aFeWjAWyPFaAgwVmkuKB7EBsV77Skt54KmxChF"),
    (175 * CHUNK + 5, "QmagSFfvPvAFXZm9mwAVndNCzXpY4nHRu58riErtS5tf8K"),
]
HELLO = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"


def pattern(size: int) -> bytes:
    """Bytes 0, 1, … 250, 0, 1, …"""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


class Identifiers(unittest.TestCase):
    def test_identifiers_are_those_of_ipfs(self) -> None:
        self.assertEqual(identifier(identify(b"hello world\n")), HELLO)
        for size, text in VECTORS:
            self.assertEqual(identifier(identify(pattern(size))), text, f"{size} bytes")

    def test_text_and_digest_are_two_forms_of_one_identifier(self) -> None:
        self.assertEqual(identifier(digest_of(HELLO)), HELLO)
        for digest in (bytes(32), b"\xff" * 32):
            self.assertEqual(digest_of(identifier(digest)), digest)

    def test_other_texts_are_refused(self) -> None:
        version_1 = "bafybeicg2rebjoofv4kbyovkw7af3rpiitvnl6i7ckcywaq6xjcxnc2mby"
        wrong = [
            "",
            "Qm",
            version_1,
            HELLO[1:],
            HELLO.replace("8", "0"),
            HELLO + "5",
            "Qm" + "z" * 44,
        ]
        for text in wrong:
            with self.assertRaisesRegex(InvalidArgument, "not a CIDv0"):
                digest_of(text)
        with self.assertRaisesRegex(InvalidArgument, "32 bytes, not 3"):
            identifier(b"abc")


class Folder(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name)
        self.store = FolderStore(self.path)

    def blocks(self) -> list[Path]:
        return sorted(path for path in (self.path / "blocks").rglob("*") if path.is_file())

    def test_files_of_one_and_of_many_blocks_are_read_again(self) -> None:
        for size in (0, 1, CHUNK, CHUNK + 1, 700_001):
            digest = self.store.put(pattern(size))
            self.assertEqual(self.store.get(digest), pattern(size))
            self.assertEqual(self.store.get(identifier(digest)), pattern(size))

    def test_blocks_lie_where_nodes_look_for_them(self) -> None:
        self.store.put(pattern(600_000))
        self.store.put(pattern(600_000))
        blocks = self.blocks()
        self.assertEqual(len(blocks), 4, "three leaves and a root")
        for path in blocks:
            name = digest_block(path.read_bytes()).hex()
            self.assertEqual(path, self.path / "blocks" / name[:2] / name[2:4] / name)
        self.assertEqual(list((self.path / "staging").iterdir()), [])

    def test_a_stream_in_uneven_pieces_is_the_same_file(self) -> None:
        class Slow(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                return super().read(min(size or 0, 1_000))

        self.assertEqual(self.store.put(Slow(pattern(600_000))), identify(pattern(600_000)))

    def test_damage_is_detected_and_storing_again_repairs_it(self) -> None:
        digest = self.store.put(pattern(300_000))
        for path in self.blocks():
            intact = path.read_bytes()
            path.write_bytes(intact[:-1] + bytes([intact[-1] ^ 1]))
            with self.assertRaisesRegex(ContentError, "is damaged: it hashes to"):
                self.store.get(digest)
            self.store.put(pattern(300_000))
            self.assertEqual(path.read_bytes(), intact)

    def test_missing_content_is_named(self) -> None:
        with self.assertRaisesRegex(ContentError, f"{HELLO} is not stored"):
            self.store.get(HELLO)

    def test_limits_hold(self) -> None:
        for size in (100, 300_000):
            digest = self.store.put(pattern(size))
            self.assertEqual(self.store.get(digest, size), pattern(size))
            with self.assertRaisesRegex(ContentError, f"{size} bytes; {size - 1} are allowed"):
                self.store.get(digest, size - 1)
        with self.assertRaisesRegex(ContentError, "are allowed"):
            self.store.put_block(bytes(2 * 1024 * 1024 + 1))
        with self.assertRaisesRegex(ContentError, "are allowed"):
            self.store.put_json("x" * (17 << 20))

    def test_what_is_not_a_file_is_refused(self) -> None:
        # Not protobuf; and the empty UnixFS directory.
        for block in (b"not a dag-pb node", bytes([0x0A, 2, 8, 1]), b""):
            with self.assertRaisesRegex(ContentError, "not a file"):
                self.store.get(self.store.put_block(block))

    def test_a_tree_of_endless_empty_leaves_is_refused(self) -> None:
        child = self.store.put(b"")
        for _ in range(4):
            child = self.store.put_block(encode_node([Link(child, 0, 0)] * 200))
        with self.assertRaisesRegex(ContentError, "too many blocks"):
            self.store.get(child, 1_000_000)

    def test_raw_leaves_are_read(self) -> None:
        leaf = b"a raw leaf"
        self.store.put_block(leaf)
        link = field_bytes(1, b"\x01\x55\x12\x20" + digest_block(leaf)) + field_bytes(2, b"")
        size = len(leaf)
        data = field_number(1, 2) + field_number(3, size) + field_number(4, size)
        root = field_bytes(2, link + field_number(3, size)) + field_bytes(1, data)
        self.assertEqual(self.store.get(self.store.put_block(root)), leaf)

    def test_json_is_compact(self) -> None:
        digest = self.store.put_json({"b": [1, "ä"], "a": None})
        self.assertEqual(self.store.get(digest), '{"b":[1,"ä"],"a":null}'.encode())
        self.assertEqual(self.store.get_json(digest), {"b": [1, "ä"], "a": None})
        with self.assertRaisesRegex(ContentError, "is not a JSON file"):
            self.store.get_json(self.store.put(b"{"))


if __name__ == "__main__":
    unittest.main()
