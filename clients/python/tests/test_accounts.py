"""Accounts, events and errors are those of the IDLs."""

from __future__ import annotations

import importlib
import unittest
from typing import Any

from codegen.kinds import is_padding
from nosana.codec import Reader
from nosana.errors import DecodeError, InvalidArgument
from nosana.jobs import accounts, types
from nosana.records import Record
from tests.reference import PROGRAMS, ROOT, Numbers, plain, read_idl


class AccountsAndEvents(unittest.TestCase):
    def test_every_account_and_event_is_decoded_field_by_field(self) -> None:
        for program in PROGRAMS:
            idl = read_idl(program)
            for group in ("accounts", "events"):
                module = importlib.import_module(f"nosana.{program}.{group}")
                for item in idl[group]:
                    with self.subTest(program=program, type=item["name"]):
                        data, values = Numbers(idl).struct(item["name"])
                        cls = getattr(module, item["name"])
                        whole = bytes(item["discriminator"]) + data
                        decoded = cls.decode(whole)
                        self.assertEqual(plain(decoded), values)
                        self.assertEqual(decoded.encode(), data)
                        self.assert_refused(cls, whole)

    def assert_refused(self, cls: Any, whole: bytes) -> None:
        with self.assertRaises(DecodeError):
            cls.decode(whole[:-1])
        with self.assertRaisesRegex(DecodeError, "not of the type"):
            cls.decode(bytes([whole[0] ^ 1]) + whole[1:])

    def test_accounts_have_the_sizes_that_the_programs_assert(self) -> None:
        sizes = {"Config": 304, "Market": 480, "Job": 560, "Node": 2168}
        for name, size in sizes.items():
            self.assertEqual(getattr(accounts, name).layout_size(), size, name)
        self.assertIsNone(accounts.QueueHeader.layout_size())

    def test_offsets_of_fields_are_those_of_the_auditors_tables(self) -> None:
        text = (ROOT / "docs" / "jobs.md").read_text(encoding="utf-8")
        table = text.split("### Node: ")[1].split("###")[0]
        compared = 0
        for line in table.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            field = cells[2].strip("`") if len(cells) == 5 else ""
            if f"`{field}`" in cells and not is_padding(field):
                self.assertEqual(accounts.Node.field_offset(field), int(cells[0]), field)
                compared += 1
        self.assertGreater(compared, 20)
        with self.assertRaisesRegex(InvalidArgument, "no field `price`"):
            accounts.Job.field_offset("price")

    def test_a_state_that_is_not_known_says_what_to_do(self) -> None:
        codec = dict(accounts.Job.LAYOUT)["state"]
        with self.assertRaisesRegex(DecodeError, "17 is not a JobState .* update it"):
            codec.read(Reader(bytes([17])))

    def test_enumerations_have_the_names_and_numbers_of_the_idl(self) -> None:
        self.assertEqual([state.name for state in types.JobState][0::5], ["QUEUED", "SETTLED"])
        self.assertEqual(types.Reason.RESULT_REJECTED, 10)
        self.assertTrue(issubclass(types.Slot, Record))


class Errors(unittest.TestCase):
    def test_every_error_has_its_number_name_and_text(self) -> None:
        numbers = set()
        for program in PROGRAMS:
            module = importlib.import_module(f"nosana.{program}.errors")
            for item in read_idl(program)["errors"]:
                error = module.ERRORS[item["code"]]
                actual = (error.CODE, error.NAME, error.TEXT, error.__name__)
                self.assertEqual(actual, (item["code"], item["name"], item["msg"], item["name"]))
                numbers.add(item["code"])
        total = sum(len(read_idl(program)["errors"]) for program in PROGRAMS)
        self.assertEqual(len(numbers), total, "numbers do not overlap")


if __name__ == "__main__":
    unittest.main()
