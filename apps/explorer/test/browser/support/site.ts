/** Serves the built page, and the content of a folder as a trustless IPFS gateway. */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { identifyBlock } from "@nosana-programs/client";

import { FolderStore } from "../../../../../clients/ts/src/folderStore.ts";

const DIST = fileURLToPath(new URL("../../../dist/", import.meta.url));
const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const MAX_BLOCK_BYTES = 2 * 1024 * 1024;

export class Site {
  readonly #server: Server;
  readonly #store: FolderStore;
  /** Bytes that replace a block, by its identifier: what a dishonest endpoint sends. */
  readonly forged = new Map<string, Uint8Array>();

  constructor(storeFolder: string) {
    this.#store = new FolderStore(storeFolder);
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.writeHead(500).end());
    });
  }

  /** Starts the server; returns its address. */
  async open(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const [, folder, id = ""] = pathname.split("/");
    if (folder === "ipfs") return await this.#serveBlock(request, response, id);

    const path = normalize(join(DIST, pathname === "/" ? "index.html" : pathname));
    const body = path.startsWith(DIST) ? await readFile(path).catch(() => undefined) : undefined;
    if (!body) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/plain" }).end(body);
  }

  async #serveBlock(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    response.setHeader("access-control-allow-origin", "*");
    if (request.method === "PUT") {
      const block = await readBody(request);
      const isBlock = block !== undefined && (await identifyBlock(block)) === id;
      if (!isBlock) return void response.writeHead(400).end();
      await this.#store.putBlock(id, block);
      return void response.writeHead(201).end();
    }

    const block = this.forged.get(id) ?? (await this.#store.getBlock(id).catch(() => undefined));
    if (!block) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "application/vnd.ipld.raw" }).end(block);
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BLOCK_BYTES) return undefined;
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
