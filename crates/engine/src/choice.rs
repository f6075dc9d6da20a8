//! Which graphics adapters to use.

use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use burn::tensor::wgpu::{WgpuBackend, wgpu};
use burn::tensor::{Device, DeviceKind};

use crate::gpu::explain;
use crate::{AdapterInfo, AdapterKind, EngineError, Gpu, adapters};

/// Which graphics adapters to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GpuChoice {
    /// The one that [`Gpu::open`] opens.
    #[default]
    Best,
    /// Every graphics processor; where there is none, the software that stands in for one.
    All,
    /// Those with these numbers in [`Gpu::list`], in this order. A number that stands there twice
    /// opens two devices on one adapter, which share its memory.
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
    /// All of these together; none is the best one.
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

    /// How many devices are opened.
    pub fn count(&self) -> usize {
        match self {
            Self::Best => 1,
            Self::All => real(&Gpu::list()).len().max(1),
            Self::Numbers(numbers) => numbers.len(),
        }
    }
}

impl Gpu {
    /// The adapters of this machine, on the graphics interface that [`Gpu::open`] uses; their
    /// places are their numbers.
    pub fn list() -> Vec<AdapterInfo> {
        adapters::all().iter().map(|adapter| AdapterInfo::from_wgpu(&adapter.get_info())).collect()
    }

    /// Opens what is chosen. Later calls in the same process return the same devices.
    ///
    /// # Errors
    /// If there is no such adapter, or it cannot be opened; no more than two devices are opened on
    /// one adapter.
    pub fn open_chosen(choice: &GpuChoice) -> Result<Vec<Self>, EngineError> {
        let numbers = match choice {
            GpuChoice::Best => return Ok(vec![Self::open()?]),
            GpuChoice::All => real(&Self::list()),
            GpuChoice::Numbers(numbers) => numbers.clone(),
        };
        if numbers.is_empty() {
            // There is one that has no number, or it says what is missing.
            return Ok(vec![Self::open()?]);
        }
        let before = |place: usize| {
            numbers[..place].iter().filter(|number| **number == numbers[place]).count()
        };
        numbers
            .iter()
            .enumerate()
            .map(|(place, &number)| Self::open_number(number, before(place)))
            .collect()
    }

    /// Opens an adapter, for the first time (0) or the second (1).
    fn open_number(number: usize, time: usize) -> Result<Self, EngineError> {
        /// A runtime can be set up once in a process.
        static OPEN: Mutex<Vec<((usize, usize), Gpu)>> = Mutex::new(Vec::new());
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, gpu)) = open.iter().find(|(key, _)| *key == (number, time)) {
            return Ok(gpu.clone());
        }
        let listed: Vec<_> = adapters::all().iter().map(wgpu::Adapter::get_info).collect();
        let wanted = listed.get(number).ok_or_else(|| {
            EngineError::NoAdapter(format!(
                "GPU {number} is asked for, and there are {}, counted from 0",
                listed.len()
            ))
        })?;
        let alike =
            listed[..number].iter().filter(|other| other.device_type == wanted.device_type).count();
        let kind = kind(wanted.device_type, alike).ok_or_else(|| {
            EngineError::Device(format!(
                "the driver does not say what GPU {number} is: it can only be the preferred one"
            ))
        })?;
        let options = Device::wgpu_options().device_kind(kind);
        // A device is known by adapter and interface; naming the interface that is taken anyway
        // makes another one.
        let options = match (time, interface(wanted.backend)) {
            (0, _) => options,
            (1, Some(interface)) => options.graphics_api(interface),
            _ => {
                return Err(EngineError::Device(format!(
                    "GPU {number} opens no more than two devices"
                )));
            }
        };
        let (device, setup) = options.init_with_setup().map_err(explain)?;
        let gpu = Self::new(device, &setup);
        if gpu.raw() != wanted {
            return Err(EngineError::Device(format!(
                "{} was opened in place of GPU {number}",
                gpu.info()
            )));
        }
        tracing::info!(number, adapter = %gpu.info(), "opened the graphics device");
        open.push(((number, time), gpu.clone()));
        Ok(gpu)
    }
}

/// The numbers of graphics processors that can be opened by number; of their stand-ins if there is
/// none.
fn real(listed: &[AdapterInfo]) -> Vec<usize> {
    let only_software = listed.iter().all(|info| info.kind == AdapterKind::Software);
    let counts = |kind| match kind {
        AdapterKind::Discrete | AdapterKind::Integrated | AdapterKind::Virtual => true,
        AdapterKind::Software => only_software,
        AdapterKind::Other => false,
    };
    listed
        .iter()
        .enumerate()
        .filter(|(_, info)| counts(info.kind))
        .map(|(number, _)| number)
        .collect()
}

/// How the tensor library calls an adapter before which `alike` of the same type are listed.
const fn kind(of: wgpu::DeviceType, alike: usize) -> Option<DeviceKind> {
    match of {
        wgpu::DeviceType::DiscreteGpu => Some(DeviceKind::DiscreteGpu(alike)),
        wgpu::DeviceType::IntegratedGpu => Some(DeviceKind::IntegratedGpu(alike)),
        wgpu::DeviceType::VirtualGpu => Some(DeviceKind::VirtualGpu(alike)),
        wgpu::DeviceType::Cpu => Some(DeviceKind::Cpu),
        wgpu::DeviceType::Other => None,
    }
}

const fn interface(backend: wgpu::Backend) -> Option<WgpuBackend> {
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
    fn all_are_those_that_compute_fast() {
        let mixed =
            [AdapterKind::Discrete, AdapterKind::Software, AdapterKind::Integrated].map(adapter);
        assert_eq!(real(&mixed), [0, 2]);
        assert_eq!(real(&mixed[1..2]), [0]);
        assert_eq!(real(&[adapter(AdapterKind::Other)]), [0; 0]);
        assert_eq!(real(&[]), [0; 0]);
    }

    #[test]
    fn choices_are_read() {
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
    fn an_adapter_that_is_not_there_is_not_opened() {
        let listed = Gpu::list();
        assert_eq!(GpuChoice::All.count(), real(&listed).len().max(1));
        let error =
            Gpu::open_chosen(&GpuChoice::Numbers(vec![listed.len()])).unwrap_err().to_string();
        assert!(error.contains(&format!("GPU {}", listed.len())), "{error}");
    }
}
