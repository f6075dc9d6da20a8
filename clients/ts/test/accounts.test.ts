/** Every account is decoded as the IDL describes it, and is found by the values of its fields. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { getBase58Encoder, type Decoder } from "@solana/kit";

import { memcmpFilters, type AccountKind } from "../src/chain/accounts.ts";
import { orderEntries } from "../src/chain/queue.ts";
import { JOB_ACCOUNT, JobState, type QueueHeader } from "../src/generated/jobs/index.ts";
import { generated } from "./support/generated.ts";
import { fieldsOf, PROGRAMS, readIdl, type Idl } from "./support/idl.ts";
import { Sampler } from "./support/samples.ts";

/** `QueueHeader` to `QUEUE_HEADER`. */
const constantCase = (name: string) => name.replaceAll(/(?<!^)([A-Z])/g, "_$1").toUpperCase();

for (const name of PROGRAMS) {
  test(`accounts of ${name} are decoded as in the IDL`, () => {
    const idl = readIdl(name);

    for (const { name: account, discriminator } of idl.accounts) {
      const { value, bytes } = new Sampler(idl).struct(fieldsOf(idl, account));
      const data = Uint8Array.from([...discriminator, ...bytes]);

      const decoder = generated<() => Decoder<object>>(name, `get${account}Decoder`)();
      const expected = { discriminator: Uint8Array.from(discriminator), ...(value as object) };
      assert.deepEqual(decoder.decode(data), expected, account);
    }
  });

  test(`filters of ${name} look where the fields are`, () => {
    const idl = readIdl(name);
    for (const { name: account } of idl.accounts) checkFilters(idl, name, account);
  });
}

/** Each field's filter must match an encoded account at its offset. */
function checkFilters(idl: Idl, program: (typeof PROGRAMS)[number], account: string): void {
  const kind = generated<AccountKind>(program, `${constantCase(account)}_ACCOUNT`);
  const { value, bytes } = new Sampler(idl).struct(fieldsOf(idl, account));
  const data = [...kind.discriminator, ...bytes];
  assert.equal(kind.programAddress, idl.address);
  assert.ok(Object.keys(kind.fields).length > 0, account);

  for (const field of Object.keys(kind.fields)) {
    const wanted = { [field]: (value as Record<string, unknown>)[field] };
    for (const { memcmp } of memcmpFilters(kind, wanted as never)) {
      const expected = [...getBase58Encoder().encode(memcmp.bytes)];
      const offset = Number(memcmp.offset);
      assert.deepEqual(
        data.slice(offset, offset + expected.length),
        expected,
        `${account}.${field}`,
      );
    }
  }
}

test("an unknown field is refused, and a field without a value is left out", () => {
  assert.throws(
    () => memcmpFilters(JOB_ACCOUNT, { color: 1 } as never),
    /cannot be filtered by color/,
  );
  assert.equal(memcmpFilters(JOB_ACCOUNT, { state: JobState.Running }).length, 2);
  assert.equal(memcmpFilters(JOB_ACCOUNT, { state: undefined } as never).length, 1);
});

test("a queue is read in its order, and a broken one is refused", () => {
  const cell = (address: string, previous: number, next: number) => ({
    address,
    pricePerSecond: 5n,
    previous,
    next,
  });
  const header = { market: "m", first: 3, last: 1, live: 2 };
  const cells = [cell("second", 3, 0), cell("vacant", 0, 0), cell("first", 0, 1)];
  const queue = (changes: object) => ({ ...header, cells, ...changes }) as unknown as QueueHeader;

  assert.deepEqual(
    orderEntries(queue({})).map((entry) => [entry.cell, entry.address]),
    [
      [2, "first"],
      [0, "second"],
    ],
  );
  assert.deepEqual(orderEntries(queue({ first: 0, last: 0, live: 0 })), []);
  for (const broken of [{ first: 9 }, { live: 3 }, { live: 1 }, { cells: cells.slice(0, 2) }]) {
    assert.throws(() => orderEntries(queue(broken)), /inconsistent/);
  }
});
