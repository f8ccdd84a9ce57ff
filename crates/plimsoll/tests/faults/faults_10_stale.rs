//! Old proofs, silent passes, and what a killed run leaves behind.
