//! Which graphics adapters to use.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use burn::tensor::wgpu::{WgpuBackend, wgpu};
use burn::tensor::{Device, DeviceKind};

use crate::gpu::init_error;
use crate::{AdapterInfo, AdapterKind, EngineError, Gpu, adapters::list_adapters};

/// Which graphics adapters to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GpuChoice {
    /// The one that [`Gpu::open`] opens.
    #[default]
    Best,
    /// Every graphics processor; if there is none, the software adapters.
    All,
    /// The adapters with these numbers in [`Gpu::list`], in this order. A number that is given
    /// twice opens two devices on one adapter, which share its memory.
    Numbers(Vec<usize>),
}

/// The word for [`GpuChoice::All`].
const ALL: &str = "all";

impl FromStr for GpuChoice {
    type Err = String;

    /// Reads `all`, or a number.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == ALL {
            return Ok(Self::All);
        }
        let number =
            text.parse().map_err(|_| format!("`{text}` is neither a number nor `{ALL}`"))?;
        Ok(Self::Numbers(vec![number]))
    }
}

impl GpuChoice {
    /// Combines choices. Without any, the choice is [`Self::Best`].
    pub fn together(choices: &[Self]) -> Self {
        let mut numbers = Vec::new();

        for choice in choices {
            match choice {
                Self::All => return Self::All,
                Self::Best => {}
                Self::Numbers(more) => numbers.extend(more),
            }
        }

        if numbers.is_empty() { Self::Best } else { Self::Numbers(numbers) }
    }

    /// The number of devices that are opened.
    pub fn count(&self) -> usize {
        match self {
            Self::Best => 1,
            Self::All => usable_numbers(&Gpu::list()).len().max(1),
            Self::Numbers(numbers) => numbers.len(),
        }
    }
}

impl Gpu {
    /// The adapters of this machine, on the graphics interface that [`Gpu::open`] uses. An
    /// adapter's number is its index.
    pub fn list() -> Vec<AdapterInfo> {
        list_adapters().iter().map(|adapter| AdapterInfo::from_wgpu(&adapter.get_info())).collect()
    }

    /// Opens the chosen adapters. Later calls in the same process return the same devices.
    ///
    /// # Errors
    /// If an adapter does not exist or cannot be opened. At most two devices are opened on one
    /// adapter.
    pub fn open_chosen(choice: &GpuChoice) -> Result<Vec<Self>, EngineError> {
        let numbers = match choice {
            GpuChoice::Best => return Ok(vec![Self::open()?]),
            GpuChoice::All => usable_numbers(&Self::list()),
            GpuChoice::Numbers(numbers) => numbers.clone(),
        };

        if numbers.is_empty() {
            // Opens an adapter that has no number, or returns an error that names what is missing.
            return Ok(vec![Self::open()?]);
        }

        let opened_before = |index: usize| {
            numbers[..index].iter().filter(|number| **number == numbers[index]).count()
        };

        numbers
            .iter()
            .enumerate()
            .map(|(index, &number)| Self::open_number(number, opened_before(index)))
            .collect()
    }

    /// Opens an adapter. `nth` is 0 for the first device on the adapter and 1 for the second.
    fn open_number(number: usize, nth: usize) -> Result<Self, EngineError> {
        /// A runtime can be initialized once in a process.
        static OPEN: Mutex<Vec<((usize, usize), Gpu)>> = Mutex::new(Vec::new());
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);

        if let Some((_, gpu)) = open.iter().find(|(key, _)| *key == (number, nth)) {
            return Ok(gpu.clone());
        }

        let listed: Vec<_> = list_adapters().iter().map(wgpu::Adapter::get_info).collect();
        let wanted = listed.get(number).ok_or_else(|| {
            EngineError::NoAdapter(format!(
                "GPU {number} is requested, but there are {}, counted from 0",
                listed.len()
            ))
        })?;

        let same_type_before =
            listed[..number].iter().filter(|other| other.device_type == wanted.device_type).count();
        let kind = device_kind(wanted.device_type, same_type_before).ok_or_else(|| {
            EngineError::Device(format!(
                "the driver does not report the type of GPU {number}, so only the preferred \
                 adapter can be opened; omit the number"
            ))
        })?;

        let options = Device::wgpu_options().device_kind(kind);
        // The tensor library keeps one device for each adapter and interface. Naming the default
        // interface makes a second one.
        let options = match (nth, graphics_api(wanted.backend)) {
            (0, _) => options,
            (1, Some(api)) => options.graphics_api(api),
            _ => {
                return Err(EngineError::Device(format!(
                    "GPU {number} can be opened twice at most"
                )));
            }
        };

        let (device, setup) = options.init_with_setup().map_err(init_error)?;
        let gpu = Self::new(device, &setup);

        if gpu.wgpu_info() != wanted {
            return Err(EngineError::Device(format!(
                "{} was opened instead of GPU {number}",
                gpu.info()
            )));
        }
        tracing::info!(number, adapter = %gpu.info(), "opened the graphics device");
        open.push(((number, nth), gpu.clone()));
        Ok(gpu)
    }
}

/// The numbers of the graphics processors that can be opened by number; if there is none, of the
/// software adapters.
fn usable_numbers(listed: &[AdapterInfo]) -> Vec<usize> {
    let only_software = listed.iter().all(|info| info.kind == AdapterKind::Software);
    let is_usable = |kind| match kind {
        AdapterKind::Discrete | AdapterKind::Integrated | AdapterKind::Virtual => true,
        AdapterKind::Software => only_software,
        AdapterKind::Other => false,
    };

    listed
        .iter()
        .enumerate()
        .filter(|(_, info)| is_usable(info.kind))
        .map(|(number, _)| number)
        .collect()
}

/// The tensor library's name of the adapter of this type that has `index` others of its type before
/// it.
const fn device_kind(of: wgpu::DeviceType, index: usize) -> Option<DeviceKind> {
    match of {
        wgpu::DeviceType::DiscreteGpu => Some(DeviceKind::DiscreteGpu(index)),
        wgpu::DeviceType::IntegratedGpu => Some(DeviceKind::IntegratedGpu(index)),
        wgpu::DeviceType::VirtualGpu => Some(DeviceKind::VirtualGpu(index)),
        wgpu::DeviceType::Cpu => Some(DeviceKind::Cpu),
        wgpu::DeviceType::Other => None,
    }
}

const fn graphics_api(backend: wgpu::Backend) -> Option<WgpuBackend> {
    match backend {
        wgpu::Backend::Vulkan => Some(WgpuBackend::Vulkan),
        wgpu::Backend::Metal => Some(WgpuBackend::Metal),
        wgpu::Backend::Dx12 => Some(WgpuBackend::Dx12),
        wgpu::Backend::Gl => Some(WgpuBackend::Gl),
        wgpu::Backend::BrowserWebGpu | wgpu::Backend::Noop => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(kind: AdapterKind) -> AdapterInfo {
        AdapterInfo { name: "one".into(), backend: "vulkan".into(), kind, driver: String::new() }
    }

    #[test]
    fn all_means_the_graphics_processors() {
        let mixed =
            [AdapterKind::Discrete, AdapterKind::Software, AdapterKind::Integrated].map(adapter);
        assert_eq!(usable_numbers(&mixed), [0, 2]);
        assert_eq!(usable_numbers(&mixed[1..2]), [0]);
        assert_eq!(usable_numbers(&[adapter(AdapterKind::Other)]), [0; 0]);
        assert_eq!(usable_numbers(&[]), [0; 0]);
    }

    #[test]
    fn choices_are_parsed_and_combined() {
        let read = |texts: &[&str]| {
            let choices: Result<Vec<GpuChoice>, _> =
                texts.iter().map(|text| text.parse()).collect();
            choices.map(|choices| GpuChoice::together(&choices))
        };
        assert_eq!(read(&[]), Ok(GpuChoice::Best));
        assert_eq!(read(&["1", "0"]), Ok(GpuChoice::Numbers(vec![1, 0])));
        assert_eq!(read(&["1", "all"]), Ok(GpuChoice::All));
        assert!(read(&["first"]).unwrap_err().contains("`first`"));
    }

    #[test]
    fn a_missing_adapter_is_refused() {
        let listed = Gpu::list();
        assert_eq!(GpuChoice::All.count(), usable_numbers(&listed).len().max(1));
        let error =
            Gpu::open_chosen(&GpuChoice::Numbers(vec![listed.len()])).unwrap_err().to_string();
        assert!(error.contains(&format!("GPU {}", listed.len())), "{error}");
    }
}
