//! What somebody might try to get at other people's money, or to keep them from theirs.

mod collateral;
mod donations;
mod forgery;
mod initialize;
mod prefunded;
mod revival;
mod stage;
mod substitution;

type World = nosana_tests::World<nosana_tests::Lite>;
