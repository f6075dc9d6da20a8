/**
 * An RPC server with as many jobs as a test wants, in accounts as the program writes them. It
 * answers only the page's requests; a real network would need hours to list as many.
 */

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { JobState } from "@nosana-programs/client";
import {
  DISPUTE_ACCOUNT,
  DisputePhase,
  getDisputeDecoder,
  getDisputeEncoder,
  getJobDecoder,
  getJobEncoder,
  JOB_ACCOUNT,
  NOSANA_JOBS_PROGRAM_ADDRESS,
  SeatState,
  Verdict,
} from "@nosana-programs/client/jobs";
import { getAddressDecoder, type Address } from "@solana/kit";
import { WebSocketServer, type WebSocket } from "ws";

/** The time at which the chain stands. */
const NOW = 1_800_000_000n;
const LAMPORTS = 4_844_160;
const SLOT_MS = 400;

/** The place of the job whose result is disputed. */
const DISPUTED = 7;

const { fields } = JOB_ACCOUNT;
const ZEROED = new Uint8Array(getJobDecoder().fixedSize);
ZEROED.set(JOB_ACCOUNT.discriminator);
const TEMPLATE = getJobEncoder().encode({
  ...getJobDecoder().decode(ZEROED),
  pricePerSecond: 50n,
  timeoutSeconds: 600n,
  escrow: 33_000n,
}) as Uint8Array;

interface Request {
  id: number;
  method: string;
  params: unknown[];
}

export class Crowd {
  readonly #jobs: { address: Address; data: Buffer }[];
  readonly #dispute: { address: Address; data: Buffer };
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  /** The subscription of the jobs program. */
  #subscriber: { socket: WebSocket; id: number } | undefined;

  constructor(count: number) {
    this.#jobs = Array.from({ length: count }, (_, index) => makeJob(index));
    this.#dispute = makeDispute(this.disputedJob);
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

  /** The job whose result is disputed. */
  get disputedJob(): Address {
    return getAddressDecoder().decode(makeBytes(3, DISPUTED));
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
          ? [...this.#jobs, this.#dispute].map(toAccount)
          : [];
      case "getAccountInfo":
        return { context: { slot: 1 }, value: clockAccount() };
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

/** Fills the fields that differ between jobs into a copy of one account. */
function makeJob(index: number): { address: Address; data: Buffer } {
  const data = Buffer.from(TEMPLATE);
  data.set(makeBytes(1, index % 200), fields.client.offset);
  data.set(makeBytes(2, index % 5), fields.market.offset);
  data.writeUInt8(stateOf(index), fields.state.offset);
  data.writeBigInt64LE(NOW - BigInt(index), fields.listedAt.offset);
  return { address: getAddressDecoder().decode(makeBytes(3, index)), data };
}

function stateOf(index: number): JobState {
  if (index === DISPUTED) return JobState.Challenged;
  return index % 6 === 5 ? JobState.Settled : index % 3;
}

/** A dispute in which the first panelist has voted. */
function makeDispute(job: Address): { address: Address; data: Buffer } {
  const zeroed = new Uint8Array(getDisputeDecoder().fixedSize);
  zeroed.set(DISPUTE_ACCOUNT.discriminator);
  const dispute = getDisputeDecoder().decode(zeroed);
  const seats = dispute.seats.map((seat, index) =>
    index > 0 ? seat : { ...seat, node: job, state: SeatState.Revealed, verdict: Verdict.Wrong },
  );
  const data = getDisputeEncoder().encode({
    ...dispute,
    job,
    market: getAddressDecoder().decode(makeBytes(2, DISPUTED % 5)),
    challenger: job,
    panelFee: 150_000n,
    phase: DisputePhase.Voting,
    challengedAt: NOW - 60n,
    endsAt: NOW + 600n,
    seatsTaken: 1,
    seats,
  });
  return {
    address: getAddressDecoder().decode(makeBytes(4, 0)),
    data: Buffer.from(data as Uint8Array),
  };
}

function makeBytes(kind: number, index: number): Uint8Array {
  const bytes = new Uint8Array(32).fill(kind);
  new DataView(bytes.buffer).setUint32(0, index + 1);
  return bytes;
}

function toAccount({ address, data }: { address: Address; data: Buffer }) {
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
