//! Which GPU this machine has, and by which backend models use it.

use super::graphics_card::{GpuVendor, find_gpu_vendor};
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
    pub description: String,
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
    find_gpu_vendor().map(|vendor| pick_backend(vendor, shell::on_path("nvcc")))
}

fn pick_backend(vendor: GpuVendor, has_cuda: bool) -> FoundGpu {
    let name = vendor.name();
    let (backend, toolkit) = match vendor {
        GpuVendor::Apple => (Backend::Metal, ""),
        GpuVendor::Nvidia if has_cuda => (Backend::Cuda, " and the CUDA toolkit"),
        GpuVendor::Nvidia => (Backend::Vulkan, ", and no CUDA toolkit"),
        GpuVendor::Amd | GpuVendor::Intel => (Backend::Vulkan, ""),
    };
    FoundGpu { description: format!("a GPU of {name}{toolkit}"), backend }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toolkit_decides_between_the_backends_of_nvidia() {
        let backend = |vendor, has_cuda| pick_backend(vendor, has_cuda).backend;
        assert_eq!(backend(GpuVendor::Nvidia, true), Backend::Cuda);
        assert_eq!(backend(GpuVendor::Nvidia, false), Backend::Vulkan);
        assert_eq!(backend(GpuVendor::Amd, true), Backend::Vulkan);
        assert_eq!(backend(GpuVendor::Apple, false), Backend::Metal);
    }
}
