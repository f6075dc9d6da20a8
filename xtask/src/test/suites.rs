//! The test programs of the host workspace, which run beside each other.
//!
//! `cargo test` runs one after another. Most of them wait for networks, nodes and clocks, so that
//! two cores are idle for half of the time.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::{
    cargo_checks::clippy_cargo,
    parallel::{self, Task},
};
use crate::shell;

/// Programs that run a second time with every runtime feature, also those that are not yet active on
/// mainnet.
const FEATURE_SUITES: [&str; 5] = [
    "nosana-tests/attacks",
    "nosana-tests/fuzz",
    "nosana-tests/instructions",
    "nosana-tests/stakers",
    "nosana-tests/states",
];

/// Programs that find what happens only sometimes: a failure of theirs counts, whatever a second run
/// says.
const SEARCHES: [&str; 1] = ["nosana-cli/faults"];

/// Most programs that may fail beside others and pass alone. More of them have another cause.
const MAX_RETRIES: usize = 3;

/// A compiled test program.
#[derive(Clone)]
struct Suite {
    /// The package, and the target where it is not the library: `nosana-cli/node`.
    name: String,
    /// The folder of its package, in which it runs.
    folder: PathBuf,
    program: PathBuf,
    /// Whether it runs with every runtime feature.
    has_all_features: bool,
}

/// Compiles the test programs and runs them, beside the examples of the documentation. `configure`
/// sets the variables of each. Returns the programs that passed only alone.
///
/// A few that fail run again, one at a time: what waits for clocks may be late on a machine that
/// does three things at once. What runs without clocks is never late.
///
/// # Errors
/// If one does not compile or fails.
pub fn run_suites(configure: fn(&mut Command)) -> Result<Vec<String>> {
    let suites = list_suites()?;
    let mut tasks: Vec<Task> = suites.iter().map(|suite| suite.to_task(configure)).collect();
    let examples = clippy_cargo(&["test", "--locked", "--workspace", "--doc"])?;
    tasks.push(Task { name: "examples".to_owned(), command: examples });

    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let failed = run_named(tasks, cores + 1)?;
    let late: Vec<&Suite> =
        suites.iter().filter(|suite| suite.may_be_late() && failed.contains(&suite.name)).collect();
    if late.len() < failed.len() || late.len() > MAX_RETRIES {
        bail!("{} test programs failed: {}", failed.len(), failed.join(", "));
    }

    if !late.is_empty() {
        eprintln!("\n   failed beside others, and run again alone: {}", failed.join(", "));
        let failed_again =
            run_named(late.iter().map(|it| it.to_task_alone(configure)).collect(), 1)?;
        if !failed_again.is_empty() {
            bail!("{} test programs failed: {}", failed_again.len(), failed_again.join(", "));
        }
    }
    Ok(failed)
}

/// Runs the tasks and returns the names of those that failed.
fn run_named(tasks: Vec<Task>, at_once: usize) -> Result<Vec<String>> {
    let ended = parallel::run_tasks(tasks, at_once)?;

    Ok(ended.into_iter().filter(|task| !task.has_passed).map(|task| task.name).collect())
}

impl Suite {
    /// Reads one message of cargo, and returns nothing if it is not about a test program.
    fn from_message(message: &Value) -> Option<Self> {
        if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
            return None;
        }
        let program = PathBuf::from(message["executable"].as_str()?);
        let folder = PathBuf::from(message["manifest_path"].as_str()?).parent()?.to_path_buf();

        let target = &message["target"];
        let package = message["package_id"].as_str()?;
        let package = package.rsplit_once('/')?.1.rsplit_once('#')?;
        // `name@version` if the folder has another name, else the version alone.
        let package = package.1.split_once('@').map_or(package.0, |(name, _)| name);
        let name = match target["kind"][0].as_str()? {
            "test" => format!("{package}/{}", target["name"].as_str()?),
            "lib" => package.to_owned(),
            kind => format!("{package}/{kind}"),
        };
        Some(Self { name, folder, program, has_all_features: false })
    }

    /// The same program with every runtime feature.
    fn with_all_features(&self) -> Self {
        let name = format!("{} with all features", self.name);

        Self { name, has_all_features: true, ..self.clone() }
    }

    /// Whether it waits for clocks, so that it may fail on a busy machine.
    fn may_be_late(&self) -> bool {
        let mut counted = FEATURE_SUITES.iter().chain(&SEARCHES);
        counted.all(|name| !self.name.starts_with(name))
    }

    /// The same task under another name, so that the log of its failure stays.
    fn to_task_alone(&self, configure: fn(&mut Command)) -> Task {
        let task = self.to_task(configure);

        Task { name: format!("{} alone", task.name), ..task }
    }

    fn to_task(&self, configure: fn(&mut Command)) -> Task {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        configure(&mut command);
        if self.has_all_features {
            command.env("NOSANA_FEATURES", "all");
        }

        Task { name: self.name.clone(), command }
    }
}

/// Compiles the test programs and returns them in the order in which they start.
fn list_suites() -> Result<Vec<Suite>> {
    let arguments = ["test", "--locked", "--workspace", "--no-run", "--message-format"];
    let mut cargo = clippy_cargo(&arguments)?;
    let messages = shell::capture(cargo.arg("json-render-diagnostics"))?;

    let mut suites = Vec::new();
    for line in messages.lines() {
        let message = serde_json::from_str(line).context("cargo printed no JSON")?;
        suites.extend(Suite::from_message(&message));
    }
    if suites.is_empty() {
        bail!("cargo compiled no test program");
    }
    for name in FEATURE_SUITES.into_iter().chain(SEARCHES) {
        ensure!(suites.iter().any(|suite| suite.name == name), "no test program is named {name}");
    }
    let is_repeated = |suite: &&Suite| FEATURE_SUITES.contains(&&*suite.name);
    let repeated: Vec<_> =
        suites.iter().filter(is_repeated).map(Suite::with_all_features).collect();
    suites.extend(repeated);

    // Those of the command line take minutes, and come first by their name, too.
    suites.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(suites)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_test_program_has_the_name_of_its_package_and_target() {
        let message = |package: &str, kind: &str| {
            json!({
                "reason": "compiler-artifact",
                "package_id": package,
                "manifest_path": "/work/crates/cli/Cargo.toml",
                "target": { "kind": [kind], "name": "node" },
                "profile": { "test": true },
                "executable": "/work/target/debug/deps/node-1",
            })
        };
        let name = |message: &Value| Suite::from_message(message).map(|suite| suite.name);

        let renamed = "path+file:///work/crates/cli#nosana-cli@0.1.0";
        assert_eq!(name(&message(renamed, "test")).unwrap(), "nosana-cli/node");
        assert_eq!(name(&message(renamed, "lib")).unwrap(), "nosana-cli");
        assert_eq!(name(&message(renamed, "bin")).unwrap(), "nosana-cli/bin");
        let same = "path+file:///work/xtask#0.1.0";
        assert_eq!(name(&message(same, "bin")).unwrap(), "xtask/bin");

        let mut library = message(same, "lib");
        library["profile"]["test"] = json!(false);
        assert!(name(&library).is_none());
    }
}
