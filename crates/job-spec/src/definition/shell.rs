//! The shells that run the line of a step.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Runs the line, its first argument, in bash if the sandbox has it. Continuous integration services
/// run lines in the same way: the line ends at the first command that fails, a pipe fails if any of
/// its commands does, and a variable that is not set is empty.
const DEFAULT_SCRIPT: &str = "if [ -x /bin/bash ]; then exec /bin/bash -eo pipefail -c \"$0\"; fi; \
                              exec /bin/sh -e -c \"$0\"";

/// A shell of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// `/bin/bash -eo pipefail -c`: the line ends at the first command that fails, and a pipe fails
    /// if any of its commands does.
    Bash,
    /// `/bin/sh -e -c`: the line ends at the first command that fails, and a pipe fails if its last
    /// command does.
    Sh,
}

/// Returns the program and arguments that run `line`. Without a shell, bash is used where the
/// sandbox has it.
pub(super) fn shell_argv(shell: Option<Shell>, line: &str) -> Vec<String> {
    let words: &[&str] = match shell {
        None => &["/bin/sh", "-c", DEFAULT_SCRIPT, line],
        Some(Shell::Bash) => &["/bin/bash", "-eo", "pipefail", "-c", line],
        Some(Shell::Sh) => &["/bin/sh", "-e", "-c", line],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// The exit code and the output of a line.
    fn run_line(shell: Option<Shell>, line: &str) -> (Option<i32>, String) {
        let argv = shell_argv(shell, line);
        let output =
            Command::new(&argv[0]).args(&argv[1..]).env_remove("CI_DEBUG").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    #[test]
    fn a_line_ends_at_the_first_failure_and_may_read_unset_variables() {
        for shell in [None, Some(Shell::Bash), Some(Shell::Sh)] {
            assert_eq!(run_line(shell, "echo a; false; echo b").0, Some(1), "{shell:?}");
            let unset = run_line(shell, "if [ -n \"$CI_DEBUG\" ]; then exit 3; fi; echo end");
            assert_eq!(unset, (Some(0), "end\n".to_owned()), "{shell:?}");
            assert_eq!(run_line(shell, "echo \"it's $((1 + 1))\"").1, "it's 2\n");
        }
    }

    #[test]
    fn a_pipe_hides_no_failure_in_bash() {
        let line = "(echo failed; exit 4) | cat";
        assert_eq!(run_line(None, line).0, Some(4));
        assert_eq!(run_line(Some(Shell::Bash), line).0, Some(4));
        assert_eq!(run_line(Some(Shell::Sh), line).0, Some(0));

        let bashism = "if [[ a == a ]]; then exit 3; fi";
        assert_eq!(run_line(None, bashism).0, Some(3));
    }
}
