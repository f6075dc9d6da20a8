//! An answer to another question than the job has. Its client finds it, and the panel convicts its
//! node by the answer alone: the trace is that of the job's question with this answer.

use nosana_client::pda;
use nosana_engine::{
    Device, GenerationEnd, GenerationOptions, Generator, ModelStore, Prompt, SMOLLM2_135M_INSTRUCT,
};
use nosana_job_spec::{
    ANSWER_MARGIN_BOUND, Digest, FinishReason, Generation, GenerationOutput, InferenceArgs,
    Operation, Task,
};
use nosana_protocol::{dispute::sketch::Sketch, job::Reason};
use solana_address::Address;
use solana_signer::Signer;

use crate::{
    lies::{assert_slashed, convict_liar, finish_with, until_opening, wait_for_work},
    trial::{PANEL_FEE, Trial},
};

const QUESTION: &str = "What is the capital of France?";
/// What the node answers instead.
const OTHER_QUESTION: &str = "How many legs does a dog have?";
const MAX_TOKENS: u32 = 12;
const NONCE: u64 = 1;

/// An answer of the right model to the other question.
struct Lie {
    output: GenerationOutput,
    trace: Sketch,
}

impl Lie {
    /// Makes the lie for a job. Blocks this thread.
    fn about(job: &Address) -> Self {
        let file = ModelStore::in_user_cache().unwrap().ensure(&SMOLLM2_135M_INSTRUCT).unwrap();
        let generator = Generator::load(&file, &Device::open().unwrap()).unwrap();
        let options =
            GenerationOptions { max_tokens: MAX_TOKENS as usize, ..GenerationOptions::default() };
        let others = [Prompt::question(OTHER_QUESTION)];
        let answer = generator.generate(&others, &options, || true).unwrap().remove(0);

        let question = Prompt::question(QUESTION);
        let evidence = generator.check_answer(&question, &answer.token_ids, || true).unwrap();
        let margin = evidence.largest_margin();
        assert!(margin > ANSWER_MARGIN_BOUND, "`{}` has the margin {margin}", answer.text);
        let seed = Digest::of(job.as_array()).0;
        let trace = Sketch(nosana_engine::Sketch::of_states(&seed, &evidence.states).0);

        let finish_reason = match answer.end {
            GenerationEnd::Model => FinishReason::Stop,
            GenerationEnd::Limit | GenerationEnd::Interrupted => FinishReason::Length,
        };
        let prompt_tokens = generator.prompt_ids(&question).unwrap().len();
        let generation = Generation {
            text: answer.text,
            token_ids: answer.token_ids,
            finish_reason,
            prompt_tokens: prompt_tokens.try_into().unwrap(),
            logprobs: Vec::new(),
        };
        Self { output: GenerationOutput { generations: vec![generation] }, trace }
    }
}

/// The operation that asks the question.
fn ask_question() -> Operation {
    let model = SMOLLM2_135M_INSTRUCT.digest();
    let mut args = InferenceArgs::new(model, Task::Generation, [QUESTION]);
    args.max_tokens = Some(MAX_TOKENS);
    Operation::InferenceRun { id: "generate".into(), args }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_another_question_is_found_and_convicted() {
    let trial = Trial::start().await;
    let site = &trial.site;
    let liar = site.another_owner().await;
    let mut panel = trial.start_panel([None; 3]).await;
    let client_before = site.tokens(&site.world.client).await;
    let panel_before = trial.panel_tokens().await;

    let Lie { output, trace } = Lie::about(&pda::jobs::job(&site.world.client.pubkey(), NONCE));
    wait_for_work(&trial, &liar).await;
    let (job, _) = trial.list_operation(NONCE, ask_question()).await;
    let output = site.store.put_json(&output).unwrap();
    finish_with(&trial, &liar, job, output, &trace).await;
    let submitted = trial.submitted(job).await;

    let wait = trial.client_command(&["job", "wait"], &[&job.to_string(), "--check", "1"]);
    let mut wait = site.start_node(wait);
    let found = wait.says("the result is wrong").await;
    assert!(found.contains("a token has the margin"), "{found}");
    wait.says("it is disputed now").await;
    let dispute = pda::jobs::dispute(&job, submitted.attempt_id);
    let stored = until_opening(&trial, dispute).await;
    let resolved = convict_liar(&trial, &liar, (dispute, &stored), &trace).await;
    for seat in resolved.seats {
        assert!(Sketch(seat.sketch).agrees_with(&trace), "the trace refutes nothing");
    }

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
}
