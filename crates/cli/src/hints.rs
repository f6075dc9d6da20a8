//! Errors as people read them: what failed, why, and what to do.

use anyhow::Error;
use nosana_client::ClientError;
use nosana_engine::EngineError;

/// Words of an error, and the hint that goes with them. Errors that say by themselves what to do
/// are not here.
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
    // What a program refuses, and what names a command or an option, says by itself what to do; and
    // the log tells more only of what went wrong between here and elsewhere.
    let helps = ["refuses:", "`nosana ", "--"].iter().any(|words| said.contains(words));
    let logged = error.chain().any(|cause| cause.is::<ClientError>() || cause.is::<EngineError>());
    let hint = HINTS.iter().find(|(words, _)| said.contains(words)).map(|(_, hint)| *hint);
    match hint.or((logged && !helps).then_some(GENERAL)) {
        Some(hint) => text + &format!("\nhint: {hint}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn causes_are_told_once() {
        let error = anyhow!("no route")
            .context("the node does not answer: no route")
            .context("cannot list job 1");
        let expected = "error: cannot list job 1\n  because: the node does not answer: no route";
        assert_eq!(explain(&error), expected);
        let error =
            Error::new(EngineError::WrongResult("half".to_owned())).context("cannot measure");
        assert!(
            explain(&error).ends_with("\nhint: RUST_LOG=nosana=debug shows what led to this"),
            "{}",
            explain(&error)
        );
    }

    #[test]
    fn an_error_that_helps_gets_no_hint() {
        let error = anyhow!("there is no network: name one with --url");
        assert_eq!(explain(&error), "error: there is no network: name one with --url");
    }

    #[test]
    fn the_hint_fits() {
        let error = anyhow!("port 8899 on 127.0.0.1 is already in use").context("cannot start");
        assert!(explain(&error).ends_with("hint: --port 0 picks a free pair of ports"));
    }
}
