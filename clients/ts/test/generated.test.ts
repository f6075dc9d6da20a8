/** The committed code is what `npm run generate` writes from the IDL. */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

import { mendPages } from "../codegen/mends.ts";
import { GENERATED, renderClients } from "../codegen/render.ts";

test("the generated code matches the IDL", async () => {
  const pages = await renderClients();
  const entries = await readdir(GENERATED, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).length;
  assert.equal(files, pages.size, "run `npm run generate`: files were added or removed");

  for (const [path, text] of pages) {
    const committed = await readFile(new URL(path, GENERATED), "utf8").catch(() => "");
    assert.ok(committed === text, `run \`npm run generate\`: ${path} differs from the IDL`);
  }
});

test("a mend that finds nothing fails", () => {
  const pages = (path: string, text: string) => new Map([[path, text]]);
  assert.throws(() => mendPages(pages("errors/x.ts", "export {};")), /other messages/);
  assert.throws(() => mendPages(pages("programs/x.ts", "export {};")), /another plugin/);
  assert.throws(() => mendPages(pages("a.ts", 'export * from "./b";')), /was not rendered/);
});
