"""The generator refuses what it could only get wrong."""

from __future__ import annotations

import copy
import json
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from codegen.idl import Refused, read_program
from codegen.package import package_files
from generate import FOLDER, find_differences, generate_all
from tests.reference import read_idl

Change = Callable[[dict[str, Any]], Any]


def generate(idl: dict[str, Any]) -> dict[str, str]:
    """Returns the files that are generated from an IDL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rewards.json"
        path.write_text(json.dumps(idl), encoding="utf-8")
        return package_files(read_program(path))


class Generator(unittest.TestCase):
    def changed(self, change: Change) -> dict[str, str]:
        idl = copy.deepcopy(read_idl("rewards"))
        change(idl)
        return generate(idl)

    def test_unknown_shapes_are_refused(self) -> None:
        def first(idl: dict[str, Any]) -> dict[str, Any]:
            fund: dict[str, Any] = next(each for each in idl["instructions"] if each["args"])
            return fund

        fields: dict[str, Any] = {"kind": "enum", "variants": [{"name": "A", "fields": ["u8"]}]}
        seed = {"kind": "account", "path": "destination"}
        cases: list[tuple[str, Change]] = [
            ("has the format 0.2.0", lambda idl: idl["metadata"].update(spec="0.2.0")),
            ("is generic", lambda idl: idl["types"][0].update(generics=[{"kind": "type"}])),
            ("variants with fields", lambda idl: idl["types"][0].update(type=fields)),
            ("the type f64", lambda idl: first(idl)["args"][0].update(type="f64")),
            ("is not supported", lambda idl: first(idl)["args"][0].update(type={"hash_map": "u8"})),
            ("a group of accounts", lambda idl: first(idl)["accounts"][0].update(accounts=[])),
            (
                "two parameters named",
                lambda idl: first(idl)["args"][0].update(name="pool_nos_mint"),
            ),
            ("derived from each other", lambda idl: self.derive_in_a_circle(idl, seed)),
            ("name it in DERIVERS", self.derive_by_a_stranger),
        ]
        for expected, change in cases:
            with self.subTest(expected), self.assertRaisesRegex(Refused, expected):
                self.changed(change)

    def derive_in_a_circle(self, idl: dict[str, Any], seed: dict[str, str]) -> None:
        claim = next(each for each in idl["instructions"] if each["name"] == "claim")
        for account in claim["accounts"]:
            if account["name"] == "destination":
                account["pda"] = {"seeds": [{"kind": "account", "path": "vault"}]}
            if account["name"] == "vault":
                account["pda"] = {"seeds": [seed]}

    def derive_by_a_stranger(self, idl: dict[str, Any]) -> None:
        claim = next(each for each in idl["instructions"] if each["name"] == "claim")
        account = next(each for each in claim["accounts"] if each["name"] == "vault")
        account["pda"]["program"] = {"kind": "const", "value": [9] * 32}

    def test_a_change_of_an_idl_changes_the_text_and_is_noticed(self) -> None:
        unchanged = generate(read_idl("rewards"))
        changed = self.changed(lambda idl: idl["errors"][0].update(msg="Another text"))
        differing = [path for path, text in changed.items() if unchanged[path] != text]
        self.assertEqual(differing, ["errors.py"])
        self.assertIn('TEXT = "Another text"', changed["errors.py"])

        files = generate_all()
        path = next(iter(files))
        self.assertEqual(find_differences(files), [])
        wrong = {**files, path: "", FOLDER / "missing.py": ""}
        del wrong[list(files)[-1]]
        sentences = " ".join(find_differences(wrong))
        for expected in ("differs from the IDL", "missing.py is missing", "is left over"):
            self.assertIn(expected, sentences)

    def test_generated_lines_fit_into_the_width(self) -> None:
        long = [line for text in generate_all().values() for line in text.split("\n")]
        self.assertLessEqual(max(map(len, long)), 100)


if __name__ == "__main__":
    unittest.main()
