//! Options of a node's endpoint: where clients reach it, and what it keeps for others.

use std::net::SocketAddr;

use anyhow::{Result, anyhow};
use clap::Args;
use nosana_net::holding::HoldLimits;
use nosana_worker::NetworkConfig;

use crate::commands::{
    client_network::{default_reach, default_relays, default_sockets, is_local_url},
    connection::ConnectionOptions,
    size::ByteSize,
};

/// What to do about an address that clients do not dial, if it is meant.
const ANY_ADDRESS: &str =
    "`--any-address` announces it to clients that name the same relay, or the node's address";

/// The endpoint of a node.
#[derive(Debug, Args)]
pub struct NetworkOptions {
    /// Address at which this machine's port is reached from the Internet, such as
    /// 198.51.100.7:4433, which becomes public; at most two. Without one, clients connect through a
    /// relay
    #[arg(long = "public-address", value_name = "IP:PORT")]
    public_addresses: Vec<SocketAddr>,
    /// Announce also what clients on the Internet do not dial: a relay without HTTPS, and relays
    /// and addresses of private networks; clients then need the same --relay, or --node
    #[arg(long)]
    any_address: bool,
    /// UDP port of the node's endpoint; defaults to a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// Most content to keep for other clients' jobs in all, such as 10GB; 0 keeps none
    #[arg(long, value_name = "SIZE", default_value = "10GB")]
    hold: ByteSize,
    /// Most content to keep for one job
    #[arg(long, value_name = "SIZE", default_value = "256MiB")]
    hold_per_job: ByteSize,
}

impl NetworkOptions {
    /// The node's endpoint, on the network of `connection` and with its relays.
    ///
    /// # Errors
    /// If clients of that network do not dial what the node would announce.
    pub fn to_config(&self, connection: &ConnectionOptions) -> Result<NetworkConfig> {
        let is_local = is_local_url(&connection.find_url()?);
        let relays = connection.relays()?.unwrap_or_else(|| default_relays(is_local));
        let reach = default_reach(is_local);

        // On the chain it would look as if the node could be reached.
        if !self.any_address {
            let checked = reach.check_announced(&relays, &self.public_addresses);
            checked.map_err(|error| anyhow!("{error}; {ANY_ADDRESS}"))?;
        }

        let hold_limits =
            HoldLimits { bytes_per_job: self.hold_per_job.0, bytes_in_all: self.hold.0 };
        Ok(NetworkConfig {
            relays,
            sockets: default_sockets(is_local, self.port),
            public_addresses: self.public_addresses.clone(),
            reach,
            hold_limits,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use nosana_net::transport::Reach;

    use super::*;

    #[derive(Parser)]
    struct CommandLine {
        #[command(flatten)]
        network: NetworkOptions,
        #[command(flatten)]
        connection: ConnectionOptions,
    }

    fn read_config(cluster: &str, arguments: &[&str]) -> Result<NetworkConfig> {
        let line = ["run", "--url", cluster].into_iter().chain(arguments.iter().copied());
        let line = CommandLine::try_parse_from(line).unwrap();
        line.network.to_config(&line.connection)
    }

    #[test]
    fn what_clients_of_a_cluster_do_not_dial_is_not_announced_there() {
        for undialed in [
            &["--relay", "http://relay.example.com"][..],
            &["--relay", "https://10.0.0.1"],
            &["--relay", "none", "--public-address", "10.0.0.1:4433"],
            &["--relay", "public", "--public-address", "127.0.0.1:4433"],
        ] {
            let said = read_config("devnet", undialed).unwrap_err().to_string();
            assert!(said.contains("do not dial") && said.contains("--any-address"), "{said}");
            assert!(read_config("http://127.0.0.1:8899", undialed).is_ok(), "{undialed:?}");

            // The node itself dials no more than before.
            let meant = [undialed, &["--any-address"]].concat();
            assert_eq!(read_config("devnet", &meant).unwrap().reach, Reach::Internet);
        }
    }

    #[test]
    fn what_clients_of_a_cluster_dial_is_announced() {
        for dialed in [
            &["--relay", "https://relay.example.com"][..],
            &["--relay", "public"],
            &["--relay", "none", "--public-address", "8.8.8.8:4433"],
        ] {
            let config = read_config("devnet", dialed).unwrap();
            assert_eq!(config.reach, Reach::Internet);
        }
    }
}
