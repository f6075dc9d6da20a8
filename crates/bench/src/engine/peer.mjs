// Measures node-llama-cpp as `nosana node bench` measures this engine: the median of several runs that
// read 512 tokens, and of several that generate 128. Prints JSON.

import { readFile } from "node:fs/promises";
import { getLlama } from "node-llama-cpp";

const [, , modelPath, threads] = process.argv;
const PROMPT_TOKENS = 512;
const GENERATED_TOKENS = 128;
const ROUNDS = 3;

const llama = await getLlama({ gpu: false, build: "never", maxThreads: Number(threads), logLevel: "error" });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({
  contextSize: PROMPT_TOKENS,
  batchSize: PROMPT_TOKENS,
  threads: Number(threads),
});
const sequence = context.getSequence();
const end = model.tokens.eos;

async function readPrompt() {
  await sequence.evaluateWithoutGeneratingNewTokens(Array(PROMPT_TOKENS - 1).fill(end));
}

async function generateTokens() {
  let count = 0;
  for await (const _ of sequence.evaluate([end], { temperature: 0, yieldEogToken: true })) {
    count += 1;
    if (count === GENERATED_TOKENS) break;
  }
}

async function medianSeconds(round) {
  const seconds = [];
  for (let number = 0; number <= ROUNDS; number += 1) {
    await sequence.clearHistory();
    const start = performance.now();
    await round();
    // The first round warms up.
    if (number > 0) seconds.push((performance.now() - start) / 1000);
  }
  return seconds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}

const manifest = new URL("./node_modules/node-llama-cpp/package.json", import.meta.url);
const { version } = JSON.parse(await readFile(manifest, "utf8"));
const figures = {
  version,
  system: llama.systemInfo.trim(),
  prompt_tokens_per_second: PROMPT_TOKENS / (await medianSeconds(readPrompt)),
  generated_tokens_per_second: GENERATED_TOKENS / (await medianSeconds(generateTokens)),
};
console.log(JSON.stringify(figures));
process.exit(0);
