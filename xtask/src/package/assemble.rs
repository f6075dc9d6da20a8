//! The folder of a package, and its archive.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::{
    LIBRARIES, LOADED_SUFFIX, PROGRAM, compile::BuiltProgram, installed::Installed, parse_variant,
};
use crate::{gpu::Backend, layout, shell};

/// Copies everything into the folder, writes the archive, and prints the sizes. Returns the
/// archive.
pub fn assemble_package(built: &BuiltProgram, backend: Option<Backend>) -> Result<PathBuf> {
    let parent = layout::target_folder().join("package");
    let folder = parent.join(PROGRAM);
    let libraries = folder.join(LIBRARIES);
    make_empty(&folder)?;
    fs::create_dir(&libraries).with_context(|| format!("cannot create {}", libraries.display()))?;

    copy_file(&built.program, &folder.join(PROGRAM))?;
    copy_file(&layout::root_folder().join("LICENSE"), &folder.join("LICENSE"))?;
    copy_file(&built.llama_license, &folder.join("LICENSE-llama.cpp"))?;

    let mut copied = Vec::new();
    // CMake chooses one of both, by the system.
    for name in ["lib", "lib64"] {
        copied.extend(copy_matching(&built.llama.join(name), &libraries, is_linked_name)?);
    }
    copied.extend(copy_matching(&built.llama.join("backends"), &libraries, is_loaded_name)?);
    let has_cpu = copied.iter().any(|name| parse_variant(name).is_some());
    ensure!(has_cpu, "{} has no library for the CPU", built.llama.display());

    let installed = Installed::at(folder);
    shell::capture(installed.command().arg("--version")).context("the package does not start")?;
    let archive = write_archive(&parent, backend)?;
    print_sizes(&installed, &copied, &archive)?;
    Ok(archive)
}

/// Makes an empty folder, in place of an earlier one.
pub fn make_empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

/// Copies the files of a folder with fitting names, and returns the names. Links are followed: the
/// package has no links.
fn copy_matching(from: &Path, to: &Path, fits: fn(&str) -> bool) -> Result<Vec<String>> {
    let entries = fs::read_dir(from).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut fitting: Vec<String> = names.filter(|name| fits(name)).collect();
    fitting.sort();

    for name in &fitting {
        copy_file(&from.join(name), &to.join(name))?;
    }
    Ok(fitting)
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let copied = fs::copy(from, to);
    copied.with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// Whether a library has the name by which the system's loader looks for it: with one number, as in
/// `libllama.so.0` and `libllama.0.dylib`. Others are links for compilers, or have whole versions.
fn is_linked_name(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let on_linux = name.split_once(".so.").map(|(_, version)| is_number(version));
    let on_macos = name.strip_suffix(".dylib").and_then(|stem| stem.split_once('.'));

    let has_one_number = on_linux.or(on_macos.map(|(_, version)| is_number(version)));
    name.starts_with("lib") && has_one_number == Some(true)
}

/// Whether llama.cpp itself looks for a library with this name.
fn is_loaded_name(name: &str) -> bool {
    name.starts_with("libggml-") && name.ends_with(LOADED_SUFFIX)
}

/// Packs the folder. The archive names no user of this machine.
fn write_archive(parent: &Path, backend: Option<Backend>) -> Result<PathBuf> {
    let system = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
    let suffix = backend.map(|backend| format!("-{}", backend.feature())).unwrap_or_default();
    let archive = parent.join(format!("{PROGRAM}-{system}{suffix}.tar.gz"));

    let mut tar = Command::new("tar");
    if cfg!(target_os = "linux") {
        tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner"]);
    }
    shell::run(tar.arg("-czf").arg(&archive).arg("-C").arg(parent).arg(PROGRAM))?;
    Ok(archive)
}

fn print_sizes(installed: &Installed, libraries: &[String], archive: &Path) -> Result<()> {
    let paths = libraries.iter().map(|name| format!("{LIBRARIES}/{name}"));
    let files: Vec<String> = [PROGRAM.to_owned()].into_iter().chain(paths).collect();

    let mut total = 0;
    for file in &files {
        let bytes = fs::metadata(installed.folder().join(file))?.len();
        total += bytes;
        println!("{:>9.1} MB  {file}", to_megabytes(bytes));
    }
    println!("{:>9.1} MB  {}", to_megabytes(total), installed.folder().display());
    println!("{:>9.1} MB  {}", to_megabytes(fs::metadata(archive)?.len()), archive.display());
    Ok(())
}

fn to_megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_has_the_names_that_loaders_look_for() {
        for name in ["libllama.so.0", "libggml-base.so.12", "libllama.0.dylib"] {
            assert!(is_linked_name(name), "{name}");
        }
        for name in [
            "libllama.so",
            "libllama.so.0.6.0",
            "libllama.dylib",
            "libllama.0.6.0.dylib",
            "libggml-cpu-x64.so",
            "cmake",
            "x.so.0",
        ] {
            assert!(!is_linked_name(name), "{name}");
        }

        assert!(is_loaded_name("libggml-cpu-x64.so") && is_loaded_name("libggml-vulkan.so"));
        assert!(!is_loaded_name("libggml-cpu-x64.so.0") && !is_loaded_name("libllama.so"));
    }

    #[test]
    fn links_are_copied_as_files() {
        use std::os::unix::fs::symlink;

        let base = std::env::temp_dir().join(format!("nosana-package-{}", std::process::id()));
        let (from, to) = (base.join("from"), base.join("to"));
        make_empty(&from).unwrap();
        make_empty(&to).unwrap();
        fs::write(from.join("libggml.so.0.26.0"), "library").unwrap();
        symlink("libggml.so.0.26.0", from.join("libggml.so.0")).unwrap();
        symlink("libggml.so.0", from.join("libggml.so")).unwrap();

        let copied = copy_matching(&from, &to, is_linked_name).unwrap();
        let text = fs::read_to_string(to.join("libggml.so.0")).unwrap();
        let is_link = to.join("libggml.so.0").is_symlink();
        fs::remove_dir_all(&base).unwrap();
        assert_eq!(copied, ["libggml.so.0"]);
        assert!(text == "library" && !is_link, "{text}");
    }
}
