//! Statements name their columns, so that a column which a newer version adds changes nothing for an older program.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "sql") {
            found.push(path);
        }
    }
}

/// The places where a statement leaves its columns to the schema.
fn unnamed(source: &str) -> Vec<String> {
    // A statement may be broken over lines by a backslash; `count(*)` names no columns and wants none.
    let text = source.replace("\\\n", " ").to_uppercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut found = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let word = word.trim_start_matches(['"', '(']);
        let after = |steps: usize| words.get(place + steps).copied().unwrap_or_default();
        let all = |word: &str| word.trim_end_matches([',', '"', ';']).ends_with('*') && !word.contains("(*");
        if ["SELECT", "RETURNING"].contains(&word) && all(after(1)) {
            found.push(format!("{word} {}", after(1)));
        }
        if word == "INSERT" && after(1) == "INTO" && !after(3).starts_with('(') && !after(2).contains('(') {
            found.push(format!("INSERT INTO {} {}", after(2), after(3)));
        }
    }
    found
}

#[test]
fn every_statement_names_its_columns() {
    let mut files = Vec::new();
    for folder in ["src", "migrations"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    let mut inserts = 0;
    for file in &files {
        let source = std::fs::read_to_string(file).unwrap();
        assert_eq!(unnamed(&source), [""; 0], "{}", file.display());
        inserts += source.matches("INSERT INTO").count();
    }
    assert!(files.len() > 30 && inserts > 8, "{} files, {inserts} insertions", files.len());
}

#[test]
fn a_statement_that_does_not_is_found() {
    for (source, found) in [
        ("\"SELECT * FROM users\"", true),
        ("\"SELECT users.* FROM users\"", true),
        ("\"DELETE FROM users RETURNING *\"", true),
        ("\"INSERT INTO users VALUES ($1)\"", true),
        ("\"INSERT INTO users \\\n     VALUES ($1)\"", true),
        ("\"INSERT INTO users SELECT id FROM people\"", true),
        ("\"SELECT count(*) FROM users\"", false),
        ("\"INSERT INTO users (id) VALUES ($1) RETURNING id\"", false),
        ("\"INSERT INTO users \\\n     (id) VALUES ($1)\"", false),
    ] {
        assert_eq!(!unnamed(source).is_empty(), found, "{source}");
    }
}
