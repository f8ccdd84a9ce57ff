//! Opening a project starts nothing that the project names, and writes nothing into it.
