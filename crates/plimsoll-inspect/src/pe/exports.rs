//! Exports by name, and those that another library provides.

use std::collections::BTreeSet;

use object::LittleEndian as LE;
use object::U32;
use object::pe::{self, ImageExportDirectory};
use object::read::ReadRef;
use object::read::pe::ImageNtHeaders;

use super::image::Image;
use crate::error::InspectError;
use crate::strings::{lossy, symbol_name_at};

/// Exports are numbered with 16 bits.
const MAX_EXPORTS: u32 = 65_536;

/// Names that are kept of what the file itself has; where a forward leads is judged, so that all of them are.
const MAX_NAMES: usize = 8192;

const WHAT: &str = "export table";

/// What a file exports; lists are sorted.
#[derive(Default)]
pub(super) struct Exports {
    pub own_name: Option<String>,
    pub names: Vec<String>,
    pub forwards: Vec<String>,
}

/// The export table; empty where there is none.
pub(super) fn read<H: ImageNtHeaders>(image: &Image<'_, H>) -> Result<Exports, InspectError> {
    let Some(directory) = image.directory(pe::IMAGE_DIRECTORY_ENTRY_EXPORT) else { return Ok(Exports::default()) };
    let (address, size) = directory.address_range();
    let table = image.at(address).and_then(|bytes| bytes.read_at::<ImageExportDirectory>(0).ok());
    let table = table.ok_or_else(|| image.malformed(WHAT, address, "it lies in no section"))?;
    let own_name = Some(table.name.get(LE)).filter(|name| *name != 0).map(|name| image.string(name, WHAT)).transpose()?;
    let names = addresses(image, table.address_of_names.get(LE), table.number_of_names.get(LE))?;
    let functions = addresses(image, table.address_of_functions.get(LE), table.number_of_functions.get(LE))?;
    // An address within the table itself is that of a text: `library.name`.
    let forwards = functions.iter().map(|at| at.get(LE)).filter(|at| at.wrapping_sub(address) < size);
    let names = kept(image, names.iter().map(|at| at.get(LE)), MAX_NAMES)?;
    Ok(Exports { own_name, names, forwards: kept(image, forwards, MAX_EXPORTS as usize)? })
}

fn addresses<'data, H: ImageNtHeaders>(image: &Image<'data, H>, table: u32, count: u32) -> Result<&'data [U32<LE>], InspectError> {
    if count == 0 {
        return Ok(&[]);
    }
    if count > MAX_EXPORTS {
        return Err(InspectError::TooMany { what: "exports", limit: MAX_EXPORTS as usize });
    }
    let found = image.at(table).and_then(|bytes| bytes.read_slice_at::<U32<LE>>(0, count as usize).ok());
    found.ok_or_else(|| image.malformed(WHAT, table, "a list in it lies in no section"))
}

fn kept<H: ImageNtHeaders>(image: &Image<'_, H>, addresses: impl Iterator<Item = u32>, most: usize) -> Result<Vec<String>, InspectError> {
    let mut names = BTreeSet::new();
    for address in addresses.take(MAX_EXPORTS as usize) {
        let name = image.at(address).and_then(|bytes| symbol_name_at(bytes, 0));
        names.insert(name.ok_or_else(|| image.malformed(WHAT, address, "a name in it lies in no section"))?);
        if names.len() > most {
            names.pop_last();
        }
    }
    Ok(names.into_iter().map(lossy).collect())
}
