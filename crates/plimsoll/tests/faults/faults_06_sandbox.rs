//! A probe changes nothing of the machine that it runs on.
