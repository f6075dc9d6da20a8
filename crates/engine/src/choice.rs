//! Which devices to use.

use std::str::FromStr;

use crate::{
    Device, EngineError,
    selection::{choose_best, choose_usable},
};

/// Which devices to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// The one that [`Device::open`] opens.
    #[default]
    Best,
    /// Every graphics processor; if there is none, the CPU.
    All,
    /// The devices with these numbers in [`Device::all`], in this order. A number that is given
    /// twice runs two models at a time on one device, which share its memory.
    Numbers(Vec<usize>),
}

/// The word for [`DeviceChoice::All`].
const ALL: &str = "all";

impl FromStr for DeviceChoice {
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

impl DeviceChoice {
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
            Self::All => Device::all().map_or(1, |all| choose_usable(all).len().max(1)),
            Self::Numbers(numbers) => numbers.len(),
        }
    }
}

impl Device {
    /// The device that is best for models: the discrete graphics processor with the most memory;
    /// else an integrated one; else the CPU.
    pub fn open() -> Result<Self, EngineError> {
        choose_best(Self::all()?)
            .ok_or_else(|| EngineError::Backend("llama.cpp has no device".to_owned()))
    }

    /// Opens the chosen devices.
    ///
    /// # Errors
    /// If a device does not exist.
    pub fn open_chosen(choice: &DeviceChoice) -> Result<Vec<Self>, EngineError> {
        match choice {
            DeviceChoice::Best => Ok(vec![Self::open()?]),
            DeviceChoice::All => Ok(choose_usable(Self::all()?)),
            DeviceChoice::Numbers(numbers) => {
                let all = Self::all()?;
                let numbered = |&number: &usize| {
                    all.get(number)
                        .cloned()
                        .ok_or(EngineError::NoDevice { number, count: all.len() })
                };
                numbers.iter().map(numbered).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeviceKind;

    #[test]
    fn choices_are_parsed_and_combined() {
        let read = |texts: &[&str]| {
            let choices: Result<Vec<DeviceChoice>, _> =
                texts.iter().map(|text| text.parse()).collect();
            choices.map(|choices| DeviceChoice::together(&choices))
        };

        assert_eq!(read(&[]).unwrap(), DeviceChoice::Best);
        assert_eq!(read(&["2", "0"]).unwrap(), DeviceChoice::Numbers(vec![2, 0]));
        assert_eq!(read(&["1", "all"]).unwrap(), DeviceChoice::All);
        assert!(read(&["first"]).unwrap_err().contains("`first`"));
    }

    #[test]
    fn every_machine_has_a_device_and_a_missing_one_is_named() {
        let all = Device::all().unwrap();
        assert_eq!(all.last().unwrap().info().kind, DeviceKind::Cpu);
        assert_eq!(
            DeviceChoice::All.count(),
            Device::open_chosen(&DeviceChoice::All).unwrap().len()
        );

        let error = Device::open_chosen(&DeviceChoice::Numbers(vec![77])).unwrap_err().to_string();
        assert!(error.contains("GPU 77 is requested"), "{error}");
        let names_software = error.contains("GGML_VK_VISIBLE_DEVICES");
        assert_eq!(names_software, cfg!(feature = "vulkan"), "{error}");
    }
}
