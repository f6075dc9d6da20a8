"""Instructions with their accounts filled in, for each role.

| module | for |
| --- | --- |
| `clients` | who lists jobs and pays for them |
| `nodes` | who runs jobs |
| `stakers` | who stakes NOS and earns rewards |

Each function returns an instruction for `Client.send`. Every instruction of the programs is in
`nosana.jobs.instructions`, `nosana.staking.instructions` and `nosana.rewards.instructions`.
"""

from nosana.actions import clients, nodes, stakers

__all__ = ["clients", "nodes", "stakers"]
