"""`nosana job validate` accepts what the builders make."""

from __future__ import annotations

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from nosana.definition import (
    SMOLLM2_135M,
    Definition,
    command,
    content_input,
    define,
    embedding,
    generation,
    model,
    step,
)
from nosana.definition.command import LIMITS
from nosana.definition.inference import MAX_INPUT_BYTES, MAX_INPUTS, SAMPLING
from tests.network import find_binary
from tests.test_content import HELLO


def largest_definition() -> Definition:
    """A definition that uses every argument, with the highest values."""
    sourced = model(SMOLLM2_135M, *["hf://org/repository@main/file.gguf"] * 4)
    return define(
        embedding("embed", ["x" * MAX_INPUT_BYTES] * MAX_INPUTS, truncate=True),
        generation(
            "answer",
            ["What is a prime number?"],
            model=sourced,
            max_tokens=512,
            system="Answer in one sentence.",
            sampling={name: most for name, (_, most) in SAMPLING.items()},
            stop=["\n"] * 8,
        ),
        command(
            "build",
            step("make", "make", shell="bash", timeout_seconds=60),
            step(["./test", "--all"], "test"),
            "true",
            env={"CI": "true", "EMPTY": ""},
            inputs=[content_input(".", HELLO, unpack=True), content_input("a/b", HELLO)],
            artifacts=["report.xml", "logs/**/*.txt"],
            working_directory="source",
            network=True,
            limits={name: most for name, (_, most) in LIMITS.items()},
        ),
    )


class Validation(unittest.TestCase):
    def validate(self, definition: Definition) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "definition.json"
            path.write_text(json.dumps(definition), encoding="utf-8")
            command = [str(find_binary()), "job", "validate", str(path)]
            return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_definitions_with_every_argument_are_valid(self) -> None:
        least = {name: least for name, (least, _) in LIMITS.items()}
        small = define(command("a", ["/bin/true"], limits=least))
        for definition in (largest_definition(), small):
            done = self.validate(definition)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(f"{len(definition['ops'])} operation(s)", done.stdout)

    def test_the_check_can_fail(self) -> None:
        definition = largest_definition()
        definition["ops"][0]["args"]["inputs"].append("one too many")
        self.assertNotEqual(self.validate(definition).returncode, 0)


if __name__ == "__main__":
    unittest.main()
