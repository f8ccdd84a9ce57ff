//! Imports, those included that are loaded when they are first used.
//!
//! Lists end as Windows' loader ends them, at an entry of noughts: the sizes beside them are not believed.

use object::LittleEndian as LE;
use object::pe::{self, ImageDelayloadDescriptor, ImageImportDescriptor};
use object::read::ReadRef;
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};

use super::image::Image;
use crate::dll_names::completed;
use crate::error::InspectError;
use crate::facts::PeImport;
use crate::strings::{lossy, symbol_name_at};
use crate::windows_since;

/// More libraries than any file imports from.
const MAX_LIBRARIES: usize = 4096;

/// More symbols than any file imports.
const MAX_SYMBOLS: u32 = 1 << 20;

/// Names that are kept of one library, and of all together.
const KEPT_OF_LIBRARY: usize = 2048;
const KEPT: usize = 65_536;

const WHAT: &str = "import table";

/// What is left of the bounds, over all libraries.
struct Budget {
    symbols: u32,
    kept: usize,
}

/// Every import, in document order, the delayed ones last.
pub(super) fn read<H: ImageNtHeaders>(image: &Image<'_, H>) -> Result<Vec<PeImport>, InspectError> {
    let mut budget = Budget { symbols: MAX_SYMBOLS, kept: KEPT };
    let mut imports = Vec::new();
    if let Some(directory) = image.directory(pe::IMAGE_DIRECTORY_ENTRY_IMPORT) {
        let address = directory.virtual_address.get(LE);
        for index in 0.. {
            let entry = entry::<H, ImageImportDescriptor>(image, address, index)?;
            if entry.name.get(LE) == 0 || entry.first_thunk.get(LE) == 0 {
                break;
            }
            let names = Some(entry.original_first_thunk.get(LE)).filter(|table| *table != 0).unwrap_or_else(|| entry.first_thunk.get(LE));
            imports.push(import(image, entry.name.get(LE), names, false, &mut budget)?);
        }
    }
    if let Some(directory) = image.directory(pe::IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT) {
        let address = directory.virtual_address.get(LE);
        for index in 0.. {
            let entry = entry::<H, ImageDelayloadDescriptor>(image, address, index)?;
            if entry.dll_name_rva.get(LE) == 0 {
                break;
            }
            // Linkers of the last century wrote absolute addresses, and no attribute.
            let base = if entry.attributes.get(LE) & 1 == 0 { image.headers.optional_header().image_base() as u32 } else { 0 };
            let relative = |address: u32| address.wrapping_sub(base);
            let (name, names) = (relative(entry.dll_name_rva.get(LE)), relative(entry.import_name_table_rva.get(LE)));
            imports.push(import(image, name, names, true, &mut budget)?);
        }
    }
    Ok(imports)
}

/// C runtimes by the libraries that they are, sorted.
pub(super) fn c_runtimes(imports: &[PeImport]) -> Vec<String> {
    let mut found = imports.iter().filter_map(|import| c_runtime(&import.library.to_ascii_lowercase())).collect::<Vec<_>>();
    found.sort();
    found.dedup();
    found
}

fn c_runtime(library: &str) -> Option<String> {
    let stem = library.strip_suffix(".dll").unwrap_or(library);
    if stem == "ucrtbase" || stem.starts_with("api-ms-win-crt-") {
        return Some("ucrt".to_owned());
    }
    let is_versioned = ["vcruntime", "msvcp", "msvcr"].iter().any(|prefix| stem.starts_with(prefix));
    (is_versioned || stem == "msvcrt").then(|| stem.to_owned())
}

fn entry<'data, H: ImageNtHeaders, T: object::pod::Pod>(
    image: &Image<'data, H>,
    table: u32,
    index: usize,
) -> Result<&'data T, InspectError> {
    if index > MAX_LIBRARIES {
        return Err(InspectError::TooMany { what: "imported libraries", limit: MAX_LIBRARIES });
    }
    let found = image.at(table).and_then(|bytes| bytes.read_at::<T>((index * size_of::<T>()) as u64).ok());
    found.ok_or_else(|| image.malformed(WHAT, table, "it has no end within its section"))
}

fn import<H: ImageNtHeaders>(
    image: &Image<'_, H>,
    name: u32,
    names: u32,
    delayed: bool,
    budget: &mut Budget,
) -> Result<PeImport, InspectError> {
    let mut import = PeImport { library: image.string(name, WHAT)?, delayed, symbols: Vec::new(), symbol_count: 0 };
    let library = completed(&import.library);
    // No number of others hides what a floor depends on.
    let mut behind = Vec::new();
    let table = image.at(names).ok_or_else(|| image.malformed(WHAT, names, "a list of symbols lies in no section"))?;
    let width = if image.headers.is_type_64() { 8 } else { 4 };
    for thunk in table.chunks_exact(width) {
        let thunk = thunk.iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
        if thunk == 0 {
            import.symbols.extend(behind);
            return Ok(import);
        }
        import.symbol_count += 1;
        budget.symbols =
            budget.symbols.checked_sub(1).ok_or(InspectError::TooMany { what: "imported symbols", limit: MAX_SYMBOLS as usize })?;
        let symbol = symbol(image, thunk, width)?;
        if import.symbols.len() < KEPT_OF_LIBRARY && budget.kept > 0 {
            budget.kept -= 1;
            import.symbols.push(symbol);
        } else if windows_since::is_known(&library, &symbol) && !behind.contains(&symbol) {
            behind.push(symbol);
        }
    }
    Err(image.malformed(WHAT, names, "a list of symbols has no end within its section"))
}

/// The highest bit says that the rest is a number; else it is the address of a hint of two bytes and a name.
fn symbol<H: ImageNtHeaders>(image: &Image<'_, H>, thunk: u64, width: usize) -> Result<String, InspectError> {
    if thunk >> (width * 8 - 1) == 1 {
        return Ok(format!("#{}", thunk & 0xffff));
    }
    let address = (thunk & 0x7fff_ffff) as u32;
    let found = image.at(address).and_then(|bytes| symbol_name_at(bytes, 2));
    found.map(lossy).ok_or_else(|| image.malformed(WHAT, address, "the name of a symbol lies in no section"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_runtimes_are_known_by_name() {
        for (library, runtime) in [
            ("api-ms-win-crt-stdio-l1-1-0.dll", Some("ucrt")),
            ("ucrtbase.dll", Some("ucrt")),
            ("msvcrt.dll", Some("msvcrt")),
            ("vcruntime140_1.dll", Some("vcruntime140_1")),
            ("msvcr120.dll", Some("msvcr120")),
            ("kernel32.dll", None),
        ] {
            assert_eq!(c_runtime(library).as_deref(), runtime, "{library}");
        }
    }
}
