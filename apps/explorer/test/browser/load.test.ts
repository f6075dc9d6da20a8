/** Ten thousand jobs keep the page usable. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser, CDPSession, Page } from "playwright-core";

import { Crowd } from "./support/crowd.ts";
import { CLIENT, DISPUTED_JOB, MARKET } from "./support/crowdAccounts.ts";
import { Site } from "./support/site.ts";
import { openBrowser } from "./support/stage.ts";

const JOBS = 10_000;
/** What the page's objects, nodes and buffers may take in the browser's process of the page. */
const MAX_MEMORY_BYTES = 200_000_000;
const MAX_DELAY_MS = 1_000;
const MAX_START_MS = 30_000;

const crowd = new Crowd(JOBS);
const site = new Site("/nonexistent");
let browser: Browser;
let page: Page;

before(async () => {
  browser = await openBrowser();
  page = await browser.newPage();
  const [addresses, siteUrl] = await Promise.all([crowd.open(), site.open()]);
  await page.goto(`${siteUrl}/?${new URLSearchParams({ ...addresses }).toString()}#/jobs`);
});
after(async () => {
  await browser?.close();
  crowd.close();
  site.close();
});

test("ten thousand jobs are listed in pages", async () => {
  await page.getByText("1–25 of 10,000").waitFor({ timeout: MAX_START_MS });
  assert.equal(await page.locator("tr[data-key]").count(), 25);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("26–50 of 10,000").waitFor();
  await page.getByRole("button", { name: /^Settled/ }).click();
  await page.getByText("1–25 of 1,666").waitFor();
});

test("a change of one of them shows at once", async () => {
  await page.getByRole("button", { name: /^All/ }).click();
  const newest = page.locator("tr[data-key]").first();
  await newest.getByText("Queued").waitFor();

  await assertShown(0);
});

test("their market shows them and its queue in pages, and each change at once", async () => {
  await page.evaluate((market) => (location.hash = `#/market/${market}`), MARKET);
  const jobs = page.getByRole("navigation", { name: "Pages of Jobs of this market" });
  await jobs.getByText("1–12 of 10,000").waitFor();
  const queue = page.getByRole("navigation", { name: "Pages of Waiting jobs" });
  await queue.getByText("1–12 of 3,334").waitFor();
  assert.equal(await page.locator("tr[data-key]").count(), 24);
  await page.getByText("Covered").waitFor();

  const clicked = Date.now();
  await queue.getByRole("button", { name: "Next" }).click();
  await queue.getByText("13–24 of 3,334").waitFor();
  const turned = Date.now() - clicked;
  assert.ok(turned < MAX_DELAY_MS, `the page is turned after ${turned} ms`);
  await assertShown(3);
});

test("a dispute shows among the jobs, and at its own", async () => {
  await page.evaluate(() => (location.hash = "#/"));
  await page.getByRole("heading", { name: "Disputes" }).waitFor();
  await page.getByText("Panelists vote").waitFor();

  await page.evaluate((job) => (location.hash = `#/job/${job}`), DISPUTED_JOB);
  await page.getByRole("heading", { name: "Job Disputed" }).waitFor();
  const dispute = page.getByRole("region", { name: "Dispute" });
  await dispute.getByText("0.6 NOS").waitFor();
  await dispute.getByText(/revealed, says wrong/).waitFor();
  await dispute.getByText(/left$/).waitFor();
});

test("they take little memory, on every page that this network has", async () => {
  const session = await page.context().newCDPSession(page);
  for (const [hash, title] of [
    ["#/", "Network"],
    ["#/jobs", "Jobs"],
    ["#/nodes", "Nodes"],
    [`#/market/${MARKET}`, "Market"],
    [`#/job/${DISPUTED_JOB}`, "Disputed"],
    [`#/address/${CLIENT}`, "Address"],
    ["#/post", "Post a job"],
  ] as const) {
    await page.evaluate((to) => (location.hash = to), hash);
    await page.locator("main h1", { hasText: title }).waitFor();
    await session.send("HeapProfiler.collectGarbage");
    const memory = await readMemory(session);
    assert.ok(memory > 1_000_000 && memory < MAX_MEMORY_BYTES, `${hash}: ${memory} bytes`);
  }
});

/** What the engine reports of a page's memory, in bytes. */
interface HeapUsage {
  /** Objects of scripts. */
  usedSize: number;
  /** Nodes of the document, and what belongs to them. */
  embedderHeapUsedSize: number;
  /** Array buffers and long texts, which are outside of both. */
  backingStorageSize: number;
}

/** The memory of the page itself, without the code and the caches of the browser. */
async function readMemory(session: CDPSession): Promise<number> {
  const usage = (await session.send("Runtime.getHeapUsage")) as unknown as HeapUsage;
  return usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize;
}

/** Starts one of the newest jobs, and fails if the list of jobs shows it late. */
async function assertShown(index: number): Promise<void> {
  const changed = Date.now();
  const job = crowd.startJob(index);
  await page.locator(`tr[data-key="${job}"]`).getByText("Running").waitFor();
  const delay = Date.now() - changed;
  assert.ok(delay < MAX_DELAY_MS, `shown after ${delay} ms`);
}
