//! `cargo xtask build-programs`: builds `target/deploy/*.so` from the sources.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{layout, sbf, workspace};

/// Builds every program, and replaces each file atomically: a reader sees the old file or the new
/// one.
pub fn build_programs(choice: sbf::Choice) -> Result<()> {
    let programs = workspace::list_programs()?;
    let toolchain = sbf::select_toolchain(choice, &programs)?;
    let names: Vec<&str> = programs.iter().map(|program| program.package.as_str()).collect();
    eprintln!("building {} with {toolchain}", names.join(", "));

    let mut lines = Vec::new();
    for program in &programs {
        // One at a time: in a joint build, a program that calls another would disable the other's
        // entry point, because cargo unifies their features.
        let built = toolchain
            .build_program(program)
            .with_context(|| format!("program {} did not build", program.package))?;

        let place = install_program(&built, &program.library)?;
        let size = fs::metadata(&place)?.len();
        lines.push(format!(
            "  {:>9} bytes  {}",
            size,
            place.strip_prefix(layout::root_folder()).unwrap_or(&place).display()
        ));
    }

    // Figures of different compilers are not compared.
    let note = layout::deploy_folder().join("compiler.txt");
    fs::write(&note, toolchain.name())
        .with_context(|| format!("cannot write {}", note.display()))?;

    println!("{}", lines.join("\n"));
    Ok(())
}

/// Copies a built program into the deploy folder under its library's name, and returns its path.
fn install_program(built: &Path, library: &str) -> Result<PathBuf> {
    let deploy = layout::deploy_folder();
    fs::create_dir_all(&deploy).with_context(|| format!("cannot create {}", deploy.display()))?;

    let place = deploy.join(format!("{library}.so"));
    let partial = deploy.join(format!(".{library}.so.partial"));
    fs::copy(built, &partial).with_context(|| format!("cannot copy {}", built.display()))?;
    fs::rename(&partial, &place).with_context(|| format!("cannot replace {}", place.display()))?;
    Ok(place)
}
