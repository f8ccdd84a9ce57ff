//! Text of others reaches the terminal without control characters.
