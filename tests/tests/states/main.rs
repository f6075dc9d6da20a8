//! The three state machines in the real runtime: a job's, that of a node's slot, and a dispute's.
//!
//! Every instruction that acts on them is tried in every situation, sent by a wallet that may send
//! it. [`job_outcomes`], [`nodes`] and [`dispute_outcomes`] have the tables of the outcomes: the
//! next state, or the one error with which the program refuses. A call that is refused must leave
//! every account as it was; after one that succeeds, the accounts of the whole economy are audited.
//!
//! | module | content |
//! | --- | --- |
//! | [`job_calls`], [`job_outcomes`] | the calls that act on a job, and tables of their outcomes |
//! | [`jobs`] | a test for each situation of a job |
//! | [`nodes`] | the calls that act on a slot, the table of their outcomes, and the tests |
//! | [`dispute_calls`], [`dispute_outcomes`] | those that move a dispute on, and their tables |
//! | [`disputes`] | a test for each situation of a dispute |
//! | [`job_fixture`], [`node_fixture`], [`dispute_fixture`] | worlds in a given situation |
//! | [`signed`] | a call with its signers |
//! | [`rules`] | the tables against `nosana_protocol::job::State::next` and the catalogue |

/// Declares a test for each situation, and `SITUATIONS`, all of them.
macro_rules! situations {
    ($count:literal, $($name:ident: $situation:ident,)*) => {
        /// All of them.
        pub const SITUATIONS: [Situation; $count] = [$(Situation::$situation),*];

        $(#[tokio::test]
        async fn $name() {
            Situation::$situation.check_outcomes().await;
        })*
    };
}

mod dispute_calls;
mod dispute_fixture;
mod dispute_outcomes;
mod disputes;
mod job_calls;
mod job_fixture;
mod job_outcomes;
mod jobs;
mod node_fixture;
mod nodes;
mod rules;
mod signed;

type World = nosana_tests::World<nosana_tests::Lite>;
