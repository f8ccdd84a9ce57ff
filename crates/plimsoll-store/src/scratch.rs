//! Scratch space on disk for formats that need sizes or digests before they can write.

use std::io;

use plimsoll_pack::{Scratch, ScratchFile};

use crate::Store;

impl Scratch for Store {
    fn file(&self) -> io::Result<Box<dyn ScratchFile>> {
        Ok(Box::new(tempfile::tempfile_in(self.root.join("temporary"))?))
    }
}
