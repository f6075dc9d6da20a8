//! Questions before money moves.

use std::io::{IsTerminal, Write};

use anyhow::{Result, bail, ensure};

/// Asks, unless `yes` was given. An error if the answer is no, or nobody is there to give one.
pub fn confirm(question: &str, yes: bool) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        bail!("nobody is there to confirm: give --yes");
    }
    eprint!("{question} [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    ensure!(matches!(answer.trim(), "y" | "Y" | "yes"), "nothing was done, and nothing was paid");
    Ok(())
}
