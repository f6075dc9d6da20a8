//! A drawing of what each transaction costs.

use nosana_bench::html::stacks::{Stack, Stacks, render_stacks};

use crate::cost::{Charge, PARTS};

/// Renders the drawing with its legend.
pub fn render_chart(charges: &[Charge]) -> String {
    let bar = |charge: &Charge| Stack {
        name: charge.step.name().to_owned(),
        parts: charge.parts.to_vec(),
    };
    let stacks = Stacks {
        id: "costs",
        title: "The cost of each transaction",
        unit: "compute units of a block",
        parts: PARTS.map(str::to_owned).to_vec(),
        bars: charges.iter().map(bar).collect(),
    };

    render_stacks(&stacks).expect("the drawing has bars")
}
