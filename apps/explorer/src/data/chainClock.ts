/** The cluster's clock. The programs measure everything by it, so the page does, too. */

import { computed, signal } from "@preact/signals";
import { getBase64Encoder, type Address } from "@solana/kit";

import { connection } from "./network.ts";

const CLOCK = "SysvarC1ock11111111111111111111111111111111" as Address;
/** The unix timestamp in the account: slot, epoch's start, two epochs, then this. */
const TIMESTAMP_OFFSET = 32;
const READ_MS = 10_000;
const TICK_MS = 500;

/** The last reading, and when it was made by this machine's steady clock. */
const reading = signal<{ at: bigint; read: number } | undefined>(undefined);
const ticks = signal(0);

/** The chain's unix time; zero until it was read once. */
export const now = computed<bigint>(() => {
  void ticks.value;
  const known = reading.value;
  if (!known) return 0n;
  return known.at + BigInt(Math.floor((performance.now() - known.read) / 1_000));
});

/** Reads the clock. */
export async function readClock(): Promise<void> {
  const { value } = await connection()
    .rpc.getAccountInfo(CLOCK, { encoding: "base64", commitment: "confirmed" })
    .send();
  if (!value) return;

  const bytes = getBase64Encoder().encode(value.data[0]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  noteTime(view.getBigInt64(TIMESTAMP_OFFSET, true));
}

/** Notes that the chain has reached a time. */
function noteTime(at: bigint): void {
  reading.value = { at, read: performance.now() };
}

/** Keeps the clock until the signal is aborted. */
export function keepClock(signal: AbortSignal): void {
  const ticking = setInterval(() => (ticks.value += 1), TICK_MS);
  // A failure shows in the connection's status; the clock runs on from its last reading.
  const readingLoop = setInterval(() => void readClock().catch(() => {}), READ_MS);

  signal.addEventListener("abort", () => {
    clearInterval(ticking);
    clearInterval(readingLoop);
  });
}
