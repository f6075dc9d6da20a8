//! The strategies of coalitions, and which of them can pay, up to which gain, as
//! `docs/verification.md` states.

use super::{
    deviation::{Deviation, Occasion},
    response::{Deed, Trace},
    wealth::Coalition,
};

const NOBODY: Coalition = Coalition { node: false, client: false, challenger: false };
const RIGHT: Deed = Deed { is_right: true, trace: Trace::Work };
const GARBAGE: Deed = Deed { is_right: false, trace: Trace::Shared };
const SMALLER: Deed = Deed { is_right: false, trace: Trace::Work };

/// The most that a false challenge gains whose content is withheld, in prices. Two nodes from two
/// ninths of the weight on are candidates of every draw. They win five panel fees, and the escrow
/// with the network's fee: 11.05 with the highest panel fee, which is two prices.
const WITHHELD_GAIN: f64 = 11.5;

/// All strategies of coalitions.
pub const DEVIATIONS: [Deviation; 9] = [
    Deviation {
        name: "lazy node",
        about: "hands in garbage, at no cost, with a trace that its panelists know",
        coalition: Coalition { node: true, ..NOBODY },
        deed: GARBAGE,
        occasion: Occasion::Check,
        known_gain: None,
    },
    Deviation {
        name: "cheating node",
        about: "uses a smaller model, at no cost, whose sketch agrees with that of the work",
        coalition: Coalition { node: true, ..NOBODY },
        deed: SMALLER,
        occasion: Occasion::Check,
        known_gain: None,
    },
    Deviation {
        name: "self-challenge",
        about: "hands in garbage, and disputes it itself before the client can",
        coalition: Coalition { node: true, challenger: true, ..NOBODY },
        deed: GARBAGE,
        occasion: Occasion::OwnChallenge,
        known_gain: None,
    },
    Deviation {
        name: "own jobs",
        about: "lists, runs and disputes jobs of its own, to take from honest panelists",
        coalition: Coalition { node: true, client: true, challenger: true },
        deed: RIGHT,
        occasion: Occasion::OwnJob,
        known_gain: None,
    },
    Deviation {
        name: "own wrong jobs",
        about: "the same, with wrong results",
        coalition: Coalition { node: true, client: true, challenger: true },
        deed: GARBAGE,
        occasion: Occasion::OwnJob,
        known_gain: None,
    },
    Deviation {
        name: "false challenge",
        about: "disputes right results of honest nodes",
        coalition: Coalition { challenger: true, ..NOBODY },
        deed: RIGHT,
        occasion: Occasion::Challenge,
        known_gain: None,
    },
    Deviation {
        name: "false challenge by the client",
        about: "disputes right results of its own jobs, to get its escrow back",
        coalition: Coalition { client: true, challenger: true, ..NOBODY },
        deed: RIGHT,
        occasion: Occasion::Challenge,
        known_gain: None,
    },
    Deviation {
        name: "false challenge, content withheld",
        about: "the same, with a job that no honest panelist can read",
        coalition: Coalition { client: true, challenger: true, ..NOBODY },
        deed: RIGHT,
        occasion: Occasion::Withheld,
        known_gain: Some(WITHHELD_GAIN),
    },
    Deviation {
        name: "colluding panelists",
        about: "convict an honest node that a stranger accuses",
        coalition: NOBODY,
        deed: RIGHT,
        occasion: Occasion::Strange,
        known_gain: None,
    },
];
