"""Definitions are those of the examples, and their bounds are those of the JSON schema."""

from __future__ import annotations

import json
import unittest
from collections.abc import Callable
from typing import Any

from nosana.definition import command, content_input, define, embedding, generation, model, step
from nosana.definition.command import LIMITS
from nosana.definition.inference import SAMPLING
from nosana.errors import InvalidArgument
from tests.reference import ROOT

SCHEMA = ROOT / "docs" / "schema"
FIRST = "sha256:687d3ab1f2bf771aec2cb8965d5c984472dcda11b58f840263b022010166c1dc"
SECOND = "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
ARCHIVE = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"


def example(name: str) -> Any:
    return json.loads((SCHEMA / "examples" / f"{name}.json").read_text(encoding="utf-8"))


class Examples(unittest.TestCase):
    def test_builders_make_the_examples_of_the_documentation(self) -> None:
        texts = ["A first sentence.", "A second one."]
        self.assertEqual(define(embedding("embed", texts)), example("embedding"))

        sourced = model(
            SECOND,
            "hf://org/repository/file.gguf",
            "https://example.org/models/file.gguf",
        )
        answer = generation("answer", ["What is a prime number?"], model=sourced)
        self.assertEqual(define(answer), example("model"))

        pipeline = command(
            "ci",
            step("make all", "build"),
            step(["./run-tests", "--quick"], "test", timeout_seconds=120),
            env={"CI": "true"},
            inputs=[content_input(".", ARCHIVE, unpack=True)],
            artifacts=["reports/**/*.xml"],
            limits={"timeout_seconds": 600, "memory_mib": 1024, "cpus": 2},
        )
        self.assertEqual(define(pipeline), example("pipeline"))

    def test_models_have_the_digests_that_nodes_know(self) -> None:
        self.assertEqual(embedding("a", ["text"])["args"]["model"], FIRST)
        self.assertEqual(generation("a", ["text"])["args"]["model"], SECOND)
        self.assertEqual(model(FIRST), FIRST)

    def test_bounds_are_those_of_the_schema(self) -> None:
        text = (SCHEMA / "nosana-1.definition.schema.json").read_text(encoding="utf-8")
        types = json.loads(text)["$defs"]
        for name, bounds in (("CommandLimits", LIMITS), ("SamplingArgs", SAMPLING)):
            fields = types[name]["properties"]
            self.assertEqual(set(fields), set(bounds), name)
            for field, (least, most) in bounds.items():
                self.assertEqual(fields[field].get("minimum", least), least, field)
                self.assertEqual(fields[field].get("maximum", most), most, field)


class Refusals(unittest.TestCase):
    def test_what_nodes_refuse_is_refused_before_anybody_pays(self) -> None:
        one = embedding("a", ["text"])
        cases: list[tuple[str, Callable[[], Any]]] = [
            ("0 operations", define),
            ("17 operations", lambda: define(*[one] * 17)),
            ("have the name `a`", lambda: define(one, one)),
            ("not a name", lambda: embedding(".a", ["text"])),
            ("is one text", lambda: embedding("a", "text")),
            ("0 texts", lambda: embedding("a", [])),
            ("number 1 of texts is blank", lambda: embedding("a", ["text", " "])),
            ("8193 bytes", lambda: embedding("a", ["x" * 8193])),
            ("4098 bytes", lambda: generation("a", ["ä" * 2049])),
            ("max_tokens is 513", lambda: generation("a", ["text"], max_tokens=513)),
            ("system is blank", lambda: generation("a", ["text"], system="")),
            ("temperature is 3", lambda: generation("a", ["text"], sampling={"temperature": 3})),
            ("not a setting", lambda: generation("a", ["text"], sampling={"heat": 3})),
            ("a stop text", lambda: generation("a", ["text"], stop=[""])),
            ("9 stop texts", lambda: generation("a", ["text"], stop=["x"] * 9)),
            ("not a digest", lambda: model("SmolLM2")),
            ("not a source", lambda: model(FIRST, "ftp://example.org/file.gguf")),
            ("not a source", lambda: model(FIRST, "https://me:key@example.org/file.gguf")),
            ("0 steps", lambda: command("a")),
            ("is blank", lambda: command("a", " ")),
            ("have the name `run`", lambda: command("a", step("a"), step("b"))),
            ("only for a line", lambda: step(["ls"], shell="bash")),
            ("`bash` or `sh`", lambda: step("ls", shell="zsh")),
            ("NUL", lambda: step("a\0b")),
            ("send a script", lambda: step("x" * 40_000)),
            ("not a name for a variable", lambda: command("a", "ls", env={"1A": ""})),
            ("relative to the work folder", lambda: command("a", "ls", artifacts=["/etc"])),
            ("relative to the work folder", lambda: content_input("../a", ARCHIVE)),
            ("not a CIDv0", lambda: content_input("a", "Qm")),
            ("not a limit", lambda: command("a", "ls", limits={"memory": 1})),
            ("memory_mib is 15", lambda: command("a", "ls", limits={"memory_mib": 15})),
        ]
        for expected, build in cases:
            with self.subTest(expected), self.assertRaisesRegex(InvalidArgument, expected):
                build()


if __name__ == "__main__":
    unittest.main()
