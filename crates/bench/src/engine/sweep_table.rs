//! The speed of each device by the size of a batch, as a table and as a drawing.

use std::collections::BTreeSet;

use super::{sweep::DeviceSweep, throughput::Throughput};
use crate::html::series::{Series, SeriesBar, SeriesGroup, render_captioned};

/// The classes of the devices' bars in the style sheet.
const CLASSES: [&str; 5] = ["series-a", "series-b", "series-c", "series-d", "series-e"];

/// The speeds of all devices with one kind of requests.
pub(crate) struct SweepTable {
    /// What is counted: tokens or sentences.
    unit: &'static str,
    /// The names of the devices.
    devices: Vec<String>,
    /// The sizes of the batches, with the speed of each device; `None` if it was not measured.
    rows: Vec<(usize, Vec<Option<f64>>)>,
}

impl SweepTable {
    /// Returns the tables of answers and of sentences.
    pub(crate) fn list_both(sweeps: &[DeviceSweep]) -> [Self; 2] {
        [
            Self::new("tokens", sweeps, |sweep| sweep.answers.as_slice()),
            Self::new("sentences", sweeps, |sweep| sweep.sentences.as_slice()),
        ]
    }

    fn new(
        unit: &'static str,
        sweeps: &[DeviceSweep],
        choose: fn(&DeviceSweep) -> &[Throughput],
    ) -> Self {
        let batches: BTreeSet<usize> =
            sweeps.iter().flat_map(choose).map(|measured| measured.in_flight).collect();
        let speed = |sweep: &DeviceSweep, batch: usize| {
            let measured = choose(sweep).iter().find(|measured| measured.in_flight == batch)?;
            // A measurement that took no time has no speed.
            Some(measured.items_per_second()).filter(|speed| speed.is_finite())
        };
        let row = |batch: usize| (batch, sweeps.iter().map(|sweep| speed(sweep, batch)).collect());

        // Several devices can have one name.
        let name = |(number, sweep): (usize, &DeviceSweep)| format!("{number}: {}", sweep.device);
        Self {
            unit,
            devices: sweeps.iter().enumerate().map(name).collect(),
            rows: batches.into_iter().map(row).collect(),
        }
    }

    /// Returns the name of the table.
    pub(crate) fn caption(&self) -> String {
        format!("By batch, on each device: {} a second", self.unit)
    }

    /// Returns the names of the columns.
    pub(crate) fn heading(&self) -> Vec<String> {
        let batch = format!("{} a second", self.unit);
        std::iter::once(batch).chain(self.devices.iter().cloned()).collect()
    }

    /// Returns the cells below [`heading`](Self::heading).
    pub(crate) fn list_cells(&self) -> Vec<Vec<String>> {
        let cell = |speed: &Option<f64>| {
            speed.map_or_else(|| "–".to_owned(), |speed| format!("{speed:.1}"))
        };
        let row = |(batch, speeds): &(usize, Vec<Option<f64>>)| {
            std::iter::once(name_batch(*batch)).chain(speeds.iter().map(cell)).collect()
        };
        self.rows.iter().map(row).collect()
    }

    /// Returns the speeds by their names.
    pub(crate) fn list_speeds(&self) -> Vec<(String, f64)> {
        let speeds = self.rows.iter().flat_map(|(batch, speeds)| {
            self.devices.iter().zip(speeds).map(move |(device, speed)| (batch, device, speed))
        });

        speeds
            .filter_map(|(batch, device, speed)| {
                let batch = name_batch(*batch);
                Some((format!("{batch} on {device}, {} a second", self.unit), (*speed)?))
            })
            .collect()
    }

    /// Draws the speeds.
    pub(crate) fn draw(&self) -> String {
        let series: Vec<_> = CLASSES
            .iter()
            .cycle()
            .zip(&self.devices)
            .map(|(&class, name)| Series { class, name: name.clone() })
            .collect();

        let bar = |speed: f64| SeriesBar { length: speed, figure: format!("{speed:.1}") };
        let groups: Vec<_> = self
            .rows
            .iter()
            .map(|(batch, speeds)| SeriesGroup {
                name: name_batch(*batch),
                bars: speeds.iter().map(|speed| speed.map(bar)).collect(),
            })
            .collect();

        render_captioned(&self.caption(), &series, &groups)
    }
}

fn name_batch(batch: usize) -> String {
    format!("batch of {batch}")
}

#[cfg(test)]
mod tests {
    use nosana_engine::{DeviceInfo, DeviceKind};

    use super::*;

    fn sweep(backend: &str, answers: &[(usize, usize)]) -> DeviceSweep {
        let measured = |&(in_flight, items): &(usize, usize)| Throughput {
            in_flight,
            requests: in_flight,
            items,
            seconds: if items == 0 { 0.0 } else { 2.0 },
        };
        DeviceSweep {
            device: DeviceInfo {
                name: "a device".to_owned(),
                backend: backend.to_owned(),
                kind: DeviceKind::Discrete,
            },
            answers: answers.iter().map(measured).collect(),
            sentences: Vec::new(),
        }
    }

    #[test]
    fn each_device_is_a_column_and_each_batch_a_row() {
        // The second device is too slow for the larger batch, and took no time for the middle one.
        let sweeps =
            [sweep("cuda", &[(1, 60), (4, 100), (16, 801)]), sweep("cpu", &[(1, 9), (4, 0)])];
        let [tokens, sentences] = SweepTable::list_both(&sweeps);

        let heading = ["tokens a second", "0: a device (cuda)", "1: a device (cpu)"];
        assert_eq!(tokens.heading(), heading);
        let cells = [
            ["batch of 1", "30.0", "4.5"],
            ["batch of 4", "50.0", "–"],
            ["batch of 16", "400.5", "–"],
        ];
        assert_eq!(tokens.list_cells(), cells);

        let speeds = tokens.list_speeds();
        assert_eq!(speeds.len(), 4);
        assert_eq!(speeds[1], ("batch of 1 on 1: a device (cpu), tokens a second".to_owned(), 4.5));

        let drawing = tokens.draw();
        assert_eq!(drawing.matches("<rect").count(), 4);
        assert!(drawing.contains("class=\"series-b\"") && drawing.contains("400.5"), "{drawing}");
        assert!(sentences.list_cells().is_empty() && sentences.draw().is_empty());
    }
}
