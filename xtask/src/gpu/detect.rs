//! Which GPU this machine has, and by which backend models use it.

use std::{fs, path::Path};

use crate::shell;

/// A backend of llama.cpp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Backend {
    /// GPUs of NVIDIA, AMD and Intel
    Vulkan,
    /// GPUs of NVIDIA
    Cuda,
    /// GPUs of Apple
    Metal,
}

/// A GPU of this machine.
pub struct FoundGpu {
    pub description: &'static str,
    pub backend: Backend,
}

impl Backend {
    /// The cargo feature of `nosana`.
    pub const fn feature(self) -> &'static str {
        match self {
            Self::Vulkan => "vulkan",
            Self::Cuda => "cuda",
            Self::Metal => "metal",
        }
    }

    /// What the build needs beside what `cargo xtask setup` installs.
    pub const fn needs(self) -> &'static str {
        match self {
            Self::Vulkan => {
                "glslc, SPIR-V headers and Vulkan headers, which are installed on Debian and Ubuntu"
            }
            Self::Cuda => "the CUDA toolkit of NVIDIA, with nvcc on PATH",
            Self::Metal => "Xcode's command line tools",
        }
    }
}

/// Finds a GPU. That of NVIDIA uses CUDA if its toolkit is installed, else Vulkan.
pub fn detect_gpu() -> Option<FoundGpu> {
    if cfg!(target_os = "macos") {
        return Some(FoundGpu { description: "a GPU of Apple", backend: Backend::Metal });
    }

    let vendors = list_vendors(Path::new("/sys/class/drm"));
    let has_nvidia = Path::new("/dev/nvidia0").exists() || vendors.iter().any(|id| id == "0x10de");
    let found = |description, backend| Some(FoundGpu { description, backend });
    if has_nvidia && shell::on_path("nvcc") {
        return found("a GPU of NVIDIA and the CUDA toolkit", Backend::Cuda);
    }
    if has_nvidia {
        return found("a GPU of NVIDIA, and no CUDA toolkit", Backend::Vulkan);
    }

    vendors.iter().find_map(|vendor| match vendor.as_str() {
        "0x1002" => found("a GPU of AMD", Backend::Vulkan),
        "0x8086" => found("a GPU of Intel", Backend::Vulkan),
        _ => None,
    })
}

/// Returns the PCI vendors of the graphics cards.
fn list_vendors(folder: &Path) -> Vec<String> {
    let cards = fs::read_dir(folder).into_iter().flatten().flatten();
    let vendor = |card: fs::DirEntry| fs::read_to_string(card.path().join("device/vendor")).ok();

    cards.filter_map(vendor).map(|id| id.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_are_read_from_the_cards() {
        let folder = std::env::temp_dir().join(format!("xtask-drm-{}", std::process::id()));
        let card = folder.join("card0/device");
        fs::create_dir_all(&card).unwrap();
        fs::create_dir_all(folder.join("version")).unwrap();
        fs::write(card.join("vendor"), "0x1002\n").unwrap();

        let vendors = list_vendors(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(vendors, ["0x1002"]);
        assert!(list_vendors(&folder).is_empty(), "a machine without cards");
    }
}
