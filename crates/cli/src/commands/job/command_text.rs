//! What a job runs, in a few words.

use std::time::Instant;

use nosana_client::jobs::accounts::Job;
use nosana_engine::find_model;
use nosana_job_spec::{ContentId, InferenceInput, JobDefinition, Operation, StepCommand, Task};
use nosana_store::Store;

/// The longest text, in characters.
const MAX_CHARACTERS: usize = 48;

/// Returns in a few words what the job runs; `None` if the store's folder does not have its
/// definition. Requests nothing from an IPFS node: a list must not wait for it.
pub fn find_command_text(store: &Store, job: &Job) -> Option<String> {
    let local = store.clone().with_deadline(Instant::now());
    let definition = local.get_definition(&ContentId::from_digest(job.definition)).ok()?;

    Some(summarize_definition(&definition))
}

fn summarize_definition(definition: &JobDefinition) -> String {
    let Some(first) = definition.ops.first() else { return String::new() };
    let others = definition.ops.len().saturating_sub(1);
    let text = shorten_text(&summarize_operation(first));

    if others == 0 { text } else { format!("{text} (+{others})") }
}

fn summarize_operation(operation: &Operation) -> String {
    match operation {
        Operation::InferenceRun { args, .. } => {
            let verb = match args.task {
                Task::Embedding => "embed",
                Task::Generation => "generate",
            };
            let input = args.inputs.first().map(InferenceInput::summary).unwrap_or_default();
            format!("{verb} {input}")
        }
        Operation::InferenceServe { args, .. } => {
            let digest = args.model.digest();
            let name = find_model(&digest).map_or(digest.to_string(), |model| model.name.into());
            format!("serve {name}")
        }
        Operation::CommandRun { args, .. } => {
            args.steps.first().map(|step| command_words(&step.run)).unwrap_or_default()
        }
        Operation::ContainerRun { args, .. } => {
            let command = args.cmd.as_ref().map(command_words).unwrap_or_default();
            format!("{} {command}", args.image)
        }
    }
}

fn command_words(command: &StepCommand) -> String {
    match command {
        StepCommand::Line(line) => line.clone(),
        StepCommand::Arguments(argv) => argv.join(" "),
    }
}

/// Puts the text on one line, without control characters, and cuts it.
fn shorten_text(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");

    if line.chars().count() <= MAX_CHARACTERS {
        return line;
    }
    let kept: String = line.chars().take(MAX_CHARACTERS - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use nosana_client::ProgramAccount;
    use serde_json::{Value, json};

    use super::*;

    fn summary(ops: Value) -> String {
        let definition = json!({ "version": "nosana/1", "ops": ops });
        summarize_definition(&serde_json::from_value(definition).unwrap())
    }

    fn command(run: Value) -> Value {
        let steps = json!([{ "name": "one", "run": run }]);
        json!({ "id": "run", "type": "command/run", "args": { "steps": steps } })
    }

    #[test]
    fn each_type_of_operation_has_a_summary() {
        assert_eq!(summary(json!([command(json!("make\n\tmake test"))])), "make make test");
        let words = command(json!(["make", "all tests"]));
        assert_eq!(summary(json!([words, command(json!("true"))])), "make all tests (+1)");

        let args = json!({ "image": "debian", "cmd": ["ls", "-l"] });
        let container = json!({ "id": "box", "type": "container/run", "args": args });
        assert_eq!(summary(json!([container])), "debian ls -l");

        let model = format!("sha256:{}", "0".repeat(64));
        let args = json!({ "model": model, "task": "generation", "inputs": ["Hello?", "b"] });
        let generate = json!({ "id": "ask", "type": "inference/run", "args": args });
        assert_eq!(summary(json!([generate])), "generate Hello?");
    }

    #[test]
    fn a_long_or_hostile_text_stays_one_short_line() {
        let long = summary(json!([command(json!("é".repeat(200)))]));
        assert_eq!(long.chars().count(), MAX_CHARACTERS);
        assert!(long.ends_with('…'));
        let hostile = summary(json!([command(json!("a\u{1b}[2J\r\u{9b}b"))]));
        assert_eq!(hostile, "a [2J b");
    }

    #[test]
    fn only_the_folder_is_read() {
        let folder = tempfile::tempdir().unwrap();
        // Nothing answers there: a request would fail after a while, or block.
        let store = Store::open(folder.path()).unwrap().with_ipfs("http://127.0.0.1:9");
        let zeroed = [Job::DISCRIMINATOR, &vec![0; Job::SIZE - 8]].concat();
        let mut job = Job::from_data(&zeroed).unwrap();
        assert_eq!(find_command_text(&store, &job), None);

        let definition = json!({ "version": "nosana/1", "ops": [command(json!("make"))] });
        let local = Store::open(folder.path()).unwrap();
        job.definition = local.put_json(&definition).unwrap().digest();
        assert_eq!(find_command_text(&store, &job).as_deref(), Some("make"));
    }
}
