//! In a build with `cpu-variants`: llama.cpp's libraries in the folder `lib` beside the program. It
//! has one for each kind of processor, and llama.cpp loads the best that this one can run.
//!
//! Libraries are code, so no other place is searched: not the working folder, and not the folder in
//! which the build left them.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// The folder beside the program.
const FOLDER: &str = "lib";
/// How the file names of the libraries for the CPU begin.
const CPU_PREFIX: &str = "libggml-cpu-";
/// The variable by which llama.cpp would load one more library, from anywhere.
const OUTSIDE_VARIABLE: &str = "GGML_BACKEND_PATH";

/// Loads the libraries, and returns the file name of the one for the CPU if llama.cpp logs it.
///
/// # Errors
/// If there is none for this processor.
#[cfg(feature = "cpu-variants")]
pub(super) fn load_libraries() -> Result<Option<String>, String> {
    use llama_cpp_2::{
        LlamaBackendDeviceType, list_llama_ggml_backend_devices,
        llama_backend::load_backends_from_path,
    };

    use super::loading_log::{parse_cpu_library, record_log};

    check_outside(std::env::var_os(OUTSIDE_VARIABLE).as_deref())?;
    let program = std::env::current_exe()
        .map_err(|error| format!("the path of this program is not known: {error}"))?;
    let folder = find_folder(&program)?;

    let lines = record_log(|| load_backends_from_path(&folder));
    for line in &lines {
        // The log of loading a model has these levels, too.
        if line.level <= tracing::Level::WARN {
            tracing::warn!("{}", line.text);
        } else {
            tracing::debug!("{}", line.text);
        }
    }

    let devices = list_llama_ggml_backend_devices();
    if !devices.iter().any(|device| device.device_type == LlamaBackendDeviceType::Cpu) {
        return Err(explain_missing(&folder, &list_cpu_libraries(&folder)));
    }
    let library = lines.iter().find_map(|line| parse_cpu_library(&line.text)).map(str::to_owned);
    tracing::info!(library = library.as_deref(), "loaded the library for this processor");
    Ok(library)
}

/// Refuses a library from elsewhere.
fn check_outside(variable: Option<&OsStr>) -> Result<(), String> {
    match variable {
        None => Ok(()),
        Some(path) => Err(format!(
            "{OUTSIDE_VARIABLE} names the library `{}`, and this program loads libraries from the \
             folder `{FOLDER}` beside it only; unset the variable",
            path.display()
        )),
    }
}

/// Returns the folder beside the program, with symbolic links to the program followed.
fn find_folder(program: &Path) -> Result<PathBuf, String> {
    // A program that was replaced has no file any more; Linux still knows its folder.
    let real = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
    let folder = real.parent().map(|beside| beside.join(FOLDER)).unwrap_or_default();

    // Names are passed to llama.cpp as UTF-8.
    if folder.to_str().is_none() {
        return Err(format!(
            "the path `{}` is not valid UTF-8; move the program to another folder",
            folder.display()
        ));
    }
    if !folder.is_dir() {
        return Err(explain_missing(&folder, &[]));
    }
    Ok(folder)
}

/// Returns the file names of the libraries for the CPU, sorted.
fn list_cpu_libraries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());

    let mut libraries: Vec<_> = names.filter(|name| name.starts_with(CPU_PREFIX)).collect();
    libraries.sort();
    libraries
}

/// What is wrong with a folder from which no library for the CPU could be loaded.
fn explain_missing(folder: &Path, libraries: &[String]) -> String {
    let folder = folder.display();

    if libraries.is_empty() {
        return format!(
            "the folder `{folder}` has no library for the CPU; unpack the package as a whole, and \
             keep `{FOLDER}` beside the program"
        );
    }
    format!(
        "none of the libraries in `{folder}` suits this processor: {}; unpack the package as a \
         whole, which has one for each kind, or compile the program on this machine",
        libraries.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_folder_is_beside_the_real_program() {
        let temporary = tempfile::tempdir().unwrap();
        let base = fs::canonicalize(temporary.path()).unwrap();
        let (package, bin) = (base.join("package"), base.join("bin"));
        fs::create_dir_all(package.join(FOLDER)).unwrap();
        fs::create_dir_all(bin.join(FOLDER)).unwrap();
        fs::write(package.join("nosana"), "").unwrap();
        symlink(package.join("nosana"), bin.join("nosana")).unwrap();

        let expected = Ok(package.join(FOLDER));
        assert_eq!(find_folder(&package.join("nosana")), expected);
        assert_eq!(find_folder(&bin.join("nosana")), expected, "a link to the program");
        assert_eq!(find_folder(&package.join("nosana (deleted)")), expected, "a replaced program");

        fs::remove_dir(package.join(FOLDER)).unwrap();
        let error = find_folder(&bin.join("nosana")).unwrap_err();
        assert!(error.contains("package/lib` has no library"), "{error}");
        assert!(error.contains("unpack the package as a whole"), "{error}");
    }

    #[test]
    fn an_incomplete_folder_and_another_processor_have_different_errors() {
        let folder = tempfile::tempdir().unwrap();
        let explain = || explain_missing(folder.path(), &list_cpu_libraries(folder.path()));
        fs::write(folder.path().join("libggml-base.so.0"), "").unwrap();
        let incomplete = explain();
        assert!(incomplete.contains("has no library for the CPU"), "{incomplete}");

        for name in ["libggml-cpu-zen4.so", "libggml-cpu-haswell.so"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let unsuitable = explain();
        let listed = "suits this processor: libggml-cpu-haswell.so, libggml-cpu-zen4.so;";
        assert!(unsuitable.contains(listed), "{unsuitable}");
        assert!(unsuitable.contains(&folder.path().display().to_string()), "{unsuitable}");
    }

    #[test]
    fn a_library_from_elsewhere_is_refused() {
        check_outside(None).unwrap();
        let error = check_outside(Some(OsStr::new("/tmp/libggml-x.so"))).unwrap_err();
        assert!(
            error.contains("GGML_BACKEND_PATH names the library `/tmp/libggml-x.so`"),
            "{error}"
        );
    }
}
