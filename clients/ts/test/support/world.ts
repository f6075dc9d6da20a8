/** A local network without a worker: the tests act as its client, node, staker and admin. */

import {
  address,
  createKeyPairSignerFromBytes,
  createSolanaRpc,
  createSolanaRpcSubscriptions,
  type Address,
  type KeyPairSigner,
} from "@solana/kit";

import { Network, type NetworkInfo } from "../../../../tests/typescript/src/network.ts";
import {
  createClient,
  findTokenAddress,
  type Client,
  type ClientOptions,
} from "../../src/index.ts";
import { fetchMarket, type MarketTerms } from "../../src/generated/jobs/index.ts";
import { FolderStore } from "../../src/node.ts";

export type Role = "client" | "deployer" | "node";

/** One NOS, in base units. */
export const NOS = 1_000_000n;
const SLOT_MS = "100";

/** The definition that the tests list. The tests' node does not run it, but answers it. */
export const DEFINITION = {
  version: "nosana/1",
  ops: [
    {
      id: "greet",
      type: "command/run",
      args: { steps: [{ name: "greet", run: "echo hello" }] },
    },
  ],
};

export class World {
  readonly info: NetworkInfo;
  readonly market: Address;
  readonly mint: Address;
  readonly store: FolderStore;
  readonly signers: Record<Role, KeyPairSigner>;
  readonly #network: Network;

  private constructor(network: Network, signers: Record<Role, KeyPairSigner>) {
    this.#network = network;
    this.info = network.info;
    this.market = address(network.info.market);
    this.mint = address(network.info.nos_mint);
    this.store = new FolderStore(network.info.store);
    this.signers = signers;
  }

  static async start(): Promise<World> {
    const network = await Network.start(["--slot-ms", SLOT_MS]);
    const load = (role: Role) =>
      createKeyPairSignerFromBytes(Uint8Array.from(network.info.wallets[role]));
    const [client, deployer, node] = await Promise.all([
      load("client"),
      load("deployer"),
      load("node"),
    ]);
    return new World(network, { client, deployer, node });
  }

  async stop(): Promise<void> {
    await this.#network.stop();
  }

  /** A client that acts as `role`. */
  as(role: Role, options: Partial<ClientOptions> = {}): Client {
    return createClient({
      rpc: createSolanaRpc(this.info.rpc_url),
      rpcSubscriptions: createSolanaRpcSubscriptions(this.info.ws_url),
      signer: this.signers[role],
      store: this.store,
      ...options,
    });
  }

  /** The terms of the network's market. */
  async fetchTerms(): Promise<MarketTerms> {
    const rpc = createSolanaRpc(this.info.rpc_url);
    return (await fetchMarket(rpc, this.market)).data.terms;
  }

  /** Base units in the token account of a wallet. */
  async balance(role: Role): Promise<bigint> {
    const account = await findTokenAddress(this.signers[role].address, this.mint);
    const rpc = createSolanaRpc(this.info.rpc_url);
    const { value } = await rpc.getTokenAccountBalance(account, { commitment: "confirmed" }).send();
    return BigInt(value.amount);
  }
}
