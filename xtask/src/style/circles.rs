//! Circles of imports between the files of a crate.
//!
//! A file imports another if it names that file's module in a path that begins with `crate`, `self`
//! or `super`. Two kinds of paths are not imports: those to a parent module or to a name that a
//! parent re-exports, and those in strings, which are attributes of derive macros.

use std::collections::{BTreeMap, BTreeSet};

use super::source::SourceFile;

/// Module path of a file within its crate: `["job", "wait"]`; empty for the crate's root.
type Module = Vec<String>;

/// The groups of files that import each other, each by its paths.
pub fn find_circles(files: &[SourceFile]) -> Vec<Vec<String>> {
    let mut crates: BTreeMap<&str, Vec<&SourceFile>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.path.contains("/src/")) {
        crates.entry(&file.package).or_default().push(file);
    }
    crates.values().flat_map(|members| circles_in(members)).collect()
}

fn circles_in(files: &[&SourceFile]) -> Vec<Vec<String>> {
    let modules: BTreeMap<Module, &SourceFile> =
        files.iter().map(|file| (module_of(&file.path), *file)).collect();
    let imports: BTreeMap<&Module, BTreeSet<&Module>> =
        modules.iter().map(|(module, file)| (module, imports_of(module, file, &modules))).collect();

    let reachable: BTreeMap<&Module, BTreeSet<&Module>> =
        imports.keys().map(|module| (*module, reach(module, &imports))).collect();
    let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
    for (module, targets) in &reachable {
        if targets.contains(*module) {
            let returns =
                |other: &&&Module| reachable.get(**other).is_some_and(|all| all.contains(*module));
            let circle = targets.iter().filter(returns);
            let paths = circle.filter_map(|member| modules.get(*member));
            circles.insert(paths.map(|file| file.path.clone()).collect());
        }
    }
    circles.into_iter().collect()
}

/// Every module that can be reached by imports.
fn reach<'a>(
    start: &'a Module,
    imports: &BTreeMap<&'a Module, BTreeSet<&'a Module>>,
) -> BTreeSet<&'a Module> {
    let mut found = BTreeSet::new();
    let mut pending = vec![start];
    while let Some(module) = pending.pop() {
        for target in imports.get(module).into_iter().flatten() {
            if found.insert(*target) {
                pending.push(target);
            }
        }
    }
    found
}

/// The modules that a file imports, without its own ancestors.
fn imports_of<'a>(
    module: &Module,
    file: &SourceFile,
    modules: &'a BTreeMap<Module, &SourceFile>,
) -> BTreeSet<&'a Module> {
    let text: String = file
        .lines
        .iter()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(_, line)| line.split('"').step_by(2).collect::<String>())
        .collect::<Vec<_>>()
        .join("\n");

    let targets = paths_in(&text).into_iter().filter_map(|path| resolve(module, &path, modules));
    targets.filter(|target| !module.starts_with(target)).collect()
}

/// The file whose module is the longest part of the path.
fn resolve<'a>(
    module: &Module,
    path: &[String],
    modules: &'a BTreeMap<Module, &SourceFile>,
) -> Option<&'a Module> {
    let mut target: Module = Vec::new();
    for (index, part) in path.iter().enumerate() {
        match part.as_str() {
            "crate" => target.clear(),
            "self" if index == 0 => target.clone_from(module),
            "super" => {
                if index == 0 {
                    target.clone_from(module);
                }
                target.pop();
            }
            _ => target.push(part.clone()),
        }
    }

    while !target.is_empty() {
        if let Some((found, _)) = modules.get_key_value(&target) {
            return Some(found);
        }
        target.pop();
    }
    None
}

/// Every path in the text that begins with `crate`, `self` or `super`, its groups expanded.
fn paths_in(text: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for root in ["crate::", "self::", "super::"] {
        for (start, _) in text.match_indices(root) {
            let before = text.get(..start).and_then(|before| before.chars().next_back());
            if before.is_none_or(|each| !each.is_alphanumeric() && !"_:$".contains(each)) {
                expand(text.get(start..).unwrap_or_default(), &mut Vec::new(), &mut paths);
            }
        }
    }
    paths
}

/// Reads one path, or one group `{…}`, from the beginning of `text`; returns what follows it.
fn expand<'a>(text: &'a str, prefix: &mut Vec<String>, paths: &mut Vec<Vec<String>>) -> &'a str {
    let mut rest = text.trim_start();
    let depth = prefix.len();

    loop {
        if let Some(group) = rest.strip_prefix('{') {
            rest = group;
            while !rest.trim_start().starts_with('}') && !rest.trim().is_empty() {
                let after = expand(rest, prefix, paths).trim_start();
                let after = after.strip_prefix(',').unwrap_or(after);
                if after.len() == rest.len() {
                    break;
                }
                rest = after;
            }
            rest = rest.trim_start().strip_prefix('}').unwrap_or(rest);
            break;
        }
        let end = rest.find(|each: char| !each.is_alphanumeric() && each != '_');
        let (name, after) = rest.split_at(end.unwrap_or(rest.len()));
        if name.is_empty() {
            // A glob imports the module itself; anything else is the end of a group.
            if let Some(after) = rest.strip_prefix('*') {
                paths.push(prefix.clone());
                rest = after;
            }
            break;
        }
        prefix.push(name.to_owned());
        match after.strip_prefix("::") {
            Some(more) => rest = more,
            _ => {
                paths.push(prefix.clone());
                rest = after.trim_start();
                rest = rest.strip_prefix("as ").map_or(rest, |alias| {
                    alias.trim_start_matches(|each: char| each.is_alphanumeric() || each == '_')
                });
                break;
            }
        }
    }

    prefix.truncate(depth);
    rest
}

/// The module path of a file under `src`.
fn module_of(path: &str) -> Module {
    let inside = path.split_once("/src/").map_or(path, |(_, inside)| inside);
    let inside = inside.strip_suffix(".rs").unwrap_or(inside);
    let mut module: Module = inside.split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        let lines = text.lines().enumerate().map(|(i, line)| (i + 1, line.to_owned())).collect();
        SourceFile { path: format!("a/src/{path}"), package: "a".into(), lines }
    }

    #[test]
    fn siblings_that_import_each_other_are_a_circle() {
        let files = [
            file("lib.rs", "mod one;\nmod two;\npub use self::two::Two;"),
            file("one.rs", "use crate::{Two, two::{self, helper as other}};"),
            file("two.rs", "use super::one;"),
        ];
        assert_eq!(find_circles(&files), [vec!["a/src/one.rs", "a/src/two.rs"]]);
    }

    #[test]
    fn parents_and_re_exports_are_no_circle() {
        let files = [
            file("lib.rs", "pub mod part;\npub use part::{Part, inner::Inner};"),
            file("part/mod.rs", "mod inner;\nuse self::inner::help;"),
            file("part/inner.rs", "use super::Part;\nuse crate::Inner;\nuse std::fmt;"),
        ];
        assert_eq!(find_circles(&files), Vec::<Vec<String>>::new());
    }

    #[test]
    fn groups_are_expanded() {
        let paths = paths_in("use crate::{a, b::{c, d as e}, f::*};\nlet x = super::g::h();");
        let joined: Vec<String> = paths.iter().map(|path| path.join("::")).collect();
        assert_eq!(joined, ["crate::a", "crate::b::c", "crate::b::d", "crate::f", "super::g::h"]);
    }
}
