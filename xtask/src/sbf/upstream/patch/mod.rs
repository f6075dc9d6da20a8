//! Teaching Rust's std about Solana.
//!
//! Upstream std has no such platform. The edits are data: where, what, and why. Each must find its
//! place exactly as often as it expects, so a std that has moved on stops the build by the edit's
//! name, never silently.

mod int128;
mod memory;
mod panics;
mod platform;

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

/// What to do at the place that an edit finds.
#[derive(Clone, Copy)]
pub enum Change {
    /// Put this text in front of it.
    Before(&'static str),
    /// Put this text behind it.
    After(&'static str),
    /// Put this text in its stead.
    Instead(&'static str),
}

/// One edit of one file.
#[derive(Clone, Copy)]
pub struct Edit {
    /// What the edit is called when it does not fit.
    pub name: &'static str,
    /// What would go wrong without it.
    pub why: &'static str,
    /// The file, from the library's top folder.
    pub file: &'static str,
    /// The text that marks the place.
    pub find: &'static str,
    /// How often the file has that text.
    pub times: usize,
    /// What happens there.
    pub change: Change,
}

impl Edit {
    /// The edited text, or why the edit does not fit.
    fn apply_to(&self, text: &str) -> Result<String> {
        let found = text.matches(self.find).count();
        if found != self.times {
            bail!(
                "the edit of std called \"{}\" ({}) expects its place {} times in {}, and found it {found} times: std \
                 has changed; look at that file and mend the edit",
                self.name,
                self.why,
                self.times,
                self.file
            );
        }
        let Edit { find, .. } = self;
        Ok(match self.change {
            Change::Before(new) => text.replace(find, &format!("{new}{find}")),
            Change::After(new) => text.replace(find, &format!("{find}{new}")),
            Change::Instead(new) => text.replace(find, new),
        })
    }

    /// The parts of the edit that change what is built.
    pub fn fingerprint(&self) -> [String; 4] {
        let (kind, new) = match self.change {
            Change::Before(new) => ("before", new),
            Change::After(new) => ("after", new),
            Change::Instead(new) => ("instead", new),
        };
        [self.file, self.find, kind, new].map(str::to_owned)
    }
}

/// Every edit, in order.
pub fn all_edits() -> impl Iterator<Item = &'static Edit> {
    [platform::EDITS, panics::EDITS, int128::EDITS, memory::EDITS].into_iter().flatten()
}

/// Applies every edit to a copy of the library.
pub fn apply_edits(library: &Path) -> Result<()> {
    for edit in all_edits() {
        let path = library.join(edit.file);
        let text = fs::read_to_string(&path).with_context(|| {
            format!(
                "the edit of std called \"{}\" ({}) finds no {}",
                edit.name,
                edit.why,
                path.display()
            )
        })?;
        fs::write(&path, edit.apply_to(&text)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDIT: Edit = Edit {
        name: "n",
        why: "w",
        file: "f.rs",
        find: "two",
        times: 1,
        change: Change::Before("and "),
    };

    #[test]
    fn an_edit_changes_its_place_only() {
        assert_eq!(EDIT.apply_to("one two three").ok().as_deref(), Some("one and two three"));
        let after = Edit { change: Change::After("!"), ..EDIT };
        assert_eq!(after.apply_to("one two three").ok().as_deref(), Some("one two! three"));
        let instead = Edit { change: Change::Instead("2"), times: 2, ..EDIT };
        assert_eq!(instead.apply_to("two two").ok().as_deref(), Some("2 2"));
    }

    #[test]
    fn an_edit_that_does_not_fit_names_itself() {
        for text in ["one three", "two two"] {
            let error =
                EDIT.apply_to(text).map_or_else(|error| error.to_string(), |_| String::new());
            assert!(error.contains("\"n\"") && error.contains("f.rs"), "{error}");
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = all_edits().map(|edit| edit.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
