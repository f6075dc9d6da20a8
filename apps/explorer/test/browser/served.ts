/** The page as `nosana explorer` serves it: with its headers, its network, and its store. */

import assert from "node:assert/strict";
import { it } from "node:test";

import { connectKey, fillJob, postJob } from "./support/acts.ts";
import type { ExplorerProcess } from "./support/explorerProcess.ts";
import type { Stage } from "./support/stage.ts";

/** A node takes the job and runs it, also on a loaded machine. */
const RUN_MS = 60_000;

export function testServed(stage: () => Stage): void {
  it("is served by the command line, posts a job, and reads its files", async () => {
    const explorer = await stage().startExplorer();
    try {
      await checkAnswers(explorer, stage());
      await postFrom(explorer, stage());
      assert.equal(await explorer.stop(), 0);
    } finally {
      await explorer.stop();
    }
  });
}

async function checkAnswers(explorer: ExplorerProcess, stage: Stage): Promise<void> {
  const page = await fetch(explorer.url);
  assert.match(await page.text(), /<script type="module"/);
  assert.equal(page.headers.get("content-security-policy"), "frame-ancestors 'none'");
  assert.equal(page.headers.get("x-frame-options"), "DENY");

  const config: unknown = await (await fetch(`${explorer.url}/config.json`)).json();
  const { rpc_url: url, ws_url: ws } = stage.info;
  assert.deepEqual(config, { url, ws, content: explorer.url });
}

/** The address of the page has no query: its network and its store are those of config.json. */
async function postFrom(explorer: ExplorerProcess, stage: Stage): Promise<void> {
  const page = await stage.openAt(`${explorer.url}/#/post`);
  const status = page.getByRole("button", { name: /^Live/ });
  await status.waitFor();
  const shownStatus = (await status.textContent()) ?? "";
  assert.ok(shownStatus.includes(new URL(stage.info.rpc_url).host), shownStatus);

  await connectKey(page, stage.keyFile);
  await fillJob(page, "echo stored through the explorer");
  const job = await postJob(page);
  const definition = page.getByLabel("Definition", { exact: true });
  await definition.getByText("stored through the explorer").waitFor();
  await page.getByRole("heading", { name: "Job Submitted" }).waitFor({ timeout: RUN_MS });

  await page.getByRole("button", { name: /^Log,/ }).click();
  await page.getByLabel(/log$/).getByText("stored through the explorer").waitFor();
  // Definition, result, output and log.
  await page.getByText("Hash verified").nth(3).waitFor();

  const printed = await stage.nosana("job", "show", job, "--json");
  const shown = JSON.parse(printed) as { definition: string };
  assert.match(await stage.nosana("store", "get", shown.definition), /stored through/);
  await page.close();
}
