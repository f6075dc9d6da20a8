"""The generated modules match the IDLs, in text and in bytes."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import typing
import unittest
from enum import IntEnum
from typing import Any

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from nosana.codec import Reader
from nosana.errors import InvalidArgument, MissingAccount
from nosana.jobs import accounts, instructions, types
from tests.reference import PROGRAMS, ROOT, Numbers, read_idl

LOADER = Pubkey.from_string("BPFLoaderUpgradeab1e11111111111111111111111")


def fake(text: str) -> Pubkey:
    """A made-up address for an account, or for the address in its field."""
    return Pubkey.find_program_address([text.encode()], LOADER)[0]


def function_of(program: str, name: str) -> typing.Callable[..., Instruction]:
    """Returns the function of an instruction."""
    module = importlib.import_module(f"nosana.{program}.instructions.{name}")
    function: typing.Callable[..., Instruction] = getattr(module, name, None) or getattr(
        module, name + "_"
    )
    return function


def arguments_of(program: str, idl: dict[str, Any], instruction: dict[str, Any]) -> Any:
    """Returns values for the arguments of an instruction, and their bytes."""
    numbers = Numbers(idl)
    data = bytes(instruction["discriminator"])
    values: dict[str, Any] = {}
    for arg in instruction["args"]:
        part, value = numbers.value(arg["type"])
        data += part
        values[arg["name"]] = to_package(program, idl, arg["type"], value)
    return values, data


def to_package(program: str, idl: dict[str, Any], kind: Any, value: Any) -> Any:
    """Turns plain data into what the package takes."""
    if kind == "pubkey":
        return Pubkey.from_bytes(value)
    if isinstance(kind, dict) and "array" in kind and kind["array"][0] != "u8":
        return [to_package(program, idl, kind["array"][0], each) for each in value]
    if not isinstance(kind, dict) or "defined" not in kind:
        return value
    name = kind["defined"]["name"]
    cls = getattr(importlib.import_module(f"nosana.{program}.types"), name)
    if issubclass(cls, IntEnum):
        return cls(value)
    fields = next(item for item in idl["types"] if item["name"] == name)["type"]["fields"]
    kinds = {field["name"]: field["type"] for field in fields}
    return cls(**{key: to_package(program, idl, kinds[key], item) for key, item in value.items()})


class GeneratedFiles(unittest.TestCase):
    def test_the_committed_files_are_those_of_the_idls(self) -> None:
        script = ROOT / "clients" / "python" / "generate.py"
        done = subprocess.run(
            [sys.executable, script, "--check"], capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Instructions(unittest.TestCase):
    def test_every_instruction_has_the_accounts_and_the_data_of_the_idl(self) -> None:
        for program in PROGRAMS:
            idl = read_idl(program)
            for item in idl["instructions"]:
                with self.subTest(program=program, instruction=item["name"]):
                    self.check_given(program, idl, item)

    def check_given(self, program: str, idl: dict[str, Any], item: dict[str, Any]) -> None:
        values, data = arguments_of(program, idl, item)
        given = {each["name"]: fake(each["name"]) for each in item["accounts"]
                 if "address" not in each}  # fmt: skip
        built = function_of(program, item["name"])(**given, **values)

        self.assertEqual(str(built.program_id), idl["address"])
        self.assertEqual(bytes(built.data), data)
        expected = [
            (
                Pubkey.from_string(each["address"]) if "address" in each else fake(each["name"]),
                each.get("signer", False),
                each.get("writable", False),
            )
            for each in item["accounts"]
        ]
        actual = [(meta.pubkey, meta.is_signer, meta.is_writable) for meta in built.accounts]
        self.assertEqual(actual, expected)

    def test_every_account_with_seeds_is_derived(self) -> None:
        derived = 0
        for program in PROGRAMS:
            idl = read_idl(program)
            for item in idl["instructions"]:
                with self.subTest(program=program, instruction=item["name"]):
                    derived += self.check_derived(program, idl, item)
        self.assertGreater(derived, 150, "accounts that the caller does not name")

    def check_derived(self, program: str, idl: dict[str, Any], item: dict[str, Any]) -> int:
        values, _ = arguments_of(program, idl, item)
        function = function_of(program, item["name"])
        parameters = inspect.signature(function).parameters
        by_name = {each["name"]: each for each in item["accounts"]}
        known: dict[str, Pubkey] = {}
        given: dict[str, Pubkey] = {}
        for name, each in by_name.items():
            if "address" in each:
                known[name] = Pubkey.from_string(each["address"])
            elif "pda" not in each or each.get("signer"):
                known[name] = given[name] = fake(name)

        # What would have to be read is given by the field's name.
        paths = {name: fake(name) for name in parameters if name not in by_name
                 and name not in values and not name.endswith("_account")}  # fmt: skip
        built = function(**given, **paths, **values)

        encoded = {name: value for name, value in values.items() if isinstance(value, int)}
        waiting = [name for name in by_name if name not in known]
        derived = len(waiting)
        while waiting:
            name = waiting.pop(0)
            address = self.derive(idl, by_name[name]["pda"], known, encoded)
            if address is None:
                waiting.append(name)
            else:
                known[name] = address
        actual = [meta.pubkey for meta in built.accounts]
        self.assertEqual(actual, [known[name] for name in by_name])
        return derived

    def derive(
        self, idl: dict[str, Any], pda: Any, known: dict[str, Pubkey], args: dict[str, int]
    ) -> Pubkey | None:
        seeds = []
        for seed in pda["seeds"]:
            if seed["kind"] == "const":
                seeds.append(bytes(seed["value"]))
            elif seed["kind"] == "arg":
                seeds.append(args[seed["path"]].to_bytes(8, "little"))
            elif "." in seed["path"]:
                seeds.append(bytes(fake(seed["path"].replace(".", "_"))))
            elif seed["path"] in known:
                seeds.append(bytes(known[seed["path"]]))
            else:
                return None
        owner = Pubkey.from_string(idl["address"])
        if "program" in pda:
            owner = Pubkey.from_bytes(bytes(pda["program"]["value"]))
        return Pubkey.find_program_address(seeds, owner)[0]

    def test_accounts_come_from_decoded_ones(self) -> None:
        data, _ = Numbers(read_idl("jobs")).struct("Job")
        job = accounts.Job.read(Reader(data))
        built = instructions.cancel(client=job.client, job=fake("job"), cell=7, job_account=job)
        addresses = [meta.pubkey for meta in built.accounts]
        self.assertEqual([addresses[1], addresses[5]], [job.market, job.payer_token])
        with self.assertRaisesRegex(MissingAccount, "`market` or `job_account`"):
            instructions.cancel(client=job.client, job=fake("job"), cell=7)

    def test_an_account_that_is_left_out_is_the_program_itself(self) -> None:
        built = instructions.work(
            authority=fake("a"), market=fake("m"), min_price_per_second=1, max_collateral=2
        )
        self.assertEqual([meta.pubkey for meta in built.accounts[-2:]], [built.program_id] * 2)

    def test_values_out_of_range_are_refused(self) -> None:
        common = {"authority": fake("a"), "market": fake("m")}
        with self.assertRaisesRegex(InvalidArgument, "does not fit into 8 bytes"):
            instructions.work(**common, min_price_per_second=-1, max_collateral=0)
        with self.assertRaisesRegex(InvalidArgument, "3 bytes were given; 32 are required"):
            instructions.start(
                authority=fake("a"), job=fake("j"), definition=b"abc", min_timeout_seconds=1
            )
        with self.assertRaisesRegex(InvalidArgument, "99 is not a ReturnCause"):
            instructions.quit_(
                authority=fake("a"), job=fake("j"), attempt_id=1,
                cause=typing.cast(types.ReturnCause, 99), detail=bytes(32),
                market=fake("m"), payer_token=fake("p"), node_token=fake("n"),
            )  # fmt: skip


if __name__ == "__main__":
    unittest.main()
