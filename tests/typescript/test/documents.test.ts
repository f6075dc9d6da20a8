/** The program of `docs/clients.md` that uses Anchor's client lists a job. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { web3 } from "@anchor-lang/core";

import { Client, type Job, nameOf } from "../src/client.ts";
import { extractProgram, runProgram } from "../src/document.ts";
import { Network } from "../src/network.ts";
import { contentId, Store } from "../src/store.ts";

const modules = (name: string) => fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url));

let network: Network;
before(async () => {
  network = await Network.start(["--slot-ms", "100"]);
});
after(async () => {
  await network?.stop();
});

test("the program with Anchor's client lists a job", async () => {
  const program = await extractProgram("docs/clients.md", "## TypeScript, with Anchor's client");
  const names = ["@anchor-lang/core", "bn.js", "ipfs-unixfs-importer"];
  const packages = Object.fromEntries(names.map((name) => [name, modules(name)]));
  const printed = await runProgram(program, network.info, packages);

  const wallet = web3.Keypair.fromSecretKey(Uint8Array.from(network.info.wallets.client));
  const client = new Client(network.info, wallet);
  const job = await client.read<Job>("job", new web3.PublicKey(printed));
  assert.equal(nameOf(job.state), "queued");

  const definition = await new Store(network.info.store).readJson(contentId(job.definition));
  assert.deepEqual((definition as { version: string }).version, "nosana/1");
});
