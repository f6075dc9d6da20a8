"""Job definitions: what a job runs, as JSON that every node reads.

    >>> define(embedding("embed", ["A cat sits on a mat."]))["version"]
    'nosana/1'

Each function checks the bounds that nodes check, so that nobody pays for a job that is refused.
"""

from nosana.definition.checks import Definition, Operation, define
from nosana.definition.command import command, content_input, step
from nosana.definition.inference import ALL_MINILM_L6_V2, SMOLLM2_135M, embedding, generation, model

__all__ = [
    "ALL_MINILM_L6_V2",
    "SMOLLM2_135M",
    "Definition",
    "Operation",
    "command",
    "content_input",
    "define",
    "embedding",
    "generation",
    "model",
    "step",
]
