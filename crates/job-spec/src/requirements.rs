//! What a definition requires of a node beyond what every node has.

use crate::{CommandLimits, JobDefinition, Operation};

/// Bytes of a MiB, as a power of two.
const MIB_SHIFT: u32 = 20;

/// What a definition requires of a node. Every node has a GPU and the models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// An operation runs commands.
    pub needs_commands: bool,
    /// A command uses the network.
    pub needs_network: bool,
    /// An operation runs a container.
    pub needs_containers: bool,
    /// A container uses the node's GPUs.
    pub needs_container_gpus: bool,
    /// The most memory that any command may use or any container needs, in MiB. The container engine
    /// bounds containers, so nodes reserve nothing for them.
    pub memory_mib: u64,
    /// The most GPU memory that any container needs, in MiB.
    pub vram_mib: u64,
}

impl Requirements {
    /// Returns what the definition requires.
    pub fn from_definition(definition: &JobDefinition) -> Self {
        let mut required = Self::default();
        definition.ops.iter().for_each(|operation| required.add_operation(operation));
        required
    }

    fn add_operation(&mut self, operation: &Operation) {
        match operation {
            Operation::InferenceRun { .. } | Operation::InferenceServe { .. } => {}
            Operation::CommandRun { args, .. } => {
                self.needs_commands = true;
                self.needs_network |= args.network;
            }
            Operation::ContainerRun { args, .. } => {
                self.needs_containers = true;
                self.needs_container_gpus |= args.gpu;
                self.memory_mib = self.memory_mib.max(args.needs.memory_mib.unwrap_or(0));
                self.vram_mib = self.vram_mib.max(args.needs.vram_mib.unwrap_or(0));
            }
        }

        let memory_bytes = operation.sandbox_limits().map_or(0, CommandLimits::memory_bytes);
        self.memory_mib = self.memory_mib.max(memory_bytes >> MIB_SHIFT);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn required(ops: Value) -> Requirements {
        let definition = json!({ "version": "nosana/1", "ops": ops });
        Requirements::from_definition(&serde_json::from_value(definition).unwrap())
    }

    fn command(network: bool, limits: Value) -> Value {
        let steps = json!([{ "name": "one", "run": "true" }]);
        let args = json!({ "steps": steps, "network": network, "limits": limits });
        json!({ "id": "run", "type": "command/run", "args": args })
    }

    fn container(gpu: bool) -> Value {
        let args = json!({ "image": "debian", "gpu": gpu, "limits": { "memory_mib": 9_000 } });
        json!({ "id": "box", "type": "container/run", "args": args })
    }

    #[test]
    fn commands_require_a_sandbox_and_their_memory() {
        let plain = required(json!([command(false, json!({}))]));
        let expected =
            Requirements { needs_commands: true, memory_mib: 2_048, ..Requirements::default() };
        assert_eq!(plain, expected, "the default limit of memory counts");

        let limits = json!({ "memory_mib": 1_000_000 });
        let several = required(json!([command(false, limits), command(true, json!({}))]));
        let expected = Requirements {
            needs_commands: true,
            needs_network: true,
            memory_mib: 1_000_000,
            ..Requirements::default()
        };
        assert_eq!(several, expected);
    }

    #[test]
    fn containers_require_an_engine_and_reserve_no_memory() {
        let plain = required(json!([container(false)]));
        let expected = Requirements { needs_containers: true, ..Requirements::default() };
        assert_eq!(plain, expected);
        let with_gpu = required(json!([container(false), container(true)]));
        assert_eq!(with_gpu, Requirements { needs_container_gpus: true, ..expected });
    }

    #[test]
    fn the_needs_of_containers_count() {
        let with_needs = |needs: Value| {
            let mut container = container(true);
            container["args"]["needs"] = needs;
            container
        };
        let small = with_needs(json!({ "vram_mib": 8_000 }));
        let large = with_needs(json!({ "vram_mib": 24_000, "memory_mib": 64_000 }));
        let required = required(json!([small, large]));
        assert_eq!((required.vram_mib, required.memory_mib), (24_000, 64_000));
    }

    #[test]
    fn inference_requires_what_every_node_has() {
        let model = format!("sha256:{}", "0".repeat(64));
        let args = json!({ "model": model, "task": "embedding", "inputs": ["a"] });
        let ops = json!([{ "id": "embed", "type": "inference/run", "args": args }]);
        assert_eq!(required(ops), Requirements::default());
    }
}
