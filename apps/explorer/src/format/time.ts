/** Times of the chain, in unix seconds, as text. */

const MINUTE = 60n;
const HOUR = 3_600n;
const DAY = 86_400n;

/** A length of time in its two largest units: `2 h 5 min`. */
export function durationText(seconds: bigint | number): string {
  const total = BigInt(seconds);
  if (total < 0n) return `−${durationText(-total)}`;
  if (total < MINUTE) return `${total} s`;
  if (total < HOUR) return join(total / MINUTE, "min", total % MINUTE, "s");
  if (total < DAY) return join(total / HOUR, "h", (total % HOUR) / MINUTE, "min");
  return join(total / DAY, "d", (total % DAY) / HOUR, "h");
}

/** How long ago, or in how long, a moment is: `5 s ago`, `in 2 min`. */
export function relativeText(moment: bigint, now: bigint): string {
  const past = now - moment;
  if (past === 0n) return "now";
  return past > 0n ? `${coarse(past)} ago` : `in ${coarse(-past)}`;
}

/** A moment as `2026-11-29 14:05:09` in UTC. */
export function momentText(moment: bigint): string {
  const date = new Date(Number(moment) * 1_000);
  return Number.isNaN(date.valueOf())
    ? `second ${moment}`
    : date
        .toISOString()
        .replace(/\.\d+Z$/, "")
        .replace("T", " ");
}

/** The time of day of a moment, in UTC. */
export function clockText(moment: bigint): string {
  return momentText(moment).slice(11);
}

function coarse(seconds: bigint): string {
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${seconds / MINUTE} min`;
  if (seconds < DAY) return `${seconds / HOUR} h`;
  return `${seconds / DAY} d`;
}

function join(large: bigint, unit: string, small: bigint, smaller: string): string {
  return small === 0n ? `${large} ${unit}` : `${large} ${unit} ${small} ${smaller}`;
}
