/** Programs in documents, which the tests run as a reader would. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { NetworkInfo } from "./network.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** The longest run of a program. */
const RUN_MS = 120_000;

/** Returns the first JavaScript program under a heading; fails if there is none. */
export async function extractProgram(path: string, heading: string): Promise<string> {
  const text = await readFile(join(ROOT, path), "utf8");
  const section = text.split(/^(?=#+ )/m).find((part) => part.startsWith(`${heading}\n`));
  const [, program] = /^```js\n([\s\S]*?)^```$/m.exec(section ?? "") ?? [];
  if (program === undefined) throw new Error(`${path} has no program under ${heading}`);
  return program;
}

/**
 * Runs a program by plain Node.js as the client of a network; returns what it prints. `packages` are the folders of the
 * packages that it imports, by their names.
 */
export async function runProgram(program: string, info: NetworkInfo, packages: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "nosana-document-"));
  try {
    for (const [name, target] of Object.entries(packages)) await link(join(folder, "node_modules", name), target);
    await link(join(folder, "idl"), join(ROOT, "idl"));
    await writeFile(join(folder, "client.json"), JSON.stringify(info.wallets.client));
    await writeFile(join(folder, "program.mjs"), program);

    const variables = {
      NOSANA_URL: info.rpc_url,
      NOSANA_WS: info.ws_url,
      NOSANA_MARKET: info.market,
      NOSANA_KEYPAIR: join(folder, "client.json"),
      NOSANA_STORE: info.store,
    };
    const options = { cwd: folder, env: { ...process.env, ...variables }, timeout: RUN_MS };
    const { stdout } = await promisify(execFile)(process.execPath, ["program.mjs"], options);
    return stdout.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function link(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await symlink(target, path);
}
