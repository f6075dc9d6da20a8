use super::{Coverage, Entry, Program, Suite, entries, find_entry, idl};

/// Fails unless `covered` holds exactly the instructions that the catalogue expects of `suite`,
/// with what is missing and the place to fill.
#[track_caller]
pub fn check<'a>(suite: Suite, covered: impl IntoIterator<Item = &'a Entry>) {
    let covered: Vec<&Entry> = covered.into_iter().collect();
    let is_covered = |entry: &Entry| {
        covered.iter().any(|it| (it.program, it.name) == (entry.program, entry.name))
    };

    let mut problems = Vec::new();
    for entry in entries() {
        let path = entry.path();
        let file = entry_file(entry.program);
        match entry.coverage(suite) {
            Some(Coverage::Covered) if !is_covered(entry) => problems.push(format!(
                "{path} is missing in {}; or give a reason in {file}: \
                 `.without({suite:?}, \"…\")`",
                suite.place(entry)
            )),
            Some(Coverage::Absent(reason)) if is_covered(entry) => problems.push(format!(
                "{path} is covered by {suite:?}, but {file} gives a reason for its absence \
                 (\"{reason}\"); remove the reason"
            )),
            _ => {}
        }
    }
    assert!(problems.is_empty(), "the catalogue and {suite:?} differ:\n{}", problems.join("\n"));
}

/// Returns what the catalogue and the IDLs do not have in common, with the file to edit.
pub fn missing_entries() -> Vec<String> {
    let mut problems = Vec::new();
    for program in Program::ALL {
        let file = entry_file(program);
        for name in idl::instruction_names(program) {
            let found = entries().filter(|it| it.program == program && it.name == name).count();
            if found != 1 {
                problems.push(format!(
                    "{}.{name} is in idl/{}.json and {found} times in the catalogue; add one entry \
                     to {file}",
                    program.name(),
                    program.name()
                ));
            }
        }
    }

    let unknown = entries().filter(|entry| {
        let names = idl::instruction_names(entry.program);
        find_entry(entry.program, entry.name).is_none() || !names.contains(&entry.name)
    });
    problems.extend(unknown.map(|entry| {
        let file = entry_file(entry.program);
        format!("{} is not in the IDL; remove its entry from {file}", entry.path())
    }));
    problems
}

/// The file with the entries of a program.
fn entry_file(program: Program) -> String {
    format!("tests/src/catalogue/{}.rs", program.name())
}
