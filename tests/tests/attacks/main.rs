//! Attempts to take the money of others, or to keep it from them.
//!
//! The eleven classes of the public sealevel-attacks collection, and where each is attempted here:
//!
//! | class | attempt |
//! | --- | --- |
//! | signer authorization | `classes::no_signature_can_be_left_out`: every signature |
//! | account data matching | `substitution`: every account replaced by every other |
//! | owner checks | `forgery::a_copy_that_another_program_owns_is_refused_everywhere` |
//! | type cosplay | `substitution`: accounts of every type, of all programs, in every place |
//! | initialization | `initialize`, `prefunded`, `revival` |
//! | arbitrary CPI | `substitution`: programs among the accounts; `forgery` |
//! | duplicate mutable accounts | `classes::one_account_in_two_places`: all writable pairs |
//! | bump seed canonicalization | `classes::a_bump_of_ones_own_makes_no_account` |
//! | PDA sharing | `classes::one_markets_signature_opens_no_other_vault`, `collateral` |
//! | closing accounts | `revival` |
//! | sysvar address checking | `classes::no_instruction_takes_a_sysvar_from_its_sender` |

mod classes;
mod collateral;
mod disputed;
mod disputes;
mod donations;
mod fairness;
mod fixture;
mod forgery;
mod goodwill;
mod idle_collateral;
mod initialize;
mod prefunded;
mod random_disputes;
mod refusing_staking;
mod revival;
mod stopped_market;
mod substitution;
mod surroundings;
mod unsettled;
mod valid;

type World = nosana_tests::World<nosana_tests::Lite>;
