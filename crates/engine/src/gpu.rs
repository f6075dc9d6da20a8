//! The graphics device that runs the models.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use burn::tensor::Device;
use burn::tensor::wgpu::{WgpuInitError, WgpuSetup, wgpu};
use serde::{Deserialize, Serialize};

use crate::EngineError;

/// An open graphics device. Cloning is cheap: all clones share one device.
#[derive(Clone, Debug)]
pub struct Gpu {
    device: Device,
    info: AdapterInfo,
    wgpu_info: wgpu::AdapterInfo,
    largest_buffer: u64,
}

/// The adapter's description of itself. Drivers can claim anything: it is informative, not proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdapterInfo {
    /// The adapter's name, for instance `NVIDIA GeForce RTX 4090` or `llvmpipe (…)`.
    pub name: String,
    /// The graphics interface: `vulkan`, `metal`, `dx12` or `gl`.
    pub backend: String,
    /// The kind of device.
    pub kind: AdapterKind,
    /// The driver's name and version.
    pub driver: String,
}

/// The kinds of graphics adapters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdapterKind {
    /// A graphics card with memory of its own.
    Discrete,
    /// A graphics processor that shares the machine's memory.
    Integrated,
    /// A graphics processor of a hypervisor.
    Virtual,
    /// Not a graphics processor: the shaders run on the CPU.
    Software,
    /// The driver does not report the kind.
    Other,
}

impl Gpu {
    /// Opens the adapter that the system prefers for heavy work; `CUBECL_WGPU_DEFAULT_DEVICE`, for
    /// example `DiscreteGpu(1)`, selects another. Later calls in the same process return the same
    /// device.
    pub fn open() -> Result<Self, EngineError> {
        /// The runtime can be initialized once in a process.
        static OPEN: Mutex<Option<Gpu>> = Mutex::new(None);
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gpu) = open.as_ref() {
            return Ok(gpu.clone());
        }

        let (device, setup) = Device::wgpu_options().init_with_setup().map_err(init_error)?;
        let gpu = Self::new(device, &setup);
        tracing::info!(adapter = %gpu.info, "opened the graphics device");

        *open = Some(gpu.clone());
        Ok(gpu)
    }

    pub(crate) fn new(device: Device, setup: &WgpuSetup) -> Self {
        let wgpu_info = setup.adapter.get_info();
        let limits = setup.device.limits();

        Self {
            device,
            info: AdapterInfo::from_wgpu(&wgpu_info),
            wgpu_info,
            largest_buffer: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size),
        }
    }

    /// The adapter's description of itself.
    pub fn info(&self) -> &AdapterInfo {
        &self.info
    }

    /// The device of the tensor library.
    pub(crate) fn tensor_device(&self) -> &Device {
        &self.device
    }

    /// The graphics library's description of the adapter, which identifies it.
    pub(crate) fn wgpu_info(&self) -> &wgpu::AdapterInfo {
        &self.wgpu_info
    }

    /// The bytes of the largest buffer that a shader can read or write.
    pub(crate) fn largest_buffer(&self) -> u64 {
        self.largest_buffer
    }

    /// Frees the unused memory that is reserved for later tensors.
    pub(crate) fn free_unused(&self) {
        self.device.memory_cleanup();
    }

    /// Waits until the device has completed all work.
    pub(crate) fn wait_idle(&self) -> Result<(), EngineError> {
        self.device.sync().map_err(|error| EngineError::Device(error.to_string()))
    }
}

impl AdapterInfo {
    pub(crate) fn from_wgpu(info: &wgpu::AdapterInfo) -> Self {
        let kind = match info.device_type {
            wgpu::DeviceType::DiscreteGpu => AdapterKind::Discrete,
            wgpu::DeviceType::IntegratedGpu => AdapterKind::Integrated,
            wgpu::DeviceType::VirtualGpu => AdapterKind::Virtual,
            wgpu::DeviceType::Cpu => AdapterKind::Software,
            wgpu::DeviceType::Other => AdapterKind::Other,
        };
        let driver = format!("{} {}", info.driver, info.driver_info).trim().to_owned();

        Self { name: info.name.clone(), backend: info.backend.to_str().to_owned(), kind, driver }
    }
}

impl fmt::Display for AdapterInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, {})", self.name, self.backend, self.driver)
    }
}

/// An error of opening a device.
pub(crate) fn init_error(error: WgpuInitError) -> EngineError {
    match error {
        WgpuInitError::AdapterUnavailable { message, .. } => EngineError::NoAdapter(message),
        other => EngineError::Device(other.to_string()),
    }
}
