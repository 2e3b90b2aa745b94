//! The house's rules, read from the sources: rings, the core's bans, the architecture's paths.

use std::fs;
use std::path::{Path, PathBuf};

const CORE: [&str; 8] =
    ["alert", "directory", "freshness", "instant", "recipient", "registration", "room", "walk"];
const EDGES: [&str; 5] = ["api", "clock", "config", "hook", "store"];
/// Nobody else speaks HTTP to anybody.
const HTTP_CLIENTS: [&str; 2] = ["api", "hook"];

/// What no file of the core may name.
const BANNED_IN_CORE: [&str; 12] = [
    "async ",
    "tokio",
    "sqlx",
    "rusqlite",
    "reqwest",
    "axum",
    "std::time",
    "SystemTime",
    "Utc::now",
    "rand",
    "tracing",
    "std::fs",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file: its top module, its path, its text.
fn modules() -> Vec<(String, PathBuf, String)> {
    let mut found = Vec::new();
    sources(Path::new("src"), &mut found);
    let module = |path: &Path| {
        let first = path.strip_prefix("src").unwrap().components().next().unwrap();
        first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
    };
    found.into_iter().map(|path| (module(&path), path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

/// The top modules of this crate that a text names.
fn named(text: &str) -> Vec<String> {
    let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    text.split("crate::").skip(1).map(word).collect()
}

#[test]
fn arrows_point_inwards_only_and_edges_do_not_know_each_other() {
    let modules = modules();
    assert!(modules.len() > 50, "{} files were read", modules.len());
    for (module, path, text) in &modules {
        for other in named(text) {
            let other = other.as_str();
            let allowed = if CORE.contains(&module.as_str()) {
                CORE.contains(&other)
            } else if EDGES.contains(&module.as_str()) {
                // The clock is what the others take the time from.
                other == module || CORE.contains(&other) || other == "clock"
            } else {
                true
            };
            assert!(allowed, "{} names crate::{other}", path.display());
        }
    }
}

#[test]
fn the_core_names_no_clock_no_runtime_and_no_database() {
    for (module, path, text) in modules().iter().filter(|(module, ..)| CORE.contains(&module.as_str())) {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let banned = BANNED_IN_CORE.iter().find(|word| line.contains(**word));
            assert_eq!(banned, None, "{module}: {}: {line}", path.display());
        }
    }
}

#[test]
fn only_the_api_and_the_hook_have_an_http_client() {
    let clients: Vec<String> = modules()
        .into_iter()
        .filter(|(.., text)| text.contains("reqwest::"))
        .map(|(module, ..)| module)
        .collect();
    assert!(clients.iter().all(|module| HTTP_CLIENTS.contains(&module.as_str())), "{clients:?}");
    assert!(HTTP_CLIENTS.iter().all(|client| clients.iter().any(|module| module == client)), "{clients:?}");
}

#[test]
fn every_path_that_the_architecture_names_exists() {
    let text = fs::read_to_string("ARCHITECTURE.md").unwrap();
    assert!(text.lines().count() < 200, "ARCHITECTURE.md is too long to be read");
    let roots = ["src/", "tests/", "benches", "migrations/", "clippy.toml"];
    let paths: Vec<_> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|path| roots.iter().any(|root| path.starts_with(root)))
        .collect();
    assert!(paths.len() > 10, "{paths:?}");
    for path in paths {
        assert!(Path::new(path).exists(), "ARCHITECTURE.md names {path}");
    }
}
