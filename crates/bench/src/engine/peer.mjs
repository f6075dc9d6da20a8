// Measures node-llama-cpp as `nosana node bench` measures this engine: the median of several runs
// that read 512 tokens, and of several that generate 128. Then embeds sentences with another model,
// and answers a prompt with the likeliest tokens. Prints JSON.

import { readFile } from "node:fs/promises";
import { getLlama } from "node-llama-cpp";

const [, , modelPath, threads, prompt, answerTokens, embeddingPath, sentences] = process.argv;
const PROMPT_TOKENS = 512;
const GENERATED_TOKENS = 128;
const ROUNDS = 3;
// A sequence that fills its context is shifted: node-llama-cpp keeps the last place free.
const CONTEXT_TOKENS = 768;
// The most tokens that the model for sentences reads.
const SENTENCE_TOKENS = 512;

const llama = await getLlama({
  gpu: false,
  build: "never",
  maxThreads: Number(threads),
  logLevel: "error",
});
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({
  contextSize: CONTEXT_TOKENS,
  batchSize: PROMPT_TOKENS,
  threads: Number(threads),
});
const sequence = context.getSequence();
const end = model.tokens.eos;

async function readPrompt() {
  await sequence.evaluateWithoutGeneratingNewTokens(Array(PROMPT_TOKENS).fill(end));
}

async function generateTokens() {
  let count = 0;
  for await (const _ of sequence.evaluate([end], { temperature: 0, yieldEogToken: true })) {
    count += 1;
    if (count === GENERATED_TOKENS) break;
  }
}

const clearSequence = () => sequence.clearHistory();

async function medianSeconds(round, prepare) {
  const seconds = [];
  for (let number = 0; number <= ROUNDS; number += 1) {
    await prepare?.();
    const start = performance.now();
    await round();
    // The first round warms up.
    if (number > 0) seconds.push((performance.now() - start) / 1000);
  }
  return seconds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
}

async function sentencesPerSecond() {
  const texts = JSON.parse(sentences);
  const embeddingModel = await llama.loadModel({ modelPath: embeddingPath });
  const embedding = await embeddingModel.createEmbeddingContext({
    contextSize: SENTENCE_TOKENS,
    batchSize: SENTENCE_TOKENS,
    threads: Number(threads),
  });

  const seconds = await medianSeconds(async () => {
    for (const text of texts) await embedding.getEmbeddingFor(text);
  });
  return texts.length / seconds;
}

// The tokens of the prompt, in the model's chat template, and of its answer.
async function answerPrompt() {
  const { Template } = await import("@huggingface/jinja");
  const rendered = new Template(model.fileInfo.metadata.tokenizer.chat_template).render({
    messages: [{ role: "user", content: prompt }],
    add_generation_prompt: true,
    bos_token: model.tokens.bosString ?? "",
    eos_token: model.tokens.eosString ?? "",
  });
  const promptIds = Array.from(model.tokenize(rendered, true));

  await sequence.clearHistory();
  const tokenIds = [];
  for await (const token of sequence.evaluate(promptIds, { temperature: 0 })) {
    tokenIds.push(token);
    if (tokenIds.length === Number(answerTokens)) break;
  }
  return { prompt_ids: promptIds, token_ids: tokenIds, text: model.detokenize(tokenIds) };
}

// An answer that fails costs no figure: it is not compared.
async function tryAnswer() {
  try {
    return await answerPrompt();
  } catch (error) {
    console.error(`no answer to compare: ${error}`);
    return null;
  }
}

const manifest = new URL("./node_modules/node-llama-cpp/package.json", import.meta.url);
const { version } = JSON.parse(await readFile(manifest, "utf8"));
const figures = {
  version,
  system: llama.systemInfo.trim(),
  prompt_tokens_per_second: PROMPT_TOKENS / (await medianSeconds(readPrompt, clearSequence)),
  generated_tokens_per_second:
    GENERATED_TOKENS / (await medianSeconds(generateTokens, clearSequence)),
  sentences_per_second: await sentencesPerSecond(),
  answer: await tryAnswer(),
};
console.log(JSON.stringify(figures));
process.exit(0);
