"""`inference/run`: a model that a node runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from nosana.definition.checks import Operation, check_count, check_range, check_text, operation
from nosana.errors import InvalidArgument

#: Models that the nodes' software knows.
ALL_MINILM_L6_V2 = "sha256:687d3ab1f2bf771aec2cb8965d5c984472dcda11b58f840263b022010166c1dc"
SMOLLM2_135M = "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

MAX_INPUTS = 64
MAX_INPUT_BYTES = 8 * 1024
MAX_PROMPT_BYTES = 4 * 1024
MAX_TOKENS = 512
MAX_STOP_TEXTS = 8
MAX_STOP_BYTES = 64
MAX_SOURCES = 4
MAX_SOURCE_BYTES = 2 * 1024
MAX_U32 = 2**32 - 1

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
SOURCE = re.compile(r"(hf|https|http|ipfs)://[^/?#@\s]+([/?#]\S*)?")
#: The bounds of the settings by which the next token is chosen.
SAMPLING = {
    "temperature": (0, 2),
    "top_k": (1, MAX_U32),
    "top_p": (0, 1),
    "min_p": (0, 1),
    "repeat_penalty": (1, 2),
    "seed": (0, MAX_U32),
}

Model = str | dict[str, Any]


def model(digest: str, *sources: str) -> Model:
    """Returns any GGUF model: the digest of its file, and where nodes get the file from."""
    if not DIGEST.fullmatch(digest):
        raise InvalidArgument(f"`{digest}` is not a digest; use `sha256:` and 64 hex digits")
    if not sources:
        return digest

    check_count("sources", sources, 1, MAX_SOURCES)
    for source in sources:
        check_text("a source", source, MAX_SOURCE_BYTES)
        if not SOURCE.fullmatch(source):
            raise InvalidArgument(
                f"`{source}` is not a source; use hf://, https://, http:// or ipfs://"
            )
    return {"digest": digest, "sources": list(sources)}


def embedding(
    name: str,
    texts: Sequence[str],
    *,
    model: Model = ALL_MINILM_L6_V2,
    truncate: bool = False,
) -> Operation:
    """Returns an operation that makes a vector of each text.

    Args:
        name: The operation's name in the job.
        texts: 1 to 64 texts of at most 8 KiB.
        model: The digest of a model that nodes know, or what `model()` returns.
        truncate: Whether a text that is longer than the model reads is cut; else it is an error.
    """
    check_texts("texts", texts, MAX_INPUT_BYTES)
    args = {"model": model, "task": "embedding", "inputs": list(texts), "truncate": truncate}
    return operation(name, "inference/run", args)


def generation(
    name: str,
    prompts: Sequence[str],
    *,
    model: Model = SMOLLM2_135M,
    max_tokens: int | None = None,
    system: str | None = None,
    sampling: dict[str, float] | None = None,
    stop: Sequence[str] = (),
) -> Operation:
    """Returns an operation that answers each prompt with a text.

    Args:
        name: The operation's name in the job.
        prompts: 1 to 64 prompts of at most 4 KiB, each answered by itself.
        model: The digest of a model that nodes know, or what `model()` returns.
        max_tokens: The most tokens of an answer, 1 to 512; defaults to 64.
        system: A message before each prompt that sets the model's role.
        sampling: How the next token is chosen: `temperature`, `top_k`, `top_p`, `min_p`,
            `repeat_penalty`, `seed`. Defaults to the likeliest token.
        stop: Texts that end an answer and are not part of it.
    """
    check_texts("prompts", prompts, MAX_PROMPT_BYTES)
    check_range("max_tokens", max_tokens, 1, MAX_TOKENS)
    if system is not None:
        check_text("system", system, MAX_PROMPT_BYTES)
    check_sampling(sampling or {})
    check_count("stop texts", stop, 0, MAX_STOP_TEXTS)
    for text in stop:
        if not 1 <= len(text.encode()) <= MAX_STOP_BYTES:
            raise InvalidArgument(f"a stop text has 1 to {MAX_STOP_BYTES} bytes, not `{text}`")

    args = {
        "model": model,
        "task": "generation",
        "inputs": list(prompts),
        "max_tokens": max_tokens,
        "system": system,
        "sampling": sampling,
        "stop": list(stop),
    }
    return operation(name, "inference/run", args)


def check_texts(what: str, texts: Sequence[str], max_bytes: int) -> None:
    """Checks the inputs of a model."""
    check_count(what, texts, 1, MAX_INPUTS)
    for number, text in enumerate(texts):
        check_text(f"number {number} of {what}", text, max_bytes)


def check_sampling(sampling: dict[str, float]) -> None:
    """Checks how the next token is chosen."""
    for name, value in sampling.items():
        if name not in SAMPLING:
            known = ", ".join(SAMPLING)
            raise InvalidArgument(f"`{name}` is not a setting of sampling; use {known}")
        check_range(name, value, *SAMPLING[name])
