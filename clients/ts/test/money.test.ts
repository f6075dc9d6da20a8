/** Amounts are exact. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { formatNos, jobDeposit, networkFee, parseNos } from "../src/client/money.ts";

test("a deposit is the price of the whole timeout and the fee on it", () => {
  assert.equal(jobDeposit(50n, 600, 1_000), 33_000n);
  assert.equal(jobDeposit(3n, 3n, 1_000), 9n, "the fee is rounded down");
  assert.equal(networkFee(2n ** 63n, 2_500), 2n ** 61n);
});

test("amounts are written and read to the base unit", () => {
  for (const [amount, text] of [
    [0n, "0"],
    [1n, "0.000001"],
    [1_500_000n, "1.5"],
    [2n ** 64n - 1n, "18446744073709.551615"],
  ] as const) {
    assert.equal(formatNos(amount), text);
    assert.equal(parseNos(text), amount);
  }
  assert.equal(formatNos(-1_000_001n), "-1.000001");
  for (const text of ["", "1.", "-1", "1.0000001", "1e3", "1,5"]) {
    assert.throws(() => parseNos(text), /is not an amount of NOS/);
  }
});
