/**
 * The reward pool: the rules of `crates/protocol/src/rewards.rs`, so that the page shows what a
 * position would be paid now, to the base unit.
 */

import type { Pool, Position, Stream } from "@nosana-programs/client/rewards";

const ONE = 2n ** 64n;
const MODULUS = 2n ** 128n;

export type PoolState = Pick<
  Pool,
  "acc" | "remainder" | "totalWeight" | "updated" | "pending" | "stream" | "epochSeconds"
>;
export type PositionState = Pick<Position, "weight" | "paidAcc" | "accrued">;

/** Returns the pool as it is at `now`, when its instructions have paid out until then. */
export function advancePool(pool: PoolState, now: bigint): PoolState {
  if (now <= pool.updated || pool.epochSeconds === 0n) return pool;

  const length = pool.epochSeconds;
  const [epoch, from] = [pool.updated / length, pool.updated % length];
  const [epochNow, to] = [now / length, now % length];
  if (epoch === epochNow) return { ...payOut(pool, from, to), updated: now };

  let state = openEpoch(payOut(pool, from, length));
  if (epochNow > epoch + 1n) state = openEpoch(payOut(state, 0n, length));
  return { ...payOut(state, 0n, to), updated: now };
}

/** Returns what a position may claim, when the pool is up to date. */
export function claimable(pool: PoolState, position: PositionState): bigint {
  const gained = modulo(pool.acc - position.paidAcc);
  return position.accrued + (position.weight * gained) / ONE;
}

/** Returns what a weight earns in an epoch of this stream, among a total weight. */
export function epochReward(stream: bigint, weight: bigint, totalWeight: bigint): bigint {
  return totalWeight === 0n ? 0n : (stream * weight) / totalWeight;
}

/** Returns the part of an emission stream that is due at `now`. */
export function dueOfStream(stream: Pick<Stream, "amount" | "start" | "end">, now: bigint): bigint {
  if (now <= stream.start) return 0n;
  if (now >= stream.end) return stream.amount;
  return (stream.amount * (now - stream.start)) / (stream.end - stream.start);
}

function openEpoch(pool: PoolState): PoolState {
  return { ...pool, stream: pool.pending, pending: 0n };
}

/** Pays out what belongs to the seconds `from..to` of an epoch. */
function payOut(pool: PoolState, from: bigint, to: bigint): PoolState {
  if (pool.stream === 0n) return pool;
  const until = (seconds: bigint) => (pool.stream * seconds) / pool.epochSeconds;
  const paid = until(to) - until(from);
  if (pool.totalWeight === 0n) return { ...pool, pending: pool.pending + paid };

  const dividend = paid * ONE + pool.remainder;
  return {
    ...pool,
    acc: modulo(pool.acc + dividend / pool.totalWeight),
    remainder: dividend % pool.totalWeight,
  };
}

function modulo(value: bigint): bigint {
  return ((value % MODULUS) + MODULUS) % MODULUS;
}
