/** The page for everybody: on a phone, in the dark, by keyboard, and with a screen reader. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { it } from "node:test";

import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

import { allPages, visit } from "./support/pages.ts";
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
