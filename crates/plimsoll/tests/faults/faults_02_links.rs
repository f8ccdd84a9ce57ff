//! Links of a fetched archive stay inside of the folder that is placed.
