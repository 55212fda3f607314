//! The rule book, `src/rules.md`, against the names of the tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

const RULES: &str = include_str!("../src/rules.md");

/// The first cell of every row in a table of rules: one that has `id` at the head of its first column.
fn rule_ids() -> Vec<&'static str> {
    let mut is_in_table = false;
    let mut ids = Vec::new();
    for line in RULES.lines() {
        let Some((first, _)) = line.strip_prefix('|').and_then(|row| row.split_once('|')) else {
            is_in_table = false;
            continue;
        };
        match first.trim() {
            "id" => is_in_table = true,
            cell if is_in_table && !cell.starts_with("---") => ids.push(cell),
            _ => {}
        }
    }
    ids
}

/// Family and number of an id such as `SEL-6`.
fn parse(id: &str) -> Option<(&str, u32)> {
    let (family, number) = id.split_once('-')?;
    let is_family = family.len() == 3 && family.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_number = !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_family && is_number).then_some((family, number.parse().ok()?))
}

/// Ids that are malformed, stand twice, or stand behind a greater one of their family or apart from it.
fn faults_of_order(ids: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut families = Vec::new();
    let mut latest = 0;
    for (index, id) in ids.iter().enumerate() {
        let Some((family, number)) = parse(id) else {
            faults.push(format!("`{id}` is no id"));
            continue;
        };
        if ids.iter().take(index).any(|earlier| earlier == id) {
            faults.push(format!("{id} stands twice"));
        } else if families.last() == Some(&family) {
            if number < latest {
                faults.push(format!("{id} stands behind {family}-{latest}"));
            }
        } else if families.contains(&family) {
            faults.push(format!("{id} stands apart from its family"));
        }
        families.push(family);
        latest = number;
    }
    faults
}

/// The Rust sources in a folder and in the folders below it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The names of the functions below a `#[test]`.
fn test_names(source: &str) -> Vec<String> {
    let mut is_test = false;
    let mut names = Vec::new();
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("#[test]") {
            is_test = true;
        } else if let Some((name, _)) = line.strip_prefix("fn ").and_then(|rest| rest.split_once('(')) {
            if is_test {
                names.push(name.to_owned());
            }
            is_test = false;
        }
    }
    names
}

#[test]
fn every_rule_has_a_test_that_names_it() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = package.join("tests");
    let mut files = sources(&folder);
    files.retain(|file| file.parent() == Some(&folder));
    files.extend(sources(&package.join("src")));
    let tests: Vec<String> = files.iter().flat_map(|file| test_names(&fs::read_to_string(file).unwrap())).collect();

    let ids = rule_ids();
    assert!(!ids.is_empty(), "src/rules.md has no table of rules");
    let mut faults = faults_of_order(&ids);
    for id in &ids {
        let prefix = format!("{}_", id.to_lowercase().replace('-', "_"));
        if !tests.iter().any(|test| test.starts_with(&prefix)) {
            faults.push(format!("{id} has no test: none is called {prefix}…"));
        }
    }
    assert!(faults.is_empty(), "{} faults in src/rules.md and the tests:\n{}", faults.len(), faults.join("\n"));
}
