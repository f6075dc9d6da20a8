/** What a job costs at most, by the terms that its client has seen. */

import { jobDeposit } from "@nosana-programs/client";
import type { Config, Market } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";

/** The terms that decide what a job in a market costs. */
export interface Quote {
  market: Address;
  /** Base units per second: the limit that the client signs. */
  pricePerSecond: bigint;
  /** The network's fee, which the network announces before it changes. */
  feeBps: number;
}

type PricedMarket = { terms: Pick<Market["terms"], "pricePerSecond"> };
type OpenMarket = Pick<Market, "retired"> & {
  terms: Pick<Market["terms"], "pricePerSecond" | "minTimeoutSeconds" | "maxTimeoutSeconds">;
};
type OpenConfig = Pick<Config, "networkFeeBps" | "paused">;

/** The quote of a market now. */
export function quoteMarket(
  address: Address,
  market: PricedMarket,
  { networkFeeBps }: Pick<Config, "networkFeeBps">,
): Quote {
  return {
    market: address,
    pricePerSecond: market.terms.pricePerSecond,
    feeBps: networkFeeBps,
  };
}

/**
 * The quote to show: the current one, unless it is dearer than the one that the client has seen.
 * Then the client must accept it first.
 */
export function keepQuote(seen: Quote | undefined, current: Quote): Quote {
  return seen !== undefined && isDearer(current, seen) ? seen : current;
}

/** Whether a quote of the same market asks more than another one. */
export function isDearer(quote: Quote, other: Quote): boolean {
  return (
    quote.market === other.market &&
    (quote.pricePerSecond > other.pricePerSecond || quote.feeBps > other.feeBps)
  );
}

/** The deposit for a timeout. */
export function quoteDeposit({ pricePerSecond, feeBps }: Quote, timeoutSeconds: bigint): bigint {
  return jobDeposit(pricePerSecond, timeoutSeconds, feeBps);
}

/** Whole seconds, as somebody types them; undefined if the text is anything else. */
export function parseSeconds(text: string): bigint | undefined {
  return /^\d{1,15}$/.test(text.trim()) ? BigInt(text.trim()) : undefined;
}

/** Why a market does not take a job under the quote that is shown; undefined if it does. */
export function findTermsBlocker(
  market: OpenMarket | undefined,
  config: OpenConfig | undefined,
  quote: Quote | undefined,
  timeout: bigint | undefined,
): string | undefined {
  if (!market) return "The network has no open market";
  if (!config || !quote) return "The network’s configuration cannot be read";
  if (config.paused !== 0) return "The network takes no new jobs now";
  if (market.retired !== 0) return "The market is retired; choose another one";
  if (isDearer(quoteMarket(quote.market, market, config), quote)) {
    return "It costs more than before; look at the new price";
  }

  const { minTimeoutSeconds, maxTimeoutSeconds } = market.terms;
  const isTimeout =
    timeout !== undefined && timeout >= BigInt(minTimeoutSeconds) && timeout <= maxTimeoutSeconds;
  return isTimeout
    ? undefined
    : `The market takes ${minTimeoutSeconds} to ${maxTimeoutSeconds} whole seconds`;
}
