"""Errors of transactions, by the innermost program that failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solders.pubkey import Pubkey

from nosana import jobs, rewards, staking
from nosana.addresses import SYSTEM_PROGRAM, TOKEN_PROGRAM
from nosana.errors import (
    FrameworkError,
    ProgramError,
    SystemProgramError,
    TokenError,
    TransactionError,
)
from nosana.logs import find_failed_program

PROGRAMS: dict[Pubkey, tuple[str, dict[int, type[ProgramError]]]] = {
    jobs.PROGRAM_ID: ("the jobs program", {**jobs.errors.ERRORS}),
    staking.PROGRAM_ID: ("the staking program", {**staking.errors.ERRORS}),
    rewards.PROGRAM_ID: ("the rewards program", {**rewards.errors.ERRORS}),
}
#: Errors of the framework, by their numbers in Anchor 2.
FRAMEWORK = {
    2000: ("ConstraintMut", "an account must be writable"),
    2001: ("ConstraintHasOne", "an account is not the one that another account names"),
    2003: ("ConstraintRaw", "an account violates its constraint"),
    2005: ("ConstraintRentExempt", "an account has too few lamports for its rent"),
    2007: ("ConstraintExecutable", "an account must be a program"),
    2011: ("ConstraintClose", "an account cannot be closed into itself"),
    2012: ("ConstraintAddress", "an account has the wrong address"),
    2013: ("ConstraintZero", "an account is already in use"),
    2019: ("ConstraintSpace", "an account has the wrong size"),
    2020: ("ConstraintAccountIsNone", "an account is missing"),
    2040: ("ConstraintDuplicateMutableAccount", "a writable account was given twice"),
}
TOKEN = {
    0: ("NotRentExempt", "an account has too few lamports for its rent"),
    1: ("InsufficientFunds", "a token account has too few tokens"),
    3: ("MintMismatch", "a token account has another mint"),
    4: ("OwnerMismatch", "a token account has another owner"),
    17: ("AccountFrozen", "a token account is frozen"),
}
SYSTEM = {
    0: ("AccountAlreadyInUse", "the account exists already"),
    1: ("ResultWithNegativeLamports", "too little SOL: fund the payer"),
}
SEE_LOGS = "see the logs"
NOT_DEPLOYED = "a program is not deployed on this cluster: check the address of the node"
#: What to do about errors of the runtime.
ADVICE = {
    "AccountNotFound": "fund the payer with SOL",
    "InsufficientFundsForFee": "fund the payer with SOL",
    "InsufficientFundsForRent": "fund the payer with SOL",
    "BlockhashNotFound": "it expired before it landed: send it again",
    "AlreadyProcessed": "it landed before: look it up instead of sending it again",
    "ProgramAccountNotFound": NOT_DEPLOYED,
    "UnsupportedProgramId": NOT_DEPLOYED,
    "MaxLoadedAccountsDataSizeExceeded": (
        "its accounts and programs have more bytes than its limit allows: send it again, with "
        "fewer accounts if this repeats"
    ),
    "ComputationalBudgetExceeded": "request more compute units",
    "ProgramFailedToComplete": "request more compute units",
    "MissingRequiredSignature": "add the missing signer",
    "NotEnoughAccountKeys": "the program expects other accounts: update this package",
    "InvalidInstructionData": "the program expects other arguments: update this package",
    "IllegalOwner": "an account does not exist yet, or another program owns it",
    "UninitializedAccount": "an account does not exist yet",
    "InvalidSeeds": "an account has the wrong address: leave it out, so that it is derived",
}


def explain_failure(
    error: Any,
    logs: Sequence[str],
    programs: Sequence[Pubkey],
    prefix: int,
    signature: str | None,
) -> TransactionError:
    """Returns the exception of a failed transaction.

    Args:
        error: The runtime's error, as the node reports it.
        logs: The transaction's log lines.
        programs: The programs of the caller's instructions.
        prefix: How many instructions precede the caller's.
        signature: The transaction; `None` if it was only simulated.
    """
    place, reason = error, None
    if isinstance(error, dict) and "InstructionError" in error:
        place, reason = error["InstructionError"]
    index = place - prefix if isinstance(place, int) and place >= prefix else None

    if isinstance(reason, dict) and "Custom" in reason:
        called = programs[index] if index is not None and index < len(programs) else None
        program = find_failed_program(logs) or called or SYSTEM_PROGRAM
        return program_error(program, int(reason["Custom"]), list(logs), index, signature)

    name = variant_name(error if reason is None else reason)
    advice = ADVICE.get(name, SEE_LOGS)
    message = f"the transaction failed with {name}; {advice}"
    return TransactionError(message, logs=list(logs), instruction=index, signature=signature)


def program_error(
    program: Pubkey, code: int, logs: list[str], instruction: int | None, signature: str | None
) -> ProgramError:
    """Returns the exception of a program's error number."""
    name, known = PROGRAMS.get(program, (str(program), {}))
    kind: type[ProgramError] = known.get(code, ProgramError)
    described: tuple[str | None, str | None] = (None, None)

    if program in PROGRAMS and code in FRAMEWORK:
        kind, described = FrameworkError, FRAMEWORK[code]
    elif program == TOKEN_PROGRAM:
        name, kind, described = "the token program", TokenError, TOKEN.get(code, described)
    elif program == SYSTEM_PROGRAM:
        name, kind = "the system program", SystemProgramError
        described = SYSTEM.get(code, described)
    return kind(
        program=name,
        code=code,
        name=described[0],
        text=described[1],
        logs=logs,
        instruction=instruction,
        signature=signature,
    )


def variant_name(error: Any) -> str:
    """Returns the name of a variant, which is a text or the only key of an object."""
    return next(iter(error), "an error") if isinstance(error, dict) else str(error)
