/** Jobs as the page shows them, against what the command line says. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { it } from "node:test";

import type { Page } from "playwright-core";

import { Settlements } from "./support/settlements.ts";
import type { Stage } from "./support/stage.ts";

/** The page may show a change this much later than the chain reports it to another subscriber. */
const MAX_DELAY_MS = 1_000;

/** Longer than the retention of the local network's market. */
const RETENTION_MS = 90_000;

/** What `nosana job show --json` says about the payments. */
interface ShownJob {
  deposit: number;
  node_amount: number;
  network_amount: number;
  refund_amount: number;
  result: string;
}

export function testJobs(stage: () => Stage): void {
  let job = "";

  it("shows a job of the command line, until it is settled, without a reload", async (t) => {
    const page = await stage().open("#/jobs");
    const states = await recordStates(page);
    const settlements = new Settlements(stage().info);
    t.after(() => settlements.stop());

    const printed = await stage().nosana(
      ...["job", "run", "--yes", "--wait", "--timeout", "120", "--artifact", "kept*.txt"],
      ...["--", "echo hello from the job; echo kept > kept1.txt; sleep 2"],
    );
    job = /^[1-9A-HJ-NP-Za-km-z]{32,44}$/m.exec(printed)?.[0] ?? "";
    assert.notEqual(job, "", printed);

    const row = page.locator(`tr[data-key="${job}"]`);
    await row.getByText("Settled").waitFor();

    assert.ok((await page.evaluate(() => performance.getEntriesByType("navigation").length)) === 1);
    const { seen, settledAt } = await states();
    assert.ok(seen.includes("Running"), seen.join(" → "));
    assert.equal(seen.at(-1), "Settled");
    const heardAt = settlements.heardAt.get(job);
    assert.ok(heardAt !== undefined, "no subscription reported the settlement");
    const delay = (settledAt[job] ?? Infinity) - heardAt;
    // Either subscription may be served first.
    assert.ok(Math.abs(delay) < MAX_DELAY_MS, `the page shows the settlement ${delay} ms later`);
    await page.close();
  });

  it("shows the payments to the base unit, as the command line does", async () => {
    const page = await stage().open(`#/job/${job}`);
    await page.getByText("Adds up").waitFor();
    const shown = JSON.parse(await stage().nosana("job", "show", job, "--json")) as ShownJob;

    assert.equal(await readAmount(page, "To the node"), BigInt(shown.node_amount));
    assert.equal(await readAmount(page, "Fee, to the stakers"), BigInt(shown.network_amount));
    assert.equal(await readAmount(page, "Back to the payer"), BigInt(shown.refund_amount));
    assert.equal(await readAmount(page, "Sum"), BigInt(shown.deposit));

    for (const name of ["list", "start", "finish", "accept"]) {
      await page.locator(".timeline").getByText(name, { exact: true }).waitFor();
    }
    await stage().keepPicture(page, "job");
    await page.close();
  });

  it("shows definition, result, log and artifact, each with a verified hash", async () => {
    const page = await stage().open(`#/job/${job}`);
    await page.getByLabel("Definition", { exact: true }).getByText("hello from the job").waitFor();

    await page.getByRole("button", { name: /^Log,/ }).click();
    await page.getByLabel("run.log").getByText("hello from the job").waitFor();
    await page.getByRole("button", { name: /^kept1.txt,/ }).click();
    await page.getByLabel("kept1.txt", { exact: true }).getByText("kept").waitFor();
    assert.equal(await page.getByText("Hash verified").count(), 5);
    await page.close();
  });

  it("refuses content that the endpoint forged", async () => {
    const shown = JSON.parse(await stage().nosana("job", "show", job, "--json")) as ShownJob;
    stage().site.forged.set(shown.result, new TextEncoder().encode("forged"));
    try {
      const page = await stage().open(`#/job/${job}`);
      await page.getByText(/is damaged or forged/).waitFor();
      await page.close();
    } finally {
      stage().site.forged.clear();
    }
  });

  it("finds a job by its address, its definition's CID, and a signature", async () => {
    // A definition that no other job has.
    const job = await stage().listJob(`echo ${randomUUID()}`);
    const page = await stage().open("#/");
    const shown = JSON.parse(await stage().nosana("job", "show", job, "--json")) as {
      definition: string;
      transactions: { signature: string }[];
    };
    const search = page.getByRole("searchbox");

    for (const typed of [job, shown.definition]) {
      await search.fill(typed);
      await search.press("Enter");
      await page.waitForURL(`**#/job/${job}`);
      await page.goBack();
    }
    const signature = shown.transactions[0]?.signature ?? "";
    await search.fill(signature);
    await search.press("Enter");
    await page.getByRole("heading", { name: "Transaction Succeeded" }).waitFor();
    await page.getByLabel("Job listed").waitFor();
    await page.goBack();

    await search.fill("nonsense");
    await search.press("Enter");
    await page.getByText(/Not an address/).waitFor();
    await page.close();
  });

  it("has books whose sum is in the market's vault", async () => {
    const page = await stage().open(`#/market/${stage().info.market}`);
    await page.getByText("Covered").waitFor();
    const cells = await page.locator(".books .sum td").allTextContents();
    assert.equal(cells[0], cells[1]);
    await stage().keepPicture(page, "market");
    await page.close();
  });
}

/** Runs late, so that the retention of the first job is over, or nearly. */
export function testClosing(stage: () => Stage): void {
  it("forgets a job whose account was closed, and still has its transactions", async () => {
    const jobs = await stage().open("#/jobs/settled");
    const row = jobs.locator("tr[data-key]").last();
    const job = (await row.getAttribute("data-key")) ?? "";
    const page = await stage().open(`#/job/${job}`);
    await page.getByRole("heading", { name: "Job Settled" }).waitFor();

    const deadline = Date.now() + RETENTION_MS;
    while (!(await hasCleaned(stage(), job))) {
      assert.ok(Date.now() < deadline, "the retention does not end");
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
    await page.getByRole("heading", { name: "Job Closed" }).waitFor();
    await page.locator(".timeline").getByText("clean", { exact: true }).waitFor();
    await jobs.locator(`tr[data-key="${job}"]`).waitFor({ state: "detached" });
    await Promise.all([jobs.close(), page.close()]);
  });
}

/** Whether `job clean` has closed the account; it is refused until the retention is over. */
async function hasCleaned(stage: Stage, job: string): Promise<boolean> {
  return await stage.nosana("job", "clean", job).then(
    () => true,
    () => false,
  );
}

/** What was recorded while a page was open. */
interface Recorded {
  /** The states that the first row passed through, in order. */
  seen: string[];
  /** When the row of a job said for the first time that it is settled, in milliseconds. */
  settledAt: Record<string, number>;
}

/** Records the states of rows at the moment at which the page shows them. */
async function recordStates(page: Page): Promise<() => Promise<Recorded>> {
  await page.evaluate(() => {
    const recorded: Recorded = { seen: [], settledAt: {} };
    (window as unknown as { recorded: Recorded }).recorded = recorded;
    const note = () => {
      const { seen, settledAt } = recorded;
      for (const [index, row] of document.querySelectorAll("tr[data-key]").entries()) {
        const state = row.querySelector(".badge")?.textContent;
        if (index === 0 && state && seen.at(-1) !== state) seen.push(state);
        if (state === "Settled") settledAt[row.getAttribute("data-key") ?? ""] ??= Date.now();
      }
    };
    new MutationObserver(note).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
  });
  return () => page.evaluate(() => (window as unknown as { recorded: Recorded }).recorded);
}

/** An amount of the payments, in base units. */
async function readAmount(page: Page, name: string): Promise<bigint> {
  const text = await page.locator(`[data-amount="${name}"]`).textContent();
  return BigInt((text ?? "").replace(/[.,]/g, ""));
}
