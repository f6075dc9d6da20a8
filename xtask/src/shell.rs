//! Running other programs: what to say when one is missing or fails.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

/// How many of a log's last lines an error repeats.
const LOG_TAIL: usize = 15;

/// The cargo that runs this command, so that a build inside uses the same one.
///
/// `cargo run` describes this package in the environment. Some build scripts look at that, so a
/// build that inherited it would compile hundreds of crates anew after one that a person started,
/// and the other way round.
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

/// Gives a command what graphics drivers look for on a machine without a desktop, where they would
/// print an error that means nothing.
pub fn set_headless(command: &mut Command) -> &mut Command {
    const FOLDER: &str = "XDG_RUNTIME_DIR";
    if env::var_os(FOLDER).is_none() {
        command.env(FOLDER, env::temp_dir());
    }
    command
}

/// The folder of that cargo, where its `rustc` and `clippy-driver` are too.
pub fn cargo_bin() -> Option<PathBuf> {
    env::var_os("CARGO").map(PathBuf::from).and_then(|cargo| cargo.parent().map(Path::to_path_buf))
}

/// `PATH` with one more folder in front.
pub fn path_with(folder: &Path) -> Result<OsString> {
    let old = env::var_os("PATH").unwrap_or_default();
    let all = [folder.to_path_buf()].into_iter().chain(env::split_paths(&old));
    env::join_paths(all).with_context(|| format!("{} cannot be part of PATH", folder.display()))
}

/// Whether an executable of this name is on `PATH`.
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

/// Runs a command and returns what it printed; its own error messages become part of ours.
pub fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", command_line(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", command_line(command), output.status, said.trim());
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed something that is not text", command_line(command)))
}

/// Whether a command starts and succeeds; its output is dropped.
pub fn is_successful(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a long, noisy command with its output appended to a log; a failure shows the log's end and
/// its place.
pub fn run_logged(command: &mut Command, log: &Path) -> Result<()> {
    let out = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("{}", log.display()))?;
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
        let tail = lines[lines.len().saturating_sub(LOG_TAIL)..].join("\n  ");
        bail!(
            "`{}` failed ({status}); the end of its log:\n  {tail}\nthe whole log: {}",
            command_line(command),
            log.display()
        );
    }
    Ok(())
}

/// A command as one would type it, for messages.
fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    [name].into_iter().chain(arguments).collect::<Vec<_>>().join(" ")
}
