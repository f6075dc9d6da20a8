//! Runs other programs, and reports which command is missing or failed.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// Number of lines from the end of a log that an error includes.
const LOG_TAIL_LINES: usize = 15;

/// Returns the cargo that runs this command, so that a nested build uses the same one.
///
/// `cargo run` sets variables that describe this package. Some build scripts depend on them, so a
/// nested build that inherited them would invalidate hundreds of crates of a build started by hand,
/// and vice versa.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));

    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| name_text.starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }

    cargo
}

/// Returns the path of this program, for a process of its own.
///
/// A nested build may link this program again while it runs. Linux then appends a mark to the path
/// of the file that was replaced.
pub fn own_program() -> Result<PathBuf> {
    let path = env::current_exe().context("the path of this program is not known")?;

    Ok(without_mark(path))
}

/// Removes Linux's mark of a file that was replaced.
fn without_mark(path: PathBuf) -> PathBuf {
    const MARK: &str = " (deleted)";

    let name = path.to_str().and_then(|path| path.strip_suffix(MARK)).map(PathBuf::from);
    name.unwrap_or(path)
}

/// Sets `XDG_RUNTIME_DIR` for a command if it is missing: on a machine without a desktop, graphics
/// drivers would otherwise print a harmless error.
pub fn set_headless(command: &mut Command) -> &mut Command {
    const FOLDER: &str = "XDG_RUNTIME_DIR";

    if env::var_os(FOLDER).is_none() {
        command.env(FOLDER, env::temp_dir());
    }

    command
}

/// Returns the folder of that cargo, which also contains its `rustc` and `clippy-driver`.
pub fn cargo_bin() -> Option<PathBuf> {
    env::var_os("CARGO").map(PathBuf::from).and_then(|cargo| cargo.parent().map(Path::to_path_buf))
}

/// Returns `PATH` with `folder` in front.
pub fn path_with(folder: &Path) -> Result<OsString> {
    let old = env::var_os("PATH").unwrap_or_default();
    let all = [folder.to_path_buf()].into_iter().chain(env::split_paths(&old));

    env::join_paths(all).with_context(|| format!("{} cannot be part of PATH", folder.display()))
}

/// Returns true if an executable of this name is on `PATH`.
pub fn on_path(name: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

/// Runs a command with its output on this terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let status =
        command.status().with_context(|| format!("cannot start `{}`", command_line(command)))?;

    if !status.success() {
        bail!("`{}` failed ({status})", command_line(command));
    }
    Ok(())
}

/// Runs a command and returns its standard output; the error includes its standard error.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", command_line(command)))?;

    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", command_line(command), output.status, errors.trim());
    }

    String::from_utf8(output.stdout).with_context(|| {
        format!("`{}` printed something that is not UTF-8 text", command_line(command))
    })
}

/// Returns true if a command starts and succeeds; discards its output.
pub fn is_successful(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a long, noisy command and appends its output to a log; the error includes the log's end and
/// its path.
pub fn run_logged(command: &mut Command, log: &Path) -> Result<()> {
    let out = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot open {}", log.display()))?;
    let err = out.try_clone()?;

    let status = command
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .status()
        .with_context(|| format!("cannot start `{}`", command_line(command)))?;

    if !status.success() {
        let text = fs::read(log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default();

        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n  ");
        bail!(
            "`{}` failed ({status}); end of its log:\n  {tail}\nfull log: {}",
            command_line(command),
            log.display()
        );
    }
    Ok(())
}

/// Formats a command as typed in a shell, for messages.
fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();

    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    [name].into_iter().chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_linked_again_is_found() {
        let replaced = without_mark("target/debug/xtask (deleted)".into());
        assert_eq!(replaced, Path::new("target/debug/xtask"));

        let present = without_mark("target/debug/xtask".into());
        assert_eq!(present, Path::new("target/debug/xtask"));
    }
}
