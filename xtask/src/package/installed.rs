//! Runs the program of a package.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{LIBRARIES, PROGRAM, parse_variant};
use crate::shell;

/// Variables that would change which libraries or devices are used.
const REMOVED_VARIABLES: [&str; 4] =
    ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "GGML_BACKEND_PATH", "NOSANA_GPU"];

/// An unpacked package.
pub struct Installed {
    folder: PathBuf,
}

/// The CPU, as the program describes it.
pub struct CpuDevice {
    /// Its number for `--gpu`.
    pub number: u64,
    /// The file name of the library that was loaded for it.
    pub library: String,
}

/// Tokens a second.
pub struct Speeds {
    pub reading: f64,
    pub generation: f64,
}

impl Installed {
    /// The package in this folder.
    pub const fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of its libraries.
    pub fn libraries(&self) -> PathBuf {
        self.folder.join(LIBRARIES)
    }

    /// The file names of its libraries for the CPU, sorted.
    pub fn list_cpu_libraries(&self) -> Result<Vec<String>> {
        let folder = self.libraries();
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;

        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut libraries: Vec<_> = names.filter(|name| parse_variant(name).is_some()).collect();
        libraries.sort();
        Ok(libraries)
    }

    /// A command that runs the program as on a machine that has never built it.
    pub fn command(&self) -> Command {
        let mut command = Command::new(self.folder.join(PROGRAM));
        for variable in REMOVED_VARIABLES {
            command.env_remove(variable);
        }

        shell::set_headless(&mut command).current_dir("/");
        command
    }

    /// Asks the program for the CPU.
    pub fn find_cpu(&self) -> Result<CpuDevice> {
        parse_cpu(&shell::capture(self.command().args(["node", "gpus", "--json"]))?)
    }

    /// Has the program answer a question whose answer it knows, and measure the CPU. Fails if the
    /// answer is another one.
    pub fn measure_cpu(&self, number: u64) -> Result<Speeds> {
        let mut bench = self.command();
        bench.args(["node", "bench", "--json", "--gpu", &number.to_string()]);

        let printed: Value = serde_json::from_str(&shell::capture(&mut bench)?)?;
        let speed = |name: &str| {
            let measured = &printed["devices"][0]["benchmark"][name]["tokens_per_second"];
            measured.as_f64().with_context(|| format!("`nosana node bench` has no speed `{name}`"))
        };
        Ok(Speeds { reading: speed("prompt")?, generation: speed("generation")? })
    }
}

/// Finds the CPU in what `nosana node gpus --json` prints.
fn parse_cpu(printed: &str) -> Result<CpuDevice> {
    let devices: Vec<Value> = serde_json::from_str(printed)?;
    let Some(cpu) = devices.iter().find(|device| device["device"]["backend"] == "cpu") else {
        bail!("the program lists no CPU: {printed}");
    };

    let library =
        cpu["library"].as_str().context("the program does not say which library it is")?;
    Ok(CpuDevice {
        number: cpu["number"].as_u64().context("the CPU has no number")?,
        library: library.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_found_beside_other_devices() {
        let listed = r#"[
            { "number": 0, "device": { "name": "a", "backend": "vulkan", "kind": "discrete" } },
            { "number": 1, "device": { "name": "b", "backend": "cpu", "kind": "cpu" },
              "library": "libggml-cpu-zen4.so" }
        ]"#;
        let cpu = parse_cpu(listed).unwrap();
        assert_eq!((cpu.number, cpu.library.as_str()), (1, "libggml-cpu-zen4.so"));

        assert!(parse_cpu("[]").is_err(), "no CPU");
        assert!(parse_cpu(&listed.replace("library", "other")).is_err(), "no library");
    }
}
