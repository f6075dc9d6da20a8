//! Which devices of a list to use. Vulkan on the CPU never is among them: it is slower than the CPU
//! itself.

use crate::{Device, DeviceKind};

/// The discrete graphics processor with the most memory; else an integrated one; else the CPU. Of
/// equal ones the first.
pub(crate) fn choose_best(all: Vec<Device>) -> Option<Device> {
    let usable = all.into_iter().filter(|device| device.info().kind != DeviceKind::Software);

    // `max_by_key` returns the last of equal ones.
    usable.rev().max_by_key(|device| (rank_kind(device.info().kind), device.memory().total))
}

const fn rank_kind(kind: DeviceKind) -> u8 {
    match kind {
        DeviceKind::Discrete => 3,
        DeviceKind::Integrated => 2,
        DeviceKind::Cpu => 1,
        DeviceKind::Software => 0,
    }
}

/// The graphics processors; if there is none, the CPU.
pub(crate) fn choose_usable(all: Vec<Device>) -> Vec<Device> {
    let is_gpu = |device: &Device| {
        matches!(device.info().kind, DeviceKind::Discrete | DeviceKind::Integrated)
    };

    if all.iter().any(is_gpu) {
        return all.into_iter().filter(is_gpu).collect();
    }
    all.into_iter().filter(|device| device.info().kind == DeviceKind::Cpu).collect()
}

#[cfg(test)]
mod tests {
    use llama_cpp_2::{LlamaBackendDevice, LlamaBackendDeviceType as Type};

    use super::*;

    /// What llama.cpp lists: a device's name, its type and its GiB of memory.
    type Listed = (&'static str, Type, usize);

    const CARD: Listed = ("card", Type::Gpu, 8);
    const LARGE_CARD: Listed = ("large card", Type::Gpu, 24);
    const EQUAL_CARD: Listed = ("equal card", Type::Gpu, 24);
    const CHIP: Listed = ("chip", Type::IntegratedGpu, 64);
    const SOFTWARE: Listed = ("llvmpipe (LLVM 15)", Type::Gpu, 512);
    const CPU: Listed = ("processor", Type::Cpu, 256);
    const LIBRARY: Listed = ("matrix products", Type::Accelerator, 999);

    fn list_devices(listed: &[Listed]) -> Vec<Device> {
        let device = |(index, &(name, device_type, gib)): (usize, &Listed)| {
            Device::from_listed(&LlamaBackendDevice {
                index,
                name: String::new(),
                description: name.to_owned(),
                backend: String::new(),
                memory_total: gib << 30,
                memory_free: 0,
                device_type,
            })
        };
        listed.iter().enumerate().filter_map(device).collect()
    }

    #[test]
    fn the_best_device_is_a_card_with_much_memory_and_never_software() {
        let best = |listed: &[Listed]| {
            choose_best(list_devices(listed)).map(|device| device.info().name.clone())
        };

        let cases: [(&[Listed], Listed); 6] = [
            (&[SOFTWARE, CHIP, CARD, LARGE_CARD, EQUAL_CARD, LIBRARY, CPU], LARGE_CARD),
            (&[LARGE_CARD, CARD, CPU], LARGE_CARD),
            (&[SOFTWARE, CHIP, CARD, CPU], CARD),
            (&[SOFTWARE, CHIP, CPU], CHIP),
            (&[SOFTWARE, LIBRARY, CPU], CPU),
            (&[CPU], CPU),
        ];
        for (listed, expected) in cases {
            assert_eq!(best(listed).as_deref(), Some(expected.0), "{listed:?}");
        }
        assert_eq!(best(&[SOFTWARE]), None);
        assert_eq!(best(&[LIBRARY]), None);
    }

    #[test]
    fn all_graphics_processors_are_used_or_the_cpu() {
        let usable = |listed: &[Listed]| -> Vec<String> {
            let devices = choose_usable(list_devices(listed));
            devices.into_iter().map(|device| device.info().name.clone()).collect()
        };

        assert_eq!(usable(&[CARD, SOFTWARE, CHIP, LIBRARY, CPU]), [CARD.0, CHIP.0]);
        assert_eq!(usable(&[SOFTWARE, LIBRARY, CPU]), [CPU.0]);
        assert!(usable(&[SOFTWARE]).is_empty());
    }
}
