//! Small inputs cost little, and slow servers are given up.
