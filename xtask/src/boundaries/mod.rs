//! What may touch what: the rules of the design, held against every source file of the crates.

mod kinds;
mod layers;
mod lengths;
mod rules;
mod scan;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rules::Breach;
use scan::Source;

/// Checks the whole tree, prints every breach, and one line at the end.
pub fn run(root: &Path) -> ExitCode {
    match check(root) {
        Ok((files, breaches)) => {
            for breach in &breaches {
                eprintln!("{}: {}: {}", breach.place, breach.rule, breach.message);
            }
            println!("boundaries: {} rules over {files} files, {} breaches", rules::COUNT, breaches.len());
            if breaches.is_empty() && files > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn check(root: &Path) -> Result<(usize, Vec<Breach>), String> {
    let mut breaches = Vec::new();
    let mut sources = Vec::new();
    let kinds = kinds::known(root)?;
    // What is never released may print, start programs and read the whole tree.
    let mut tools = vec![root.join("xtask/src")];
    for krate in folders(&root.join("crates"))? {
        let manifest = krate.join("Cargo.toml");
        let text = read(&manifest)?;
        if !layers::is_released(&text) {
            tools.push(krate.join("src"));
            continue;
        }
        breaches.extend(layers::check(&relative(root, &manifest), &text));
        for path in rust_files(&krate.join("src"))? {
            let (name, text) = (relative(root, &path), read(&path)?);
            // A module of tests in a file of its own is compiled for tests only.
            if path.file_name().is_some_and(|name| name == "tests.rs") || path.components().any(|part| part.as_os_str() == "tests") {
                breaches.extend(rules::names(&name));
                continue;
            }
            let source = Source::parse(&name, &text)?;
            breaches.extend(rules::of_source(&source));
            breaches.extend(kinds::check(&source, &kinds));
            sources.push(source);
        }
    }
    for folder in tools {
        for path in rust_files(&folder)? {
            let (name, text) = (relative(root, &path), read(&path)?);
            breaches.extend(rules::names(&name));
            sources.push(Source::parse(&name, &text)?);
        }
    }
    let reasons = lengths::reasons(&read(&root.join(lengths::LIST))?)?;
    breaches.extend(lengths::check(&sources, &reasons));
    Ok((sources.len(), breaches))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = fs::read_dir(folder)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(failed))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>, String> {
    Ok(entries(folder)?.into_iter().filter(|path| path.is_dir()).collect())
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            found.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}
