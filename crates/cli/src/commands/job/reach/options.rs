//! Options of the commands that reach a job's node.

use std::path::PathBuf;

use clap::Args;
use nosana_net::{access::Grant, transport::NodeAddress};

/// Whose credential is used, and where the node is.
#[derive(Debug, Default, Args)]
pub struct ReachOptions {
    /// Grant of the job's client, as `nosana job share` prints it; defaults to a signature of your
    /// wallet
    #[arg(long, value_name = "GRANT")]
    pub ticket: Option<Grant>,
    /// Folder with the key of this command's endpoint, created if it is missing: a grant for one
    /// endpoint can be used with its key only; defaults to a new key each time
    #[arg(long, value_name = "DIR")]
    pub identity: Option<PathBuf>,
    /// Address of the node, if its account has none: endpoint id, relay and socket addresses,
    /// separated by commas
    #[arg(long, value_name = "ADDRESS")]
    pub node: Option<NodeAddress>,
}
