/** `nosana explorer` in a process of its own, which serves the built page. */

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { until } from "../../../../../tests/typescript/src/wait.ts";

const DIST = fileURLToPath(new URL("../../../dist/", import.meta.url));
const START_SECONDS = 30;

export class ExplorerProcess {
  /** The address that it prints. */
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(url: string, process: ChildProcess) {
    this.url = url;
    this.#process = process;
  }

  /** Starts it at a free port. The environment names the network and the store. */
  static async start(binary: string, env: NodeJS.ProcessEnv): Promise<ExplorerProcess> {
    const options = ["explorer", "--port", "0", "--page", DIST];
    const child = spawn(binary, options, { env, stdio: ["ignore", "pipe", "inherit"] });
    process.once("exit", () => child.kill("SIGKILL"));
    let printed = "";
    child.stdout.on("data", (text: Buffer) => (printed += text.toString()));

    const url = await until("the address of the explorer", START_SECONDS, async () => {
      if (child.exitCode !== null) throw new Error(`nosana explorer ended with ${child.exitCode}`);
      return /^explorer +(\S+)\n/m.exec(printed)?.[1];
    });
    return new ExplorerProcess(url, child);
  }

  /** Ends it by a signal; returns its exit status. */
  async stop(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
    return this.#process.exitCode;
  }
}
