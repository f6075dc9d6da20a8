//! Every instruction of the three programs: what it does, that each of its checks refuses, and that
//! a refused transaction changes nothing.
//!
//! A folder for each program has one file for each instruction. `tables!` lists the tables of a
//! folder: functions that try what an instruction refuses, in a world that they return. Each is a
//! test. [`completeness`] runs all of them and checks that they provoke every error of every
//! program and that they include every instruction of the catalogue.
//!
//! | module | content |
//! | --- | --- |
//! | [`jobs`], [`staking`], [`rewards`] | one file for each instruction |
//! | [`rules`] | rules that several instructions share |
//! | [`completeness`] | the catalogue, the IDLs and the tables compared |
//! | [`helpers`], [`policy`] | shared steps |

/// Declares the tables of a folder: a test for each, and `run_tables`, which runs them all and
/// returns what they refused.
macro_rules! tables {
    ($($module:ident: [$($table:ident),* $(,)?],)*) => {
        mod tables {
            $(mod $module {
                $(#[tokio::test]
                async fn $table() {
                    super::super::$module::$table().await;
                })*
            })*
        }

        pub async fn run_tables() -> Vec<crate::Refused> {
            let mut refused = Vec::new();
            $($(refused.extend($module::$table().await.refusals());)*)*
            refused
        }
    };
}

mod completeness;
mod helpers;
mod jobs;
mod policy;
mod rewards;
mod rules;
mod staking;

type World = nosana_tests::World<nosana_tests::Lite>;

/// An instruction of the catalogue, if it is one, and why it was refused.
type Refused = (Option<&'static nosana_tests::catalogue::Entry>, nosana_tests::Refusal);
