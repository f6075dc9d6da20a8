/** The client on a local network; all tests share one. */

import { after, before, describe } from "node:test";

import { prepareNode } from "../support/worker.ts";
import { World } from "../support/world.ts";
import { testDocuments } from "./documents.ts";
import { testDueness } from "./due.ts";
import { testErrors } from "./errors.ts";
import { testLifecycle } from "./lifecycle.ts";
import { testMonitor } from "./monitor.ts";
import { testRoles } from "./roles.ts";
import { testSigners } from "./signers.ts";

let network: World;
const world = () => network;

before(async () => {
  network = await World.start();
  await prepareNode(network);
});
after(async () => {
  await network?.stop();
});

describe("jobs", () => testLifecycle(world));
describe("errors", () => testErrors(world));
describe("stakers and markets", () => testRoles(world));
describe("clocks", () => testDueness(world));
describe("signers", () => testSigners(world));
describe("events", () => testMonitor(world));
describe("documents", () => testDocuments(world));
