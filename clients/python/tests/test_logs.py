"""Events count only if their own program logged them."""

from __future__ import annotations

import base64
import unittest

from nosana import jobs, staking
from nosana.jobs.events import FeesSwept
from nosana.logs import decode_events, find_failed_program, logged_data
from tests.reference import Numbers, read_idl

JOBS = str(jobs.PROGRAM_ID)
OTHER = str(staking.PROGRAM_ID)


class Logs(unittest.TestCase):
    def test_data_belong_to_the_running_program(self) -> None:
        logs = [
            f"Program {JOBS} invoke [1]",
            "Program data: AQI=",
            f"Program {OTHER} invoke [2]",
            "Program data: AwQ=",
            f"Program log: Program {OTHER} success",
            f"Program log: a line break\nProgram {OTHER} success",
            "Program data: BQ== Bg==",
            f"Program {OTHER} consumed 12 of 200000 compute units",
            f"Program {OTHER} success",
            "Program data: Bw==",
            "Program data: not base64",
            f"Program {JOBS} success",
            "Program data: CA==",
        ]
        found = [(str(program), data) for program, data in logged_data(logs)]
        expected = [(JOBS, b"\1\2"), (OTHER, b"\3\4"), (OTHER, b"\5\6"), (JOBS, b"\7")]
        self.assertEqual(found, expected)

    def test_an_event_that_another_program_logged_is_not_one(self) -> None:
        data, _ = Numbers(read_idl("jobs")).struct("FeesSwept")
        text = base64.b64encode(FeesSwept.DISCRIMINATOR + data).decode()

        def logs(program: str, text: str) -> list[str]:
            return [f"Program {program} invoke [1]", f"Program data: {text}"]

        self.assertEqual(len(decode_events(logs(JOBS, text))), 1)
        self.assertEqual(decode_events(logs(OTHER, text)), [])
        cut = base64.b64encode(FeesSwept.DISCRIMINATOR + data[:-1]).decode()
        self.assertEqual(decode_events(logs(JOBS, cut)), [])

    def test_the_innermost_failed_program_is_found(self) -> None:
        logs = [
            f"Program {JOBS} invoke [1]",
            f"Program {OTHER} failed: custom program error: 0x1",
            f"Program {JOBS} failed: custom program error: 0x1",
        ]
        self.assertEqual(find_failed_program(logs), staking.PROGRAM_ID)
        self.assertIsNone(find_failed_program(logs[:1]))


if __name__ == "__main__":
    unittest.main()
