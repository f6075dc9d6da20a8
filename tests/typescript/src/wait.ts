/** Waiting that always ends: every wait of these tests has a deadline and says what it waited for. */

import { setTimeout as sleep } from "node:timers/promises";

/** Asks `probe` again and again until it answers with something, or fails after `seconds`. */
export async function until<T>(what: string, seconds: number, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await within(what, deadline - Date.now(), probe());
    if (answer !== undefined) return answer;
    if (Date.now() >= deadline) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await sleep(100);
  }
}

/** One answer, or a failure after `milliseconds`: a hanging connection must not hang the test. */
async function within<T>(what: string, milliseconds: number, answer: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const expiry = sleep(Math.max(milliseconds, 1), undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer in time while waiting for ${what}`);
  });
  try {
    return await Promise.race([answer, expiry]);
  } finally {
    timer.abort();
  }
}
