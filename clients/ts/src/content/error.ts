/** Content cannot be read, written or verified. */
export class ContentError extends Error {
  override readonly name = "ContentError";
}

/** A block is not in the store. */
export class BlockNotFoundError extends Error {
  override readonly name = "BlockNotFoundError";

  constructor(
    /** The identifier of the block. */
    readonly id: string,
    store: string,
  ) {
    super(
      `${store} does not have the block ${id}; use the store, or the IPFS node, that it was written to`,
    );
  }
}
