/** Content by its hash: what the chain stores 32 bytes of. */

export { BlockNotFoundError, ContentError } from "./error.js";
export { identifyFile, MAX_FILE_BYTES, readFile, writeFile } from "./file.js";
export { identifyBlock, isSet, toContentId, toDigest, type ContentId } from "./identifier.js";
export { readJson, writeJson } from "./json.js";
export { KuboStore } from "./kubo.js";
export { MAX_BLOCK_BYTES, MemoryStore, type BlockStore } from "./store.js";
