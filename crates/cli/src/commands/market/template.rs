//! `nosana market template`: terms to edit.

use anyhow::Result;
use nosana_localnet::default_terms;

use super::terms::terms_to_json;
use crate::commands::values::print_json;

/// Prints the default terms as JSON.
pub fn print_template() -> Result<()> {
    print_json(&terms_to_json(&default_terms())?)
}
