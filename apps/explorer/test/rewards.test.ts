/** The reward pool and stakes, by the protocol's own examples. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { reputationScore } from "../src/rules/reputation.ts";
import { advancePool, claimable, dueOfStream, type PoolState } from "../src/rules/rewards.ts";
import { releasedAmount, stakeWeight, withdrawable, withoutIdle } from "../src/rules/stake.ts";

const DOCS = new URL("../../../docs/", import.meta.url);
const VECTORS = new URL("../../../crates/protocol/vectors/", import.meta.url);
const NOS = 1_000_000n;

/** The rows of a rule in a table of the documentation: its inputs, and the result. */
async function documented(page: string, rule: string): Promise<[Record<string, bigint>, bigint][]> {
  const text = await readFile(new URL(page, DOCS), "utf8");
  const rows = [...text.matchAll(new RegExp(`^\\| \`${rule}\` \\| (.*?) \\| (\\d+) \\|$`, "gm"))];
  assert.ok(rows.length > 0, `${page} has no row of ${rule}`);

  return rows.map(([, inputs = "", result = "0"]) => {
    const named = [...inputs.matchAll(/(\w+) = (\d+)/g)].map(
      ([, name = "", value = "0"]) => [name, BigInt(value)] as const,
    );
    return [Object.fromEntries(named), BigInt(result)];
  });
}

/** Calls `check` with the named inputs of each row. */
async function checkRows(
  page: string,
  rule: string,
  compute: (input: (name: string) => bigint) => bigint,
): Promise<void> {
  for (const [inputs, expected] of await documented(page, rule)) {
    const input = (name: string) => {
      const value = inputs[name];
      assert.ok(value !== undefined, `${rule} has no input ${name}`);
      return value;
    };
    assert.equal(compute(input), expected, `${rule} of ${Object.entries(inputs).join(", ")}`);
  }
}

/** The rows of a file of vectors. */
async function vectors(name: string): Promise<bigint[][]> {
  const text = await readFile(new URL(name, VECTORS), "utf8");
  // Numbers beyond 2⁵³ stay exact as texts.
  const { rows } = JSON.parse(text.replace(/\b\d{10,}\b/g, '"$&"')) as { rows: string[][] };
  return rows.map((row) => row.map(BigInt));
}

const EMPTY: PoolState = {
  acc: 0n,
  remainder: 0n,
  totalWeight: 0n,
  updated: 0n,
  pending: 0n,
  stream: 0n,
  epochSeconds: 3_600n,
};

test("positions earn what the documentation computes", async () => {
  await checkRows("rewards.md", "earned", (input) =>
    claimable(
      { ...EMPTY, acc: input("acc") },
      { weight: input("weight"), paidAcc: input("paid"), accrued: 0n },
    ),
  );
});

test("streams are due as documented", async () => {
  await checkRows("rewards.md", "due", (input) =>
    dueOfStream(
      { amount: input("amount"), start: input("start"), end: input("end") },
      input("now"),
    ),
  );
});

test("parts of an epoch are paid as documented", async () => {
  await checkRows("rewards.md", "part", (input) => {
    // With a weight of one, the index is what was paid.
    const pool = { ...EMPTY, stream: input("stream"), updated: input("from"), totalWeight: 1n };
    return advancePool({ ...pool, epochSeconds: input("epoch") }, input("to")).acc >> 64n;
  });
});

test("an index moves, and carries its remainder, as documented", async () => {
  for (const [rule, read] of [
    ["step", ({ acc }: PoolState) => acc],
    ["left", ({ remainder }: PoolState) => remainder],
  ] as const) {
    await checkRows("rewards.md", rule, (input) => {
      const pool = {
        ...EMPTY,
        stream: input("amount"),
        remainder: input("remainder"),
        totalWeight: input("weight"),
      };
      return read(advancePool(pool, 3_600n));
    });
  }
});

test("the two stakers of the documentation earn what it says", () => {
  // At 3,600 an epoch begins that pays 7,201; A is alone, and B enters in its middle.
  const weights = { a: 400n * NOS, b: 1_200n * NOS };
  let pool: PoolState = { ...EMPTY, pending: 7_201n, totalWeight: weights.a, updated: 1_800n };

  pool = advancePool(pool, 5_400n);
  assert.equal(claimable(pool, { weight: weights.a, paidAcc: 0n, accrued: 0n }), 3_599n);
  const settled = pool.acc;
  pool = advancePool({ ...pool, totalWeight: weights.a + weights.b }, 7_200n);
  assert.equal(claimable(pool, { weight: weights.a, paidAcc: settled, accrued: 3_599n }), 4_499n);
  assert.equal(claimable(pool, { weight: weights.b, paidAcc: settled, accrued: 0n }), 2_700n);
});

test("income without any weight waits for a later epoch", () => {
  const pool = { ...EMPTY, stream: 3_600n };
  assert.equal(advancePool(pool, 1_800n).pending, 1_800n);
  assert.deepEqual(advancePool(pool, 360_000n), { ...pool, updated: 360_000n });
  assert.equal(advancePool({ ...pool, updated: 100n }, 50n).updated, 100n);
});

test("weights and releases match the protocol's vectors", async () => {
  for (const [amount = 0n, duration = 0n, expected = 0n] of await vectors("xnos.json")) {
    assert.equal(stakeWeight(amount, duration), expected);
  }
  await checkRows("staking.md", "xnos", (input) => stakeWeight(input("amount"), input("duration")));
  await checkRows("staking.md", "released", (input) =>
    releasedAmount(input("amount"), input("duration"), input("elapsed")),
  );
  await checkRows("staking.md", "withdrawable", (input) => {
    const stake = {
      amount: input("amount"),
      withdrawn: input("withdrawn"),
      locked: input("locked"),
      durationSeconds: input("duration"),
      unstakedAt: 1n,
    };
    return withdrawable(stake, 1n + input("elapsed"));
  });
});

test("a reputation is what the documentation computes", () => {
  const score = (good: bigint, bad: bigint, days: bigint) =>
    reputationScore({ good: good * NOS, bad: bad * NOS, at: 0n }, days * 86_400n);
  assert.equal(score(0n, 0n, 0n), 5_000n);
  assert.equal(score(20n, 0n, 0n), 7_500n);
  assert.equal(score(20n, 60n, 0n), 3_000n);
  assert.equal(score(20n, 60n, 30n), 3_333n);
});

test("idle collateral is released before a withdrawal", () => {
  const stake = { amount: 100n, withdrawn: 0n, locked: 30n, durationSeconds: 10n, unstakedAt: 1n };
  assert.equal(withdrawable(stake, 11n), 70n);
  assert.equal(withdrawable(withoutIdle(stake, 20n), 11n), 90n, "a job uses 10");
  assert.equal(withdrawable(withoutIdle(stake, 30n), 11n), 100n);
  assert.equal(withoutIdle(stake, 31n).locked, 0n, "accounts of different moments");
});
