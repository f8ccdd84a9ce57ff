//! Assembling: products become a payload: what is to be taken out of each binary is taken out, and every one is inspected.
//!
//! Gates judge here, before anything is packed, on exactly the bytes that will be packed; whatever is filled with the payload takes the same.

mod demand;
mod judging;
mod strip;

use std::collections::BTreeMap;

use plimsoll_inspect::Facts;
use plimsoll_model::plan::{PayloadPlan, Strip};
use plimsoll_model::{Failure, Measured, PayloadId, TargetPlan};
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store};
use serde::{Deserialize, Serialize};

use demand::Demand;

pub(crate) use judging::{Binary, Judging};
pub use strip::{StripTool, Stripper};

/// Number of the way payloads are made, judged and measured; a new gate raises it, and so does a floor that is told otherwise.
pub const FORMAT: u32 = 5;

/// Assembles payloads.
#[derive(Debug)]
pub struct AssembleStage<'a> {
    /// Where blobs are.
    pub store: &'a Store,
    /// Takes debug information out.
    pub stripper: Stripper<'a>,
    /// Folders of this machine that no program may name.
    pub forbidden_paths: &'a [String],
    /// The clock, in seconds since 1970.
    pub now: u64,
}

/// What a payload is made of.
#[derive(Debug, Clone, Copy)]
pub struct Built<'a> {
    /// What the plan says of it.
    pub payload: &'a PayloadPlan,
    /// What the plan says of its target.
    pub plan: &'a TargetPlan,
    /// The products' binaries by name, with what is to be taken out of each.
    pub binaries: &'a BTreeMap<String, (Output, Strip)>,
}

/// A payload that passed its gates.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Assembled {
    /// Its binaries by name.
    pub binaries: BTreeMap<String, Output>,
    /// Facts about them.
    pub measured: Measured,
}

impl AssembleStage<'_> {
    /// A payload, from memory or made and judged now.
    ///
    /// # Errors
    /// One failure with every finding of every binary.
    pub fn run(&self, id: &PayloadId, built: Built<'_>) -> Result<(Assembled, bool), Failure> {
        let payload = built.payload;
        let judging = Judging::new(&payload.holds, &payload.target, built.plan, self.forbidden_paths);
        let binaries = self.stripped(built).map_err(|failure| failure.about(id.to_string()))?;
        let key = KeyBuilder::new("assemble", FORMAT).part("binaries", &binaries).part("judging", &judging.identity());
        let recalled = self.store.recall(key.key());
        if let Some(assembled) = recalled.and_then(|record| serde_json::from_value(record.facts).ok()) {
            return Ok((assembled, true));
        }
        let read = binaries.iter().map(|(name, output)| {
            let bytes = self.store.read(output.digest).map_err(Failure::from)?;
            Ok(Binary { name, bytes, folders_above: None })
        });
        let measured = judging.judge(id.as_str(), read)?;
        let assembled = Assembled { binaries: binaries.clone(), measured };
        let facts = serde_json::to_value(&assembled).unwrap_or_default();
        let record = ActionRecord { outputs: binaries, facts, finished: self.now, milliseconds: 0 };
        self.store.remember(&key, &record).map_err(Failure::from)?;
        Ok((assembled, false))
    }

    /// The binaries that are taken, with taken out of them what the project wants out.
    fn stripped(&self, built: Built<'_>) -> Result<BTreeMap<String, Output>, Failure> {
        let taken = built.payload.binaries().filter_map(|name| Some((name, built.binaries.get(name)?)));
        taken.map(|(name, (binary, strip))| Ok((name.to_owned(), self.stripper.run(name, binary, *strip)?))).collect()
    }
}

/// What programs of an artifact ask of a machine together.
pub fn measured<'f>(programs: impl IntoIterator<Item = &'f Facts>) -> Measured {
    let mut demand = Demand::default();
    programs.into_iter().for_each(|facts| demand.add(facts));
    demand.measured()
}
