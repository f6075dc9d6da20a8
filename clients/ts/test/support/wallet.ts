/** A wallet of the Wallet Standard, as an extension of a browser registers it. */

import {
  getTransactionDecoder,
  getTransactionEncoder,
  partiallySignTransaction,
  type KeyPairSigner,
  type Transaction,
} from "@solana/kit";

import type { StandardAccount, StandardWallet } from "../../src/index.ts";

/** A request for a signature, without its transaction. */
export interface SigningRequest {
  account: StandardAccount;
  chain: string;
}

/** A wallet without a window: it signs, and notes what it was asked. */
export class FakeWallet implements StandardWallet {
  readonly name = "Fake wallet";
  readonly chains = ["solana:localnet"];
  readonly features: object;
  readonly requests: SigningRequest[] = [];
  /** Changes what is signed, as wallets do that add a fee. */
  change: (transaction: Transaction) => Transaction = (transaction) => transaction;
  /** How many of the requested signatures are given. */
  patience = Infinity;
  readonly #signer: KeyPairSigner;

  constructor(signer: KeyPairSigner) {
    this.#signer = signer;
    const accounts = [
      { address: signer.address, chains: this.chains },
      { address: "0x00", chains: ["other:chain"] },
    ];
    this.features = {
      "standard:connect": { version: "1.0.0", connect: async () => ({ accounts }) },
      "solana:signTransaction": {
        version: "1.0.0",
        supportedTransactionVersions: [0],
        signTransaction: (...inputs: (SigningRequest & { transaction: Uint8Array })[]) =>
          Promise.all(inputs.slice(0, this.patience).map((input) => this.#sign(input))),
      },
    };
  }

  async #sign({ account, chain, transaction }: SigningRequest & { transaction: Uint8Array }) {
    this.requests.push({ account, chain });
    const changed = this.change(getTransactionDecoder().decode(transaction));
    const signed = await partiallySignTransaction([this.#signer.keyPair], changed);
    return { signedTransaction: new Uint8Array(getTransactionEncoder().encode(signed)) };
  }
}
