//! The devices that run models: graphics processors, and the CPU.

use std::fmt;

use llama_cpp_2::{
    LlamaBackendDevice, LlamaBackendDeviceType, list_llama_ggml_backend_devices,
    model::params::LlamaModelParams,
};
use serde::{Deserialize, Serialize};

use crate::{EngineError, backend::backend, run_settings::RunSettings};

/// A device that runs models. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Device {
    info: DeviceInfo,
    /// Its number in llama.cpp.
    index: usize,
    memory: DeviceMemory,
    settings: RunSettings,
}

/// The driver's description of a device. Drivers can claim anything: it is informative, not proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// The device's name, for instance `NVIDIA GeForce RTX 4090`, or the processor's.
    pub name: String,
    /// The part of llama.cpp that drives it, in lowercase: `cpu`, `vulkan`, `cuda` or `metal`.
    pub backend: String,
    /// The kind of device.
    pub kind: DeviceKind,
}

/// The kinds of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// A graphics processor with memory of its own.
    Discrete,
    /// A graphics processor that shares the machine's memory.
    Integrated,
    /// Vulkan on the CPU, for tests.
    Software,
    /// The CPU.
    Cpu,
}

/// The memory of a device, in bytes, as its driver reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DeviceMemory {
    pub total: u64,
    pub free: u64,
}

impl Device {
    /// The devices of this machine: graphics processors first, the CPU last. A device's number is
    /// its index.
    pub fn all() -> Result<Vec<Self>, EngineError> {
        backend()?;

        let mut devices: Vec<_> =
            list_llama_ggml_backend_devices().iter().filter_map(Self::from_listed).collect();
        devices.sort_by_key(|device| device.info.kind == DeviceKind::Cpu);
        Ok(devices)
    }

    /// `None` for a device that cannot hold a model, such as a library for matrix products.
    pub(crate) fn from_listed(listed: &LlamaBackendDevice) -> Option<Self> {
        let is_software = listed.description.contains("llvmpipe");
        let kind = match listed.device_type {
            LlamaBackendDeviceType::Gpu if is_software => DeviceKind::Software,
            LlamaBackendDeviceType::Gpu => DeviceKind::Discrete,
            LlamaBackendDeviceType::IntegratedGpu => DeviceKind::Integrated,
            LlamaBackendDeviceType::Cpu => DeviceKind::Cpu,
            LlamaBackendDeviceType::Accelerator | LlamaBackendDeviceType::Unknown => return None,
        };

        let info = DeviceInfo {
            name: listed.description.trim().to_owned(),
            backend: listed.backend.to_lowercase(),
            kind,
        };
        let memory =
            DeviceMemory { total: listed.memory_total as u64, free: listed.memory_free as u64 };
        Some(Self { info, index: listed.index, memory, settings: RunSettings::default() })
    }

    /// The driver's description of the device.
    pub fn info(&self) -> &DeviceInfo {
        &self.info
    }

    /// The same device, on which models run with these settings.
    pub fn with_settings(&self, settings: RunSettings) -> Self {
        Self { settings, ..self.clone() }
    }

    /// How models run on the device.
    pub(crate) const fn settings(&self) -> RunSettings {
        self.settings
    }

    /// The memory of the device when it was opened.
    pub(crate) const fn memory(&self) -> DeviceMemory {
        self.memory
    }

    /// The settings that put a model on this device as a whole.
    pub(crate) fn model_params(&self) -> Result<LlamaModelParams, EngineError> {
        let params = LlamaModelParams::default();

        match self.info.kind {
            // An empty list of devices keeps graphics processors out.
            DeviceKind::Cpu => params.with_n_gpu_layers(0).with_devices(&[]),
            DeviceKind::Discrete | DeviceKind::Integrated | DeviceKind::Software => {
                params.with_n_gpu_layers(u32::MAX).with_devices(&[self.index])
            }
        }
        .map_err(|error| EngineError::Device(error.to_string()))
    }
}

impl fmt::Display for DeviceInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.backend)
    }
}
