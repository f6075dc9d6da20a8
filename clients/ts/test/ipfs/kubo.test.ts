/**
 * The store behind an IPFS node, against js-ipfs: `cargo xtask test --only ipfs` installs it in
 * `tests/ipfs` and runs this.
 */

import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import {
  BlockNotFoundError,
  KuboStore,
  readFile,
  toContentId,
  writeFile,
} from "../../src/index.ts";

const SCRIPT = fileURLToPath(new URL("../../../../tests/ipfs/node.js", import.meta.url));

let folder: string;
let node: ChildProcess;
let api: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "nosana-kubo-"));
  node = spawn(process.execPath, [SCRIPT, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: node.stdout! });
  const ended = once(node, "exit").then(() => assert.fail("the IPFS node ended; is it installed?"));
  const [line] = (await Promise.race([once(lines, "line"), ended])) as [string];
  ended.catch(() => {});
  api = line.split(" ")[0]!;
});
after(async () => {
  node.stdin?.end();
  if (node.exitCode === null) await once(node, "exit");
  await rm(folder, { recursive: true, force: true });
});

test("files of one and of several blocks go through an IPFS node", async () => {
  const store = new KuboStore(`${api}/`);
  for (const length of [12, 600_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => at % 253);
    const id = await writeFile(store, bytes);
    assert.deepEqual(await readFile(store, id), bytes);

    const cat = await fetch(`${api}/api/v0/cat?arg=${id}`, { method: "POST" });
    assert.deepEqual(
      new Uint8Array(await cat.arrayBuffer()),
      bytes,
      "the node reads the file itself",
    );
  }
});

test("a block that the network does not have is an error", async () => {
  const id = toContentId(new Uint8Array(32).fill(9));
  const store = new KuboStore(api, { callSeconds: 7 });
  await assert.rejects(store.getBlock(id), BlockNotFoundError);
});
