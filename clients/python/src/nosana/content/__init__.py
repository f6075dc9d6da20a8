"""Content: identifiers, files as trees of blocks, and stores of blocks.

| module | purpose |
| --- | --- |
| `cid` | the 32 bytes on the chain and the text `Qm…` |
| `unixfs` | the bytes of the blocks of a file |
| `store` | files and JSON in any store of blocks |
| `folder`, `kubo` | a folder, and the HTTP API of an IPFS node |
"""

from nosana.content.cid import digest_of, identifier
from nosana.content.folder import FolderStore
from nosana.content.kubo import KuboStore
from nosana.content.store import MAX_BLOCK_BYTES, MAX_JSON_BYTES, Store, identify

__all__ = [
    "MAX_BLOCK_BYTES",
    "MAX_JSON_BYTES",
    "FolderStore",
    "KuboStore",
    "Store",
    "digest_of",
    "identifier",
    "identify",
]
