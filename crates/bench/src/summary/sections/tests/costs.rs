//! `costs.json`.

use serde_json::{Value, json};

use crate::summary::{
    baseline::Baseline,
    content::{Content, Headline},
    sections::costs::read_costs,
};

fn figures(units: u64) -> Value {
    json!({
        "jobs.list": {"units": units, "rent_lamports": 7},
        "jobs.work, a job waits": {"units": 1_000},
        "jobs.start": {"units": 100},
        "jobs.finish": {"units": 10},
        "program jobs": {"size_bytes": 492_208},
    })
}

fn read(file: Value) -> Content {
    let baseline = json!({"compiler": "upstream", "figures": figures(4_000)});
    read_costs(file, &serde_json::from_value(baseline).unwrap()).unwrap()
}

#[test]
fn figures_are_beside_the_baseline_and_the_floor() {
    let mut file = json!({"compiler": "upstream", "figures": figures(5_000)});
    file["figures"]["jobs.list"]["floor"] = 2_000.into();
    file["figures"]["jobs.list"]["block_units"] = 6_000.into();
    file["reasons"] = json!({"jobs.list": "many checks"});
    let content = read(file);

    assert_eq!(content.headlines[0], Headline::new("a whole job", "6,110 CU"));
    assert_eq!(content.headlines[1], Headline::new("program jobs", "492,208 bytes"));
    let [instructions, without_floor, sizes] = &content.tables[..] else {
        panic!("{:?}", content.tables)
    };
    let list = instructions.rows.iter().find(|row| row[0] == "jobs.list").unwrap();
    let expected = ["5,000", "4,000", "+25.0 %", "2,000", "2.50", "6,000", "7", "many checks"];
    assert_eq!(list[1..], expected);
    assert_eq!(instructions.heading[6], "block units, without loaded bytes");
    assert_eq!(instructions.heading[7], "rent lamports");
    assert_eq!(instructions.text_columns, [8]);
    assert_eq!(without_floor.rows, [["jobs", "3", "finish; start; work, a job waits"]]);
    assert_eq!(sizes.rows, [["program jobs", "492,208", "492,208", "0"]]);

    // Twice four instructions now and before, and one floor.
    assert_eq!(content.drawings.matches("<rect").count(), 18, "{}", content.drawings);
    assert!(content.drawings.contains("the floor"));
}

#[test]
fn files_without_floors_are_read() {
    let content = read(json!({"compiler": "upstream", "figures": figures(5_000)}));
    assert_eq!(content.drawings.matches("<rect").count(), 16, "{}", content.drawings);
    assert!(!content.drawings.contains("the floor"));
    assert!(read_costs(json!({}), &Baseline::default()).is_err());
}

#[test]
fn a_jobs_life_and_the_dearest_are_drawn() {
    let mut file = json!({"compiler": "upstream", "figures": figures(5_000)});
    for number in 0..20 {
        file["figures"][format!("staking.rare {number:02}")] = json!({"units": 10_000 + number});
    }
    let content = read(file);

    assert_eq!(content.drawings.matches("<svg").count(), 2);
    assert!(content.drawings.contains(">staking.rare 10</text>"), "{}", content.drawings);
    assert!(!content.drawings.contains(">staking.rare 09</text>"), "{}", content.drawings);
    assert!(content.drawings.contains(">jobs.start</text>"), "{}", content.drawings);
}
