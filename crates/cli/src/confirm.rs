//! Questions before money moves.

use std::io::{IsTerminal, Write};

use anyhow::{Result, bail, ensure};

/// Asks, unless `yes` was given. An error if the answer is no, or nobody is there to give one.
pub fn confirm(question: &str, yes: bool) -> Result<()> {
    ensure!(agreed(question, yes)?, "nothing was done, and nothing was paid");
    Ok(())
}

/// The same, for one of several steps: the caller says what it means if the answer is no. An error
/// only if nobody is there to give one.
pub fn agreed(question: &str, yes: bool) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        bail!("nobody is there to confirm: give --yes");
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
