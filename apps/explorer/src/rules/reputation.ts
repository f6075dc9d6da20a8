/** A node's reputation: the rules of `crates/protocol/src/reputation.rs`. */

/** Evidence fades by whole days. */
export const DAY = 86_400n;
const HALF_LIFE_DAYS = 30n;
const PRIOR = 10_000_000n;
const WHOLE_BPS = 10_000n;
/** Evidence counts this much of 2³⁰ after so many days: the table of the protocol. */
const FADED = [
  1_073_741_824n,
  1_049_217_526n,
  1_025_253_365n,
  1_001_836_546n,
  978_954_567n,
  956_595_214n,
  934_746_549n,
  913_396_909n,
  892_534_894n,
  872_149_369n,
  852_229_450n,
  832_764_502n,
  813_744_135n,
  795_158_193n,
  776_996_755n,
  759_250_124n,
  741_908_828n,
  724_963_607n,
  708_405_415n,
  692_225_413n,
  676_414_963n,
  660_965_623n,
  645_869_148n,
  631_117_476n,
  616_702_733n,
  602_617_223n,
  588_853_427n,
  575_403_996n,
  562_261_750n,
  549_419_674n,
];

/** What a node's account holds of its reputation. */
export interface Evidence {
  good: bigint;
  bad: bigint;
  at: bigint;
}

/** Returns the evidence as it counts at `now`. */
export function fadeEvidence({ good, bad, at }: Evidence, now: bigint): Evidence {
  const days = now > at ? (now - at) / DAY : 0n;
  return { good: fadeValue(good, days), bad: fadeValue(bad, days), at: at + days * DAY };
}

/** Returns the score at `now`, in basis points. A new node has 5,000. */
export function reputationScore(evidence: Evidence, now: bigint): bigint {
  return scoreOf(fadeEvidence(evidence, now));
}

/** Returns the score of evidence as it counts. */
export function scoreOf({ good, bad }: Omit<Evidence, "at">): bigint {
  return (WHOLE_BPS * (good + PRIOR)) / (good + bad + 2n * PRIOR);
}

/** Returns what a value was so many days ago; rounding loses a unit or two. */
export function unfadeValue(value: bigint, days: bigint): bigint {
  const factor = FADED[Number(days % HALF_LIFE_DAYS)] ?? 1n;
  return ((value << 30n) / factor) << (days / HALF_LIFE_DAYS);
}

function fadeValue(value: bigint, days: bigint): bigint {
  const halved = value >> (days / HALF_LIFE_DAYS);
  const factor = FADED[Number(days % HALF_LIFE_DAYS)] ?? 0n;
  return (halved * factor) >> 30n;
}
