/** Wallets of browsers sign what the client builds. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  appendTransactionMessageInstruction,
  blockhash,
  compileTransaction,
  createTransactionMessage,
  decompileTransactionMessage,
  generateKeyPairSigner,
  getCompiledTransactionMessageDecoder,
  pipe,
  setTransactionMessageComputeUnitPrice,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  verifySignature,
  type KeyPairSigner,
  type Transaction,
  type TransactionSigner,
} from "@solana/kit";

import { connectWallet, isSolanaWallet, walletSigner, actions } from "../src/index.ts";
import { FakeWallet } from "./support/wallet.ts";

const CHAIN = "solana:localnet";
const LIFETIME = {
  blockhash: blockhash("GfVcyD4kkTrj4bKc7WA9sZCin9JDbdT4Zkd3EittNR1W"),
  lastValidBlockHeight: 7n,
};

/** Makes a key, a wallet that has it, and a signer that asks the wallet. */
async function openWallet() {
  const owner = await generateKeyPairSigner();
  const wallet = new FakeWallet(owner);
  const [account] = await connectWallet(wallet);
  assert.ok(account);
  return { owner, wallet, signer: walletSigner(wallet, account, CHAIN) };
}

/** Signs an instruction of the staking program, which the signer pays for. */
async function signUnstake(signer: TransactionSigner) {
  const instruction = await actions.unstake(signer);
  return await signTransactionMessageWithSigners(
    pipe(
      createTransactionMessage({ version: 0 }),
      (message) => setTransactionMessageFeePayerSigner(signer, message),
      (message) => setTransactionMessageLifetimeUsingBlockhash(LIFETIME, message),
      (message) => appendTransactionMessageInstruction(instruction, message),
    ),
  );
}

/** Whether the owner has signed the bytes of this very message. */
async function isSignedBy(owner: KeyPairSigner, transaction: Transaction): Promise<boolean> {
  const signature = transaction.signatures[owner.address];
  assert.ok(signature);
  return await verifySignature(owner.keyPair.publicKey, signature, transaction.messageBytes);
}

test("a wallet shares its accounts of Solana, and signs for the chain that is named", async () => {
  const { owner, wallet, signer } = await openWallet();
  assert.equal(signer.address, owner.address);
  assert.equal((await connectWallet(wallet)).length, 1);

  const signed = await signUnstake(signer);
  assert.ok(await isSignedBy(owner, signed));
  assert.deepEqual(signed.lifetimeConstraint, LIFETIME);
  assert.deepEqual(
    wallet.requests.map(({ account, chain }) => [account.address, chain]),
    [[owner.address, CHAIN]],
  );
});

test("a wallet may change what it signs, but not how long it is valid", async () => {
  const { owner, wallet, signer } = await openWallet();
  const before = await signUnstake(signer);
  wallet.change = ({ messageBytes }) => {
    const compiled = getCompiledTransactionMessageDecoder().decode(messageBytes);
    const message = decompileTransactionMessage(compiled);
    assert.ok(message.version === 0);
    return compileTransaction(setTransactionMessageComputeUnitPrice(7n, message));
  };

  const signed = await signUnstake(signer);
  assert.notDeepEqual(signed.messageBytes, before.messageBytes);
  assert.ok(await isSignedBy(owner, signed));
  assert.deepEqual(signed.lifetimeConstraint, LIFETIME);
});

test("a wallet that signs nothing, or refuses, is an error that names it", async () => {
  const { wallet, signer } = await openWallet();
  wallet.patience = 0;
  await assert.rejects(signUnstake(signer), /Fake wallet returned 0 of 1 transactions/);

  wallet.patience = 1;
  wallet.change = () => {
    throw new Error("the owner has refused");
  };
  await assert.rejects(signUnstake(signer), /the owner has refused/);
});

test("only wallets that sign transactions of Solana are used", async () => {
  const { wallet } = await openWallet();
  assert.ok(isSolanaWallet(wallet));

  const name = "Another wallet";
  const chains = ["other:chain"];
  assert.ok(!isSolanaWallet({ name, chains, features: wallet.features }));
  const silent = { name, chains: wallet.chains, features: {} };
  assert.ok(!isSolanaWallet(silent));
  await assert.rejects(connectWallet(silent), /Another wallet cannot be connected/);
  assert.throws(() => walletSigner(silent, { address: "", chains }, CHAIN), /does not sign/);
});
