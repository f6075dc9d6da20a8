/** Stakes: the rules of `crates/protocol/src/xnos.rs` and `delegation.rs`. */

const SECONDS_PER_MULTIPLE = 10_512_000n;
const PRECISION = 10n ** 15n;

/** The bounds of a cooldown, in seconds: 14 and 365 days. */
export const MIN_DURATION = 1_209_600n;
export const MAX_DURATION = 31_536_000n;

/** The weight of an amount that is staked for `duration` seconds, in xNOS. */
export function stakeWeight(amount: bigint, duration: bigint): bigint {
  const factor = PRECISION + (duration * PRECISION) / SECONDS_PER_MULTIPLE;
  return (amount * factor) / PRECISION;
}

/** The part of an amount that a cooldown has released after `elapsed` seconds. */
export function releasedAmount(amount: bigint, duration: bigint, elapsed: bigint): bigint {
  if (elapsed >= duration) return amount;
  return elapsed <= 0n ? 0n : (amount * elapsed) / duration;
}

/** A stake, or the part of its account that decides what can be withdrawn. */
export interface Cooldown {
  amount: bigint;
  withdrawn: bigint;
  locked: bigint;
  durationSeconds: bigint;
  unstakedAt: bigint;
}

/**
 * A stake without the collateral that its node has kept and does not use: `release_collateral`
 * releases it before a withdrawal, and a job uses it first.
 */
export function withoutIdle<T extends Cooldown>(stake: T, idle: bigint): T {
  // The two accounts may be of different moments.
  return { ...stake, locked: stake.locked > idle ? stake.locked - idle : 0n };
}

/** What the owner may withdraw at `now`; zero while nothing is unstaked. */
export function withdrawable(stake: Cooldown, now: bigint): bigint {
  if (stake.unstakedAt === 0n) return 0n;
  const elapsed = now - stake.unstakedAt;
  const released = releasedAmount(stake.amount, stake.durationSeconds, elapsed);

  const due = released > stake.withdrawn ? released - stake.withdrawn : 0n;
  const free = stake.amount - stake.withdrawn - stake.locked;
  return due < free ? due : free < 0n ? 0n : free;
}
