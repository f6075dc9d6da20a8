/** Codama's Rust renderer takes every IDL: other repositories generate Rust clients by it. */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock, test } from "node:test";

import { rootNodeFromAnchor } from "@codama/nodes-from-anchor";
import { renderVisitor } from "@codama/renderers-rust";
import { createFromRoot } from "codama";

import { PROGRAMS, readIdl, type Idl } from "./support/idl.ts";

/** Renders a crate into a folder; returns what the renderer printed. */
function renderCrate(idl: Idl, folder: string): string[] {
  const printers = (["warn", "error", "log"] as const).map((name) =>
    mock.method(console, name, () => {}),
  );
  try {
    const codama = createFromRoot(rootNodeFromAnchor(idl as never));
    codama.accept(renderVisitor(folder, { formatCode: false, syncCargoToml: true }));
    return printers.flatMap(({ mock }) => mock.calls.map((call) => call.arguments.join(" ")));
  } finally {
    mock.restoreAll();
  }
}

/** Runs a test with a folder that is removed after it. */
function withFolder(act: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "nosana-codama-"));
  try {
    act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("Codama renders a crate of every program, without a warning", () => {
  for (const name of PROGRAMS) {
    withFolder((folder) => {
      const idl = readIdl(name);
      assert.deepEqual(renderCrate(idl, folder), [], `warnings about idl/${name}.json`);

      const generated = join(folder, "src/generated");
      for (const { name } of idl.instructions) {
        assert.ok(existsSync(join(generated, "instructions", `${name}.rs`)), name);
      }
      for (const { name } of idl.accounts) {
        const file = `${name.replace(/(?<!^)([A-Z])/g, "_$1").toLowerCase()}.rs`;
        const text = readFileSync(join(generated, "accounts", file), "utf8");
        assert.ok(text.includes(`pub struct ${name} {`), file);
      }
    });
  }
});

test("a link to Rust code in a sentence would be taken for a crate", () => {
  const idl = readIdl("jobs");
  const [first, ...others] = idl.instructions;
  const [account, ...more] = first?.accounts ?? [];
  assert.ok(first && account);
  const linked = { ...account, docs: ["See [`nosana_protocol::access`]."] };
  const instructions = [{ ...first, accounts: [linked, ...more] }, ...others];

  withFolder((folder) => {
    const render = () => renderCrate({ ...idl, instructions }, folder);
    assert.throws(render, /No version specified for .*nosana_protocol/);
  });
});
