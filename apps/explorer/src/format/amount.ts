/** Amounts, prices and rates as text. Money is always a bigint of base units. */

import { formatNos } from "@nosana-programs/client";

const SECONDS_PER_HOUR = 3_600n;
const GROUP = /\B(?=(\d{3})+(?!\d))/g;

/** Groups the digits of a whole number: `12,345`. */
export function groupDigits(value: bigint | number | string): string {
  return value.toString().replace(GROUP, ",");
}

/** Base units as NOS with grouped digits and all decimals that are not zero: `1,234.5`. */
export function amountText(amount: bigint): string {
  const [whole = "0", fraction] = formatNos(amount).split(".");
  return fraction === undefined ? groupDigits(whole) : `${groupDigits(whole)}.${fraction}`;
}

/** Base units as NOS with exactly six decimals, so that numbers in a column align. */
export function exactText(amount: bigint): string {
  const [whole = "0", fraction = ""] = formatNos(amount).split(".");
  return `${groupDigits(whole)}.${fraction.padEnd(6, "0")}`;
}

/** A price per second as NOS per hour, which people compare. */
export function hourlyPrice(pricePerSecond: bigint): string {
  return amountText(pricePerSecond * SECONDS_PER_HOUR);
}

/** Basis points as a percentage: `12.5 %`. */
export function rateText(bps: number | bigint): string {
  const value = BigInt(bps);
  const fraction = (value % 100n).toString().padStart(2, "0").replace(/0+$/, "");
  return `${value / 100n}${fraction === "" ? "" : `.${fraction}`} %`;
}

/** MiB as the largest unit without a fraction of more than one digit: `24 GiB`. */
export function memoryText(mib: number): string {
  if (mib < 1_024) return `${mib} MiB`;
  const tenths = Math.round((mib * 10) / 1_024);
  return `${tenths % 10 === 0 ? tenths / 10 : (tenths / 10).toFixed(1)} GiB`;
}

/** Bytes in the unit that keeps the number short. */
export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  const kib = bytes / 1_024;
  return kib < 1_024 ? `${kib.toFixed(1)} KiB` : `${(kib / 1_024).toFixed(1)} MiB`;
}

/** An address without its middle. */
export function shortAddress(address: string, ends = 4): string {
  return address.length <= 2 * ends + 1
    ? address
    : `${address.slice(0, ends)}…${address.slice(-ends)}`;
}

/** A number with its noun: `1 slot`, `2 slots`. */
export function countText(count: bigint | number, noun: string): string {
  return `${groupDigits(count)} ${noun}${BigInt(count) === 1n ? "" : "s"}`;
}
