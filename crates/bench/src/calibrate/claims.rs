//! What the bounds claim to catch, and what they do not: the one list of it.

use serde::Serialize;

/// What the bounds claim of a way to run a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Claim {
    /// It is honest: no run exceeds a bound.
    Honest,
    /// It saves work: of a thousand runs, 999 exceed a bound.
    Caught,
    /// The bounds do not show it, by design.
    NotCaught,
}

/// A way to run a model that is not the honest one.
pub struct Cheat {
    /// Its name: that of the variant's file, or one of those below.
    pub name: &'static str,
    /// What the bounds claim of it.
    pub claim: Claim,
    /// Why.
    pub reason: &'static str,
}

/// The claim of every honest way.
pub const HONEST: (Claim, &str) = (Claim::Honest, "");

/// A text without its last word.
pub const CUT_WORD: &str = "without its last word";
/// Half of a text.
pub const HALF_TEXT: &str = "the first half of the text";
/// The right vectors, by a node that has not computed them.
pub const COPIED: &str = "another text's states";
/// Half of a question.
pub const HALF_QUESTION: &str = "the first half of the question";
/// Other answers than those of the likeliest tokens.
pub const SAMPLED: &str = "sampled instead of likeliest";

const LAYERS: &str = "each layer changes the states by more than rounding does";
const FEW_BITS: &str = "the vectors differ by more than the bound";
const SMALL_MARGIN: &str = "most tokens are the same, and the others are nearly as likely";
const DEARER: &str = "it costs more than the pinned weights of 4 bits, so it saves nothing";

/// Ways to embed texts.
pub const TEXT_CHEATS: &[Cheat] = &[
    not_caught("half", "the bound leaves room for devices that round otherwise"),
    caught("8-bit", FEW_BITS),
    caught("5-bit", FEW_BITS),
    caught("4-bit", FEW_BITS),
    caught("5-of-6-layers", LAYERS),
    caught("4-of-6-layers", LAYERS),
    caught(CUT_WORD, "vector and states are those of another text"),
    caught(HALF_TEXT, "vector and states are those of another text"),
    caught(COPIED, "a sketch shows states that a copied result does not contain"),
];

/// Ways to answer questions.
pub const ANSWER_CHEATS: &[Cheat] = &[
    not_caught("half", DEARER),
    not_caught("8-bit", DEARER),
    not_caught("5-bit", DEARER),
    not_caught("4-bit", SMALL_MARGIN),
    caught("29-of-30-layers", LAYERS),
    caught("23-of-30-layers", LAYERS),
    caught(HALF_QUESTION, "the states are those of another question"),
    caught(SAMPLED, "sampling at temperature 1 takes unlikely tokens"),
];

const fn caught(name: &'static str, reason: &'static str) -> Cheat {
    Cheat { name, claim: Claim::Caught, reason }
}

const fn not_caught(name: &'static str, reason: &'static str) -> Cheat {
    Cheat { name, claim: Claim::NotCaught, reason }
}

/// Returns what the bounds claim of a cheat, and why. A file that the list does not have, such as
/// one of the user's, is measured only.
pub fn find_claim(cheats: &[Cheat], name: &str) -> (Claim, &'static str) {
    let known = cheats.iter().find(|cheat| cheat.name == name);
    known.map_or((Claim::NotCaught, "nothing is claimed of this variant"), |cheat| {
        (cheat.claim, cheat.reason)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_is_claimed_to_be_caught() {
        for (cheats, name) in [
            (TEXT_CHEATS, CUT_WORD),
            (TEXT_CHEATS, HALF_TEXT),
            (TEXT_CHEATS, COPIED),
            (ANSWER_CHEATS, HALF_QUESTION),
            (ANSWER_CHEATS, SAMPLED),
        ] {
            assert_eq!(find_claim(cheats, name).0, Claim::Caught, "{name}");
        }
        assert_eq!(find_claim(TEXT_CHEATS, "half").0, Claim::NotCaught);
        assert_eq!(find_claim(TEXT_CHEATS, "my own").0, Claim::NotCaught);
    }
}
