//! `cargo xtask idl`: the IDL of each program, from which clients are generated.
//!
//! Anchor's builder generates it from the code: it runs the tests that Anchor's macros generate.
//! [`mends`] then makes it one that generators in every language take, and [`clients`] runs those of
//! this repository. The files are committed, so that a client needs no Rust; `--check` fails if one
//! differs from the code.

mod clients;
mod diff;
mod mends;

use std::{
    fs, mem,
    path::{Path, PathBuf},
    process::Command,
};

use anchor_lang_idl::build::IdlBuilder;
use anyhow::{Context, Result, bail};
use serde_json::Value;

pub use self::clients::generate_clients;
use crate::{layout, shell, workspace};

/// Largest number of differences that the check prints for one file.
const MAX_DIFFERENCES: usize = 12;

/// Writes every IDL into `idl/`.
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

/// Compares every committed IDL with the code, and fails if one differs.
pub fn check_idls() -> Result<()> {
    let mut stale = Vec::new();

    for (name, text) in generate_idls()? {
        let committed = fs::read_to_string(layout::idl_folder().join(&name)).unwrap_or_default();
        if committed == text {
            println!("idl/{name} matches the code");
            continue;
        }

        eprintln!("idl/{name} differs from the code:");
        print_differences(&committed, &text)?;
        stale.push(name);
    }

    if !stale.is_empty() {
        bail!(
            "stale: {}; run `cargo xtask idl` and commit the files that it writes",
            stale.join(", ")
        );
    }
    Ok(())
}

/// Prints the first differences between two texts of one IDL.
fn print_differences(committed: &str, current: &str) -> Result<()> {
    let old: Value = serde_json::from_str(committed).unwrap_or_default();
    let new: Value = serde_json::from_str(current)?;
    let differences = if old.is_null() {
        vec!["the file is missing or not JSON".to_owned()]
    } else {
        diff::find_differences(&old, &new)
    };

    for difference in differences.iter().take(MAX_DIFFERENCES) {
        eprintln!("  {difference}");
    }

    match differences.len() {
        0 => eprintln!("  only in its formatting"),
        count if count > MAX_DIFFERENCES => eprintln!("  and {} more", count - MAX_DIFFERENCES),
        _ => {}
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

/// Generates every IDL from the code; returns each file's name and content.
fn generate_idls() -> Result<Vec<(String, String)>> {
    let programs = workspace::list_programs()?;
    let described: Vec<_> = programs.iter().filter(|program| program.has_idl).collect();
    if described.is_empty() {
        bail!("no program has the feature `idl-build`");
    }

    let mut idls = Vec::new();
    for program in described {
        let folder =
            program.manifest.parent().context("the manifest's path has no parent folder")?;
        let text = generate_one(folder)
            .with_context(|| format!("cannot generate the IDL of {}", program.package))?;
        let idl: Value = serde_json::from_str(&text)
            .with_context(|| format!("the IDL of {} is not JSON", program.package))?;
        idls.push((program.short_name().to_owned(), idl));
    }

    let addresses: mends::Programs =
        idls.iter().map(|(name, idl)| (name.clone(), address_of(idl))).collect();
    idls.into_iter().map(|(name, idl)| write_text(&name, &addresses, idl)).collect()
}

/// Returns the address of an IDL's program.
fn address_of(idl: &Value) -> String {
    idl["address"].as_str().unwrap_or_default().to_owned()
}

/// Returns the name of a program's file and its content: the mended IDL. It is serialized from its
/// values, so that the formatting of Anchor's builder has no effect.
fn write_text(name: &str, addresses: &mends::Programs, mut idl: Value) -> Result<(String, String)> {
    mends::mend_idl(name, addresses, &mut idl)
        .with_context(|| format!("cannot mend the IDL of {name}"))?;

    sort_fields(&mut idl);
    Ok((format!("{name}.json"), format!("{}\n", serde_json::to_string_pretty(&idl)?)))
}

/// Sorts the fields of every object: whether the library keeps their order depends on the packages
/// that are built beside this one.
fn sort_fields(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(sort_fields),
        Value::Object(object) => {
            let mut fields: Vec<(String, Value)> = mem::take(object).into_iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            fields.iter_mut().for_each(|(_, value)| sort_fields(value));
            object.extend(fields);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Runs Anchor's builder in a separate process without `RUSTUP_TOOLCHAIN`: rustup sets the variable
/// for everything that runs under cargo, and it makes the builder call a cargo that does not exist.
fn generate_one(folder: &Path) -> Result<String> {
    let mut this = Command::new(shell::own_program()?);
    this.arg("print-idl")
        .arg(folder)
        .env_remove("RUSTUP_TOOLCHAIN")
        .stderr(std::process::Stdio::inherit());
    if let Some(bin) = shell::cargo_bin() {
        this.env("PATH", shell::path_with(&bin)?);
    }

    shell::capture(&mut this)
}
