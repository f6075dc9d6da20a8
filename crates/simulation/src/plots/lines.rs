//! The lines of each drawing.

use nosana_protocol::dispute::terms::{MAX_PANEL_FEE, MIN_COLLATERAL_RATIO, MIN_PANEL_FEE};

use super::{Line, Plot};
use crate::{
    choices::{challenger_gain, find_deviation, terms_of},
    coalition::Drawn,
    config::{MANY_NODES, SimulationConfig},
    fault::Fault,
    sweep::list_job,
    turnout::{Escape, RESPONDING},
};

/// The share of colluders in drawings of other quantities.
const SOME_COLLUDERS: f64 = 0.15;
/// Basis points between two panel fees of a drawing.
const FEE_STEP: usize = 250;
/// What a check costs a fisherman, as a part of the price.
pub const CHECK_COST: f64 = 0.1;

fn many_nodes(drawn: &[Drawn]) -> impl Iterator<Item = &Drawn> {
    drawn.iter().filter(|drawn| drawn.splitting == MANY_NODES)
}

fn some_drawn(drawn: &[Drawn]) -> Option<&Drawn> {
    many_nodes(drawn).find(|drawn| drawn.colluding == SOME_COLLUDERS)
}

/// Returns the drawing.
pub fn plot_check_rates(drawn: &[Drawn]) -> Result<Plot, Fault> {
    let lazy = find_deviation("lazy node");
    let mut lines = Vec::new();
    for ratio in [10, 20, 50, 100] {
        let mut points = Vec::new();
        for step in 0..=30 {
            let check_rate = f64::from(step) / 200.0;
            let config =
                SimulationConfig { check_rate: Some(check_rate), ..SimulationConfig::FULL };
            let listing = list_job(terms_of(2_500, ratio), &config)?;
            if let Some(drawn) = some_drawn(drawn) {
                let gain = lazy.gain(&listing, drawn)?;
                points.push((check_rate * 100.0, gain.mean * 100.0));
            }
        }
        lines.push(Line { name: format!("collateral of {ratio} prices"), points });
    }

    Ok(Plot {
        name: "check-rates",
        title: "Gain of a lazy node, by how often clients check",
        about: "A node that hands in garbage saves all of its pay. The more collateral, the fewer \
                checks make it lose. 15 % of the weight colludes with it.",
        x_label: "results that clients check (%)",
        y_label: "gain over honest play (% of the price)",
        is_logarithmic: false,
        y_range: (-200.0, 110.0),
        threshold: ("cheating pays above", 0.0),
        lines,
    })
}

/// Returns the drawing.
pub fn plot_cheating(config: &SimulationConfig, drawn: &[Drawn]) -> Result<Plot, Fault> {
    let lazy = find_deviation("lazy node");
    let mut lines = Vec::new();
    for (fee, ratio) in [(2_500, 10), (2_500, 20), (2_500, 100), (20_000, 80)] {
        let listing = list_job(terms_of(fee, ratio), config)?;
        let mut points = Vec::new();
        for drawn in many_nodes(drawn) {
            let gain = lazy.gain(&listing, drawn)?;
            points.push((drawn.colluding * 100.0, gain.mean * 100.0));
        }
        let fee = f64::from(fee) / 100.0;
        let name = format!("panel fee {fee} % of the price, collateral of {ratio} prices");
        lines.push(Line { name, points });
    }

    Ok(Plot {
        name: "cheating",
        title: "Gain of a lazy node, by the share of its friends",
        about: "Clients check as --check auto does. The larger the panel fee is beside the \
                collateral, the smaller is the share from which cheating pays.",
        x_label: "colluders’ share of the weight (%)",
        y_label: "gain over honest play (% of the price)",
        is_logarithmic: false,
        y_range: (-60.0, 100.0),
        threshold: ("cheating pays above", 0.0),
        lines,
    })
}

/// Returns the drawing.
pub fn plot_challenges(config: &SimulationConfig, drawn: &[Drawn]) -> Result<Plot, Fault> {
    let strategies = ["false challenge", "false challenge by the client", "lazy node"];
    let mut lines = Vec::new();
    for name in strategies {
        let mut points = Vec::new();
        for fee in (MIN_PANEL_FEE.0..=MAX_PANEL_FEE.0).step_by(FEE_STEP) {
            let listing = list_job(terms_of(fee, MIN_COLLATERAL_RATIO), config)?;
            let [many, _] = find_deviation(name).find_shares(&listing, drawn)?;
            points.extend(many.map(|share| (f64::from(fee) / 100.0, share * 100.0)));
        }
        lines.push(Line { name: name.to_owned(), points });
    }

    Ok(Plot {
        name: "panel-fees",
        title: "Share of the weight from which strategies pay, by the panel fee",
        about: "A challenger risks four panel fees: if they are small beside the escrow that a \
                client can get back, fewer colluders suffice. The friends of a cheating node win \
                four: if they are large beside its collateral, which is the least that a market \
                may choose here, fewer of them suffice.",
        x_label: "panel fee (% of the price)",
        y_label: "share from which it pays (% of the weight)",
        is_logarithmic: false,
        y_range: (20.0, 50.0),
        threshold: ("a third of the weight", 100.0 / 3.0),
        lines,
    })
}

/// Returns the drawing.
pub fn plot_escapes(escapes: &[Escape]) -> Plot {
    let line = |responding: f64| {
        let matching = escapes.iter().filter(|escape| escape.responding == responding);
        let points = matching.map(|it| (it.colluding * 100.0, it.share.mean * 100.0)).collect();
        Line { name: format!("{:.0} % of the honest nodes respond", responding * 100.0), points }
    };
    Plot {
        name: "escapes",
        title: "Wrong results that escape a dispute",
        about: "A wrong result escapes if fewer than two honest nodes have seats. --check auto \
                counts with 30 %.",
        x_label: "colluders’ share of the weight (%)",
        y_label: "disputes without a conviction (%)",
        is_logarithmic: false,
        y_range: (0.0, 100.0),
        threshold: ("what --check auto counts with", 30.0),
        lines: RESPONDING.map(line).into(),
    }
}

/// Returns the drawing.
pub fn plot_fishermen(config: &SimulationConfig, drawn: &[Drawn]) -> Result<Plot, Fault> {
    let mut lines = Vec::new();
    for fee in [MIN_PANEL_FEE.0, 5_000, 10_000, MAX_PANEL_FEE.0] {
        let listing = list_job(terms_of(fee, 20), config)?;
        let Some(drawn) = some_drawn(drawn) else { continue };
        let gain = challenger_gain(&listing, &drawn.panels)?.mean;
        let profit = |wrong: f64| (wrong, (wrong / 100.0 * gain - CHECK_COST) * 100.0);
        let points = (0..=30).map(|step| profit(10_f64.powf(f64::from(step) / 10.0 - 1.0)));
        let fee = f64::from(fee) / 100.0;
        lines.push(Line {
            name: format!("panel fee {fee} % of the price"),
            points: points.collect(),
        });
    }

    Ok(Plot {
        name: "fishermen",
        title: "Profit of a fisherman, by how many results are wrong",
        about: "A check costs a tenth of the price here. Where few results are wrong, nobody \
                checks for profit: clients have to.",
        x_label: "wrong results (%)",
        y_label: "profit for each check (% of the price)",
        is_logarithmic: true,
        y_range: (-20.0, 100.0),
        threshold: ("checking pays above", 0.0),
        lines,
    })
}
