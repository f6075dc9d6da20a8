//! Whether this machine has a graphics card, and whose: without a driver, and without llama.cpp.
//!
//! `cargo xtask gpu` includes this file, so it needs nothing but the standard library.

use std::{fs, path::Path};

/// A maker of graphics processors that models can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GpuVendor {
    /// NVIDIA.
    Nvidia,
    /// AMD.
    Amd,
    /// Intel.
    Intel,
    /// Apple.
    Apple,
}

impl GpuVendor {
    /// The vendor's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nvidia => "NVIDIA",
            Self::Amd => "AMD",
            Self::Intel => "Intel",
            Self::Apple => "Apple",
        }
    }

    /// Returns the vendor with this number on the PCI bus.
    fn from_pci(id: &str) -> Option<Self> {
        match id {
            "0x10de" => Some(Self::Nvidia),
            "0x1002" => Some(Self::Amd),
            "0x8086" => Some(Self::Intel),
            _ => None,
        }
    }
}

/// Finds the vendor of this machine's graphics card. NVIDIA's comes first if there are several.
pub fn find_gpu_vendor() -> Option<GpuVendor> {
    if cfg!(target_os = "macos") {
        return Some(GpuVendor::Apple);
    }

    // Containers have the device, and often not the cards.
    if Path::new("/dev/nvidia0").exists() {
        return Some(GpuVendor::Nvidia);
    }
    choose_vendor(&list_vendors(Path::new("/sys/class/drm")))
}

fn choose_vendor(vendors: &[GpuVendor]) -> Option<GpuVendor> {
    let is_nvidia = |vendor: &&GpuVendor| **vendor == GpuVendor::Nvidia;
    vendors.iter().find(is_nvidia).or(vendors.first()).copied()
}

/// Returns the vendors of the graphics cards; those that no backend knows are left out, such as the
/// screens of virtual machines.
fn list_vendors(folder: &Path) -> Vec<GpuVendor> {
    let cards = fs::read_dir(folder).into_iter().flatten().flatten();
    let vendor = |card: fs::DirEntry| fs::read_to_string(card.path().join("device/vendor")).ok();

    cards.filter_map(vendor).filter_map(|id| GpuVendor::from_pci(id.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_are_read_from_the_cards() {
        let folder = std::env::temp_dir().join(format!("nosana-drm-{}", std::process::id()));
        for (card, id) in [("card0", "0x1002\n"), ("card1", "0x1234\n")] {
            let device = folder.join(card).join("device");
            fs::create_dir_all(&device).unwrap();
            fs::write(device.join("vendor"), id).unwrap();
        }
        fs::create_dir_all(folder.join("version")).unwrap();

        let vendors = list_vendors(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(vendors, [GpuVendor::Amd], "a screen without a processor does not count");
        assert!(list_vendors(&folder).is_empty(), "a machine without cards");
    }

    #[test]
    fn a_card_of_nvidia_comes_first() {
        use GpuVendor::{Intel, Nvidia};
        assert_eq!(choose_vendor(&[Intel, Nvidia]), Some(Nvidia));
        assert_eq!(choose_vendor(&[Intel]), Some(Intel));
        assert_eq!(choose_vendor(&[]), None);
    }
}
