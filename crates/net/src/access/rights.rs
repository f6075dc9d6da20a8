//! What a grant allows.

use std::fmt;

use super::{AccessError, GrantError};
use crate::wire::{Decoder, WireError};

/// The most ports that a grant names.
pub const MAX_GRANTED_PORTS: usize = 16;

const LOGS: u8 = 1;
const ALL_PORTS: u8 = 2;

/// The ports that a grant allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortRights {
    /// All that the job exposes.
    All,
    /// These, in order; none if empty.
    Only(Vec<u16>),
}

/// What a grant allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    logs: bool,
    ports: PortRights,
}

impl Rights {
    /// Rights to the logs, and to ports.
    ///
    /// # Errors
    /// If they allow nothing, or name too many ports or port 0.
    pub fn new(logs: bool, ports: PortRights) -> Result<Self, GrantError> {
        let invalid = GrantError::Rights { limit: MAX_GRANTED_PORTS };

        let ports = match ports {
            PortRights::All => PortRights::All,
            PortRights::Only(mut ports) => {
                ports.sort_unstable();
                ports.dedup();
                let is_empty = ports.is_empty() && !logs;

                if is_empty || ports.len() > MAX_GRANTED_PORTS || ports.first() == Some(&0) {
                    return Err(invalid);
                }
                PortRights::Only(ports)
            }
        };
        Ok(Self { logs, ports })
    }

    /// Everything: what a job's client and payer have.
    pub const fn all() -> Self {
        Self { logs: true, ports: PortRights::All }
    }

    /// These ports alone: what a visitor has. May be none.
    pub fn only_ports(ports: impl IntoIterator<Item = u16>) -> Self {
        let mut ports: Vec<u16> = ports.into_iter().collect();
        ports.sort_unstable();
        Self { logs: false, ports: PortRights::Only(ports) }
    }

    /// Checks that the logs may be read.
    ///
    /// # Errors
    /// If they may not.
    pub fn check_logs(&self) -> Result<(), AccessError> {
        if self.logs { Ok(()) } else { Err(AccessError::MissingRight("the logs".into())) }
    }

    /// Checks that this port may be used.
    ///
    /// # Errors
    /// If it may not.
    pub fn check_port(&self, port: u16) -> Result<(), AccessError> {
        let is_allowed = match &self.ports {
            PortRights::All => true,
            PortRights::Only(ports) => ports.binary_search(&port).is_ok(),
        };

        if is_allowed { Ok(()) } else { Err(AccessError::MissingRight(format!("port {port}"))) }
    }

    /// Appends flags (1 byte), the number of ports (1), and each port (2).
    pub(super) fn encode_into(&self, bytes: &mut Vec<u8>) {
        let (ports_flag, ports) = match &self.ports {
            PortRights::All => (ALL_PORTS, &[][..]),
            PortRights::Only(ports) => (0, ports.as_slice()),
        };
        let logs_flag = if self.logs { LOGS } else { 0 };

        bytes.push(logs_flag | ports_flag);
        bytes.push(u8::try_from(ports.len()).unwrap_or(u8::MAX));
        ports.iter().for_each(|port| bytes.extend_from_slice(&port.to_le_bytes()));
    }

    pub(super) fn decode_from(decoder: &mut Decoder<'_>) -> Result<Self, WireError> {
        let flags = decoder.byte()?;
        let count = decoder.byte()?;
        let listed: Result<Vec<_>, _> = (0..count).map(|_| decoder.u16()).collect();
        let listed = listed?;

        let ports = match (flags & ALL_PORTS != 0, listed.is_empty()) {
            (true, true) => PortRights::All,
            (true, false) => return Err(decoder.invalid("it lists ports and allows all")),
            (false, _) => PortRights::Only(listed.clone()),
        };
        let rights = Self::new(flags & LOGS != 0, ports)
            .map_err(|_| decoder.invalid("its rights are not valid"))?;

        let is_sorted = matches!(&rights.ports, PortRights::Only(ports) if *ports != listed);
        if is_sorted || flags & !(LOGS | ALL_PORTS) != 0 {
            return Err(decoder.invalid("its rights are not in the documented form"));
        }
        Ok(rights)
    }
}

/// As in the text that the wallet signs: `logs, ports 80 8080`.
impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let logs = if self.logs { "logs, " } else { "no logs, " };
        f.write_str(logs)?;

        match &self.ports {
            PortRights::All => f.write_str("all ports"),
            PortRights::Only(ports) if ports.is_empty() => f.write_str("no ports"),
            PortRights::Only(ports) => {
                f.write_str("ports")?;
                ports.iter().try_for_each(|port| write!(f, " {port}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_allow_what_they_name_and_nothing_else() {
        let rights = Rights::new(false, PortRights::Only(vec![8080, 80, 80])).unwrap();
        assert_eq!(rights.to_string(), "no logs, ports 80 8080");
        assert!(rights.check_logs().is_err());
        assert!(rights.check_port(80).is_ok());
        assert!(rights.check_port(81).is_err());

        let logs = Rights::new(true, PortRights::Only(vec![])).unwrap();
        assert_eq!(logs.to_string(), "logs, no ports");
        assert!(logs.check_logs().is_ok());
        assert!(logs.check_port(80).is_err());
        assert!(Rights::all().check_port(1).is_ok());
    }

    #[test]
    fn rights_to_nothing_or_to_too_much_are_refused() {
        assert!(Rights::new(false, PortRights::Only(vec![])).is_err());
        assert!(Rights::new(true, PortRights::Only(vec![0])).is_err());
        assert!(Rights::new(true, PortRights::Only((1..=17).collect())).is_err());
        assert!(Rights::new(true, PortRights::Only((1..=16).collect())).is_ok());
    }

    #[test]
    fn rights_have_one_encoding() {
        for rights in [
            Rights::all(),
            Rights::new(false, PortRights::All).unwrap(),
            Rights::new(true, PortRights::Only(vec![80, 8080])).unwrap(),
        ] {
            let mut bytes = Vec::new();
            rights.encode_into(&mut bytes);
            let read = Rights::decode_from(&mut Decoder::new("test", &bytes)).unwrap();
            assert_eq!(read, rights);
        }

        let hostile: [&[u8]; 6] =
            [&[4, 0], &[3, 1, 80, 0], &[0, 0], &[1, 2, 2, 0, 1, 0], &[1, 1, 0, 0], &[1, 9, 1, 0]];
        for bytes in hostile {
            assert!(Rights::decode_from(&mut Decoder::new("test", bytes)).is_err(), "{bytes:?}");
        }
    }
}
