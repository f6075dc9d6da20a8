/** What a reader of the page does to act: connect a wallet, and post a job. */

import type { Page } from "playwright-core";

import { installWallet } from "./wallet.ts";

/** Connects a key file. */
export async function connectKey(page: Page, keyFile: string): Promise<void> {
  await page.getByRole("button", { name: "Connect wallet" }).click();
  await page.locator('input[name="key"]').setInputFiles(keyFile);
  await closeWallet(page);
}

/** Connects a wallet of the browser. */
export async function connectWallet(page: Page, secretKey: readonly number[]): Promise<void> {
  await installWallet(page, secretKey);
  await page.getByRole("button", { name: "Connect wallet" }).click();
  await page.getByRole("button", { name: "Test wallet" }).click();
  await closeWallet(page);
}

/** Fills the form of the page that posts jobs, until its price is known. */
export async function fillJob(page: Page, command: string): Promise<void> {
  await page.getByLabel("Commands for a shell").fill(command);
  await page.getByLabel("Longest paid time").fill("120");
  await page.getByText("Your wallet has").waitFor();
}

/** Posts the job of the form, and shows it; returns its address. */
export async function postJob(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Pay the deposit and post" }).click();
  await page
    .getByText(/Your job is/)
    .getByRole("link")
    .click();
  await page.waitForURL("**#/job/*");
  return new URL(page.url()).hash.split("/").at(-1) ?? "";
}

async function closeWallet(page: Page): Promise<void> {
  await page.getByText("What this wallet does").waitFor();
  await page.getByRole("button", { name: "Close" }).click();
}
