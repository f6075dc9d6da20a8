//! The files that are compared.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use solana_address::Address;

/// Returns a path of the repository.
pub fn repository_path(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Reads a file of the repository.
pub fn read_file(path: &str) -> String {
    let file = repository_path(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Reads all source files of a folder, so that constants are found in any of them.
pub fn read_sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();

    let mut sources = String::new();
    for path in paths {
        if path.is_dir() {
            sources += &read_sources(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources += &fs::read_to_string(&path).expect("a source file");
        }
    }
    sources
}

/// Reads all source files of a program, and of what the programs share.
pub fn read_program_sources(program: &str) -> String {
    let program = read_sources(&repository_path(&format!("programs/{program}/src")));
    program + &read_sources(&repository_path("crates/program-common/src"))
}

pub fn read_idl(program: &str) -> Value {
    serde_json::from_str(&read_file(&format!("idl/{program}.json"))).expect("JSON")
}

pub fn find_instruction(program: &str, name: &str) -> Value {
    let idl = read_idl(program);
    let all = idl["instructions"].as_array().expect("instructions");
    all.iter()
        .find(|it| it["name"] == name)
        .unwrap_or_else(|| panic!("{program} has no {name}"))
        .clone()
}

/// Returns the text between `before` and `after` in a source file.
pub fn text_between<'a>(source: &'a str, before: &str, after: &str) -> &'a str {
    let start =
        source.find(before).unwrap_or_else(|| panic!("there is no `{before}`")) + before.len();
    let rest = &source[start..];
    &rest[..rest.find(after).unwrap_or_else(|| panic!("there is no `{after}` after `{before}`"))]
}

/// The eight bytes of a constant.
pub fn constant_bytes(source: &str, constant: &str) -> Vec<u8> {
    let list = text_between(source, &format!("pub const {constant}: [u8; 8] = ["), "]");
    list.split(',').map(|byte| byte.trim().parse().expect("a byte")).collect()
}

/// The address of a constant, which may be on a line of its own.
pub fn constant_address(source: &str, constant: &str) -> Address {
    let value = text_between(source, &format!("pub const {constant}: Address ="), ";");
    text_between(value, "from_str_const(\"", "\")").parse().expect("an address")
}
