/** The pages of the explorer, and how a test goes from one to another. */

import type { Page } from "playwright-core";

import type { Stage } from "./stage.ts";

/** All pages, with accounts that this network has. */
export async function allPages(
  page: Page,
  stage: Stage,
): Promise<{ name: string; hash: string }[]> {
  const linkTo = async (hash: string, kind: string) => {
    await visit(page, hash);
    const href = await page.locator(`main a[href^="#/${kind}/"]`).first().getAttribute("href");
    return href ?? "#/";
  };
  const job = await linkTo("#/jobs/settled", "job");
  const node = await linkTo("#/nodes", "node");
  const transaction = await linkTo(job, "tx");
  return [
    { name: "network", hash: "#/" },
    { name: "jobs", hash: "#/jobs" },
    { name: "nodes", hash: "#/nodes" },
    { name: "market", hash: `#/market/${stage.info.market}` },
    { name: "job", hash: job },
    { name: "node", hash: node },
    { name: "staking", hash: "#/staking" },
    { name: "post", hash: "#/post" },
    { name: "transaction", hash: transaction },
    { name: "address", hash: await linkTo("#/staking", "address") },
  ];
}

/** Shows a route, and waits until what it reads is there. */
export async function visit(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(() => !/Reading the|Reading$/m.test(document.body.innerText));
}
