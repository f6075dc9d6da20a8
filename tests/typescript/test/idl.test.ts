/** What a client derives from the IDLs alone is what the programs expect. Needs no network. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { BorshCoder, web3 } from "@anchor-lang/core";
import BN from "bn.js";

import { deriveAddress } from "../src/address.ts";
import { openProgram, readIdl } from "../src/client.ts";

const PROGRAMS = ["jobs", "staking", "rewards"] as const;
/** No node listens there: a test that uses the network fails. */
const NOWHERE = new web3.Connection("http://127.0.0.1:1");

test("Anchor's client takes every IDL as it is", () => {
  for (const name of PROGRAMS) {
    const idl = readIdl(name);
    const program = openProgram(idl, NOWHERE, web3.Keypair.generate());
    assert.equal(program.programId.toBase58(), idl.address);
    assert.equal(Object.keys(program.methods).length, idl.instructions.length);
    for (const instruction of idl.instructions) {
      for (const account of instruction.accounts) {
        if ("address" in account && account.address) new web3.PublicKey(account.address);
      }
    }
  }
});

test("discriminators follow from the names, as every Anchor client expects", () => {
  const digest = (text: string) => [...createHash("sha256").update(text).digest().subarray(0, 8)];
  for (const name of PROGRAMS) {
    const idl = readIdl(name);
    for (const item of idl.instructions) assert.deepEqual(item.discriminator, digest(`global:${item.name}`), item.name);
    for (const item of idl.accounts ?? [])
      assert.deepEqual(item.discriminator, digest(`account:${item.name}`), item.name);
    for (const item of idl.events ?? []) assert.deepEqual(item.discriminator, digest(`event:${item.name}`), item.name);
  }
});

test("`list` is encoded field by field", async () => {
  const client = web3.Keypair.generate();
  const program = openProgram(readIdl("jobs"), NOWHERE, client);
  const [config, market, queue, vault, payerToken] = [1, 2, 3, 4, 5].map(
    (byte) => new web3.PublicKey(Array(32).fill(byte)),
  );
  const definition = Array.from({ length: 32 }, (_, index) => index);
  const price = new BN("18446744073709551615");
  const call = program.methods.list!(new BN(7), definition, { service: {} }, new BN(3_600), price, true);
  const instruction = await call.accountsPartial({ config, market, queue, vault, payerToken } as never).instruction();

  const expected = Buffer.alloc(8 + 8 + 32 + 1 + 8 + 8 + 1);
  Buffer.from([54, 174, 193, 67, 17, 41, 132, 38]).copy(expected);
  expected.writeBigUInt64LE(7n, 8);
  Buffer.from(definition).copy(expected, 16);
  expected.writeUInt8(1, 48);
  expected.writeBigUInt64LE(3_600n, 49);
  expected.writeBigUInt64LE(2n ** 64n - 1n, 57);
  expected.writeUInt8(1, 65);
  assert.deepEqual(instruction.data, expected);

  const job = deriveAddress(readIdl("jobs"), "list", "job", { client: client.publicKey, nonce: new BN(7) });
  const [token, system] = ["TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA", "11111111111111111111111111111111"];
  const [signer, mutable] = ["signer", "writable"];
  assert.deepEqual(
    instruction.keys.map(({ pubkey, isSigner, isWritable }) => [
      pubkey.toBase58(),
      ...(isSigner ? [signer] : []),
      ...(isWritable ? [mutable] : []),
    ]),
    [
      [client.publicKey.toBase58(), signer],
      [client.publicKey.toBase58(), signer, mutable],
      [config!.toBase58()],
      [market!.toBase58()],
      [queue!.toBase58(), mutable],
      [job.toBase58(), mutable],
      [vault!.toBase58(), mutable],
      [payerToken!.toBase58(), mutable],
      [token],
      [system],
    ],
  );
});

test("accounts have the sizes that the programs assert", () => {
  // Without the eight bytes of the discriminator; see the assertions in programs/jobs/src/state.
  const sizes = { Config: 304, Market: 480, Job: 560, Node: 2168 };
  const { accounts } = new BorshCoder(readIdl("jobs"));
  for (const [name, size] of Object.entries(sizes)) assert.equal(accounts.size(name), 8 + size, name);
});

test("a queue is read with its cells", () => {
  const { accounts } = new BorshCoder(readIdl("jobs"));
  const header = Buffer.alloc(8 + 136);
  Buffer.from(readIdl("jobs").accounts!.find(({ name }) => name === "QueueHeader")!.discriminator).copy(header);
  header.writeUInt8(1, 8 + 84);
  const cells = Buffer.alloc(4 + 2 * 48);
  cells.writeUInt32LE(2, 0);
  cells.fill(9, 4 + 48, 4 + 80);
  cells.writeBigUInt64LE(5n, 4 + 80);
  cells.writeUInt32LE(1, 4 + 92);

  const queue = accounts.decode("QueueHeader", Buffer.concat([header, cells]));
  assert.deepEqual(queue.side, { Jobs: {} });
  assert.equal(queue.cells.length, 2);
  const [vacant, used] = queue.cells;
  assert.ok(vacant.address.equals(web3.PublicKey.default));
  assert.ok(used.address.equals(new web3.PublicKey(Array(32).fill(9))));
  assert.deepEqual([String(used.price_per_second), used.previous, used.next], ["5", 0, 1]);
});
