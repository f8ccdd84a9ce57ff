//! Where the folder of a registry may lie: neither in the project nor around it, by whatever name it is reached.

use std::path::{Component, Path, PathBuf};

use plimsoll_model::{Class, Failure, Name};

/// The registry that a manifest names, relative to the project unless absolute, for releases called `name`. `project` is canonical.
///
/// # Errors
/// Class usage if what is published would lie in the project, in `dist/` above all, or the project among what is published.
pub fn registry(project: &Path, named: &str, name: &Name) -> Result<PathBuf, Failure> {
    let registry = resolved(&project.join(named));
    let home = resolved(&registry.join(name.as_str()));
    let what = if [&registry, &home].iter().any(|folder| folder.starts_with(project)) {
        "lies in the project, whose files it would be among"
    } else if [&registry, &home].iter().any(|folder| project.starts_with(folder)) {
        "is a folder around the project, which would be published with it"
    } else {
        return Ok(registry);
    };
    Err(Failure::new(Class::Usage, "registry-place", format!("`publish.folder.path` {what}"))
        .about(registry.display().to_string())
        .hint("name a folder outside of it, such as `../releases`"))
}

/// The path as the file system has it, links and `..` followed as far as there is something.
fn resolved(path: &Path) -> PathBuf {
    let mut real = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(real.pop()),
            Component::CurDir => {}
            part => real.push(part),
        }
        if let Ok(found) = real.canonicalize() {
            real = found;
        }
    }
    real
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_folder_is_judged_where_it_really_lies() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        let project = place.join("app");
        fs::create_dir_all(project.join("dist")).unwrap();
        fs::create_dir_all(place.join("beside/below")).unwrap();
        symlink("app", place.join("link")).unwrap();
        symlink("../beside/below", project.join("out")).unwrap();
        fs::create_dir(place.join("homes")).unwrap();
        symlink("../app", place.join("homes/app")).unwrap();
        let name = "app".parse().unwrap();
        let judged = |named: &str| registry(&project, named, &name);
        for inside in ["dist", "dist/x", "x", ".", "./x/..", "nowhere/../x", "../app", "../link/x", "../homes"] {
            assert!(judged(inside).is_err_and(|failure| failure.message.contains("in the project")), "{inside}");
        }
        for around in ["..", "../..", "/"] {
            assert!(judged(around).is_err_and(|failure| failure.class == Class::Usage), "{around}");
        }
        for (outside, is) in [("../releases", "releases"), ("out", "beside/below"), ("out/../x", "beside/x"), ("../app2", "app2")] {
            assert_eq!(judged(outside).unwrap(), place.join(is), "{outside}");
        }
        assert_eq!(judged("/srv/nowhere/releases").unwrap(), Path::new("/srv/nowhere/releases"));
    }
}
