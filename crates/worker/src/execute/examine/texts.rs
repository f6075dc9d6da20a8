//! The vectors of texts: embedded again, and compared by value.

use anyhow::{Result, ensure};
use nosana_engine::{Embedder, LongText};
use nosana_job_spec::{EMBEDDING_BOUND, EmbeddingOutput, InferenceArgs, InferenceInput};

use super::{Depth, Examined, OperationEvidence};

/// Reads each text, and compares its vector with the claimed one.
pub(super) fn examine_texts(
    embedder: &Embedder,
    claimed: Option<&EmbeddingOutput>,
    examined: &Examined<'_>,
) -> Result<OperationEvidence> {
    let Examined { args, depth, cancel, .. } = examined;
    let texts = list_texts(args);
    let long_text = long_text(args);

    let sketched = match depth {
        Depth::Work | Depth::Outputs => &texts[..],
        Depth::OutputsAlone => &[],
    };
    let mut states = Vec::with_capacity(sketched.len());
    for text in sketched {
        ensure!(!cancel.is_cancelled(), "it was cancelled");
        states.push(embedder.check_text(text, long_text)?.states);
    }

    let fault = match (claimed, depth) {
        (Some(claimed), Depth::Outputs | Depth::OutputsAlone) => {
            let again = embedder.embed(&texts, long_text, || !cancel.is_cancelled())?;
            find_fault(claimed, &EmbeddingOutput::new(again))
        }
        // Nothing is read then, and a text that no node can read is not the fault of its node.
        (None, Depth::OutputsAlone) => {
            check_lengths(embedder, args)?;
            None
        }
        (None, Depth::Work | Depth::Outputs) | (Some(_), Depth::Work) => None,
    };
    Ok(OperationEvidence { states, fault })
}

/// Fails if a text is longer than the model reads, unless it is cut.
pub(super) fn check_lengths(embedder: &Embedder, args: &InferenceArgs) -> Result<()> {
    let room = embedder.max_tokens();
    let too_long = list_texts(args).iter().any(|text| embedder.token_ids(text).len() > room);

    ensure!(
        args.truncate || !too_long,
        "an input is longer than the {room} tokens that the model reads"
    );
    Ok(())
}

fn find_fault(claimed: &EmbeddingOutput, again: &EmbeddingOutput) -> Option<String> {
    let comparison = claimed.agrees_with(again, EMBEDDING_BOUND);

    (!comparison.agrees).then(|| {
        format!(
            "a vector differs by {:.1e}, and the bound is {EMBEDDING_BOUND:.0e}",
            comparison.max_difference
        )
    })
}

fn list_texts(args: &InferenceArgs) -> Vec<&str> {
    args.inputs.iter().filter_map(InferenceInput::as_text).collect()
}

const fn long_text(args: &InferenceArgs) -> LongText {
    if args.truncate { LongText::Truncate } else { LongText::Refuse }
}
