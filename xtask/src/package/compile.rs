//! Builds the program and llama.cpp's libraries, and finds them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{PROGRAM, Profile};
use crate::{
    gpu::{self, Backend},
    layout, setup, shell,
};

/// How cargo names the package that compiles llama.cpp, without its version.
const LLAMA_PACKAGE: &str = "#llama-cpp-sys-2@";
/// How the file names of llama.cpp's libraries begin.
const LLAMA_PREFIXES: [&str; 2] = ["libllama", "libggml"];

/// What cargo has built.
#[derive(Debug, PartialEq, Eq)]
pub struct BuiltProgram {
    /// The program.
    pub program: PathBuf,
    /// The folder in which llama.cpp was built.
    pub llama: PathBuf,
    /// The license of llama.cpp.
    pub llama_license: PathBuf,
}

/// Builds the program with libraries for all processors, after installing what that needs.
pub fn build_program(profile: Profile, backend: Option<Backend>) -> Result<BuiltProgram> {
    setup::install_packages()?;
    let mut cargo = shell::cargo();
    cargo.current_dir(layout::root_folder());

    let mut features = vec!["nosana-cli/cpu-variants".to_owned()];
    if let Some(backend) = backend {
        gpu::prepare_backend(&mut cargo, backend)?;
        features.push(format!("nosana-cli/{}", backend.feature()));
    }

    cargo.args(["build", "--locked", "--message-format", "json-render-diagnostics"]);
    cargo.args(["--bin", PROGRAM, "--features", &features.join(",")]);
    let folder = match profile {
        // With the whole workspace, most dependencies are those of the other builds.
        Profile::Dev => {
            cargo.arg("--workspace");
            "debug"
        }
        Profile::Release => {
            cargo.args(["--release", "--package", "nosana-cli"]);
            "release"
        }
    };
    remove_dangling_links(&layout::target_folder().join(folder))?;

    // Only the messages are read: progress and errors are for this terminal.
    let messages = shell::capture(cargo.stderr(Stdio::inherit()))?;
    parse_messages(&messages)
}

/// Removes links to llama.cpp's libraries that an earlier build has left. Its build script makes
/// hard links of symbolic links, which lead nowhere, and fails where one exists.
fn remove_dangling_links(folder: &Path) -> Result<()> {
    for folder in [folder.to_owned(), folder.join("deps"), folder.join("examples")] {
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();

        for path in entries.map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_library = LLAMA_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
            if is_library && path.is_symlink() && !path.exists() {
                fs::remove_file(&path)
                    .with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
    }
    Ok(())
}

/// Finds the built files in cargo's messages, of which each is a line of JSON.
fn parse_messages(messages: &str) -> Result<BuiltProgram> {
    let mut program = None;
    let mut llama = None;
    let mut license = None;

    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: Value = serde_json::from_str(line).context("cargo printed invalid JSON")?;
        let text = |value: &Value| value.as_str().map(PathBuf::from);
        let is_llama = message["package_id"].as_str().is_some_and(|id| id.contains(LLAMA_PACKAGE));

        match message["reason"].as_str() {
            Some("build-script-executed") if is_llama => llama = text(&message["out_dir"]),
            Some("compiler-artifact") if is_llama => {
                let manifest = text(&message["manifest_path"]);
                license = manifest.map(|path| path.with_file_name("llama.cpp").join("LICENSE"));
            }
            Some("compiler-artifact") if message["target"]["name"] == PROGRAM => {
                program = text(&message["executable"]).or(program);
            }
            _ => {}
        }
    }

    Ok(BuiltProgram {
        program: program.context("cargo did not say where the program is")?,
        llama: llama.context("cargo did not say where llama.cpp was built")?,
        llama_license: license.context("cargo did not say where the sources of llama.cpp are")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn render_messages(llama: &str) -> String {
        let artifact = |id: &str, folder: &str, name: &str, program: Option<&str>| {
            let manifest = format!("{folder}/Cargo.toml");
            json!({
                "reason": "compiler-artifact", "package_id": id, "manifest_path": manifest,
                "target": { "name": name }, "executable": program,
            })
        };
        let script = |id: &str, out: &str| {
            let reason = "build-script-executed";
            json!({ "reason": reason, "package_id": id, "out_dir": out })
        };

        let messages = [
            artifact("registry+https://x#ring@0.17.1", "/r/ring", "ring", None),
            script("registry+https://x#ring@0.17.1", "/t/ring/out"),
            script(llama, "/t/llama/out"),
            artifact(llama, "/r/llama", "llama_cpp_sys_2", None),
            artifact("path+file:///c#nosana-cli@0.1.0", "/c", PROGRAM, Some("/t/debug/nosana")),
            artifact("path+file:///c#nosana-cli@0.1.0", "/c", PROGRAM, None),
            json!({ "reason": "build-finished", "success": true }),
        ];
        messages.map(|message| message.to_string()).join("\n")
    }

    #[test]
    fn the_built_files_are_found_in_the_messages() {
        let messages = render_messages("registry+https://x#llama-cpp-sys-2@0.1.161");
        let built = parse_messages(&messages).unwrap();
        assert_eq!(built.program, Path::new("/t/debug/nosana"));
        assert_eq!(built.llama, Path::new("/t/llama/out"));
        assert_eq!(built.llama_license, Path::new("/r/llama/llama.cpp/LICENSE"));

        let without = render_messages("registry+https://x#llama-cpp-2@0.1.160");
        let error = parse_messages(&without).unwrap_err().to_string();
        assert!(error.contains("where llama.cpp was built"), "{error}");
    }

    #[test]
    fn only_links_that_lead_nowhere_are_removed() {
        use std::os::unix::fs::symlink;

        let folder = std::env::temp_dir().join(format!("nosana-links-{}", std::process::id()));
        fs::create_dir_all(folder.join("deps")).unwrap();
        symlink("libggml.so.0", folder.join("deps/libggml.so")).unwrap();
        symlink("nowhere", folder.join("deps/other.so")).unwrap();
        fs::write(folder.join("libllama.so.0"), "").unwrap();
        symlink("libllama.so.0", folder.join("libllama.so")).unwrap();

        remove_dangling_links(&folder).unwrap();
        let is_left = |name: &str| folder.join(name).is_symlink();
        let left = ["deps/libggml.so", "deps/other.so", "libllama.so"].map(is_left);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(left, [false, true, true]);
    }
}
