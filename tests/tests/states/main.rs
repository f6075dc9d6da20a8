//! The two state machines in the real runtime: a job's, and that of a node's slot. Every
//! instruction is tried in every situation, by whoever may send it. [`jobs`] and [`nodes`] are the
//! tables of what follows: the next state, or the one error with which the program refuses. A pair
//! that is refused must leave every account as it was; after one that goes through, the books of
//! the whole economy are audited.
//!
//! | module | what is in it |
//! | --- | --- |
//! | [`jobs`] | the table of jobs |
//! | [`job_stage`] | a world in which a job is in a given situation, and the instructions that meet it there |
//! | [`nodes`], [`node_stage`] | the same for the slots of nodes |
//! | [`rules`] | the tables against `nosana_protocol::job::State::next`, and their completeness |

mod job_stage;
mod jobs;
mod node_stage;
mod nodes;
mod rules;

type World = nosana_tests::World<nosana_tests::Lite>;
