//! A build finds what git says of the commit that it builds.
