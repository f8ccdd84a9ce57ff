//! Names of processors, as triples have them, for ELF's e_machine.
//!
//! Byte order and class are part of such a name; revisions of a processor are not (`arm`, not `armv7`).

use object::elf::{self, Machine};

use crate::facts::Endianness;

/// The processor's name; `unknown-N` where triples have none that is known here.
pub(super) fn name(machine: Machine, class: u8, endianness: Endianness) -> String {
    let is_big = endianness == Endianness::Big;
    let name = match (machine, class) {
        (elf::EM_X86_64, _) => "x86_64",
        (elf::EM_386 | elf::EM_IAMCU, _) => "i686",
        (elf::EM_AARCH64, _) if is_big => "aarch64_be",
        (elf::EM_AARCH64, _) => "aarch64",
        (elf::EM_ARM, _) if is_big => "armeb",
        (elf::EM_ARM, _) => "arm",
        (elf::EM_RISCV, 32) => "riscv32",
        (elf::EM_RISCV, _) => "riscv64",
        (elf::EM_PPC, _) => "powerpc",
        (elf::EM_PPC64, _) if is_big => "powerpc64",
        (elf::EM_PPC64, _) => "powerpc64le",
        (elf::EM_S390, 32) => "s390",
        (elf::EM_S390, _) => "s390x",
        (elf::EM_MIPS, 32) if is_big => "mips",
        (elf::EM_MIPS, 32) => "mipsel",
        (elf::EM_MIPS, _) if is_big => "mips64",
        (elf::EM_MIPS, _) => "mips64el",
        (elf::EM_LOONGARCH, 32) => "loongarch32",
        (elf::EM_LOONGARCH, _) => "loongarch64",
        (elf::EM_SPARC | elf::EM_SPARC32PLUS, _) => "sparc",
        (elf::EM_SPARCV9, _) => "sparc64",
        (elf::EM_68K, _) => "m68k",
        (elf::EM_ALPHA, _) => "alpha",
        (elf::EM_IA_64, _) => "ia64",
        (elf::EM_PARISC, _) => "hppa",
        (elf::EM_SH, _) => "sh4",
        (elf::EM_HEXAGON, _) => "hexagon",
        (elf::EM_CSKY, _) => "csky",
        (elf::EM_XTENSA, _) => "xtensa",
        (elf::EM_AVR, _) => "avr",
        (elf::EM_MSP430, _) => "msp430",
        (elf::EM_BPF, _) if is_big => "bpfeb",
        (elf::EM_BPF, _) => "bpfel",
        _ => return format!("unknown-{}", machine.0),
    };
    name.to_owned()
}
