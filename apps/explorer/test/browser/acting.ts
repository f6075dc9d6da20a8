/** Acting from the page, with a key file and with a wallet of the browser. */

import assert from "node:assert/strict";
import { it } from "node:test";

import type { Page } from "playwright-core";

import type { Stage } from "./support/stage.ts";
import { installWallet } from "./support/wallet.ts";

export function testActing(stage: () => Stage): void {
  it("posts a job, and accepts its result", async () => {
    const page = await stage().open("#/post");
    await connectKey(page, stage().keyFile);

    await page.getByLabel("Commands for a shell").fill("echo posted from the page");
    await page.getByLabel("Longest paid time").fill("120");
    await page.getByText("Your wallet has").waitFor();
    await stage().keepPicture(page, "post");
    await page.getByRole("button", { name: "Pay the deposit and post" }).click();
    await page
      .getByText(/Your job is/)
      .getByRole("link")
      .click();

    await page.getByRole("heading", { name: "Job Submitted" }).waitFor();
    await page.getByRole("button", { name: "Accept" }).click();
    await page.getByRole("button", { name: "Accept now" }).click();
    await page.getByRole("heading", { name: "Job Settled" }).waitFor();
    await page.getByText("Adds up").waitFor();

    const job = new URL(page.url()).hash.split("/").at(-1) ?? "";
    const shown = JSON.parse(await stage().nosana("job", "show", job, "--json")) as {
      reason: string;
    };
    assert.equal(shown.reason, "Completed");
    await page.close();
  });

  it("cancels a job with a wallet of the browser", async () => {
    const page = await stage().open("#/");
    await installWallet(page, stage().info.wallets.client);
    await page.getByRole("button", { name: "Connect wallet" }).click();
    await page.getByRole("button", { name: "Test wallet" }).click();
    await page.getByText("What this wallet does").waitFor();
    await page.getByRole("button", { name: "Close" }).click();

    // The node has one slot: the second job waits.
    await stage().listJob("sleep 20");
    const waiting = await stage().listJob("sleep 1");
    await page.evaluate((job) => (location.hash = `#/job/${job}`), waiting);
    await page.getByRole("heading", { name: "Job Queued" }).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Cancel now" }).click();
    await page.getByText("Cancelled by its client", { exact: true }).waitFor();
    await page.close();
  });

  it("stakes, enters the pool, and explains why there is nothing to claim", async () => {
    const page = await stage().open("#/staking");
    await connectKey(page, await stage().makeWallet(20));

    await page.getByLabel("NOS to stake").fill("10");
    await page.getByRole("button", { name: "Stake", exact: true }).click();
    await page.getByText("40 xNOS").first().waitFor();
    await page.getByRole("button", { name: "Enter the pool" }).click();
    await page.getByRole("button", { name: "Enter the pool now" }).click();
    await page.getByRole("button", { name: "Claim" }).click();
    await page.getByRole("button", { name: "Claim now" }).click();
    await page.getByText(/NothingToClaim/).waitFor();
    await stage().keepPicture(page, "staking");
    await page.close();
  });
}

async function connectKey(page: Page, keyFile: string): Promise<void> {
  await page.getByRole("button", { name: "Connect wallet" }).click();
  await page.locator('input[name="key"]').setInputFiles(keyFile);
  await page.getByText("What this wallet does").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
}
