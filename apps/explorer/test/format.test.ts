/** Amounts and times as text. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  amountText,
  bytesText,
  countText,
  exactText,
  hourlyPrice,
  memoryText,
  rateText,
  shortAddress,
} from "../src/format/amount.ts";
import { durationText, momentText, relativeText } from "../src/format/time.ts";

test("amounts are exact beyond what floats hold", () => {
  assert.equal(amountText(18_446_744_073_709_551_615n), "18,446,744,073,709.551615");
  assert.equal(amountText(1_500_000n), "1.5");
  assert.equal(amountText(1_000_000n), "1");
  assert.equal(exactText(1n), "0.000001");
  assert.equal(exactText(1_234_500_000n), "1,234.500000");
  assert.equal(hourlyPrice(50n), "0.18");
});

test("rates, sizes and counts", () => {
  assert.deepEqual([5_000, 1_250, 1, 0].map(rateText), ["50 %", "12.5 %", "0.01 %", "0 %"]);
  assert.deepEqual([512, 24_576, 22_938].map(memoryText), ["512 MiB", "24 GiB", "22.4 GiB"]);
  assert.deepEqual([5, 2_048, 3 * 1024 * 1024].map(bytesText), ["5 B", "2.0 KiB", "3.0 MiB"]);
  assert.deepEqual(
    [0, 1, 1_200].map((count) => countText(count, "job")),
    ["0 jobs", "1 job", "1,200 jobs"],
  );
  assert.equal(shortAddress("EpE8KQ3k7Ufm6kx9dJL5se84u1wSQityr2jh71ydqEYF"), "EpE8…qEYF");
});

test("times are the chain's, in UTC", () => {
  assert.equal(momentText(1_764_420_000n), "2025-11-29 12:40:00");
  assert.equal(momentText(253_402_300_800n), "+010000-01-01 00:00:00");
  assert.equal(momentText(2n ** 62n), `second ${2n ** 62n}`);
  assert.deepEqual([0, 59, 60, 3_661, 90_000, -5].map(durationText), [
    "0 s",
    "59 s",
    "1 min",
    "1 h 1 min",
    "1 d 1 h",
    "−5 s",
  ]);
  assert.equal(relativeText(100n, 105n), "5 s ago");
  assert.equal(relativeText(105n, 100n), "in 5 s");
  assert.equal(relativeText(0n, 7_300n), "2 h ago");
});
