/** The page on a local network, in Debian's Chromium; all tests share one network. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { testAccess } from "./access.ts";
import { testActing, testClaiming } from "./acting.ts";
import { testConnection } from "./connection.ts";
import { testClosing, testJobs } from "./jobs.ts";
import { testServed } from "./served.ts";
import { Stage } from "./support/stage.ts";
import { testTotals } from "./totals.ts";

let shared: Stage | undefined;
const stage = () => {
  assert.ok(shared, "the stage was not set up");
  return shared;
};

before(async () => {
  shared = await Stage.start();
});
after(async () => {
  await shared?.stop();
});

describe("jobs", () => testJobs(stage));
describe("acting", () => testActing(stage));
describe("totals", () => testTotals(stage));
describe("served", () => testServed(stage));
describe("connection", () => testConnection(stage));
describe("access", () => testAccess(stage));
describe("closing", () => testClosing(stage));
describe("claiming", () => testClaiming(stage));

test("no page broke its policy, or left an error unhandled", () => {
  assert.deepEqual(stage().faults, []);
});
