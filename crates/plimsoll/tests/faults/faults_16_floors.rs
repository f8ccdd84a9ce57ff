//! Floors that name a distribution look at every library that it fixes.
