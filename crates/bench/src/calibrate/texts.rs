//! Texts of many lengths and subjects, the same ones everywhere.

const SUBJECTS: [&str; 12] = [
    "the harbor",
    "a violin",
    "the budget of a town",
    "an old server",
    "a rare beetle",
    "the night train",
    "a recipe for bread",
    "the court",
    "an open window",
    "a lost key",
    "the weather station",
    "a long division",
];
const VERBS: [&str; 10] = [
    "explains",
    "hides",
    "replaces",
    "measures",
    "remembers",
    "delays",
    "repairs",
    "describes",
    "outlives",
    "questions",
];
const OBJECTS: [&str; 14] = [
    "what nobody wrote down",
    "the second half of the year",
    "42 boxes of cables",
    "a promise between neighbors",
    "the color of the water",
    "every third number",
    "the shortest way home",
    "a map without names",
    "three kinds of salt",
    "the price of copper",
    "an argument about time",
    "the sound of rain on tin",
    "a theorem with a gap",
    "the smallest unit of memory",
];
const QUESTIONS: [&str; 8] = [
    "Explain in two sentences why",
    "Write a short story in which",
    "List three reasons why",
    "Summarize for a child how",
    "Give arguments against the claim that",
    "Describe a day on which",
    "Write a letter which says that",
    "What would happen if",
];

/// One of so many texts is long.
const LONG_TEXT_INTERVAL: usize = 5;
/// A long text has so many times the sentences of another one: the longest ones have nearly as many
/// tokens as the model reads.
const LONG_TEXT_FACTOR: usize = 3;

/// Writes so many different texts, of one to fourteen sentences, and long ones of up to 42.
pub fn write_texts(count: usize) -> Vec<String> {
    (0..count).map(|number| write_text(number, count_sentences(number))).collect()
}

fn count_sentences(number: usize) -> usize {
    let sentences = 1 + number * 5 % 14;
    let is_long = number.is_multiple_of(LONG_TEXT_INTERVAL);
    if is_long { sentences * LONG_TEXT_FACTOR } else { sentences }
}

/// Writes so many different questions.
pub fn write_questions(count: usize) -> Vec<String> {
    let question = |number: usize| {
        let opening = pick(&QUESTIONS, number);
        format!("{opening} {}", write_text(number * 31 + 7, 1 + number % 3).to_lowercase())
    };
    (0..count).map(question).collect()
}

fn write_text(number: usize, sentences: usize) -> String {
    let sentence = |index: usize| {
        // Strides without common factors, so that combinations repeat late.
        let key = number * 17 + index * 29 + number / 7;
        let subject = pick(&SUBJECTS, key);
        let verb = pick(&VERBS, key / 3 + index);
        let object = pick(&OBJECTS, key / 5 + number);
        format!("{subject} {verb} {object} {}.", number * 13 % 997)
    };
    (0..sentences).map(sentence).collect::<Vec<_>>().join(" ")
}

fn pick<'a>(words: &[&'a str], number: usize) -> &'a str {
    words.get(number % words.len().max(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The tokens that all-MiniLM-L6-v2 reads.
    const MODEL_TOKENS: usize = 512;

    /// A bound of the tokens of a text. The model's vocabulary has each word of these texts, but
    /// `outlives`, which is three tokens; a number below 1,000 is one or two.
    fn bound_tokens(text: &str) -> usize {
        let bound_word = |word: &str| match word {
            "outlives" => 3,
            word if word.starts_with(|first: char| first.is_ascii_digit()) => 2,
            _ => 1,
        };
        let words: usize = text.split(' ').map(bound_word).sum();
        // The model also reads a mark at each end.
        words + text.matches('.').count() + 2
    }

    #[test]
    fn the_longest_texts_nearly_fill_what_the_model_reads() {
        let most = write_texts(10_000).iter().map(|text| bound_tokens(text)).max().unwrap();
        assert!((480..=MODEL_TOKENS).contains(&most), "{most}");
    }

    #[test]
    fn texts_differ_and_have_many_lengths() {
        let texts = write_texts(1_000);
        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), 1_000);
        let lengths: BTreeSet<_> = texts.iter().map(|text| text.matches('.').count()).collect();
        assert_eq!((lengths.len(), lengths.last()), (24, Some(&42)));

        let questions = write_questions(1_000);
        assert_eq!(questions.iter().collect::<BTreeSet<_>>().len(), 1_000);
        assert!(questions.iter().all(|question| question.len() < 600));
    }
}
