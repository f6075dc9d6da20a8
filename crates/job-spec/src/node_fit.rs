//! What a definition requires and nodes lack.

use std::fmt;

use crate::{Capabilities, Capability, Requirements};

/// Something that a definition requires and a node does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The node cannot do this.
    Capability(Capability),
    /// The node has too little memory.
    Memory {
        /// What a command of the definition may use, or a container needs, in MiB.
        required_mib: u64,
        /// What the node has, in MiB.
        available_mib: u32,
    },
    /// The node's GPUs have too little memory.
    Vram {
        /// What a container needs, in MiB.
        required_mib: u64,
        /// What the node's smallest GPU has, in MiB.
        available_mib: u32,
    },
}

/// What a node's account says about its machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeCapacity {
    /// What it can do.
    pub capabilities: Capabilities,
    /// The memory of its smallest GPU, in MiB.
    pub vram_mib: u32,
}

/// How many of some nodes can run a definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeFit {
    /// The number of nodes.
    pub nodes: usize,
    /// The number of nodes that can run it.
    pub able_nodes: usize,
    /// What the node lacks that lacks the least; empty if a node can run it, or there is none.
    pub missing: Vec<Missing>,
}

impl NodeFit {
    /// Explains that no node can run the definition; `None` if one can, or there is none.
    pub fn describe_problem(&self) -> Option<String> {
        if self.nodes == 0 || self.able_nodes > 0 {
            return None;
        }

        let missing: Vec<_> = self.missing.iter().map(Missing::to_string).collect();
        let missing = missing.join(", ");
        Some(match self.nodes {
            1 => format!("the market's only node cannot run this job; it lacks {missing}"),
            nodes => format!(
                "none of the market's {nodes} nodes can run this job; the nearest lacks {missing}"
            ),
        })
    }
}

/// Returns what the definition requires and the node lacks; empty if the node can run it.
pub fn missing_capabilities(required: &Requirements, node: &NodeCapacity) -> Vec<Missing> {
    let NodeCapacity { capabilities: node, vram_mib } = node;
    let lacks = |capability: &Capability| {
        requires_capability(required, *capability) && !node.has_capability(*capability)
    };
    let mut missing: Vec<Missing> =
        Capability::ALL.into_iter().filter(lacks).map(Missing::Capability).collect();

    if required.memory_mib > node.memory_mib.into() {
        missing.push(Missing::Memory {
            required_mib: required.memory_mib,
            available_mib: node.memory_mib,
        });
    }
    if required.vram_mib > (*vram_mib).into() {
        missing.push(Missing::Vram { required_mib: required.vram_mib, available_mib: *vram_mib });
    }
    missing
}

const fn requires_capability(required: &Requirements, capability: Capability) -> bool {
    match capability {
        Capability::Commands => required.needs_commands,
        Capability::Network => required.needs_network,
        Capability::Containers => required.needs_containers,
        Capability::ContainerGpus => required.needs_container_gpus,
    }
}

/// Compares a definition with nodes. Pass only nodes that have reported their capabilities.
pub fn compare_nodes(
    required: &Requirements,
    nodes: impl IntoIterator<Item = NodeCapacity>,
) -> NodeFit {
    let lists: Vec<_> =
        nodes.into_iter().map(|node| missing_capabilities(required, &node)).collect();

    NodeFit {
        nodes: lists.len(),
        able_nodes: lists.iter().filter(|missing| missing.is_empty()).count(),
        missing: lists.into_iter().min_by_key(Vec::len).unwrap_or_default(),
    }
}

/// Continues "the node lacks".
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capability(Capability::Commands) => f.write_str("a sandbox for commands"),
            Self::Capability(Capability::Network) => f.write_str("network access for commands"),
            Self::Capability(Capability::Containers) => f.write_str("a container engine"),
            Self::Capability(Capability::ContainerGpus) => f.write_str("a GPU for containers"),
            Self::Memory { required_mib, available_mib } => {
                write!(f, "memory: {required_mib} MiB are required, it has {available_mib} MiB")
            }
            Self::Vram { required_mib, available_mib } => {
                write!(f, "GPU memory: {required_mib} MiB are required, it has {available_mib} MiB")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(capabilities: &[Capability], memory_mib: u32) -> NodeCapacity {
        let add =
            |node: Capabilities, capability: &Capability| node.with_capability(*capability, true);
        let capabilities = capabilities.iter().fold(Capabilities::new(memory_mib), add);
        NodeCapacity { capabilities, vram_mib: 100 }
    }

    #[test]
    fn each_requirement_is_compared() {
        let required = Requirements {
            needs_commands: true,
            needs_network: true,
            needs_containers: true,
            needs_container_gpus: true,
            memory_mib: 64,
            vram_mib: 100,
        };
        assert_eq!(missing_capabilities(&required, &node(&Capability::ALL, 64)), []);

        for capability in Capability::ALL {
            let others: Vec<_> =
                Capability::ALL.into_iter().filter(|other| *other != capability).collect();
            let missing = missing_capabilities(&required, &node(&others, 64));
            assert_eq!(missing, [Missing::Capability(capability)]);
        }

        let missing = missing_capabilities(&required, &node(&Capability::ALL, 63));
        assert_eq!(missing, [Missing::Memory { required_mib: 64, available_mib: 63 }]);
        let texts: Vec<_> = missing.iter().map(Missing::to_string).collect();
        assert_eq!(texts, ["memory: 64 MiB are required, it has 63 MiB"]);
        assert_eq!(missing_capabilities(&Requirements::default(), &node(&[], 1)), []);

        let small = NodeCapacity { vram_mib: 99, ..node(&Capability::ALL, 64) };
        let missing = missing_capabilities(&required, &small);
        assert_eq!(missing, [Missing::Vram { required_mib: 100, available_mib: 99 }]);
        let text = missing[0].to_string();
        assert_eq!(text, "GPU memory: 100 MiB are required, it has 99 MiB");
    }

    #[test]
    fn the_nearest_node_explains_why_none_can() {
        let required =
            Requirements { needs_commands: true, needs_network: true, ..Requirements::default() };
        let [none, some, all] =
            [&[][..], &[Capability::Commands], &Capability::ALL].map(|has| node(has, 64));

        let fit = compare_nodes(&required, [none, some]);
        let missing = vec![Missing::Capability(Capability::Network)];
        assert_eq!(fit, NodeFit { nodes: 2, able_nodes: 0, missing });

        let fit = compare_nodes(&required, [none, all, some]);
        assert_eq!(fit, NodeFit { nodes: 3, able_nodes: 1, missing: Vec::new() });
        assert_eq!(compare_nodes(&required, []), NodeFit::default());
    }

    #[test]
    fn a_problem_is_explained_only_if_no_node_can() {
        let missing = [Capability::Containers, Capability::ContainerGpus];
        let missing = missing.map(Missing::Capability).to_vec();
        let fit = NodeFit { nodes: 2, able_nodes: 0, missing };
        let expected = "none of the market's 2 nodes can run this job; \
                        the nearest lacks a container engine, a GPU for containers";
        assert_eq!(fit.describe_problem().as_deref(), Some(expected));
        assert!(
            NodeFit { nodes: 1, ..fit.clone() }.describe_problem().unwrap().contains("only node")
        );

        assert_eq!(NodeFit { able_nodes: 1, ..fit }.describe_problem(), None);
        assert_eq!(NodeFit::default().describe_problem(), None);
    }
}
