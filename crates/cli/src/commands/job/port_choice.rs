//! Which port of this machine leads to which port of a job.

use std::str::FromStr;

use anyhow::{Context, Error, Result, ensure};
use nosana_net::job::PortStatus;

const FORMS: &str = "give a port like `8080`, or a local port and the job's like `9000:8080`";

/// A port of this machine, and the port of the job to which it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortChoice {
    /// The port of 127.0.0.1.
    pub local: u16,
    /// The port of the job.
    pub remote: u16,
}

impl FromStr for PortChoice {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (local, remote) = text.split_once(':').unwrap_or((text, text));
        let parse = |port: &str| port.parse::<u16>().ok().filter(|port| *port > 0);

        let local = parse(local).context(FORMS)?;
        let remote = parse(remote).context(FORMS)?;
        Ok(Self { local, remote })
    }
}

impl PortChoice {
    /// Returns the named ports, or all that the job exposes.
    ///
    /// # Errors
    /// If the job exposes none, or not the named ones.
    pub fn choose(named: &[Self], exposed: &[PortStatus]) -> Result<Vec<Self>> {
        let list: Vec<String> = exposed.iter().map(|status| status.port.to_string()).collect();
        ensure!(
            !exposed.is_empty(),
            "the job exposes no port that you may use; `expose` in its definition names ports"
        );

        for PortChoice { remote, .. } in named {
            ensure!(
                exposed.iter().any(|status| status.port == *remote),
                "the job does not expose port {remote}; it exposes {}",
                list.join(", ")
            );
        }
        if !named.is_empty() {
            return Ok(named.to_vec());
        }
        Ok(exposed.iter().map(|status| Self { local: status.port, remote: status.port }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(local: u16, remote: u16) -> PortChoice {
        PortChoice { local, remote }
    }

    #[test]
    fn a_port_is_named_with_and_without_another_local_one() {
        assert_eq!("8080".parse::<PortChoice>().unwrap(), choice(8080, 8080));
        assert_eq!("9000:80".parse::<PortChoice>().unwrap(), choice(9000, 80));
        for text in ["", "0", "80:", ":80", "1:2:3", "65536", "-1"] {
            let error = text.parse::<PortChoice>().unwrap_err().to_string();
            assert!(error.contains("9000:8080"), "{text}: {error}");
        }
    }

    #[test]
    fn named_ports_must_be_exposed() {
        let exposed = [80, 8080].map(|port| PortStatus {
            port,
            is_ready: false,
            is_public: false,
            name: String::new(),
        });
        let all = PortChoice::choose(&[], &exposed).unwrap();
        assert_eq!(all, [choice(80, 80), choice(8080, 8080)]);
        let one = PortChoice::choose(&[choice(9, 80)], &exposed).unwrap();
        assert_eq!(one, [choice(9, 80)]);

        let error = PortChoice::choose(&[choice(81, 81)], &exposed).unwrap_err().to_string();
        assert!(error.ends_with("it exposes 80, 8080"), "{error}");
        assert!(PortChoice::choose(&[], &[]).unwrap_err().to_string().contains("exposes no port"));
    }
}
