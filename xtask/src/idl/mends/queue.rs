//! The cells of a queue. Anchor describes the header alone. A number of cells and the cells follow
//! it, which is what every reader takes for a vector.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::names::name_of;

/// The account whose cells follow it.
const HEADER: &str = "QueueHeader";

/// Adds the cells to the queue's type, and their type.
pub fn write_cells(program: &str, idl: &mut Value) -> Result<()> {
    if program != "jobs" {
        return Ok(());
    }

    let types = idl["types"].as_array_mut().context("the IDL has no types")?;
    let header = types
        .iter_mut()
        .find(|def| name_of(def) == HEADER)
        .with_context(|| format!("the IDL has no `{HEADER}`"))?;
    let cells = json!({
        "name": "cells",
        "docs": ["The cells of the queue, used and vacant. `first` of the account links to the \
                  cell that leaves first, and its `next` to the one after it."],
        "type": {"vec": {"defined": {"name": "QueueCell"}}},
    });
    header["type"]["fields"].as_array_mut().context("the queue has no fields")?.push(cells);

    types.push(describe_cell());
    types.sort_by(|a, b| name_of(a).cmp(name_of(b)));
    Ok(())
}

/// Returns the type of a cell: the bytes of the program's `QueueCell`.
fn describe_cell() -> Value {
    let field =
        |name: &str, ty: &str, docs: &str| json!({"name": name, "docs": [docs], "type": ty});

    json!({
        "name": "QueueCell",
        "docs": ["A cell of a queue: a job or a node, its price, and links to its neighbors. A \
                  link is the index of a cell plus one; zero means that there is none."],
        "type": {"kind": "struct", "fields": [
            field("address", "pubkey", "The job or the node; zero if the cell is vacant."),
            field(
                "price_per_second",
                "u64",
                "Price of the job, or lowest price that the node accepts, in base units per \
                 second.",
            ),
            field("previous", "u32", "Link to the cell before this one."),
            field(
                "next",
                "u32",
                "Link to the cell after this one; of a vacant cell, to the next vacant one.",
            ),
        ]},
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::write_cells;

    #[test]
    fn the_queue_ends_with_its_cells() {
        let mut idl = json!({"types": [{
            "name": "QueueHeader",
            "type": {"kind": "struct", "fields": [{"name": "market", "type": "pubkey"}]},
        }]});
        write_cells("jobs", &mut idl).unwrap();

        let types = idl["types"].as_array().unwrap();
        assert_eq!(types.len(), 2);
        let (cell, header) = (&types[0], &types[1]);
        assert_eq!(header["type"]["fields"][1]["type"]["vec"]["defined"]["name"], cell["name"]);

        assert!(write_cells("jobs", &mut json!({"types": []})).is_err());
    }
}
