/** The content identifiers that these tests compute are those of `ipfs add`. Needs no network. */

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { contentId, digestOf, identify, Store } from "../src/store.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "nosana-store-"));
});
after(() => rm(folder, { recursive: true }));

test("identifiers are those of `ipfs add`", async () => {
  const known = [
    ["hello world\n", "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"],
    ["", "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"],
  ] as const;
  for (const [text, expected] of known) {
    const id = await identify(new TextEncoder().encode(text));
    assert.equal(id.toString(), expected);
    assert.deepEqual(contentId(digestOf(id)).toString(), expected, "the digest on the chain names the same file");
  }
});

test("what is stored is read again, and a damaged block is refused", async () => {
  const store = new Store(folder);
  const value = { text: "x".repeat(600_000) };
  const id = await store.addJson(value);
  assert.deepEqual(await store.readJson(id), value);
  assert.deepEqual(await readdir(join(folder, "staging")), []);

  const name = Buffer.from(digestOf(id)).toString("hex");
  const path = join(folder, "blocks", name.slice(0, 2), name.slice(2, 4), name);
  const block = await readFile(path);
  block[0]! ^= 1;
  await writeFile(path, block);
  await assert.rejects(store.readJson(id), /hashes to/);
});
