/** The quote of a market, for a page that is open. */

import type { Config, Market } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";
import { useEffect, useState } from "preact/hooks";

import { keepQuote, quoteMarket, type Quote } from "../rules/quote.ts";

/** Keeps the quote that was shown while the current one is dearer, until that is accepted. */
export function useQuote(
  address: Address | undefined,
  market: Market | undefined,
  config: Config | undefined,
) {
  const [seen, see] = useState<Quote | undefined>(undefined);
  const current = address && market && config && quoteMarket(address, market, config);
  const quote = current && keepQuote(seen, current);

  // A market that is gone and returns has still been seen.
  useEffect(() => {
    if (quote) see(quote);
  }, [quote?.market, quote?.pricePerSecond, quote?.feeBps]);
  return { quote, current, accept: () => see(current) };
}
