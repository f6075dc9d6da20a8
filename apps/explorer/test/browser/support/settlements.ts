/** When the chain reports that jobs are settled, by a subscription beside the page's. */

import { monitorTransactions } from "@nosana-programs/client";
import { NOSANA_JOBS_PROGRAM_ADDRESS } from "@nosana-programs/client/jobs";
import { createSolanaRpc, createSolanaRpcSubscriptions } from "@solana/kit";

import type { NetworkInfo } from "../../../../../tests/typescript/src/network.ts";

export class Settlements {
  /** The time of the event `JobSettled`, in milliseconds, by the job. */
  readonly heardAt = new Map<string, number>();
  readonly #abort = new AbortController();

  constructor(info: NetworkInfo) {
    void this.#follow(info).catch(() => {});
  }

  stop(): void {
    this.#abort.abort();
  }

  async #follow({ rpc_url, ws_url }: NetworkInfo): Promise<void> {
    const connection = {
      rpc: createSolanaRpc(rpc_url),
      rpcSubscriptions: createSolanaRpcSubscriptions(ws_url),
    };
    const { signal } = this.#abort;
    const live = monitorTransactions(connection, NOSANA_JOBS_PROGRAM_ADDRESS, signal);

    for await (const { events } of live) {
      const at = Date.now();
      for (const event of events) {
        if (event.program === "jobs" && event.name === "JobSettled") {
          this.heardAt.set(event.data.job, at);
        }
      }
    }
  }
}
