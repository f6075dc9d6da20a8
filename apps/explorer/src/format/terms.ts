/** The terms of a market as sentences. */

import { NO_ADDRESS } from "@nosana-programs/client";
import type { MarketTerms } from "@nosana-programs/client/jobs";

import { amountText, countText, groupDigits, hourlyPrice, memoryText, rateText } from "./amount.ts";
import { durationText } from "./time.ts";

/** A term: its name, and what it says. */
export type TermLine = readonly [string, string];

/** Returns the terms in words. Equal terms have equal lines, so that changes show. */
export function describeTerms(terms: MarketTerms): TermLine[] {
  return [
    [
      "Price",
      `${hourlyPrice(terms.pricePerSecond)} NOS an hour, ` +
        `${amountText(terms.pricePerSecond)} a second`,
    ],
    [
      "Timeout",
      `${durationText(terms.minTimeoutSeconds)} to ${durationText(terms.maxTimeoutSeconds)}`,
    ],
    ["Queue", `A job waits at most ${durationText(terms.queueSeconds)}; then its deposit returns`],
    ["Start", startText(terms)],
    ["Heartbeat", `At least one every ${durationText(terms.heartbeatSeconds)} while a job runs`],
    [
      "Result",
      `At most ${durationText(terms.finishGraceSeconds)} after the timeout, ` +
        `${retriesText(terms.maxAttempts)} if nodes fail`,
    ],
    ["Challenge window", windowText(terms)],
    ["Retention", `A settled job's account stays for ${durationText(terms.retentionSeconds)}`],
    ["Nodes need", needsText(terms)],
    ["Slots", slotsText(terms)],
    ["Verified jobs", verifiedText(terms)],
  ];
}

/** The lines of `next` that differ from `current`. */
export function changedTerms(current: MarketTerms, next: MarketTerms): TermLine[] {
  const before = new Map(describeTerms(current));
  return describeTerms(next).filter(([name, text]) => before.get(name) !== text);
}

function startText({ startSeconds, noStartPenalty, collateralPerJob }: MarketTerms): string {
  const limit = `A node starts within ${durationText(startSeconds)}`;
  if (collateralPerJob === 0n) return `${limit}; nothing of its stake is locked`;
  const locked = `${amountText(collateralPerJob)} NOS of its stake are locked`;
  const penalty =
    noStartPenalty === 0n ? "no penalty" : `a penalty of ${amountText(noStartPenalty)} NOS`;
  return `${limit}; ${locked}, ${penalty} if it does not`;
}

function retriesText(maxAttempts: number): string {
  if (maxAttempts === 0) return "and no other attempt";
  return `and up to ${countText(maxAttempts, "more attempt")}`;
}

function windowText({ challengeSeconds }: MarketTerms): string {
  if (challengeSeconds === 0) return "None: a result is paid at once";
  return `${durationText(challengeSeconds)} in which the client may reject a result`;
}

function needsText(terms: MarketTerms): string {
  const needs = [
    terms.minXnos > 0n && `${amountText(terms.minXnos)} xNOS of stake`,
    terms.minVramMib > 0 && `${memoryText(terms.minVramMib)} of GPU memory`,
    terms.minPromptTokensPerSecond > 0 &&
      `${groupDigits(terms.minPromptTokensPerSecond)} prompt tokens a second`,
    terms.minReputationBps > 0 && `a reputation of ${rateText(terms.minReputationBps)}`,
    terms.accessCollection !== NO_ADDRESS && `a token of the collection ${terms.accessCollection}`,
  ].filter((need) => need !== false);
  return needs.length === 0 ? "Nothing but an account" : needs.join(", ");
}

function slotsText({ maxParallel, minRunSeconds }: MarketTerms): string {
  const limit = `Up to ${countText(maxParallel, "job")} of a node at a time`;
  if (minRunSeconds === 0) return limit;
  return `${limit}; a slot is taken for at least ${durationText(minRunSeconds)}`;
}

function verifiedText({ panelFeeBps, disputeSeconds, minCollateralRatio }: MarketTerms): string {
  if (panelFeeBps === 0) return "Not taken";
  return (
    `Anyone may dispute a result: ${durationText(disputeSeconds)} a phase, a panelist gets ` +
    `${rateText(panelFeeBps)} of the price, collateral of ${minCollateralRatio} times the price`
  );
}
