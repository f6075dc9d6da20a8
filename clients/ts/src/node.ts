/** What needs Node.js: the store in a folder, and key files. */

export { FolderStore } from "./folderStore.js";
export { loadKeypair } from "./keypair.js";
