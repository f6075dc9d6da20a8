/**
 * What the logs of a transaction prove.
 *
 * Any program may log any bytes. So data count as an event of a program only if they were logged
 * while that program was running. The runtime's own lines, which bracket each invocation, show
 * which one was.
 */

import { getBase64Encoder, type Address } from "@solana/kit";

/** Data that a program logged. */
export interface LoggedData {
  program: Address;
  data: Uint8Array;
}

const RUNTIME_LINE = /^Program (\S+) ([\s\S]*)$/;
/**
 * Text that a program logs begins with `Program log: `, so it cannot pass for a line of the
 * runtime.
 */
const PROGRAM_TEXT = ["log:", "return:", "consumption:"];

/** Returns all logged data, each with the program that logged them. */
export function findLoggedData(logs: readonly string[]): LoggedData[] {
  const running: Address[] = [];
  const found: LoggedData[] = [];

  for (const line of logs) {
    const [, subject, rest] = RUNTIME_LINE.exec(line) ?? [];
    if (subject === undefined || rest === undefined || PROGRAM_TEXT.includes(subject)) continue;

    if (subject === "data:") {
      const program = running.at(-1);
      const data = decodeData(rest);
      if (program && data) found.push({ program, data });
    } else if (rest.startsWith("invoke [")) {
      running.push(subject as Address);
    } else if (rest === "success" || rest.startsWith("failed")) {
      running.pop();
    }
  }
  return found;
}

/** Returns the innermost program that failed: the one whose error the transaction reports. */
export function findFailedProgram(logs: readonly string[]): Address | undefined {
  for (const line of logs) {
    const [, subject, rest] = RUNTIME_LINE.exec(line) ?? [];
    if (subject !== undefined && !subject.endsWith(":") && rest?.startsWith("failed"))
      return subject as Address;
  }
  return undefined;
}

/** Whether the node truncated the logs, so that events may be missing. */
export function areTruncated(logs: readonly string[]): boolean {
  return logs.includes("Log truncated");
}

/** A data line has one or more fields in base64, which are concatenated. */
function decodeData(text: string): Uint8Array | undefined {
  try {
    const fields = text.split(" ").map((field) => getBase64Encoder().encode(field));
    return new Uint8Array(fields.flatMap((field) => [...field]));
  } catch {
    return undefined;
  }
}
