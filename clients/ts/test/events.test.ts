/** Events are read from logs, and only from the program that emitted them. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeEvents, isAbout } from "../src/chain/events.ts";
import { areTruncated, findFailedProgram } from "../src/chain/logs.ts";
import { fieldsOf, PROGRAMS, readIdl } from "./support/idl.ts";
import { Sampler } from "./support/samples.ts";

const JOBS = readIdl("jobs").address;
const OTHER = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";

const dataLine = (...fields: number[][]) =>
  `Program data: ${fields.map((field) => Buffer.from(field).toString("base64")).join(" ")}`;

for (const program of PROGRAMS) {
  test(`every event of ${program} is decoded`, () => {
    const idl = readIdl(program);
    const sampler = new Sampler(idl);
    const samples = idl.events.map(({ name, discriminator }) => {
      const { value, bytes } = sampler.struct(fieldsOf(idl, name));
      return { event: { program, name, data: value }, data: [...discriminator, ...bytes] };
    });

    const lines = samples.map(({ data }) => dataLine(data));
    const logs = [`Program ${idl.address} invoke [1]`, ...lines, `Program ${idl.address} success`];
    assert.deepEqual(
      decodeEvents(logs),
      samples.map(({ event }) => event),
    );
  });
}

test("data belong to the running program", () => {
  const idl = readIdl("jobs");
  const { discriminator } = idl.events.find(({ name }) => name === "JobClosed")!;
  const { value, bytes } = new Sampler(idl).struct(fieldsOf(idl, "JobClosed"));
  const data = [...discriminator, ...bytes];
  const event = { program: "jobs", name: "JobClosed", data: value };

  const found = decodeEvents([
    dataLine(data),
    `Program ${OTHER} invoke [1]`,
    dataLine(data),
    `Program ${JOBS} invoke [2]`,
    dataLine(data.slice(0, 20), data.slice(20)),
    `Program log: Program ${JOBS} success`,
    `Program ${JOBS} consumed 12 of 200000 compute units`,
    "Program data: not base64!",
    dataLine(data.slice(0, -1)),
    dataLine([...data, 1, 2]),
    `Program ${JOBS} success`,
    dataLine(data),
    `Program ${OTHER} success`,
  ]);
  assert.deepEqual(found, [event, event], "one in two fields, and one of a later layout");
  assert.ok(isAbout(found[0]!, (value as { job: never }).job));
  assert.ok(!isAbout(found[0]!, OTHER as never));
});

test("the innermost program that failed is found", () => {
  const logs = [
    `Program ${JOBS} invoke [1]`,
    "Program log: failed",
    `Program ${OTHER} invoke [2]`,
    `Program ${OTHER} failed: custom program error: 0x1`,
    `Program ${JOBS} failed: custom program error: 0x1`,
  ];
  assert.equal(findFailedProgram(logs), OTHER);
  assert.equal(findFailedProgram(logs.slice(0, 3)), undefined);
  assert.ok(areTruncated([...logs, "Log truncated"]));
  assert.ok(!areTruncated(logs));
});
