/** The packed package works in an empty folder: by plain Node.js, and for TypeScript. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const PROGRAM = `
import { address } from "@solana/kit";
import { findJobAddress, identifyFile, toDigest } from "@nosana-programs/client";
import { JobState, NOSANA_JOBS_PROGRAM_ADDRESS } from "@nosana-programs/client/jobs";
import { FolderStore } from "@nosana-programs/client/node";
import * as rewards from "@nosana-programs/client/rewards";
import * as staking from "@nosana-programs/client/staking";

const client = address("${"1".repeat(32)}");
const id = await identifyFile(new TextEncoder().encode("hello world\\n"));
const store = new FolderStore("store");
await store.putBlock(id, toDigest(id));
console.log(JSON.stringify({
  id,
  job: await findJobAddress(client, 7),
  program: NOSANA_JOBS_PROGRAM_ADDRESS,
  running: JobState.Running,
  others: [rewards.NOSANA_REWARDS_PROGRAM_ADDRESS, staking.NOSANA_STAKING_PROGRAM_ADDRESS].length,
}));
`;

const README_GIVEN = `
import type { Address, KeyPairSigner, Rpc, SolanaRpcApi } from "@solana/kit";
import * as everything from "@nosana-programs/client";
const { absentSigner, actions, beginHandover, connectWallet, createClient } = everything;
const { isRefusedWith, isSolanaWallet, readHandover, sendHandover, signHandover } = everything;
const { walletSigner } = everything;
declare const getWallets: () => { get(): readonly everything.StandardWallet[] };
declare const client: everything.Client;
declare const market: Address, sponsorAddress: Address;
declare const order: Omit<everything.actions.JobListing, "client" | "payer">;
declare const rpc: Rpc<SolanaRpcApi>;
declare const signal: AbortSignal;
declare const signer: KeyPairSigner, sponsorKeypair: KeyPairSigner;
`;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "nosana-package-"));
  const packed = await run(
    "npm",
    ["pack", "--ignore-scripts", "--json", "--pack-destination", folder],
    {
      cwd: PACKAGE,
    },
  );
  const [{ filename, files }] = JSON.parse(packed.stdout) as [Packed];
  const paths = files.map(({ path }) => path);
  assert.ok(paths.includes("dist/index.js"), "run `npm run build` first");
  assert.deepEqual(
    paths.filter((path) => !/^(dist\/|package\.json|README\.md)/.test(path)),
    [],
  );

  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  // Peers are linked, so that the test needs no registry.
  const options = ["--offline", "--legacy-peer-deps", "--no-audit", "--no-fund", "--no-save"];
  await run("npm", ["install", ...options, `./${filename}`], { cwd: folder });
  await symlink(join(PACKAGE, "node_modules/@solana"), join(folder, "node_modules/@solana"));
});
after(() => rm(folder, { recursive: true }));

interface Packed {
  filename: string;
  files: { path: string }[];
}

test("plain Node.js runs the installed package", async () => {
  await writeFile(join(folder, "program.js"), PROGRAM);
  const { stdout } = await run(process.execPath, ["program.js"], { cwd: folder });
  assert.deepEqual(JSON.parse(stdout), {
    id: "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o",
    job: "4YDurG6sdAEfXm1ncnZ5DVC2G4uy845Lt1C5BZ1tCpW1",
    program: "AfjSMc2J4umgZ2EP1gXUYbiKTmEkF29EKjug9bc26w14",
    running: 2,
    others: 2,
  });
});

test("TypeScript finds the types of the installed package", async () => {
  await writeFile(join(folder, "good.ts"), PROGRAM);
  await writeFile(join(folder, "readme.ts"), await readmeProgram());
  const bad = 'import { createClient } from "@nosana-programs/client"; createClient({ store: 1 });';
  await writeFile(join(folder, "bad.ts"), bad);
  const tsc = join(PACKAGE, "node_modules/typescript/bin/tsc");
  const options = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2022",
    "--types",
    "node",
  ];
  const roots = ["--typeRoots", join(PACKAGE, "node_modules/@types")];
  const args = [
    tsc,
    ...options,
    ...roots,
    "--module",
    "nodenext",
    "good.ts",
    "readme.ts",
    "bad.ts",
  ];

  const { stdout } = await run(process.execPath, args, { cwd: folder }).then(
    () => assert.fail("a store is not a number"),
    (error: { stdout: string }) => error,
  );
  const errors = stdout
    .trim()
    .split("\n")
    .filter((line) => /error TS/.test(line));
  assert.ok(errors.length > 0 && errors.every((line) => line.startsWith("bad.ts")), stdout);
});

/** The README's pieces of TypeScript, each in a function, with what they take for granted. */
async function readmeProgram(): Promise<string> {
  const readme = await readFile(join(PACKAGE, "README.md"), "utf8");
  const pieces = [...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, piece]) => piece);
  assert.ok(pieces.length >= 3);

  const functions = pieces.map((piece, at) => `export async function piece${at}() {\n${piece}}\n`);
  return README_GIVEN + functions.join("");
}
