//! What a node can do, as its account states it.

/// Bytes of [`Capabilities`] in an account.
pub const CAPABILITIES_BYTES: usize = 8;

/// Something that only some nodes can do. Its number is its bit in the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Capability {
    /// Runs commands in a sandbox.
    Commands = 1,
    /// Gives commands the network.
    Network = 1 << 1,
    /// Runs containers.
    Containers = 1 << 2,
    /// Gives containers its GPUs.
    ContainerGpus = 1 << 3,
}

/// What a node can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// One bit for each [`Capability`]. Other bits belong to later versions and are kept.
    pub flags: u32,
    /// The memory that the commands of all jobs together may use, in MiB.
    pub memory_mib: u32,
}

impl Capability {
    /// All capabilities.
    pub const ALL: [Self; 4] =
        [Self::Commands, Self::Network, Self::Containers, Self::ContainerGpus];
}

impl Capabilities {
    /// A node with this much memory, in MiB, that can do nothing yet.
    pub const fn new(memory_mib: u32) -> Self {
        Self { flags: 0, memory_mib }
    }

    /// Adds a capability if `is_present`.
    #[must_use]
    pub const fn with_capability(self, capability: Capability, is_present: bool) -> Self {
        let bit = if is_present { capability as u32 } else { 0 };
        Self { flags: self.flags | bit, ..self }
    }

    /// Whether the node can do this.
    pub const fn has_capability(&self, capability: Capability) -> bool {
        self.flags & capability as u32 != 0
    }

    /// Whether the node has reported its capabilities. An account without a report reads zeros, and
    /// every machine has memory.
    pub const fn is_reported(&self) -> bool {
        self.memory_mib != 0
    }

    /// The bytes in an account: the flags, then the memory, little-endian.
    pub fn to_bytes(&self) -> [u8; CAPABILITIES_BYTES] {
        let bits = u64::from(self.flags) | u64::from(self.memory_mib) << u32::BITS;
        bits.to_le_bytes()
    }

    /// Reads the bytes of an account.
    pub const fn from_bytes(bytes: [u8; CAPABILITIES_BYTES]) -> Self {
        let [a, b, c, d, e, f, g, h] = bytes;
        Self {
            flags: u32::from_le_bytes([a, b, c, d]),
            memory_mib: u32::from_le_bytes([e, f, g, h]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(capabilities: &[Capability], memory_mib: u32) -> Capabilities {
        let add =
            |node: Capabilities, capability: &Capability| node.with_capability(*capability, true);
        capabilities.iter().fold(Capabilities::new(memory_mib), add)
    }

    #[test]
    fn the_bytes_are_fixed() {
        let reported = node(&[Capability::Commands, Capability::ContainerGpus], 0x0102_0304);
        assert_eq!(reported.to_bytes(), [0b1001, 0, 0, 0, 4, 3, 2, 1]);

        // Bits of later versions survive.
        let later = [0b1001, 0, 0, 0x80, 4, 3, 2, 1];
        assert_eq!(Capabilities::from_bytes(later).to_bytes(), later);

        assert!(reported.is_reported() && !Capabilities::from_bytes([0; 8]).is_reported());
    }

    #[test]
    fn every_capability_has_a_bit_of_its_own() {
        for capability in Capability::ALL {
            let only = node(&[capability], 1);
            let has: Vec<_> =
                Capability::ALL.into_iter().filter(|other| only.has_capability(*other)).collect();
            assert_eq!(has, [capability]);
            assert!(
                !Capabilities::new(1).with_capability(capability, false).has_capability(capability)
            );
        }
    }
}
