/** A local network, as `nosana localnet` runs it. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { until } from "./wait.ts";

/** The network has to load a model and to compile shaders before it is ready. */
const START_SECONDS = 240;
const STOP_SECONDS = 5;
/** The most of the network's output that an error quotes. */
const QUOTED_CHARACTERS = 4_000;

/** What the network prints once it is ready. */
export interface NetworkInfo {
  rpc_url: string;
  ws_url: string;
  nos_mint: string;
  market: string;
  /** The folder of the content store. */
  store: string;
  /** Secret keys, 64 bytes each. */
  wallets: Record<"client" | "deployer" | "node", number[]>;
}

export class Network {
  readonly info: NetworkInfo;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(info: NetworkInfo, process: ChildProcess, folder: string) {
    this.info = info;
    this.#process = process;
    this.#folder = folder;
  }

  /**
   * Starts the binary that `NOSANA_BIN` names, or the one that `cargo build` left in this checkout. Without further
   * options the network has one worker, but a test can also act as its node.
   */
  static async start(options: readonly string[] = ["--with-node"]): Promise<Network> {
    const binary = process.env.NOSANA_BIN ?? fileURLToPath(new URL("../../../target/debug/nosana", import.meta.url));
    await access(binary).catch(() => {
      throw new Error(`${binary} does not exist: run \`cargo build --bin nosana\`, or set NOSANA_BIN to the binary`);
    });
    const folder = await mkdtemp(join(tmpdir(), "nosana-typescript-"));
    const infoFile = join(folder, "network.json");
    const all = ["localnet", "--port", "0", "--info-file", infoFile, ...options];
    const child = spawn(binary, all, { stdio: ["ignore", "pipe", "pipe"] });
    process.once("exit", () => {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

    let output = "";
    let failure: Error | undefined;
    const collect = (text: Buffer) => (output = (output + text.toString()).slice(-QUOTED_CHARACTERS));
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", (error) => (failure = error));

    try {
      const info = await until("the local network", START_SECONDS, async () => {
        if (failure) throw failure;
        if (hasEnded(child)) throw new Error(`${binary} ended with ${child.signalCode ?? child.exitCode}`);
        const text = await readFile(infoFile, "utf8").catch(() => undefined);
        return text === undefined ? undefined : (JSON.parse(text) as NetworkInfo);
      });
      return new Network(info, child, folder);
    } catch (error) {
      await end(child, folder);
      throw new Error(`the local network did not start; the end of its output:\n${output}`, { cause: error });
    }
  }

  /** Ends the network with an interrupt, and removes its files. */
  async stop(): Promise<void> {
    await end(this.#process, this.#folder);
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.pid !== undefined && !hasEnded(child)) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await Promise.race([ended, sleep(STOP_SECONDS * 1000, undefined, { ref: false })]);
    if (!hasEnded(child)) {
      child.kill("SIGKILL");
      await ended;
    }
  }
  await rm(folder, { recursive: true, force: true });
}
