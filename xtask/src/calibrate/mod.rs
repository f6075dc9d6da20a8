//! `cargo xtask calibrate`: makes variants of the known models as nodes that save work would use them,
//! then runs `nosana bench calibrate`. With `--record` or `--against`, which are about honest runs,
//! it makes none.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::{demo, layout, progress::Steps, python_packages::install_packages, shell, wheels};

/// The variable by which the benchmark finds the variants.
const VARIANTS: &str = "NOSANA_CALIBRATION_VARIANTS";
/// The models, each with the folder of its variants.
const MODELS: [(&str, &str); 2] =
    [("all-MiniLM-L6-v2", "embedding"), ("SmolLM2-135M-Instruct", "generation")];

/// Options of the benchmark that compare honest runs of two machines. No variant is needed then.
const HONEST_OPTIONS: [&str; 2] = ["--record", "--against"];

/// Makes the variants unless they are there, and runs the calibration. Honest runs of two machines
/// are recorded or compared without variants.
pub fn run_calibration(args: &[String]) -> Result<ExitCode> {
    demo::build_host()?;
    let mut nosana = Command::new(layout::target_folder().join("debug/nosana"));
    nosana.args(["bench", "calibrate"]).args(args);

    if needs_variants(args) {
        nosana.env(VARIANTS, make_variants()?);
    }
    let status = shell::set_headless(&mut nosana).status().context("cannot start nosana")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn needs_variants(args: &[String]) -> bool {
    let name = |arg: &String| arg.split('=').next().unwrap_or_default().to_owned();
    !args.iter().map(name).any(|name| HONEST_OPTIONS.contains(&name.as_str()))
}

/// Makes the variants of all models unless they are there, and returns their folder.
fn make_variants() -> Result<PathBuf> {
    let source = layout::root_folder().join("xtask/src/calibrate");
    let packages = install_packages("calibration-python", &source.join("requirements.txt"))?;

    let folder = layout::target_folder().join("calibration");
    let mut steps = Steps::new("making variants of the models", MODELS.len());
    for (model, name) in MODELS {
        let variants = folder.join(name);
        steps.run_step(model, || write_variants(model, &variants, &source, &packages))?;
    }
    Ok(folder)
}

/// Writes the variants of a model, unless they are there.
fn write_variants(model: &str, folder: &Path, source: &Path, packages: &Path) -> Result<()> {
    // Written last, so that an interrupted run is repeated.
    let stamp = folder.join("complete.txt");
    if stamp.is_file() {
        return Ok(());
    }

    let mut python = Command::new(wheels::find_python()?);
    python.arg(source.join("variants.py")).arg(pull_model(model)?).arg(folder);
    shell::run(python.env("PYTHONPATH", packages).env("PYTHONDONTWRITEBYTECODE", "1"))?;
    std::fs::write(&stamp, model).with_context(|| format!("cannot write {}", stamp.display()))
}

/// Gets the model, and returns the path of its file.
fn pull_model(model: &str) -> Result<PathBuf> {
    let mut pull = Command::new(layout::target_folder().join("debug/nosana"));

    let printed = shell::capture(pull.args(["model", "pull", model]))?;
    let path = printed.trim().splitn(3, "  ").nth(2);
    Ok(path.context("`nosana model pull` printed no path")?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_runs_of_two_machines_need_no_variants() {
        let needs = |line: &str| {
            let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            needs_variants(&args)
        };
        assert!(needs("") && needs("--texts 100 --out against"));
        assert!(!needs("--texts 100 --record card.json") && !needs("--record=card.json"));
        assert!(!needs("--against card.json") && !needs("--against=card.json --texts 100"));
    }
}
