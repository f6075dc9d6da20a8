/** Routes, settings, and the definitions that are typed. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { niceMaximum } from "../src/components/barChart.tsx";
import { chooseSettings, hostOf, isLocal, websocketOf } from "../src/data/settings.ts";
import { draftOf } from "../src/format/definition.ts";
import { parseRoute, titleOf } from "../src/routes.ts";

test("routes come from the hash", () => {
  assert.deepEqual(parseRoute(""), { page: "network" });
  assert.deepEqual(parseRoute("#/job/abc"), { page: "job", id: "abc" });
  assert.deepEqual(parseRoute("#/jobs/running"), { page: "jobs", stage: "running" });
  assert.deepEqual(parseRoute("#/job/"), { page: "unknown", text: "#/job/" });
  assert.deepEqual(parseRoute("#/%E0%A4%A/x"), { page: "unknown", text: "#/%E0%A4%A/x" });
  assert.equal(titleOf(parseRoute("#/staking")), "Staking and rewards");
  assert.equal(titleOf(parseRoute(`#/job/${"Ab1".repeat(14)}`)), "Job Ab1A…1Ab1");
});

test("the address goes before config.json, and both before the defaults", () => {
  assert.deepEqual(chooseSettings("", {}), {
    url: "http://127.0.0.1:8899",
    ws: "ws://127.0.0.1:8900/",
    content: undefined,
  });
  const config = { url: "https://rpc.example/", ws: "wss://ws.example", content: "http://c/" };
  assert.deepEqual(chooseSettings("", config), {
    url: "https://rpc.example/",
    ws: "wss://ws.example",
    content: "http://c",
  });
  // Another network has another websocket, even if the configuration names one.
  assert.deepEqual(chooseSettings("?url=http%3A%2F%2Fhost%3A1000", config), {
    url: "http://host:1000",
    ws: "ws://host:1001/",
    content: "http://c",
  });
  assert.equal(chooseSettings("?url=javascript:alert(1)", {}).url, "http://127.0.0.1:8899");
  assert.equal(chooseSettings("?url=wss://host", {}).url, "http://127.0.0.1:8899");
  assert.equal(chooseSettings("?ws=https://host", {}).ws, "ws://127.0.0.1:8900/");
  assert.equal(chooseSettings("?content=javascript:0", {}).content, undefined);
  assert.equal(chooseSettings("?url=nonsense", { url: 5 }).url, "http://127.0.0.1:8899");
});

test("websockets and local networks", () => {
  assert.equal(websocketOf("https://api.example/path?key=1"), "wss://api.example/path?key=1");
  assert.ok(isLocal("http://localhost:8899") && isLocal("http://[::1]:8899"));
  assert.ok(!isLocal("https://127.0.0.1.example"));
  assert.equal(hostOf("https://rpc.example@evil.example:1/?key=secret"), "evil.example:1");
});

test("what is typed becomes a definition, or a reason why not", () => {
  assert.deepEqual(draftOf("commands", " echo a\necho b\n"), {
    definition: {
      version: "nosana/1",
      ops: [
        {
          id: "run",
          type: "command/run",
          args: { steps: [{ name: "run", run: "echo a\necho b" }] },
        },
      ],
    },
  });
  assert.ok("problem" in draftOf("commands", " \n"));
  assert.ok("problem" in draftOf("json", "{"));
  assert.ok("problem" in draftOf("json", "[]"));
  assert.ok("definition" in draftOf("json", '{"version":"nosana/1","ops":[]}'));
  assert.ok("problem" in draftOf("stored", "bafy"));
  const stored = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o";
  assert.deepEqual(draftOf("stored", ` ${stored} `), { stored });
});

test("half of a chart's height is a whole number", () => {
  assert.deepEqual([0, 1, 2, 3, 5, 11, 21, 41].map(niceMaximum), [2, 2, 2, 4, 10, 20, 40, 100]);
});
