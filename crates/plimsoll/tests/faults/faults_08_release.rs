//! A release can be repeated, and one that is damaged is healed or named.
