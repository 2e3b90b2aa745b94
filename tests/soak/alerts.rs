//! What the operator was told: a command of the test's own writes it down, a line an alert.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// `[alerts] command`, which writes into this file.
pub fn command(told: &Path) -> String {
    format!("command = [\"sh\", \"-c\", \"cat >> {0}; echo >> {0}\"]", told.display())
}

/// How often each alert fired, and what is wrong with what was told: after `firing` comes `resolved`, the
/// same thing may be told twice, nothing is left firing, and nothing personal is said.
pub fn judge(told: &Path) -> (BTreeMap<String, u64>, Vec<String>) {
    let (mut fired, mut wrong) = (BTreeMap::new(), Vec::new());
    let mut states: BTreeMap<String, Value> = BTreeMap::new();
    let text = fs::read_to_string(told).unwrap_or_default();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let Ok(alert) = serde_json::from_str::<Value>(line) else {
            wrong.push(format!("no JSON was told: {line}"));
            continue;
        };
        if line.contains('@') || line.contains("demo-secret") {
            wrong.push(format!("something personal was told of {}", alert["alert"]));
        }
        let key = format!("{} {} {}", alert["alert"], alert["account"], alert["directory_id"]);
        let before = states.insert(key.clone(), alert.clone());
        match (before, alert["state"].as_str()) {
            (Some(before), Some(state)) if before["state"] == state && before["since"] != alert["since"] => {
                wrong.push(format!("{key}: {state} twice, since different moments"));
            }
            (None, Some("resolved")) => wrong.push(format!("{key}: resolved and never fired")),
            (before, Some("firing"))
                if before.as_ref().is_none_or(|before| before["state"] == "resolved") =>
            {
                *fired.entry(alert["alert"].as_str().unwrap_or_default().to_owned()).or_insert(0) += 1;
            }
            (_, Some("firing" | "resolved")) => {}
            (_, state) => wrong.push(format!("{key}: a state {state:?}")),
        }
    }
    let left = states.iter().filter(|(_, alert)| alert["state"] == "firing");
    wrong.extend(left.map(|(key, _)| format!("{key}: still firing at the end")));
    (fired, wrong)
}
