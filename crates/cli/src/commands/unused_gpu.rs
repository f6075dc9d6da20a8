//! A graphics card that this build of `nosana` does not use, and what to do about it.

use nosana_engine::{Device, DeviceKind, GpuVendor, find_gpu_vendor, gpu_backends};

/// Returns what to do if this machine has a GPU and models cannot use any. Blocks while the devices
/// are listed.
pub fn find_unused_gpu() -> Option<String> {
    let devices = Device::all().unwrap_or_default();
    let is_gpu = |device: &Device| match device.info().kind {
        DeviceKind::Discrete | DeviceKind::Integrated => true,
        DeviceKind::Software | DeviceKind::Cpu => false,
    };
    if devices.iter().any(is_gpu) {
        return None;
    }
    find_gpu_vendor().map(|vendor| advise_owner(vendor, &gpu_backends()))
}

fn advise_owner(vendor: GpuVendor, built: &[&str]) -> String {
    let backends: &[&str] = match vendor {
        GpuVendor::Nvidia => &["cuda", "vulkan"],
        GpuVendor::Amd | GpuVendor::Intel => &["vulkan"],
        GpuVendor::Apple => &["metal"],
    };
    let name = vendor.name();

    match built.iter().find(|backend| backends.contains(backend)) {
        None => format!(
            "this machine has a GPU of {name}, which this build does not use; in a checkout, \
             `cargo xtask gpu` builds one that does"
        ),
        Some(backend) => format!(
            "this machine has a GPU of {name}, and the backend `{backend}` finds none; install \
             its driver, and see what `nosana node gpus` lists"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_the_backend_names_the_command() {
        let builds: [(GpuVendor, &[&str]); 4] = [
            (GpuVendor::Nvidia, &[]),
            (GpuVendor::Amd, &["cuda"]),
            (GpuVendor::Intel, &["cuda", "metal"]),
            (GpuVendor::Apple, &["vulkan"]),
        ];
        for (vendor, built) in builds {
            let advice = advise_owner(vendor, built);
            assert!(advice.contains("`cargo xtask gpu`"), "{vendor:?}: {advice}");
            assert!(advice.contains(vendor.name()), "{advice}");
        }
    }

    #[test]
    fn a_build_with_the_backend_lacks_the_driver() {
        for (vendor, built) in [
            (GpuVendor::Nvidia, "vulkan"),
            (GpuVendor::Nvidia, "cuda"),
            (GpuVendor::Amd, "vulkan"),
            (GpuVendor::Apple, "metal"),
        ] {
            let advice = advise_owner(vendor, &[built]);
            assert!(advice.contains("driver") && !advice.contains("xtask"), "{vendor:?}: {advice}");
        }
    }
}
