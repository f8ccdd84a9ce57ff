//! Files have the modes that they should have, whatever the umask.
