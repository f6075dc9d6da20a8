/** The totals of the network against the sums of its jobs, as the command line reads them. */

import assert from "node:assert/strict";
import { it } from "node:test";

import type { Page } from "playwright-core";

import { until } from "../../../../tests/typescript/src/wait.ts";
import type { Stage } from "./support/stage.ts";

const WAIT_SECONDS = 30;

/** What the page and the command line have to agree on. */
interface Totals {
  jobs: number;
  running: number;
  nodes: bigint;
  stakers: bigint;
}

/** What `nosana job list --json` says about a job. */
interface ListedJob {
  state: string;
  node_amount: number;
  network_amount: number;
}

export function testTotals(stage: () => Stage): void {
  it("shows totals that are the sums of the jobs on the chain", async () => {
    const page = await stage().open("#/");
    await page.locator(".stats").waitFor();
    let [shown, summed] = ["", ""];
    const agree = async () => {
      // A job may be settled between the two.
      shown = describeTotals(await readTotals(page));
      summed = describeTotals(await sumJobs(stage()));
      return shown === summed ? true : undefined;
    };
    await until("equal totals", WAIT_SECONDS, agree).catch(() => assert.equal(shown, summed));

    assert.ok((await sumJobs(stage())).nodes > 0n, "something was paid");
    await page.close();
  });
}

async function readTotals(page: Page): Promise<Totals> {
  const paid = statOf(page, "Paid to nodes, 24 h");
  const fees = statOf(page, "Fees for stakers, 24 h");
  const hint = (await paid.locator(".hint").textContent()) ?? "";
  const running = await statOf(page, "Running jobs").locator(".value").textContent();
  return {
    jobs: Number(/^for (\d+) settled job/.exec(hint)?.[1]),
    running: Number(running),
    nodes: await readAmount(paid),
    stakers: await readAmount(fees),
  };
}

/** All jobs of this network are the client's, and were listed within the last day. */
async function sumJobs(stage: Stage): Promise<Totals> {
  const jobs = JSON.parse(await stage.nosana("job", "list", "--json")) as ListedJob[];
  const settled = jobs.filter(({ state }) => state === "Settled");
  return {
    jobs: settled.length,
    running: jobs.filter(({ state }) => state === "Running").length,
    nodes: settled.reduce((sum, job) => sum + BigInt(job.node_amount), 0n),
    stakers: settled.reduce((sum, job) => sum + BigInt(job.network_amount), 0n),
  };
}

function statOf(page: Page, label: string) {
  return page.locator(".stat", { has: page.getByText(label, { exact: true }) });
}

/** The exact amount, which the title of the rounded one has. */
async function readAmount(stat: ReturnType<typeof statOf>): Promise<bigint> {
  const title = await stat.locator(".amount").getAttribute("title");
  return BigInt((title ?? "").replace(/ base units$/, ""));
}

function describeTotals({ jobs, running, nodes, stakers }: Totals): string {
  return `${jobs} settled, ${running} running, ${nodes} for nodes, ${stakers} for stakers`;
}
