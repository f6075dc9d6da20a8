/** Signers of all kinds, signatures of several parties, and transactions that expire. */

import assert from "node:assert/strict";
import { it } from "node:test";

import {
  blockhash,
  createSolanaRpc,
  decompileTransactionMessage,
  compileTransaction,
  getBase58Encoder,
  getBase64EncodedWireTransaction,
  getCompiledTransactionMessageDecoder,
  partiallySignTransaction,
  setTransactionMessageComputeUnitPrice,
  signTransaction,
  type KeyPairSigner,
  type SignatureBytes,
  type Transaction,
  type TransactionModifyingSigner,
  type TransactionSendingSigner,
} from "@solana/kit";

import {
  absentSigner,
  actions,
  beginHandover,
  findJobAddress,
  readHandover,
  sendHandover,
  signHandover,
  toDigest,
  TransactionExpiredError,
  walletSigner,
  writeJson,
} from "../../src/index.ts";
import { parseListInstruction } from "../../src/generated/jobs/instructions/list.ts";
import { FakeWallet } from "../support/wallet.ts";
import { DEFINITION, type World } from "../support/world.ts";

const LONG_PAST = blockhash("GfVcyD4kkTrj4bKc7WA9sZCin9JDbdT4Zkd3EittNR1W");

/** A wallet that adds a priority fee to what it signs, as wallets of browsers do. */
function modifyingWallet(signer: KeyPairSigner): TransactionModifyingSigner {
  return {
    address: signer.address,
    modifyAndSignTransactions: async (transactions) =>
      (await Promise.all(
        transactions.map(async (transaction) => {
          const message = decompile(transaction);
          const changed = compileTransaction(setTransactionMessageComputeUnitPrice(7n, message));
          return await partiallySignTransaction([signer.keyPair], changed);
        }),
      )) as never,
  };
}

/** A wallet that sends what it signs. */
function sendingWallet(signer: KeyPairSigner, url: string): TransactionSendingSigner {
  return {
    address: signer.address,
    signAndSendTransactions: async (transactions) =>
      await Promise.all(
        transactions.map(async (transaction) => {
          const signed = await signTransaction([signer.keyPair], transaction as never);
          const wire = getBase64EncodedWireTransaction(signed);
          const signature = await createSolanaRpc(url)
            .sendTransaction(wire, { encoding: "base64" })
            .send();
          return getBase58Encoder().encode(signature) as SignatureBytes;
        }),
      ),
  };
}

/** A wallet whose first signature is for a blockhash that no network knows. */
function lateWallet(signer: KeyPairSigner): TransactionModifyingSigner {
  let calls = 0;
  return {
    address: signer.address,
    modifyAndSignTransactions: async (transactions) =>
      (await Promise.all(
        transactions.map(async (transaction) => {
          const lifetimeConstraint = { blockhash: LONG_PAST, lastValidBlockHeight: 0n };
          const message = {
            ...decompile(transaction),
            ...(calls++ === 0 && { lifetimeConstraint }),
          };
          return await partiallySignTransaction(
            [signer.keyPair],
            compileTransaction(message as never),
          );
        }),
      )) as never,
  };
}

function decompile({ messageBytes, ...transaction }: Transaction) {
  const message = decompileTransactionMessage(
    getCompiledTransactionMessageDecoder().decode(messageBytes),
    {
      lastValidBlockHeight: (transaction as never as Lifetime).lifetimeConstraint
        .lastValidBlockHeight,
    },
  );
  assert.ok(message.version === 0);
  return message;
}

interface Lifetime {
  lifetimeConstraint: { lastValidBlockHeight: bigint };
}

export function testSigners(world: () => World): void {
  it("signs with wallets that modify, send, are late, or follow the Wallet Standard", async () => {
    const { client } = world().signers;
    const url = world().info.rpc_url;
    const standard = new FakeWallet(client);
    const wallets = [
      modifyingWallet(client),
      sendingWallet(client, url),
      lateWallet(client),
      walletSigner(
        standard,
        { address: client.address, chains: standard.chains },
        "solana:localnet",
      ),
    ];

    for (const signer of wallets) {
      const wallet = world().as("client", { signer });
      const { job } = await wallet.postJob({
        market: world().market,
        definition: DEFINITION,
        timeoutSeconds: 60,
      });
      assert.equal((await wallet.fetchJob(job)).client, client.address);
      await world().as("client").cancelJob(job);
    }
  });

  it("reports a transaction that expires", async () => {
    const signer = lateWallet(world().signers.client);
    const late = world().as("client", { signer, sendOptions: { expiryRetries: 0 } });
    const listing = late.postJob({
      market: world().market,
      definition: DEFINITION,
      timeoutSeconds: 60,
    });
    await assert.rejects(listing, TransactionExpiredError);
  });

  it("lets a sponsor pay for a job that it has read", async () => {
    const { client, deployer } = world().signers;
    const connection = { rpc: createSolanaRpc(world().info.rpc_url) };
    const before = await world().balance("client");
    const sponsor = absentSigner(deployer.address);
    const definition = await writeJson(world().store, DEFINITION);

    const listing = await actions.listJob({
      client,
      payer: sponsor,
      market: world().market,
      mint: world().mint,
      nonce: 99,
      definition: toDigest(definition),
      timeoutSeconds: 60,
      maxPricePerSecond: 1_000,
    });
    const begun = await beginHandover(connection, sponsor, [listing]);
    await assert.rejects(
      sendHandover(connection, begun),
      new RegExp(`${deployer.address} must sign`),
    );

    const read = readHandover(begun).at(-1) as Parameters<typeof parseListInstruction>[0];
    assert.equal(parseListInstruction(read).data.timeoutSeconds, 60n);
    const complete = await signHandover(begun, [deployer]);
    await sendHandover(connection, complete);

    const job = await findJobAddress(client.address, 99);
    const stored = await world().as("client").fetchJob(job);
    assert.deepEqual([stored.client, stored.payer], [client.address, deployer.address]);
    assert.equal(await world().balance("client"), before, "the client has paid nothing");
    await world().as("client").cancelJob(job);

    const stale = { ...complete, lastValidBlockHeight: 0n };
    assert.ok(
      (await sendHandover(connection, stale)).slot > 0n,
      "it landed, however late one looks",
    );
  });
}
