//! The list of a job's ports.
//!
//! For each port: the port (2 bytes), flags (1: 1 for ready, 2 for public), the length of its name
//! (1), and its name.

use super::PortStatus;
use crate::wire::{Decoder, WireError};

const READY: u8 = 1;
const PUBLIC: u8 = 2;
/// The most ports of a list.
const MAX_PORTS: usize = 512;
/// The longest list, in bytes.
pub(super) const MAX_LIST_BYTES: usize = 64 * 1024;

pub(super) fn encode_ports(ports: &[PortStatus]) -> Vec<u8> {
    let mut bytes = Vec::new();

    for PortStatus { port, is_ready, is_public, name } in ports.iter().take(MAX_PORTS) {
        // A name is cut at a character.
        let mut length = name.len().min(u8::MAX.into());
        while !name.is_char_boundary(length) {
            length -= 1;
        }
        if bytes.len() + 4 + length > MAX_LIST_BYTES {
            break;
        }
        bytes.extend_from_slice(&port.to_le_bytes());
        let ready_flag = if *is_ready { READY } else { 0 };
        let public_flag = if *is_public { PUBLIC } else { 0 };
        bytes.push(ready_flag | public_flag);
        bytes.push(u8::try_from(length).unwrap_or_default());
        bytes.extend(name.bytes().take(length));
    }
    bytes
}

/// Reads a list; of names only printable characters are left.
pub(super) fn decode_ports(bytes: &[u8]) -> Result<Vec<PortStatus>, WireError> {
    let mut decoder = Decoder::new("list of ports", bytes);
    let mut ports = Vec::new();

    while !decoder.is_empty() {
        let port = decoder.u16()?;
        let flags = decoder.byte()?;
        if flags & !(READY | PUBLIC) != 0 {
            return Err(decoder.invalid("it has an unknown flag"));
        }
        let (is_ready, is_public) = (flags & READY != 0, flags & PUBLIC != 0);
        let length = usize::from(decoder.byte()?);
        let name = String::from_utf8_lossy(decoder.bytes(length)?);

        let name = name.chars().filter(|c| !c.is_control()).collect();
        ports.push(PortStatus { port, is_ready, is_public, name });
        if ports.len() > MAX_PORTS {
            return Err(decoder.invalid("it has too many ports"));
        }
    }
    Ok(ports)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(port: u16, is_ready: bool, name: &str) -> PortStatus {
        PortStatus { port, is_ready, is_public: port > 100, name: name.to_owned() }
    }

    #[test]
    fn lists_are_encoded_and_decoded() {
        for ports in [vec![], vec![status(80, true, ""), status(65_535, false, "w\u{e9}b")]] {
            let bytes = encode_ports(&ports);
            assert_eq!(decode_ports(&bytes).unwrap(), ports);
        }

        let bytes = encode_ports(&[status(80, true, "web")]);
        for length in 1..bytes.len() {
            assert!(decode_ports(&bytes[..length]).is_err(), "{length}");
        }
        assert!(decode_ports(&[80, 0, 4, 0]).is_err(), "an unknown flag");
    }

    #[test]
    fn long_lists_and_names_are_bounded() {
        let long = [status(1, true, &"\u{e9}".repeat(200))];
        let read = decode_ports(&encode_ports(&long)).unwrap();
        assert_eq!(read, [status(1, true, &"\u{e9}".repeat(127))]);

        let many = vec![status(1, true, &"n".repeat(255)); 10_000];
        let bytes = encode_ports(&many);
        assert!(bytes.len() <= MAX_LIST_BYTES && decode_ports(&bytes).unwrap().len() > 200);
        assert!(decode_ports(&[1, 0, 1, 0].repeat(10_000)).is_err());

        let shown = decode_ports(&encode_ports(&[status(1, true, "a\u{1b}[2Jb")])).unwrap();
        assert_eq!(shown[0].name, "a[2Jb");
    }
}
