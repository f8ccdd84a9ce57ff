#!/bin/sh
# What `cross` asks rustup. Where the real one words a list otherwise than the rustup of its day, `cross` has the toolchain updated; a build changes
# no toolchain, so it is told that all is there, and what is not is told by the compiler.
case "$*" in
    "toolchain list") echo "@TOOLCHAIN@" ;;
    "target list --toolchain @TOOLCHAIN@") echo "@TARGET@ (installed)" ;;
    "component list --toolchain @TOOLCHAIN@") printf '%s (installed)\n' "rust-std-@TARGET@" rust-src ;;
    *)
        echo "a build changes no toolchain: rustup $*" >&2
        exit 1
        ;;
esac
