//! Errors as people read them: what failed, why, and what to do.

use anyhow::Error;

/// Words of an error, and the hint that goes with them. Errors that say by themselves what to do are not here.
const HINTS: [(&str, &str); 4] = [
    ("build-programs", "the programs may also be elsewhere: --programs FOLDER"),
    ("more patience", "give it more seconds with --patience, or fewer jobs with --jobs"),
    ("is already in use", "--port 0 picks a free pair of ports"),
    ("there is no folder", "name one with --store"),
];
const GENERAL: &str = "RUST_LOG=nosana=debug shows what led to this";

/// The whole chain of causes, one a line, with a hint.
pub fn explain(error: &Error) -> String {
    let mut text = format!("error: {error}");
    let mut said = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Some errors repeat their cause in their own words.
        if !said.contains(&cause) {
            text.push_str(&format!("\n  because: {cause}"));
        }
        said.push_str(&cause);
    }
    let hint = HINTS.iter().find(|(words, _)| said.contains(words)).map_or(GENERAL, |(_, hint)| hint);
    text + &format!("\nhint: {hint}")
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::explain;

    #[test]
    fn causes_are_told_once() {
        let error = anyhow!("no route").context("the node does not answer: no route").context("cannot list job 1");
        let expected = "error: cannot list job 1\n  because: the node does not answer: no route\n\
                        hint: RUST_LOG=nosana=debug shows what led to this";
        assert_eq!(explain(&error), expected);
    }

    #[test]
    fn the_hint_fits() {
        let error = anyhow!("port 8899 on 127.0.0.1 is already in use").context("cannot start");
        assert!(explain(&error).ends_with("hint: --port 0 picks a free pair of ports"));
    }
}
