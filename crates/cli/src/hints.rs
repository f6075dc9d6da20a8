//! Errors as users read them: what failed, why, and what to do next.

use anyhow::Error;
use nosana_client::ClientError;
use nosana_engine::EngineError;

use crate::refusals::find_next_command;

/// A part of an error's text, and the hint for it. Errors that name the remedy themselves are not
/// in this list.
const HINTS: [(&str, &str); 3] = [
    ("build-programs", "--programs FOLDER names another folder with the programs"),
    ("more patience", "allow more seconds with --patience, or list fewer jobs with --jobs"),
    ("is already in use", "--port 0 picks a free pair of ports"),
];
const LOG_HINT: &str = "RUST_LOG=nosana=debug logs the steps before the error";

/// Returns the whole chain of causes, one per line, and a hint.
pub fn explain_error(error: &Error) -> String {
    let mut text = format!("error: {error}");
    let mut printed = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Some errors repeat their cause in their own text.
        if !printed.contains(&cause) {
            text.push_str(&format!("\n  because: {cause}"));
        }
        printed.push_str(&cause);
    }

    match find_hint(error, &printed) {
        Some(hint) => text + &format!("\nhint: {hint}"),
        None => text,
    }
}

fn find_hint(error: &Error, printed: &str) -> Option<&'static str> {
    if let Some((_, hint)) = HINTS.iter().find(|(part, _)| printed.contains(part)) {
        return Some(hint);
    }

    // An error that names a command itself knows better what its user does.
    let refusal = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<ClientError>())
        .find_map(ClientError::program);
    if let (Some(refusal), false) = (refusal, printed.contains("`nosana ")) {
        return find_next_command(refusal);
    }

    // A refusal of a program, and an error that names a command or an option, contain the remedy.
    // The log adds something only to failures outside of this process.
    let has_remedy = ["refuses:", "`nosana ", "--"].iter().any(|part| printed.contains(part));
    let is_logged =
        error.chain().any(|cause| cause.is::<ClientError>() || cause.is::<EngineError>());
    (is_logged && !has_remedy).then_some(LOG_HINT)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn causes_are_printed_once() {
        let error = anyhow!("no route")
            .context("the node does not answer: no route")
            .context("cannot list job 1");
        let expected = "error: cannot list job 1\n  because: the node does not answer: no route";
        assert_eq!(explain_error(&error), expected);
        let error =
            Error::new(EngineError::WrongResult("half".to_owned())).context("cannot measure");
        assert!(
            explain_error(&error).ends_with(&format!("\nhint: {LOG_HINT}")),
            "{}",
            explain_error(&error)
        );
    }

    #[test]
    fn an_error_that_names_its_remedy_gets_no_hint() {
        let error = anyhow!("cannot reach a network; name one with --url");
        assert_eq!(explain_error(&error), "error: cannot reach a network; name one with --url");
    }

    #[test]
    fn the_hint_fits() {
        let error = anyhow!("port 8899 on 127.0.0.1 is already in use").context("cannot start");
        assert!(explain_error(&error).ends_with("hint: --port 0 picks a free pair of ports"));
    }
}
