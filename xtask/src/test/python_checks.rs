//! The step that tests the Python client, in a virtual environment under `target/`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{layout, shell, wheels};

/// The variable that also executes the notebook, which needs many more packages.
const NOTEBOOK: &str = "NOSANA_NOTEBOOK";
/// The file in the environment that holds the requirements that are installed there.
const INSTALLED: &str = "requirements.txt";

/// Checks the generated modules, the style and the types of the Python client, and runs its tests.
pub fn test_python() -> Result<()> {
    let folder = layout::root_folder().join("clients/python");
    let python = prepare_environment(&folder)?;
    let run = |arguments: &[&str]| shell::run(&mut python_command(&python, &folder, arguments));

    run(&["generate.py", "--check"])?;
    run(&["-m", "ruff", "check", "--quiet", "."])?;
    run(&["-m", "ruff", "format", "--quiet", "--check", "."])?;
    run(&["-m", "mypy"])?;

    run(&["-m", "unittest", "discover", "--top-level-directory", ".", "--start-directory", "tests"])
}

/// Returns a command of the environment's Python that finds the package, the programs and the
/// binary, and leaves no file in the checkout.
fn python_command(python: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let target = layout::target_folder();
    let mut command = Command::new(python);

    shell::set_headless(command.args(arguments))
        .current_dir(folder)
        .env("PYTHONPATH", folder.join("src"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("MYPY_CACHE_DIR", target.join("mypy"))
        .env("RUFF_CACHE_DIR", target.join("ruff"))
        .env("NOSANA_BIN", target.join("debug/nosana"))
        .env("NOSANA_CPU_THREADS", "1")
        .env("SBF_OUT_DIR", layout::deploy_folder());
    command
}

/// Makes the environment, or makes it again if its requirements have changed. Returns its Python.
fn prepare_environment(folder: &Path) -> Result<PathBuf> {
    let is_complete = env::var_os(NOTEBOOK).is_some_and(|value| value == "1");
    let name = if is_complete { "requirements-notebook.txt" } else { "requirements.txt" };
    let requirements = folder.join(name);
    let required = fs::read_to_string(&requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;

    let environment =
        layout::target_folder().join(if is_complete { "python-all" } else { "python" });
    let python = environment.join("bin/python");
    let installed = environment.join(INSTALLED);
    if fs::read_to_string(&installed).is_ok_and(|text| text == required) {
        return Ok(python);
    }

    let mut make = Command::new(wheels::find_python()?);
    shell::run(make.args(["-m", "venv", "--clear"]).arg(&environment)).context(
        "cannot make a virtual environment; install it: `apt-get install python3-venv` on Debian \
         and Ubuntu",
    )?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:"]);
    shell::run(pip.arg("--requirement").arg(&requirements))
        .context("cannot install the requirements of the Python client")?;

    fs::write(&installed, required)
        .with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}
