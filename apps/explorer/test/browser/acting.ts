/** Acting from the page, with a key file and with a wallet of the browser. */

import assert from "node:assert/strict";
import { it } from "node:test";

import type { Page } from "playwright-core";

import { connectKey, connectWallet, fillJob, postJob } from "./support/acts.ts";
import type { Stage } from "./support/stage.ts";

/** The length of an epoch of the reward pool on a local network. */
const EPOCH_SECONDS = 3_600;

export function testActing(stage: () => Stage): void {
  it("posts a job, and accepts its result", async () => {
    const page = await stage().open("#/post");
    await connectKey(page, stage().keyFile);

    await fillJob(page, "echo posted from the page");
    await stage().keepPicture(page, "post");
    const job = await postJob(page);

    await page.getByRole("heading", { name: "Job Submitted" }).waitFor();
    await page.getByRole("button", { name: "Accept" }).click();
    await page.getByRole("button", { name: "Accept now" }).click();
    await page.getByRole("heading", { name: "Job Settled" }).waitFor();
    await page.getByText("Adds up").waitFor();

    const shown = JSON.parse(await stage().nosana("job", "show", job, "--json")) as {
      reason: string;
    };
    assert.equal(shown.reason, "Completed");
    await page.close();
  });

  it("posts a job with a wallet of the browser", async () => {
    const page = await stage().open("#/post");
    await connectWallet(page, stage().info.wallets.client);
    await fillJob(page, "echo posted with a wallet");
    const job = await postJob(page);
    await page.getByRole("heading", { name: "Job Submitted" }).waitFor();
    await page.getByLabel("Definition", { exact: true }).getByText("with a wallet").waitFor();

    const listed = JSON.parse(await stage().nosana("job", "list", "--json")) as { job: string }[];
    assert.equal(listed[0]?.job, job, "the wallet is the client of the newest job");
    await page.close();
  });

  it("cancels a waiting job and stops a running one with a wallet of the browser", async () => {
    const page = await stage().open("#/");
    await connectWallet(page, stage().info.wallets.client);

    // The node has one slot: the second job waits.
    const running = await stage().listJob("sleep 100");
    const waiting = await stage().listJob("sleep 1");
    await page.evaluate((job) => (location.hash = `#/job/${job}`), waiting);
    await page.getByRole("heading", { name: "Job Queued" }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Cancel now" }).click();
    await page.getByText("Cancelled by its client", { exact: true }).waitFor();

    await page.evaluate((job) => (location.hash = `#/job/${job}`), running);
    await page.getByRole("heading", { name: "Job Running" }).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Stop now" }).click();
    await page.getByText("Stopped by its client", { exact: true }).waitFor();
    await page.getByText("Adds up").waitFor();

    const shown = JSON.parse(await stage().nosana("job", "show", running, "--json")) as {
      reason: string;
      refund_amount: number;
    };
    assert.equal(shown.reason, "ClientStopped");
    assert.ok(shown.refund_amount > 0, "the time that was not used is refunded");
    await page.close();
  });

  it("stakes, enters the pool, and explains why there is nothing to claim", async () => {
    const page = await stage().open("#/staking");
    await connectKey(page, await stage().makeWallet(20));

    await enterPool(page);
    await claim(page);
    await page.getByText(/NothingToClaim/).waitFor();
    await stage().keepPicture(page, "staking");
    await page.close();
  });
}

/** Moves the network's clock, so that it runs after what depends on the clocks of jobs. */
export function testClaiming(stage: () => Stage): void {
  it("claims what a position has earned", async () => {
    const keyFile = await stage().makeWallet(20);
    const page = await stage().open("#/staking");
    await connectKey(page, keyFile);
    await enterPool(page);

    // What arrives in one epoch is paid over the next.
    await stage().nosana("rewards", "fund", "100", "--yes");
    await stage().advanceSeconds(2 * EPOCH_SECONDS);
    const before = await readNos(stage(), keyFile);
    await claim(page);
    await page.getByText("Claim: done in").waitFor();

    const after = await readNos(stage(), keyFile);
    assert.ok(after > before, `${before} before the claim, ${after} after it`);
    await page.close();
  });
}

/** Stakes 10 NOS for the duration that the form proposes, and opens a position. */
async function enterPool(page: Page): Promise<void> {
  await page.getByLabel("NOS to stake").fill("10");
  await page.getByRole("button", { name: "Stake", exact: true }).click();
  await page.getByText("40 xNOS").first().waitFor();
  await page.getByRole("button", { name: "Enter the pool" }).click();
  await page.getByRole("button", { name: "Enter the pool now" }).click();
}

async function claim(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Claim" }).click();
  await page.getByRole("button", { name: "Claim now" }).click();
}

/** The base units of NOS that a wallet has. */
async function readNos(stage: Stage, keyFile: string): Promise<number> {
  const printed = await stage.nosana("wallet", "balance", "--keypair", keyFile, "--json");
  return (JSON.parse(printed) as { nos: number }).nos;
}
