//! `cargo xtask package --test`: tries the package as on another machine, with each library for the
//! CPU alone.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};

use super::{
    LIBRARIES, PROGRAM, assemble::make_empty, installed::Installed, parse_variant,
    processors::Processor,
};
use crate::{layout, shell};

/// What the program says where no library suits the processor.
const UNSUITABLE: &str = "suits this processor";
/// What it says where there is none.
const INCOMPLETE: &str = "has no library for the CPU";

/// Unpacks the archive, and tries the program with all libraries and with each alone.
///
/// # Errors
/// If the whole package loads none or one that this processor lacks, if an answer is wrong, or if
/// the program does not refuse what it cannot use.
pub fn test_package(archive: &Path) -> Result<()> {
    let folder = layout::target_folder().join("package/test");
    make_empty(&folder)?;
    // The program names its folder by the path without links.
    let folder = fs::canonicalize(folder)?;
    shell::run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(&folder))?;
    let whole = Installed::at(folder.join(PROGRAM));
    let processor = Processor::detect();

    check_whole(&whole, &processor, &folder)?;
    check_refusal(&keep_library(&whole, None, &folder)?, &whole, INCOMPLETE)?;
    println!("{:28} refused: the package is incomplete", "none");
    for library in whole.list_cpu_libraries()? {
        let alone = keep_library(&whole, Some(&library), &folder)?;
        println!("{library:28} {}", try_alone(&alone, &whole, &library, &processor)?);
    }

    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))
}

/// Checks which library the whole package loads, also when a link starts the program.
fn check_whole(whole: &Installed, processor: &Processor, folder: &Path) -> Result<()> {
    let cpu = whole.find_cpu()?;
    let is_known = parse_variant(&cpu.library).map(|variant| processor.supports(variant));
    ensure!(
        is_known.is_some_and(|supports| supports != Some(false)),
        "the package loads {}, which this processor lacks",
        cpu.library
    );

    let link = folder.join("link");
    fs::create_dir(&link)?;
    symlink(whole.folder().join(PROGRAM), link.join(PROGRAM))?;
    let linked = Installed::at(link).find_cpu()?;
    ensure!(linked.library == cpu.library, "a link to the program loads {}", linked.library);

    let speeds = whole.measure_cpu(cpu.number)?;
    println!("all: {:23} {}", cpu.library, describe_speeds(speeds.reading, speeds.generation));
    Ok(())
}

/// Tries a package with one library, and says what happened.
fn try_alone(
    alone: &Installed,
    whole: &Installed,
    library: &str,
    processor: &Processor,
) -> Result<String> {
    let variant = parse_variant(library).context("it is not a library for the CPU")?;

    let is_supported = match processor.supports(variant) {
        Some(is_supported) => is_supported,
        // Of other processors, only the program knows.
        None => alone.find_cpu().is_ok(),
    };
    if !is_supported {
        check_refusal(alone, whole, UNSUITABLE)?;
        return Ok("refused: this processor lacks it".to_owned());
    }

    let cpu = alone.find_cpu()?;
    ensure!(cpu.library == library, "the package with {library} alone loads {}", cpu.library);
    let speeds = alone.measure_cpu(cpu.number).with_context(|| format!("{library} fails"))?;
    Ok(describe_speeds(speeds.reading, speeds.generation))
}

/// Checks that the program refuses to start the engine, although the working folder has all
/// libraries, and names its own folder.
fn check_refusal(installed: &Installed, whole: &Installed, expected: &str) -> Result<()> {
    let mut command = installed.command();
    command.args(["node", "gpus"]).current_dir(whole.libraries());
    let output = command.output().context("cannot start the packaged program")?;

    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        bail!("the package works without a library for this processor");
    }
    let folder = installed.libraries().display().to_string();
    ensure!(errors.contains(expected) && errors.contains(&folder), "another error: {errors}");
    Ok(())
}

/// Makes a copy of the package with one of its libraries for the CPU, or none, in place of the
/// earlier copy.
fn keep_library(whole: &Installed, kept: Option<&str>, folder: &Path) -> Result<Installed> {
    let copy = folder.join("copy");
    make_empty(&copy)?;
    fs::create_dir(copy.join(LIBRARIES))?;
    link_file(&whole.folder().join(PROGRAM), &copy.join(PROGRAM))?;

    for entry in fs::read_dir(whole.libraries())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if parse_variant(&name).is_none() || kept == Some(name.as_str()) {
            link_file(&path, &copy.join(LIBRARIES).join(&name))?;
        }
    }
    Ok(Installed::at(copy))
}

/// Makes a hard link: a process finds its folder by the name that started it.
fn link_file(from: &Path, to: &Path) -> Result<()> {
    fs::hard_link(from, to).with_context(|| format!("cannot make a link to {}", from.display()))
}

fn describe_speeds(reading: f64, generation: f64) -> String {
    format!("right answer; reads {reading:6.1} and generates {generation:6.1} tokens a second")
}
