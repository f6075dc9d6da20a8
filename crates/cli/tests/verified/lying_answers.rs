//! Answers to what the job did not ask: to another question, and to the first half of its own. The
//! client finds them, and the panel convicts their nodes by the answers alone.

use nosana_client::{jobs::accounts::Dispute, pda};
use nosana_engine::{
    Device, GeneratedText, GenerationEnd, GenerationOptions, Generator, ModelStore, Prompt,
    SMOLLM2_135M_INSTRUCT, sketch_seed,
};
use nosana_job_spec::{
    ANSWER_MARGIN_BOUND, ContentId, FinishReason, Generation, GenerationOutput, InferenceArgs,
    Operation, Task,
};
use nosana_protocol::{dispute::sketch::Sketch, job::Reason};
use solana_address::Address;

use crate::{
    lies::{assert_slashed, convict_liar, finish_with, store_result, until_opening, wait_for_work},
    trial::{PANEL_FEE, Trial},
};

const QUESTION: &str = "What is the capital of France?";
/// What a node answers instead.
const OTHER_QUESTION: &str = "How many legs does a dog have?";
/// Questions of which a node reads the first half. Not every answer to a half has an unlikely
/// token: those that have none are not wrong.
const LONG_QUESTIONS: [&str; 8] = [
    "Explain in two sentences why the night train delays the price of copper.",
    "How many legs does a dog have, and how many does a spider have?",
    "Write a short story in which a violin hides the shortest way home.",
    "List three reasons why a rare beetle measures every third number.",
    "Describe a day on which the weather station repairs a map without names.",
    "Write a letter which says that the harbor keeps a promise between neighbors.",
    "Summarize for a child how the court replaces the color of the water.",
    "What would happen if an old server remembered the sound of rain on tin?",
];
const MAX_TOKENS: u32 = 32;
const NONCE: u64 = 1;

/// An answer of the right model that is not one to the job's question.
struct Lie {
    question: &'static str,
    output: GenerationOutput,
    /// Of the node's work.
    work_states: Vec<Vec<f32>>,
    /// Of the job's question alone.
    input_states: Vec<Vec<f32>>,
}

/// The sketches for a job with a lie.
struct Sketches {
    /// To which the node commits.
    trace: Sketch,
    /// Of the job's question alone.
    inputs: Sketch,
}

impl Lie {
    /// Answers another question. The work is that of the job's question with this answer.
    fn to_other_question(generator: &Generator) -> Self {
        let answer = answer_prompt(generator, OTHER_QUESTION);
        let margin = largest_margin(generator, QUESTION, &answer);
        assert!(margin > ANSWER_MARGIN_BOUND, "`{}` has the margin {margin}", answer.text);

        let work_states = read_states(generator, QUESTION, &answer.token_ids);
        Self::new(generator, QUESTION, answer, work_states)
    }

    /// Answers the first half of a question. The work is that of the half.
    fn to_half_question(generator: &Generator) -> Self {
        let wrong = LONG_QUESTIONS.into_iter().find_map(|question| {
            let half = first_half(question);
            let answer = answer_prompt(generator, &half);
            let margin = largest_margin(generator, question, &answer);
            (margin > ANSWER_MARGIN_BOUND).then_some((question, half, answer))
        });
        let (question, half, answer) = wrong.expect("a half whose answer is wrong");

        let work_states = read_states(generator, &half, &answer.token_ids);
        Self::new(generator, question, answer, work_states)
    }

    fn new(
        generator: &Generator,
        question: &'static str,
        answer: GeneratedText,
        work_states: Vec<Vec<f32>>,
    ) -> Self {
        let input_states = read_states(generator, question, &[]);
        let output = claim_answer(generator, question, answer);
        Self { question, output, work_states, input_states }
    }

    /// The sketches for a job with this result.
    fn sketch_for(&self, job: &Address, result: &ContentId) -> Sketches {
        let seed = sketch_seed(job.as_array(), &result.digest());
        let [trace, inputs] = [&self.work_states, &self.input_states]
            .map(|states| Sketch(nosana_engine::Sketch::of_states(&seed, states).0));
        Sketches { trace, inputs }
    }

    /// The operation that asks the question.
    fn operation(&self) -> Operation {
        let model = SMOLLM2_135M_INSTRUCT.digest();
        let mut args = InferenceArgs::new(model, Task::Generation, [self.question]);
        args.max_tokens = Some(MAX_TOKENS);
        Operation::InferenceRun { id: "generate".into(), args }
    }
}

fn load_model() -> Generator {
    let file = ModelStore::in_user_cache().unwrap().ensure(&SMOLLM2_135M_INSTRUCT).unwrap();
    Generator::load(&file, &Device::open().unwrap()).unwrap()
}

fn first_half(question: &str) -> String {
    let words: Vec<&str> = question.split(' ').collect();
    words[..words.len() / 2].join(" ")
}

fn answer_prompt(generator: &Generator, question: &str) -> GeneratedText {
    let options =
        GenerationOptions { max_tokens: MAX_TOKENS as usize, ..GenerationOptions::default() };
    generator.generate(&[Prompt::question(question)], &options, || true).unwrap().remove(0)
}

/// The largest margin of the answer's tokens, as a client finds it.
fn largest_margin(generator: &Generator, question: &str, answer: &GeneratedText) -> f32 {
    let prompt = Prompt::question(question);
    generator.check_answer(&prompt, &answer.token_ids, || true).unwrap().largest_margin()
}

/// The states of reading the question with an answer of these tokens.
fn read_states(generator: &Generator, question: &str, tokens: &[u32]) -> Vec<Vec<f32>> {
    generator.check_answer(&Prompt::question(question), tokens, || true).unwrap().states
}

/// Claims that it is the answer to this question.
fn claim_answer(generator: &Generator, question: &str, answer: GeneratedText) -> GenerationOutput {
    let finish_reason = match answer.end {
        GenerationEnd::Model => FinishReason::Stop,
        GenerationEnd::Limit | GenerationEnd::Interrupted => FinishReason::Length,
    };
    let prompt_tokens = generator.prompt_ids(&Prompt::question(question)).unwrap().len();
    let generation = Generation {
        text: answer.text,
        token_ids: answer.token_ids,
        finish_reason,
        prompt_tokens: prompt_tokens.try_into().unwrap(),
        logprobs: Vec::new(),
    };
    GenerationOutput { generations: vec![generation] }
}

/// Has a node submit the lie, its client find it, and the panel convict the node. Returns the
/// dispute as it was resolved, and the sketches.
async fn convict_answer(make_lie: fn(&Generator) -> Lie) -> (Dispute, Sketches) {
    let trial = Trial::start().await;
    let site = &trial.site;
    let liar = site.another_owner().await;
    let mut panel = trial.start_panel([None; 3]).await;
    let client_before = site.tokens(&site.world.client).await;
    let panel_before = trial.panel_tokens().await;

    let lie = make_lie(&load_model());
    wait_for_work(&trial, &liar).await;
    let (job, _) = trial.list_operation(NONCE, lie.operation()).await;
    let output = site.store.put_json(&lie.output).unwrap();
    let result = store_result(&trial, job, output).await;
    let sketches = lie.sketch_for(&job, &result);
    finish_with(&trial, &liar, job, result, &sketches.trace).await;
    let submitted = trial.submitted(job).await;

    let wait = trial.client_command(&["job", "wait"], &[&job.to_string(), "--check", "1"]);
    let mut wait = site.start_node(wait);
    let found = wait.says("the result is wrong").await;
    assert!(found.contains("a token has the margin"), "{found}");
    wait.says("it is disputed now").await;
    let dispute = pda::jobs::dispute(&job, submitted.attempt_id);
    let stored = until_opening(&trial, dispute).await;
    let resolved = convict_liar(&trial, &liar, (dispute, &stored), &sketches.trace).await;

    wait.says("its node lost the dispute").await;
    assert_eq!(wait.ended().await.code(), Some(125), "{}", wait.log());
    assert_eq!(site.job(job).await.reason, Reason::ResultWrong as u8);
    // Its part of the collateral, and the challenger's.
    assert_eq!(site.tokens(&site.world.client).await, client_before + 3 * PANEL_FEE);
    for (before, after) in panel_before.iter().zip(trial.panel_tokens().await) {
        assert_eq!(after - before, PANEL_FEE);
    }
    assert_slashed(&trial, &liar).await;
    trial.audit(0).await;

    for node in &mut panel {
        node.leaves().await;
    }
    trial.site.world.stop().await.unwrap();
    (resolved, sketches)
}

/// The panel found the result wrong by its answer, so its sketches are those of the question.
fn assert_votes_for_wrong(resolved: &Dispute, inputs: &Sketch) {
    for seat in &resolved.seats {
        assert!(Sketch(seat.sketch).agrees_with(inputs), "a vote for Wrong has no answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_another_question_is_found_and_convicted() {
    let (resolved, Sketches { trace, inputs }) = convict_answer(Lie::to_other_question).await;
    assert_votes_for_wrong(&resolved, &inputs);
    assert!(!trace.agrees_with(&inputs), "the node reads the answer, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_half_of_the_question_is_found_and_convicted() {
    let (resolved, Sketches { trace, inputs }) = convict_answer(Lie::to_half_question).await;
    assert_votes_for_wrong(&resolved, &inputs);
    assert!(!trace.agrees_with(&inputs), "it is not that of the whole question");
}
