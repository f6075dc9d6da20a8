/** The page's connection: one subscription for each program, and a broken websocket. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { allPages, visit } from "./support/pages.ts";
import type { Stage } from "./support/stage.ts";

export function testConnection(stage: () => Stage): void {
  it("has one subscription of each kind for a program, whatever the page shows", async () => {
    const page = await stage().openAt("about:blank");
    const sent: string[] = [];
    page.on("websocket", (socket) =>
      socket.on("framesent", ({ payload }) => sent.push(String(payload))),
    );
    const query = new URLSearchParams({ url: stage().info.rpc_url });
    await page.goto(`${stage().siteUrl}/?${query.toString()}#/jobs`);
    await page.getByRole("button", { name: /^Live/ }).waitFor();
    for (const { hash } of await allPages(page, stage())) await visit(page, hash);

    const count = (method: string) => sent.filter((text) => text.includes(`"${method}"`)).length;
    assert.equal(count("programSubscribe"), 3);
    assert.equal(count("logsSubscribe"), 3);
    assert.equal(count("accountSubscribe"), 0);
    assert.equal(count("slotSubscribe"), 1);
    await page.close();
  });

  it("reads a fresh snapshot when the websocket is back", async () => {
    const page = await stage().open("#/jobs");
    stage().relay.cut();
    await page.getByRole("button", { name: /^Reconnecting/ }).waitFor();

    const job = await stage().listJob("echo listed while the websocket was away");
    assert.equal(await page.locator(`tr[data-key="${job}"]`).count(), 0);
    stage().relay.restore();
    await page.locator(`tr[data-key="${job}"]`).waitFor();
    await page.getByRole("button", { name: /^Live/ }).waitFor();

    // And it is live again: the next job comes over the websocket.
    const next = await stage().listJob("echo and another");
    await page.locator(`tr[data-key="${next}"]`).waitFor({ timeout: 5_000 });
    await page.close();
  });

  it("opens another websocket when the old one falls silent", async () => {
    const page = await stage().open("#/jobs");
    stage().relay.stall();
    await page.getByRole("button", { name: /^Reconnecting/ }).waitFor();
    await page.getByRole("button", { name: /^Live/ }).waitFor();

    const job = await stage().listJob("echo after the silence");
    await page.locator(`tr[data-key="${job}"]`).waitFor({ timeout: 5_000 });
    await page.close();
  });

  it("says what to do when the network does not answer", async () => {
    const page = await stage().openAt(`${stage().siteUrl}/?url=http://127.0.0.1:9/#/`);
    await page.getByRole("heading", { name: "The network does not answer" }).waitFor();
    await page.getByRole("alert").getByText("nosana localnet").waitFor();
    await page.close();
  });

  it("says what is missing at addresses that are wrong, or of nothing", async () => {
    const page = await stage().open("#/market/nonsense");
    await page.getByRole("heading", { name: "There is no market at this address" }).waitFor();
    for (const [hash, title] of [
      ["#/job/SysvarC1ock11111111111111111111111111111112", "There is no job at this address"],
      ["#/node/11111111111111111111111111111111", "There is no node at this address"],
      ["#/tx/nonsense", "The node does not have this transaction"],
      ["#/address/nonsense", "This is not an address"],
      ["#/nowhere", "There is no such page"],
    ]) {
      await page.evaluate((to) => (location.hash = to ?? ""), hash);
      await page.getByRole("heading", { name: title ?? "" }).waitFor();
    }
    await page.close();
  });
}
