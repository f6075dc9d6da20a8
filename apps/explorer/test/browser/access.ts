/** The page for everybody: on a phone, in the dark, by keyboard, and with a screen reader. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { it } from "node:test";

import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

import type { Stage } from "./support/stage.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PHONE_WIDTH = 375;

export function testAccess(stage: () => Stage): void {
  for (const isDark of [false, true]) {
    it(`has no fault of access in ${isDark ? "the dark" : "the light"}`, async () => {
      const page = await stage().open("#/", { isDark });
      const found: string[] = [];
      for (const { name, hash } of await allPages(page, stage())) {
        await visit(page, hash);
        for (const { id, impact, nodes } of (await runAxe(page)).violations) {
          if (impact === "minor") continue;
          found.push(`${name}: ${id} at ${nodes.map(({ html }) => html).join(" and ")}`);
        }
        await stage().keepPicture(page, `${name}-${isDark ? "dark" : "light"}`);
      }
      assert.deepEqual(found, []);
      await page.close();
    });
  }

  it("fits a phone", async () => {
    const page = await stage().open("#/", { width: PHONE_WIDTH });
    for (const { name, hash } of await allPages(page, stage())) {
      await visit(page, hash);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= PHONE_WIDTH, `${name} is ${width} wide`);
      await stage().keepPicture(page, `${name}-phone`);
    }
    await page.close();
  });

  it("can be used by keyboard", async () => {
    const page = await stage().open("#/");
    await page.keyboard.press("Tab");
    assert.equal(await focusedText(page), "Skip to the content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "main");

    await page.getByRole("link", { name: "Jobs", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Jobs", level: 1 }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "main");

    const settled = page.getByRole("button", { name: /^Settled/ });
    await settled.focus();
    await page.keyboard.press("Space");
    assert.equal(await settled.getAttribute("aria-pressed"), "true");

    const status = page.getByRole("button", { name: /^Live/ });
    await status.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Connection" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Connection" }).waitFor({ state: "hidden" });
    assert.match(await focusedText(page), /^Live/);
    await page.close();
  });
}

/** All pages, with accounts that this network has. */
async function allPages(page: Page, stage: Stage): Promise<{ name: string; hash: string }[]> {
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
async function visit(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(() => !/Reading the|Reading$/m.test(document.body.innerText));
}

async function runAxe(page: Page): Promise<AxeResults> {
  // Evaluated by the browser's debugger, which the page's policy does not bind.
  await page.evaluate(await readFile(AXE, "utf8"));
  return await page.evaluate(() =>
    (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
}

async function focusedText(page: Page): Promise<string> {
  return (await page.evaluate(() => document.activeElement?.textContent)) ?? "";
}
