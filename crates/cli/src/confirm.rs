//! Questions before a command pays or signs.

use std::io::{IsTerminal, Write};

use anyhow::{Result, bail, ensure};

/// Asks the user, unless `yes` is set. Fails if the user declines, or if standard input is not a
/// terminal.
pub fn ensure_confirmed(question: &str, yes: bool) -> Result<()> {
    ensure!(ask_confirmation(question, yes)?, "cancelled; nothing was done, and nothing was paid");
    Ok(())
}

/// Asks about one of several steps, unless `yes` is set, and returns the answer: the caller
/// explains what a no means. Fails only if standard input is not a terminal.
pub fn ask_confirmation(question: &str, yes: bool) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        bail!("cannot confirm: standard input is not a terminal; give --yes to skip the question");
    }

    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;

    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
