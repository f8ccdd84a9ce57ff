//! What is the project's own moves with its version, and nothing else does.
