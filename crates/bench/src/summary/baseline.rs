//! What was measured when the baseline was written: `bench/baseline.json`, which is committed.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// The figure of the floor of an instruction: compute units of a program that does little else. It
/// is a scale for the instruction: that it changes is neither better nor worse.
pub const FLOOR: &str = "floor";
/// What the compute units and the block units of a whole job are called.
pub const JOB_LABEL: &str = "a whole job";

/// Figures by what was measured, such as `jobs.list`, then by their names.
pub type Labeled<T> = BTreeMap<String, BTreeMap<String, T>>;
/// Figures that are the same in every run: compute units, bytes, lamports of rent.
pub type Figures = Labeled<u64>;
/// Figures of a machine: seconds, or a number in a second.
pub type Timings = Labeled<f64>;

/// The baseline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// The compiler that built the programs.
    pub compiler: String,
    /// What every instruction costs, and the sizes of the programs: `cargo xtask bench costs`.
    pub figures: Figures,
    /// What a leader charges for the transactions of a whole job: `cargo xtask bench throughput`.
    #[serde(default, skip_serializing_if = "Figures::is_empty")]
    pub blocks: Figures,
    /// The machine of the timings.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub machine: String,
    /// The timings of each benchmark.
    #[serde(default, skip_serializing_if = "Timings::is_empty")]
    pub timings: Timings,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// If the file cannot be read, or is not a baseline.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the baseline {}", path.display()))?;

        serde_json::from_str(&text)
            .with_context(|| format!("{} is not a valid baseline", path.display()))
    }

    /// Replaces the tables that were measured: those that are not empty. `compiler` built the
    /// programs.
    ///
    /// # Errors
    /// If a table that stays has figures of another compiler.
    pub fn replace_tables(
        &mut self,
        compiler: &str,
        figures: &Figures,
        blocks: &Figures,
    ) -> Result<()> {
        let tables = [(&mut self.figures, figures), (&mut self.blocks, blocks)];
        let has_kept =
            tables.iter().any(|(kept, measured)| !kept.is_empty() && measured.is_empty());
        ensure!(
            !has_kept || compiler == self.compiler,
            "the compiler `{compiler}` built the programs, and the baseline has figures of `{}`; \
             measure and write `costs` and `throughput` together",
            self.compiler
        );

        for (kept, measured) in tables {
            if !measured.is_empty() {
                kept.clone_from(measured);
            }
        }
        compiler.clone_into(&mut self.compiler);
        Ok(())
    }

    /// Writes the baseline.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).context("the baseline is not JSON")?;

        fs::write(path, text + "\n")
            .with_context(|| format!("cannot write the baseline {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_of_costs_alone_keeps_its_form() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline.json");
        let text = concat!(
            "{\n  \"compiler\": \"upstream\",\n  \"figures\": {\n",
            "    \"jobs.list\": {\n      \"units\": 5256\n    }\n  }\n}\n",
        );
        fs::write(&path, text).unwrap();

        let baseline = Baseline::read(&path).unwrap();
        assert_eq!(baseline.figures["jobs.list"]["units"], 5_256);
        baseline.write(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn tables_of_two_compilers_are_not_mixed() {
        let figures = |units: u64| -> Figures {
            [("jobs.list".to_owned(), [("units".to_owned(), units)].into())].into()
        };
        let none = Figures::new();
        let upstream = Baseline {
            compiler: "upstream".to_owned(),
            figures: figures(5),
            blocks: figures(7),
            ..Baseline::default()
        };

        let mut baseline = upstream.clone();
        assert!(baseline.replace_tables("other", &figures(6), &none).is_err());
        assert_eq!(baseline, upstream);

        baseline.replace_tables("upstream", &figures(6), &none).unwrap();
        assert_eq!((&baseline.figures, &baseline.blocks), (&figures(6), &figures(7)));
        baseline.replace_tables("other", &figures(8), &figures(9)).unwrap();
        assert_eq!((baseline.compiler.as_str(), baseline.blocks), ("other", figures(9)));

        let mut first = Baseline::default();
        first.replace_tables("other", &figures(6), &none).unwrap();
        assert_eq!(first.figures, figures(6));
    }

    #[test]
    fn errors_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baseline.json");
        let error = Baseline::read(&path).unwrap_err();
        assert!(format!("{error:#}").contains("baseline.json"), "{error:#}");

        fs::write(&path, "[1]").unwrap();
        let error = Baseline::read(&path).unwrap_err();
        assert!(format!("{error:#}").contains("is not a valid baseline"), "{error:#}");
    }
}
