/** Amounts. One NOS is 1,000,000 base units. */

/** Base units of one NOS. */
export const BASE_UNITS_PER_NOS = 1_000_000n;
const BPS = 10_000n;

/** The network's fee on an amount, in base units. */
export function networkFee(amount: bigint, feeBps: number): bigint {
  return (amount * BigInt(feeBps)) / BPS;
}

/**
 * The deposit for a job, in base units: its price for the whole timeout, and the network's fee on
 * it.
 */
export function jobDeposit(
  pricePerSecond: bigint,
  timeoutSeconds: number | bigint,
  feeBps: number,
): bigint {
  const price = pricePerSecond * BigInt(timeoutSeconds);
  return price + networkFee(price, feeBps);
}

/** Base units as NOS, such as `1.5`. */
export function formatNos(amount: bigint): string {
  const sign = amount < 0n ? "-" : "";
  const absolute = amount < 0n ? -amount : amount;
  const fraction = (absolute % BASE_UNITS_PER_NOS).toString().padStart(6, "0").replace(/0+$/, "");
  return `${sign}${absolute / BASE_UNITS_PER_NOS}${fraction === "" ? "" : `.${fraction}`}`;
}

/** NOS as base units; fails if the text has more than six decimals. */
export function parseNos(text: string): bigint {
  const [, whole, fraction = ""] = /^(\d+)(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole === undefined)
    throw new Error(`\`${text}\` is not an amount of NOS, such as 1.5 with up to six decimals`);
  return BigInt(whole) * BASE_UNITS_PER_NOS + BigInt(fraction.padEnd(6, "0"));
}
