/**
 * An RPC server with as many jobs as a test wants, all in one market, in accounts as the program
 * writes them. It answers only the page's requests; a real network would need hours to list as many.
 */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { JobState } from "@nosana-programs/client";
import { JOB_ACCOUNT, NOSANA_JOBS_PROGRAM_ADDRESS } from "@nosana-programs/client/jobs";
import type { Address } from "@solana/kit";
import { WebSocketServer, type WebSocket } from "ws";

import {
  makeDispute,
  makeJob,
  makeMarket,
  makeQueue,
  NOW,
  type CrowdAccount,
} from "./crowdAccounts.ts";

const LAMPORTS = 4_844_160;
const SLOT_MS = 400;
/** What the market's vault holds: more than it owes. */
const VAULT_AMOUNT = "1000000000000";

const { fields } = JOB_ACCOUNT;

interface Request {
  id: number;
  method: string;
  params: unknown[];
}

export class Crowd {
  readonly #jobs: CrowdAccount[];
  readonly #others: CrowdAccount[];
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  /** The subscription of the jobs program. */
  #subscriber: { socket: WebSocket; id: number } | undefined;

  constructor(count: number) {
    this.#jobs = Array.from({ length: count }, (_, index) => makeJob(index));
    this.#others = [makeMarket(), makeQueue(count), makeDispute()];
    this.#http = createServer((request, response) => {
      response.setHeader("access-control-allow-origin", "*");
      response.setHeader("access-control-allow-headers", "*");
      if (request.method === "OPTIONS") return void response.end();

      let body = "";
      request.on("data", (part: Buffer) => (body += part.toString()));
      request.on("end", () => {
        const { id, method, params } = JSON.parse(body) as Request;
        const result = this.#answer(method, params);
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
      });
    });
    this.#sockets.on("connection", (socket) => {
      socket.on("message", (data: Buffer) => this.#subscribe(socket, data.toString()));
    });
  }

  /** Starts the server; returns its addresses. */
  async open(): Promise<{ url: string; ws: string }> {
    this.#http.listen(0, "127.0.0.1");
    await once(this.#http, "listening");
    const port = (address: unknown) => (address as AddressInfo).port;
    return {
      url: `http://127.0.0.1:${port(this.#http.address())}`,
      ws: `ws://127.0.0.1:${port(this.#sockets.address())}`,
    };
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#http.close();
    this.#http.closeAllConnections();
  }

  /** Starts the run of a job, and reports it to the page. */
  startJob(index: number): Address {
    const job = this.#jobs[index];
    if (!job || !this.#subscriber) throw new Error("there is no such job, or no page");
    job.data.writeUInt8(JobState.Running, fields.state.offset);
    job.data.writeBigInt64LE(NOW, fields.startedAt.offset);

    const { socket, id } = this.#subscriber;
    const result = { context: { slot: 2 }, value: toAccount(job) };
    const params = { subscription: id, result };
    socket.send(JSON.stringify({ jsonrpc: "2.0", method: "programNotification", params }));
    return job.address;
  }

  #answer(method: string, params: unknown[]): unknown {
    switch (method) {
      case "getProgramAccounts":
        return params[0] === NOSANA_JOBS_PROGRAM_ADDRESS
          ? [...this.#jobs, ...this.#others].map(toAccount)
          : [];
      case "getAccountInfo":
        return { context: { slot: 1 }, value: clockAccount() };
      case "getTokenAccountBalance":
        return { context: { slot: 1 }, value: { amount: VAULT_AMOUNT, decimals: 6 } };
      default:
        return [];
    }
  }

  #subscribe(socket: WebSocket, text: string): void {
    const { id, method, params } = JSON.parse(text) as Request;
    if (method === "programSubscribe" && params[0] === NOSANA_JOBS_PROGRAM_ADDRESS) {
      this.#subscriber = { socket, id };
    }
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: id }));
    if (method === "slotSubscribe") reportSlots(socket, id);
  }
}

/** Reports slots as a network does, until the socket is closed. */
function reportSlots(socket: WebSocket, subscription: number): void {
  let slot = 0;
  const timer = setInterval(() => {
    slot += 1;
    const params = { subscription, result: { parent: slot - 1, root: 0, slot } };
    socket.send(JSON.stringify({ jsonrpc: "2.0", method: "slotNotification", params }));
  }, SLOT_MS);
  socket.on("close", () => clearInterval(timer));
}

function toAccount({ address, data }: CrowdAccount) {
  return {
    pubkey: address,
    account: account(data.toString("base64"), NOSANA_JOBS_PROGRAM_ADDRESS),
  };
}

function clockAccount() {
  const clock = Buffer.alloc(40);
  clock.writeBigInt64LE(NOW, 32);
  return account(clock.toString("base64"), "Sysvar1111111111111111111111111111111111111");
}

function account(data: string, owner: string) {
  const space = Buffer.from(data, "base64").length;
  return {
    data: [data, "base64"],
    executable: false,
    lamports: LAMPORTS,
    owner,
    rentEpoch: 0,
    space,
  };
}
