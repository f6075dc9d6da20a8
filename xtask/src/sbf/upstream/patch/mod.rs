//! Edits that port Rust's std to Solana, a platform that upstream std does not support.
//!
//! The edits are data: file, text, change and reason. The text of each must occur exactly as often
//! as the edit expects, so a newer std that an edit does not match stops the build with the edit's
//! name.

mod int128;
mod memory;
mod panics;
mod platform;

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};

/// The change at each occurrence of an edit's text.
#[derive(Clone, Copy)]
pub enum Change {
    /// Inserts this text before it.
    Before(&'static str),
    /// Inserts this text after it.
    After(&'static str),
    /// Replaces it with this text.
    Instead(&'static str),
}

/// One edit of one file.
#[derive(Clone, Copy)]
pub struct Edit {
    /// Name of the edit in error messages.
    pub name: &'static str,
    /// Reason for the edit.
    pub why: &'static str,
    /// Path of the file, relative to the library's top folder.
    pub file: &'static str,
    /// The text to find.
    pub find: &'static str,
    /// Number of occurrences of that text in the file.
    pub times: usize,
    /// The change at each occurrence.
    pub change: Change,
}

impl Edit {
    /// Returns the edited text. Fails if the number of occurrences is not the expected one.
    fn apply_to(&self, text: &str) -> Result<String> {
        let found = text.matches(self.find).count();
        if found != self.times {
            bail!(
                "the edit of std `{}` ({}) expects its text {} times in {}, but found it {found} \
                 times: std has changed; compare that file and update the edit",
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

    /// Returns the parts of the edit that affect the toolchain's output.
    pub fn fingerprint(&self) -> [String; 4] {
        let (kind, new) = match self.change {
            Change::Before(new) => ("before", new),
            Change::After(new) => ("after", new),
            Change::Instead(new) => ("instead", new),
        };

        [self.file, self.find, kind, new].map(str::to_owned)
    }
}

/// Returns every edit, in order.
pub fn all_edits() -> impl Iterator<Item = &'static Edit> {
    [platform::EDITS, panics::EDITS, int128::EDITS, memory::EDITS].into_iter().flatten()
}

/// Applies every edit to a copy of the library.
pub fn apply_edits(library: &Path) -> Result<()> {
    for edit in all_edits() {
        let path = library.join(edit.file);
        let text = fs::read_to_string(&path).with_context(|| {
            format!("the edit of std `{}` ({}) cannot read {}", edit.name, edit.why, path.display())
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
            assert!(error.contains("`n`") && error.contains("f.rs"), "{error}");
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
