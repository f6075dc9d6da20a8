//! Runs a whole sequence.

use crate::{
    generate::Generator,
    sequence::{Fault, Sequence, Tally},
    step::Step,
    wind_down::wind_down,
};

/// The source of the steps of a sequence.
pub enum StepSource<'a> {
    /// A generator, for this many steps.
    Generated(&'a mut Generator, usize),
    /// A list.
    Recorded(&'a [Step]),
}

/// Runs the steps on a new fixture, and then lets every party leave.
pub async fn run_sequence(source: StepSource<'_>, tally: Tally) -> Result<Tally, Fault> {
    let mut sequence = Sequence::new(tally).await;
    let mut steps = Vec::new();
    let mut source = source;

    loop {
        let next = match &mut source {
            StepSource::Generated(generator, count) => {
                (steps.len() < *count).then(|| generator.next_step(&sequence.model))
            }
            StepSource::Recorded(all) => all.get(steps.len()).copied(),
        };
        let Some(step) = next else { break };
        steps.push(step);
        if let Err(what) = sequence.apply_step(&step).await {
            return Err(Fault { what, steps });
        }
    }

    match wind_down(&mut sequence).await {
        Ok(()) => Ok(std::mem::take(&mut sequence.tally)),
        Err(what) => Err(Fault { what: format!("while the parties leave: {what}"), steps }),
    }
}
