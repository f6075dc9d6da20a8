//! Tests of variables in published definitions.

use serde_json::json;

use super::*;

fn with_variables(variables: Value, image: &str) -> Value {
    json!({ "global": { "variables": variables }, "ops": [{ "args": { "image": image } }] })
}

fn refuse(variables: Value, image: &str) -> String {
    fill_variables(&with_variables(variables, image)).unwrap_err().to_string()
}

#[test]
fn variables_are_filled_in_wherever_texts_are() {
    let definition = json!({
        "meta": { "a": "%%global.variables.none%%" },
        "global": {
            "variables": {
                "MODEL": "a/%%global.variables.NAME%%",
                "NAME": "b:20b",
                "PORT": 80,
            },
            "env": { "URL": "x%%global.variables.PORT%%y" },
        },
        "ops": [{ "id": "%%global.variables.NAME%%", "args": { "cmd": [
            "%%global.variables.MODEL%%",
            "%%ops.c.host%%",
            "100%%",
            "%%%global.variables.PORT%%",
        ] } }],
    });
    let filled = fill_variables(&definition).unwrap();
    assert_eq!(
        filled["ops"][0]["args"]["cmd"],
        json!(["a/b:20b", "%%ops.c.host%%", "100%%", "%80"])
    );
    assert_eq!((&filled["ops"][0]["id"], &filled["meta"]), (&json!("b:20b"), &definition["meta"]));
    assert_eq!(filled["global"]["env"]["URL"], "x80y");
}

#[test]
fn variables_are_filled_in_in_names_of_results_alone() {
    let with_results = |results: Value| {
        json!({
            "global": { "variables": { "A": "a:1", "B": "a:1" } },
            "ops": [{
                "results": results,
                "args": { "env": { "%%global.variables.A%%": "" } },
            }],
        })
    };
    let results = json!({
        "%%global.variables.A%%__x": "%%global.variables.A%%=(.*)",
        "y": { "regex": "%%global.variables.B%%", "logType": ["stdout"] },
    });
    let filled = fill_variables(&with_results(results)).unwrap();
    let expected = json!({
        "a:1__x": "a:1=(.*)",
        "y": { "regex": "a:1", "logType": ["stdout"] },
    });
    assert_eq!(filled["ops"][0]["results"], expected);
    assert!(filled["ops"][0]["args"]["env"].get("%%global.variables.A%%").is_some());

    for other in ["%%global.variables.B%%", "a:1"] {
        let twice = json!({ "%%global.variables.A%%": "x", other: "y" });
        let error = fill_variables(&with_results(twice)).unwrap_err().to_string();
        assert!(error.starts_with("/ops/0/results/"), "{error}");
        assert!(error.ends_with(": becomes `a:1`, the name of another result"), "{error}");
    }
    let missing = json!({ "%%global.variables.C%%": "x" });
    let error = fill_variables(&with_results(missing)).unwrap_err().to_string();
    let place = "/ops/0/results/%%global.variables.C%%: has `%%global.variables.C%%`";
    assert!(error.starts_with(place), "{error}");
}

#[test]
fn objects_and_lists_are_not_spread() {
    for place in ["env", "image"] {
        let spread = json!({ "__spread__": "%%global.variables.A%%" });
        let definition = json!({
            "global": { "variables": { "A": "1" } },
            "ops": [{ "args": { place: [spread] } }],
        });
        let error = fill_variables(&definition).unwrap_err().to_string();
        let place = format!("/ops/0/args/{place}/0/__spread__: is not supported");
        assert!(error.starts_with(&place), "{error}");
    }
}

#[test]
fn the_place_of_a_wrong_placeholder_is_named() {
    let error = refuse(json!({ "A": "1" }), "%%global.variables.B%%");
    assert!(error.starts_with("/ops/0/args/image: has `%%global.variables.B%%`"), "{error}");
    assert!(error.ends_with("/global/variables has `A`"), "{error}");

    let error = refuse(json!({ "A": "%%global.variables.C%%" }), "a");
    assert!(error.starts_with("/global/variables/A: has `%%global.variables.C%%`"), "{error}");
    let error = refuse(json!({ "A": [] }), "a");
    assert!(error.starts_with("/global/variables/A: must be a text"), "{error}");
    for name in ["globals.job", "global.image", "globals.variables.A", "env.HOME"] {
        let error = refuse(json!({ "A": "1" }), &format!("%%{name}%%"));
        assert!(error.starts_with("/ops/0/args/image: has the placeholder"), "{error}");
    }
}

#[test]
fn variables_do_not_name_themselves() {
    let circle = json!({
        "A": "%%global.variables.B%%",
        "B": "x%%global.variables.C%%",
        "C": "%%global.variables.B%%",
    });
    let error = refuse(circle, "a");
    assert_eq!(error, "/global/variables/B: needs its own value: A → B → C → B");
}

#[test]
fn long_chains_of_variables_do_not_exhaust_the_stack() {
    let chain = |count: usize| {
        let mut variables = Map::new();
        for index in 0..count {
            let next = format!("%%global.variables.a{:05}%%", index + 1);
            variables.insert(format!("a{index:05}"), next.into());
        }
        variables.insert(format!("a{count:05}"), "x".into());
        with_variables(variables.into(), "%%global.variables.a00000%%")
    };
    let fill = move || {
        let filled = fill_variables(&chain(MAX_CHAIN - 1)).unwrap();
        let [deep, many] = [MAX_CHAIN, 9_000].map(|count| fill_variables(&chain(count)));
        (filled, deep.unwrap_err().to_string(), many.unwrap_err().to_string())
    };
    let thread = std::thread::Builder::new().stack_size(128 << 10).spawn(fill).unwrap();

    let (filled, deep, many) = thread.join().unwrap();
    assert_eq!(filled["ops"][0]["args"]["image"], "x");
    let problem = "is one of more than 32 variables that name one another in a row";
    assert_eq!(deep, format!("/global/variables/a00031: {problem}"));
    assert_eq!(many, "/global/variables: has 9001 variables; at most 256 are allowed");
}

#[test]
fn variables_do_not_multiply() {
    let mut variables = Map::new();
    variables.insert("V0".to_owned(), "x".repeat(100).into());
    for index in 1..40 {
        let name = format!("%%global.variables.V{}%%", index - 1);
        variables.insert(format!("V{index}"), name.repeat(10).into());
    }
    let error = refuse(variables.into(), "a");
    assert!(error.contains("has more than 524288 bytes"), "{error}");
}
