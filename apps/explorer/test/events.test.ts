/** Every event of the programs has a sentence, and every term of a market a line. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { NosanaEvent } from "@nosana-programs/client";
import {
  getMarketTermsDecoder,
  NOSANA_JOBS_EVENTS,
  type MarketTerms,
} from "@nosana-programs/client/jobs";
import { NOSANA_REWARDS_EVENTS } from "@nosana-programs/client/rewards";
import { NOSANA_STAKING_EVENTS } from "@nosana-programs/client/staking";

import { eventText, eventTone } from "../src/format/events.ts";
import { changedTerms, describeTerms } from "../src/format/terms.ts";

type Events = Record<string, { name: string; getDecoder: () => { fixedSize: number } }>;

const PROGRAMS: [NosanaEvent["program"], Events][] = [
  ["jobs", NOSANA_JOBS_EVENTS],
  ["staking", NOSANA_STAKING_EVENTS],
  ["rewards", NOSANA_REWARDS_EVENTS],
];

test("every event has a sentence", () => {
  let count = 0;
  for (const [program, events] of PROGRAMS) {
    for (const { name, getDecoder } of Object.values(events)) {
      const decoder = getDecoder() as ReturnType<Events[string]["getDecoder"]> & {
        decode(bytes: Uint8Array): object;
      };
      const data = decoder.decode(new Uint8Array(decoder.fixedSize));
      const text = eventText({ program, name, data } as NosanaEvent);
      assert.match(text, /^(\d|[A-Z][a-z]+)/, name);
      assert.doesNotMatch(text, /undefined|NaN|\[object/, name);
      assert.ok(eventTone({ program, name, data } as NosanaEvent));
      count += 1;
    }
  }
  assert.ok(count >= 50, `${count} events`);
});

const ZERO = getMarketTermsDecoder().decode(new Uint8Array(getMarketTermsDecoder().fixedSize));
const TERMS: MarketTerms = {
  ...ZERO,
  pricePerSecond: 50n,
  minTimeoutSeconds: 2,
  maxTimeoutSeconds: 3_600n,
  startSeconds: 120,
  collateralPerJob: 10_000_000n,
  noStartPenalty: 1_000_000n,
  maxAttempts: 1,
  maxParallel: 8,
  minVramMib: 24_576,
  minReputationBps: 4_000,
};

test("terms read as sentences", () => {
  const lines = new Map(describeTerms(TERMS));
  assert.equal(lines.get("Price"), "0.18 NOS an hour, 0.00005 a second");
  assert.equal(lines.get("Timeout"), "2 s to 1 h");
  assert.equal(
    lines.get("Start"),
    "A node starts within 2 min; 10 NOS of its stake are locked, a penalty of 1 NOS if it does not",
  );
  assert.equal(lines.get("Nodes need"), "24 GiB of GPU memory, a reputation of 40 %");
  assert.equal(lines.get("Challenge window"), "None: a result is paid at once");
  assert.equal(lines.get("Verified jobs"), "Not taken");
});

test("announced terms show what differs", () => {
  assert.deepEqual(changedTerms(TERMS, TERMS), []);
  const changed = changedTerms(TERMS, { ...TERMS, maxParallel: 1, challengeSeconds: 60 });
  assert.deepEqual(changed, [
    ["Challenge window", "1 min in which the client may reject a result"],
    ["Slots", "Up to 1 job of a node at a time"],
  ]);
});

test("each term changes a line", () => {
  const fields = Object.keys(TERMS).filter((name) => !QUIET.includes(name));
  const base = { ...TERMS, panelFeeBps: 1_000 };
  for (const name of fields) {
    const value = base[name as keyof MarketTerms];
    const other = typeof value === "bigint" ? value + 1_000_000n : Number(value) + 1_000;
    const changed = changedTerms(base, { ...base, [name]: other });
    assert.ok(changed.length > 0, `${name} is not described`);
  }
});

/** The collection is an address, and has a line of its own only if it is set. */
const QUIET = ["accessCollection"];
