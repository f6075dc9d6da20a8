/** Waits for changes of an account: woken by the websocket, and in intervals without it. */

import type { Address } from "@solana/kit";

import { commitmentOf, pause, type Connection } from "../chain/connection.js";
import type { Job } from "../generated/jobs/accounts/job.js";
import { JobState } from "../generated/jobs/types/jobState.js";

/** How often the account is read in addition to the websocket's notices, which can be missed. */
const POLL_MS = 2_000;

/** Bounds of a wait. */
export interface WaitOptions {
  /** The longest wait; endless unless it is set. */
  timeoutSeconds?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Calls `probe` at once and after each change of the account, until it returns a value. */
export async function waitForAccount<T>(
  connection: Connection,
  address: Address,
  probe: () => Promise<T | undefined>,
  { timeoutSeconds, signal }: WaitOptions = {},
): Promise<T> {
  const ended = new AbortController();
  const limit = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal;
  const deadline = Date.now() + (timeoutSeconds ?? Infinity) * 1000;

  const changes = new ChangeSignal();
  void watchAccount(connection, address, limit, changes);
  try {
    for (;;) {
      limit.throwIfAborted();
      const change = changes.next();
      const found = await probe();
      if (found !== undefined) return found;

      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`waited ${timeoutSeconds} s for a change of ${address}`);
      await Promise.race([change, pause(Math.min(POLL_MS, left), limit)]);
    }
  } finally {
    ended.abort();
  }
}

/** Wakes who waits for the next change. */
class ChangeSignal {
  #wake: () => void = () => {};

  next(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  raise(): void {
    this.#wake();
  }
}

/** Raises the signal at each notice. A websocket that fails leaves the intervals. */
async function watchAccount(
  connection: Connection,
  address: Address,
  signal: AbortSignal,
  changes: ChangeSignal,
): Promise<void> {
  try {
    const notices = await connection.rpcSubscriptions
      ?.accountNotifications(address, { commitment: commitmentOf(connection), encoding: "base64" })
      .subscribe({ abortSignal: signal });
    for await (const _ of notices ?? []) changes.raise();
  } catch {
    changes.raise();
  }
}

/** Whether a job has a result, or ended without one. */
export function hasResult(job: Job): boolean {
  return job.state === JobState.Submitted || job.state === JobState.Settled;
}
