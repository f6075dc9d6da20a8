/** Content from an endpoint that is not trusted. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";

import {
  BlockNotFoundError,
  ContentError,
  identifyFile,
  MemoryStore,
  readFile,
  writeFile,
} from "@nosana-programs/client";

import { GatewayStore } from "../src/data/content.ts";

/** Larger than one block, so that a root links to leaves. */
const FILE = new Uint8Array(600_000).map((_, index) => index % 251);

let server: Server;
let url = "";
/** How the endpoint answers a request; each test sets its own. */
let answer: (method: string, id: string, body: Uint8Array, response: ServerResponse) => void;

before(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const id = (request.url ?? "").replace(/^\/ipfs\//, "");
      answer(request.method ?? "", id, new Uint8Array(Buffer.concat(parts)), response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

/** Answers as an honest gateway with these blocks. */
function serve(blocks: Map<string, Uint8Array>): void {
  answer = (method, id, body, response) => {
    if (method === "PUT") blocks.set(id, body);
    const block = blocks.get(id.replace("?format=raw", ""));
    response.writeHead(block ? 200 : 404).end(method === "GET" ? block : undefined);
  };
}

test("a file is stored block by block, and read back", async () => {
  const blocks = new Map<string, Uint8Array>();
  serve(blocks);
  const store = new GatewayStore(url);
  const id = await writeFile(store, FILE);
  assert.equal(id, await identifyFile(FILE));
  assert.equal(blocks.size, 4);
  assert.deepEqual(await readFile(store, id), FILE);
});

test("a changed block is refused, wherever it is", async () => {
  const memory = new MemoryStore();
  const id = await writeFile(memory, FILE);
  for (const [forged] of memory.entries()) {
    const blocks = new Map(memory.entries());
    const bytes = blocks.get(forged)?.slice() ?? new Uint8Array(1);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    serve(blocks.set(forged, bytes));
    await assert.rejects(readFile(new GatewayStore(url), id), /is damaged or forged/);
  }
});

test("what is missing, refused, or too large is an error that says so", async () => {
  const id = await identifyFile(FILE);
  const read = () => readFile(new GatewayStore(url), id);

  serve(new Map());
  await assert.rejects(read(), BlockNotFoundError);
  answer = (_method, _id, _body, response) => response.writeHead(500).end();
  await assert.rejects(read(), /answers 500/);
  await assert.rejects(new GatewayStore(url).putBlock(id, FILE), /does not store content/);
  answer = (_method, _id, _body, response) => response.end(Buffer.alloc(3 * 1024 * 1024));
  await assert.rejects(read(), /larger than 2 MiB/);
  await assert.rejects(readFile(new GatewayStore("http://127.0.0.1:9"), id), ContentError);
});
