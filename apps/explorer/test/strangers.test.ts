/** What strangers write cannot break, freeze or disguise a page. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { GatewayStore } from "../src/data/content.ts";
import { jsonText, parseJson } from "../src/format/json.ts";
import { readOutput, readResult } from "../src/format/result.ts";
import { fileText, lineText, MAX_SHOWN, visibleText } from "../src/format/text.ts";

const ID = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";
const encode = (text: string) => new TextEncoder().encode(text);
/** Values of every type, in each place where another one is expected. */
const ODD: unknown[] = [
  null,
  undefined,
  5,
  "text",
  true,
  [],
  {},
  [[]],
  [null],
  { toString: 1, valueOf: 1 },
  "../../config.json?",
];

test("hidden characters are shown, and text of all languages stays", () => {
  assert.equal(visibleText("\u001b[31mred\u001b[0m\u0000\u007f\u009b"), "␛[31mred␛[0m␀␡⟨U+009B⟩");
  assert.equal(visibleText("photo\u202egnp.exe"), "photo⟨U+202E⟩gnp.exe");
  assert.equal(visibleText("a\u2066b\u200fc\u2028d\ud800\u{e0041}\ufeff").length, 53);
  const fair = "línea 1\r\nשלום مرحبا 日本 👩\u200d🔬\tend\n";
  assert.equal(visibleText(fair), fair.replace("\r\n", "\n"));
  assert.equal(lineText("one\ntwo\tthree"), "one␊two␉three");
  assert.equal(lineText("a".repeat(5_000)).length, 201);
});

test("long files are cut, and deep ones are not indented", () => {
  const long = fileText("a".repeat(MAX_SHOWN + 7));
  assert.ok(long.endsWith("\n… 7 more characters") && long.length < MAX_SHOWN + 50);

  assert.equal(jsonText(encode('{"a":[1]}')), '{\n  "a": [\n    1\n  ]\n}');
  for (const depth of [5_000, 120_000, 4_000_000]) {
    const text = jsonText(encode("[".repeat(depth) + "]".repeat(depth)));
    assert.ok(text.startsWith("[[[") && text.length < MAX_SHOWN + 50, `${depth}`);
  }
  assert.equal(parseJson(new Uint8Array([0x22, 0xff, 0x22])), undefined);
  assert.equal(jsonText(new Uint8Array([0x22, 0xff, 0x22])), '"\ufffd"');
});

test("a result with any fields is read, or is not a result", () => {
  for (const odd of ODD) {
    assert.equal(readResult(odd), undefined);
    const result = readResult({
      version: "nosana-result/1",
      definition: odd,
      ops: [odd, { id: odd, status: odd, output: odd, error: odd }],
    });
    assert.equal(result?.operations.length, 2);
    for (const operation of result?.operations ?? []) {
      assert.equal(typeof operation.id, "string");
      assert.equal(operation.output, undefined);
    }
  }
  const ops = new Array<unknown>(100_000).fill({ id: "a", status: "ok", output: ID, error: null });
  const many = readResult({ version: "nosana-result/1", definition: ID, ops });
  assert.equal(many?.operations.length, 16);
  assert.deepEqual(many?.operations[0], { id: "a", status: "ok", output: ID, error: undefined });
});

test("an output with any fields is read", () => {
  for (const odd of ODD) {
    for (const name of ["steps", "generations", "embeddings"]) {
      const fields = { artifacts: odd, dimensions: odd };
      assert.ok(readOutput({ ...fields, [name]: [odd, { text: odd, name: odd, log: odd }] }).kind);
      assert.ok(readOutput({ ...fields, [name]: odd }).kind);
    }
    assert.equal(readOutput(odd).kind, "other");
  }
  const step = { name: "a", status: "exited", exit_code: 1, log: ID, log_bytes: 5 };
  const artifact = { path: "x\u202e", size_bytes: "5", content: "../secret" };
  assert.deepEqual(readOutput({ steps: [step], artifacts: [artifact] }), {
    kind: "commands",
    steps: [{ name: "a", status: "exited", exitCode: 1, log: ID, logBytes: 5 }],
    artifacts: [{ path: "x⟨U+202E⟩", sizeBytes: 0, content: undefined }],
  });
});

test("only identifiers become addresses of the content endpoint", async () => {
  const store = new GatewayStore("http://127.0.0.1:9");
  for (const id of ["../../api/v0/shutdown", `${ID}/../x`, "", "bafy"]) {
    await assert.rejects(store.getBlock(id), /is not a CIDv0/);
    await assert.rejects(store.putBlock(id, new Uint8Array()), /is not a CIDv0/);
  }
});
