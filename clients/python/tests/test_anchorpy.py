"""anchorpy3, the one kept library of Python that reads this format of IDLs, takes all three."""

from __future__ import annotations

import json
import unittest
from typing import Any

from anchorpy_core.idl import parse_idl_compat_py

from tests.reference import PROGRAMS, ROOT

#: A type that anchorpy3 and Codama refuse, as Anchor's builder writes it.
ALIAS = {"name": "PodU128", "type": {"kind": "type", "alias": "u128"}}


def read_text(program: str) -> str:
    """Reads the file of an IDL."""
    return (ROOT / "idl" / f"{program}.json").read_text(encoding="utf-8")


def names_of(idl: dict[str, Any], part: str) -> list[str]:
    """Returns the names of the instructions, accounts, events, errors or types of an IDL."""
    return [each["name"] for each in idl[part]]


class Anchorpy(unittest.TestCase):
    def test_it_reads_every_part_of_every_idl(self) -> None:
        for program in PROGRAMS:
            idl = json.loads(read_text(program))
            read = json.loads(parse_idl_compat_py(read_text(program)))
            self.assertEqual(read["address"], idl["address"])
            for part in ("instructions", "accounts", "events", "errors", "types"):
                with self.subTest(program=program, part=part):
                    self.assertGreater(len(idl[part]), 0)
                    self.assertEqual(names_of(read, part), names_of(idl, part))

    def test_it_reads_every_account_of_every_instruction(self) -> None:
        for program in PROGRAMS:
            idl = json.loads(read_text(program))
            read = json.loads(parse_idl_compat_py(read_text(program)))
            for known, instruction in zip(idl["instructions"], read["instructions"], strict=True):
                with self.subTest(program=program, instruction=known["name"]):
                    self.assertEqual(names_of(instruction, "accounts"), names_of(known, "accounts"))
                    self.assertEqual(names_of(instruction, "args"), names_of(known, "args"))

    def test_it_refuses_the_alias_that_is_dropped(self) -> None:
        idl = json.loads(read_text("jobs"))
        idl["types"].append(ALIAS)
        with self.assertRaisesRegex(ValueError, "IdlTypeDefinitionTyCompat"):
            parse_idl_compat_py(json.dumps(idl))


if __name__ == "__main__":
    unittest.main()
