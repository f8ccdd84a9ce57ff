#!/bin/sh
# What cargo-xwin 0.23.1 does with its words and environment, as far as it is used; anything else ends it badly.
set -eu
die() {
    echo "cargo-xwin: $*" >&2
    exit 97
}
expect() { [ "$1" = "$2" ] || die "\`$1\` in the place of \`$2\`"; }
triple=x86_64-pc-windows-msvc
expect "${XWIN_ACCEPT_LICENSE-}" 1
expect "${XWIN_ARCH-}" x86_64
[ -d "${XWIN_CACHE_DIR-}" ] || die "no cache"
if [ "$*" = "cache xwin" ]; then
    echo x >>@FOLDER@/downloads
    if [ -e @FOLDER@/dead ]; then
        printf 'Error: HTTP GET request for https://sdk.example/vs/17/release/channel failed\n\nCaused by:\n    io: failed to lookup address information: Name does not resolve\n\nStack backtrace:\n   0: main\n' >&2
        exit 1
    fi
    if [ -e @FOLDER@/broken ]; then
        printf 'Error: failed to splat a.msi\n\nCaused by:\n    invalid cabinet\n' >&2
        exit 1
    fi
    # The processor is all that it looks for.
    if [ -e "$XWIN_CACHE_DIR/xwin/DONE" ]; then exit 0; fi
    mkdir -p "$XWIN_CACHE_DIR/xwin"
    printf 'x86_64' >"$XWIN_CACHE_DIR/xwin/DONE"
    # Releases before 0.23.0 write no more.
    [ -e @FOLDER@/old ] || printf '\nb.vsix\nWin11SDK_%s_headers.msi' "${XWIN_SDK_VERSION-$(cat @FOLDER@/release)}" >>"$XWIN_CACHE_DIR/xwin/DONE"
    exit 0
fi
[ -e "$XWIN_CACHE_DIR/xwin/DONE" ] || die "it would download"
expect "${CARGO_ENCODED_RUSTFLAGS-}" ""
expect "${RUSTFLAGS-}${CARGO_TARGET_X86_64_PC_WINDOWS_MSVC_RUSTFLAGS-}" "$(cat @FOLDER@/flags)"
for word in build --locked --profile release --target $triple --package app --bin app --config 'profile.release.strip="none"' \
    --message-format json-render-diagnostics --manifest-path; do
    expect "${1-}" "$word"
    shift
done
[ -f "$1" ] || die "$1 is no file"
expect "$2" --target-dir
[ $# -eq 3 ] || die "$*"
if [ -e @FOLDER@/no-clang ]; then
    echo '  error occurred in cc-rs: failed to find tool "clang-cl": No such file or directory (os error 2)' >&2
    exit 101
fi
mkdir -p "$3/$triple/release"
# cargo does not see that the SDK is another one.
fresh=true
if [ ! -e "$3/$triple/release/app.exe" ]; then
    fresh=false
    printf 'made with %s' "$(tail -n 1 "$XWIN_CACHE_DIR/xwin/DONE")" >"$3/$triple/release/app.exe"
fi
printf '%s: %s\n' "$3/$triple/release/app.exe" "$PWD/src/main.rs" >"$3/$triple/release/app.d"
printf '{"reason":"compiler-artifact","target":{"name":"app","kind":["bin"]},"executable":"%s","fresh":%s}\n' "$3/$triple/release/app.exe" $fresh
