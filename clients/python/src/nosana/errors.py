"""Errors of this package. Those of the programs are in `nosana.jobs.errors` and its siblings."""

from __future__ import annotations

from typing import ClassVar


class NosanaError(Exception):
    """Base class of all errors of this package."""


class InvalidArgument(NosanaError, ValueError):
    """A value cannot be encoded or has no meaning."""


class MissingAccount(NosanaError, TypeError):
    """An instruction lacks an account that cannot be derived from the arguments."""


class DecodeError(NosanaError, ValueError):
    """Bytes of the chain are not what was expected."""


class AccountNotFound(NosanaError, LookupError):
    """An account does not exist."""


class RpcError(NosanaError):
    """The node did not answer, or answered with an error."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        #: The number of the JSON-RPC error; `None` if the node did not answer.
        self.code = code


class ContentError(NosanaError):
    """Content is missing, damaged, too large, or not a file."""


class TimedOut(NosanaError, TimeoutError):
    """Something did not happen in time."""


class JobFailed(NosanaError):
    """A job ended without a result."""


class TransactionError(NosanaError):
    """A transaction failed."""

    def __init__(
        self,
        message: str,
        *,
        logs: list[str] | None = None,
        instruction: int | None = None,
        signature: str | None = None,
    ) -> None:
        super().__init__(message)
        #: The transaction's log lines; empty if the node does not have them.
        self.logs = logs or []
        #: Index of the caller's instruction that failed.
        self.instruction = instruction
        #: The transaction; `None` if it failed in the simulation: then nothing was sent or paid.
        self.signature = signature


class TransactionExpired(TransactionError):
    """A transaction is in no block, and no block can include it any more."""


class ProgramError(TransactionError):
    """The error of a program that refused a transaction; the innermost program counts."""

    CODE: ClassVar[int] = 0
    NAME: ClassVar[str] = "Unknown"
    TEXT: ClassVar[str] = "an error that this package does not know; see the logs"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.NAME = cls.__name__

    def __init__(
        self,
        *,
        program: str = "",
        code: int | None = None,
        name: str | None = None,
        text: str | None = None,
        logs: list[str] | None = None,
        instruction: int | None = None,
        signature: str | None = None,
    ) -> None:
        self.program = program
        self.code = self.CODE if code is None else code
        self.name = self.NAME if name is None else name
        self.text = self.TEXT if text is None else text
        message = f"{program or 'a program'} refuses: {self.text} ({self.name}, {self.code})"
        super().__init__(message, logs=logs, instruction=instruction, signature=signature)


class FrameworkError(ProgramError):
    """An error of the framework that the programs use, such as a wrong account."""


class TokenError(ProgramError):
    """An error of the token program, such as too few tokens."""


class SystemProgramError(ProgramError):
    """An error of the system program, such as too few lamports."""
