//! Archives carry the licences of what they hold.
