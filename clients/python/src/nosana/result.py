"""Results of jobs: files that nodes stored, read by their hashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nosana.content.cid import identifier
from nosana.content.store import Store
from nosana.errors import ContentError
from nosana.jobs.accounts import Job
from nosana.jobs.types import JobKind, JobState, Reason

VERSION = "nosana-result/1"
#: The largest log and the largest artifact that nodes store, in bytes.
MAX_LOG_BYTES = 64 * 1024 * 1024
MAX_ARTIFACT_BYTES = 1024 * 1024 * 1024
#: The progress that the node of a service reports with its result, in basis points.
WHOLE_BPS = 10_000
#: How jobs end that their last node has left: their checkpoint is what it said, if anything.
ENDED_WITHOUT_NODE = (
    Reason.CANCELLED,
    Reason.ATTEMPTS_EXHAUSTED,
    Reason.EXPIRED,
    Reason.UNPLACEABLE,
)


@dataclass(frozen=True)
class OperationResult:
    """The outcome of one operation."""

    #: The operation's name in the definition.
    name: str
    started_unix_ms: int
    ended_unix_ms: int
    #: The output; `None` if the operation failed. Its form depends on the operation's type.
    output: dict[str, Any] | None
    #: Why the operation failed; `None` if it did not.
    error: str | None


@dataclass(frozen=True)
class JobResult:
    """The result of a job. The hash of every part was checked."""

    #: The identifier of the result's file.
    content: str
    #: One outcome for each operation, in the definition's order.
    operations: list[OperationResult]
    #: The hardware that the node claims.
    device: str
    _store: Store

    def output(self, name: str) -> dict[str, Any]:
        """Returns the output of an operation that succeeded."""
        for operation in self.operations:
            if operation.name == name:
                if operation.output is None:
                    raise ContentError(f"the operation `{name}` failed: {operation.error}")
                return operation.output
        names = ", ".join(operation.name for operation in self.operations)
        raise ContentError(f"there is no operation `{name}`; the result has {names}")

    def vectors(self, name: str) -> list[list[float]]:
        """Returns the vectors of an embedding, one for each text."""
        vectors: list[list[float]] = self._part(name, "embeddings")
        return vectors

    def texts(self, name: str) -> list[str]:
        """Returns the answers of a generation, one for each prompt."""
        return [answer["text"] for answer in self._part(name, "generations")]

    def exit_codes(self, name: str) -> dict[str, int | None]:
        """Returns the exit codes of a command by its steps; `None` for a step that did not end."""
        return {step["name"]: step["exit_code"] for step in self._part(name, "steps")}

    def logs(self, name: str) -> dict[str, bytes]:
        """Returns the logs of a command by its steps. A skipped step has none."""
        steps = [step for step in self._part(name, "steps") if step["log"] is not None]
        return {step["name"]: self._store.get(step["log"], MAX_LOG_BYTES) for step in steps}

    def artifacts(self, name: str) -> dict[str, bytes]:
        """Returns the files that a command kept, by their paths."""
        kept = self._part(name, "artifacts")
        return {file["path"]: self._store.get(file["content"], MAX_ARTIFACT_BYTES) for file in kept}

    def _part(self, name: str, field: str) -> Any:
        output = self.output(name)
        if field not in output:
            raise ContentError(f"`{name}` has no {field}; its output has {', '.join(output)}")
        return output[field]


def result_digest(job: Job) -> bytes | None:
    """Returns the digest of a job's result; `None` if the job has no result.

    The node of a service names it in its last heartbeat, and reports in those before. The
    checkpoint of a service that no node runs, or that ended so, is what a node says that gave it
    back.
    """
    if job.kind != JobKind.SERVICE:
        digest = job.result
    elif job.started_at == 0 or job.reason in ENDED_WITHOUT_NODE or job.progress_bps != WHOLE_BPS:
        return None
    else:
        digest = job.checkpoint
    return digest if any(digest) else None


def has_failed(job: Job) -> bool:
    """Returns whether a batch job is settled without a result that was paid as right."""
    is_batch = job.kind != JobKind.SERVICE
    return is_batch and job.state == JobState.SETTLED and job.reason != Reason.COMPLETED


def load_result(store: Store, job: Job) -> JobResult:
    """Reads the result of a job with all outputs, and checks that it answers the definition."""
    digest = result_digest(job)
    if digest is None:
        raise ContentError(f"the job has no result; its state is {job.state.name}")
    definition = store.get_json(job.definition)
    result = store.get_json(digest)

    name = identifier(digest)
    try:
        if result["version"] != VERSION:
            raise ContentError(f"{name} has the version {result['version']}; update this package")
        if result["definition"] != identifier(job.definition):
            raise ContentError(f"{name} is the result of another definition")
        expected = [operation["id"] for operation in definition["ops"]]
        if [operation["id"] for operation in result["ops"]] != expected:
            raise ContentError(f"{name} does not have the definition's operations in order")
        operations = [load_operation(store, operation) for operation in result["ops"]]
        return JobResult(name, operations, result["engine"]["device"], store)
    except (KeyError, TypeError) as error:
        raise ContentError(f"{name} is not a result: {error!r}") from error


def load_operation(store: Store, fields: dict[str, Any]) -> OperationResult:
    """Reads the outcome of one operation with its output."""
    is_ok = fields["status"] == "ok"
    if is_ok is (fields["output"] is None) or is_ok is (fields["error"] is not None):
        raise ContentError(f"the operation `{fields['id']}` needs an output or an error, not both")
    return OperationResult(
        name=fields["id"],
        started_unix_ms=fields["started_unix_ms"],
        ended_unix_ms=fields["ended_unix_ms"],
        output=store.get_json(fields["output"]) if is_ok else None,
        error=fields["error"],
    )
