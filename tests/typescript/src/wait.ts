/** Waits with a deadline; the error names what did not happen. */

import { setTimeout as sleep } from "node:timers/promises";

/** Calls `probe` until it returns a value, or fails after `seconds`. */
export async function until<T>(what: string, seconds: number, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await within(what, deadline - Date.now(), probe());
    if (answer !== undefined) return answer;
    if (Date.now() >= deadline) throw new Error(`waited ${seconds} s for ${what}`);
    await sleep(100);
  }
}

/** Calls `probe` once, and fails after `milliseconds`: a hanging connection must not hang the test. */
async function within<T>(what: string, milliseconds: number, answer: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const expiry = sleep(Math.max(milliseconds, 1), undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no response in time while waiting for ${what}`);
  });
  try {
    return await Promise.race([answer, expiry]);
  } finally {
    timer.abort();
  }
}
