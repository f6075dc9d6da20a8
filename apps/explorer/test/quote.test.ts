/** A client signs the price that was shown, also while the market changes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { Address } from "@solana/kit";

import {
  findTermsBlocker,
  isDearer,
  keepQuote,
  parseSeconds,
  quoteDeposit,
  quoteMarket,
  type Quote,
} from "../src/rules/quote.ts";

const [MARKET, OTHER] = ["market", "other"] as Address[] as [Address, Address];
const SEEN: Quote = { market: MARKET, pricePerSecond: 50n, feeBps: 1_000 };

test("a quote is the market's price and the network's fee", () => {
  const quote = quoteMarket(MARKET, { terms: { pricePerSecond: 50n } }, { networkFeeBps: 1_000 });
  assert.deepEqual(quote, SEEN);
  assert.equal(quoteDeposit(quote, 600n), 33_000n);
  const large = { ...SEEN, pricePerSecond: 2n ** 62n };
  assert.equal(quoteDeposit(large, 10n), 11n * 2n ** 62n);
});

test("what is dearer is not shown before it is accepted", () => {
  for (const dearer of [
    { ...SEEN, pricePerSecond: 51n },
    { ...SEEN, feeBps: 1_001 },
    { ...SEEN, pricePerSecond: 1n, feeBps: 2_500 },
  ]) {
    assert.ok(isDearer(dearer, SEEN));
    assert.equal(keepQuote(SEEN, dearer), SEEN);
    assert.equal(keepQuote(dearer, dearer), dearer);
  }
});

test("what is cheaper, or of another market, is shown at once", () => {
  assert.equal(keepQuote(undefined, SEEN), SEEN);
  for (const next of [
    { ...SEEN, pricePerSecond: 49n },
    { ...SEEN, feeBps: 0 },
    { market: OTHER, pricePerSecond: 5_000n, feeBps: 2_500 },
  ]) {
    assert.equal(keepQuote(SEEN, next), next);
  }
});

test("a timeout is whole seconds, as they are typed", () => {
  assert.equal(parseSeconds(" 600 "), 600n);
  for (const text of ["", "1e3", "10.5", "-5", "+5", "0x10", "9".repeat(16), "six"]) {
    assert.equal(parseSeconds(text), undefined, text);
  }
});

test("a job is not posted under terms that do not take it", () => {
  const terms = { pricePerSecond: 50n, minTimeoutSeconds: 10, maxTimeoutSeconds: 600n };
  const market = { retired: 0, terms };
  const config = { networkFeeBps: 1_000, paused: 0 };
  assert.equal(findTermsBlocker(market, config, SEEN, 600n), undefined);

  const dearer = { ...market, terms: { ...terms, pricePerSecond: 51n } };
  for (const [blocker, expected] of [
    [findTermsBlocker(undefined, config, SEEN, 600n), /no open market/],
    [findTermsBlocker(market, undefined, undefined, 600n), /cannot be read/],
    [findTermsBlocker(market, { ...config, paused: 1 }, SEEN, 600n), /no new jobs/],
    [findTermsBlocker({ ...market, retired: 1 }, config, SEEN, 600n), /retired/],
    [findTermsBlocker(dearer, config, SEEN, 600n), /costs more/],
    [findTermsBlocker(market, { ...config, networkFeeBps: 1_001 }, SEEN, 600n), /costs more/],
    [findTermsBlocker(market, config, SEEN, 601n), /10 to 600 whole seconds/],
    [findTermsBlocker(market, config, SEEN, undefined), /whole seconds/],
  ] as const) {
    assert.match(blocker ?? "", expected);
  }
});
