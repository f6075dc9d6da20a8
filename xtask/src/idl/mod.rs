//! `cargo xtask idl`: the description of each program that clients are made from.
//!
//! Anchor's own builder makes it from the code (it runs the tests that Anchor's macros generate).
//! The files are committed, so that a client needs no Rust; `--check` fails when one no longer says
//! what the code says.

mod diff;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anchor_lang_idl::build::IdlBuilder;
use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{layout, shell, workspace};

/// How many differences of one file are worth showing.
const SHOWN: usize = 12;

/// Writes every IDL.
pub fn write_idls() -> Result<()> {
    let folder = layout::idl_folder();
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, text) in generate_idls()? {
        let path = folder.join(&name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("idl/{name}");
    }
    Ok(())
}

/// Compares every committed IDL with the code.
pub fn check_idls() -> Result<()> {
    let mut stale = Vec::new();
    for (name, text) in generate_idls()? {
        let committed = fs::read_to_string(layout::idl_folder().join(&name)).unwrap_or_default();
        if committed == text {
            println!("idl/{name} is what the code says");
            continue;
        }
        eprintln!("idl/{name} differs from the code:");
        let (old, new): (Value, Value) =
            (serde_json::from_str(&committed).unwrap_or_default(), serde_json::from_str(&text)?);
        let differences = if old.is_null() {
            vec!["it is missing, or not JSON".to_owned()]
        } else {
            diff::find_differences(&old, &new)
        };
        for difference in differences.iter().take(SHOWN) {
            eprintln!("  {difference}");
        }
        match differences.len() {
            0 => eprintln!("  only in its formatting"),
            all if all > SHOWN => eprintln!("  and {} more", all - SHOWN),
            _ => {}
        }
        stale.push(name);
    }
    if !stale.is_empty() {
        bail!("stale: {}. Run `cargo xtask idl` and commit what it writes", stale.join(", "));
    }
    Ok(())
}

/// Prints one program's IDL.
pub fn print_idl(program: PathBuf) -> Result<()> {
    let idl =
        IdlBuilder::new().program_path(program).cargo_args(vec!["--lib".to_owned()]).build()?;
    println!("{}", serde_json::to_string_pretty(&idl)?);
    Ok(())
}

/// The IDL files' names and contents, as the code has them.
fn generate_idls() -> Result<Vec<(String, String)>> {
    let programs = workspace::list_programs()?;
    let described: Vec<_> = programs.iter().filter(|program| program.has_idl).collect();
    if described.is_empty() {
        bail!("no program has the feature `idl-build`");
    }
    let mut files = Vec::new();
    for program in described {
        let folder = program.manifest.parent().context("a manifest is in a folder")?;
        let text =
            generate_one(folder).with_context(|| format!("no IDL of {}", program.package))?;
        // Written anew from its values, so that nobody's formatting matters.
        let value: Value = serde_json::from_str(&text)
            .with_context(|| format!("the IDL of {}", program.package))?;
        files.push((
            format!("{}.json", program.short_name()),
            format!("{}\n", serde_json::to_string_pretty(&value)?),
        ));
    }
    Ok(files)
}

/// Runs Anchor's builder in a process of its own: it reads the environment, where rustup's choice
/// of a toolchain (set for whatever runs under cargo) leads it to call a cargo that does not exist.
fn generate_one(folder: &Path) -> Result<String> {
    let mut this = Command::new(env::current_exe()?);
    this.arg("print-idl")
        .arg(folder)
        .env_remove("RUSTUP_TOOLCHAIN")
        .stderr(std::process::Stdio::inherit());
    if let Some(bin) = shell::cargo_bin() {
        this.env("PATH", shell::path_with(&bin)?);
    }
    shell::capture(&mut this)
}
