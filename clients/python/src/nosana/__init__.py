"""A client of the Nosana marketplace: jobs, markets, nodes, stakes and rewards.

| module | purpose |
| --- | --- |
| `client`, `async_client` | `Client` and `AsyncClient` |
| `definition` | what a job runs |
| `content` | the content store: definitions and results |
| `actions` | instructions with their accounts filled in |
| `jobs`, `staking`, `rewards` | the programs, generated from their IDLs |
| `errors` | errors of this package and of the programs |

Amounts are base units of NOS (1 NOS = 1,000,000), prices are base units per second, times are unix
seconds.
"""

from nosana import actions, content, definition, errors, jobs, pda, rewards, staking
from nosana.addresses import associated_address
from nosana.async_client import AsyncClient
from nosana.client import Client
from nosana.content import FolderStore, KuboStore
from nosana.send import Receipt
from nosana.settings import read_keypair
from nosana.transaction import SendOptions

__all__ = [
    "AsyncClient",
    "Client",
    "FolderStore",
    "KuboStore",
    "Receipt",
    "SendOptions",
    "actions",
    "associated_address",
    "content",
    "definition",
    "errors",
    "jobs",
    "pda",
    "read_keypair",
    "rewards",
    "staking",
]
