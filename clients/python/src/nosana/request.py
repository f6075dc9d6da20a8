"""Instructions to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from solders.instruction import Instruction

from nosana.failure import explain_failure
from nosana.transaction import Limits, SendOptions, Signer


@dataclass(frozen=True)
class Request:
    """Instructions to send."""

    instructions: Sequence[Instruction]
    #: The payer first.
    signers: Sequence[Signer]
    options: SendOptions
    commitment: str

    def failure(
        self, error: Any, logs: list[str], signature: str | None, limits: Limits
    ) -> Exception:
        """Returns the exception of this transaction after it failed with these limits."""
        programs = [instruction.program_id for instruction in self.instructions]
        return explain_failure(error, logs, programs, len(limits.instructions), signature)
