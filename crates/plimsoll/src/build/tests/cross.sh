#!/bin/sh
# What `cross` 0.2.5 does with its words and environment, as far as it is used; anything else ends it badly. The container is its paths only.
set -eu
die() {
    echo "cross: $*" >&2
    exit 97
}
expect() { [ "$1" = "$2" ] || die "\`$1\` in the place of \`$2\`"; }
triple=aarch64-unknown-linux-gnu
expect "${XDG_RUNTIME_DIR-}" /run/user/7
expect "${CROSS_CONTAINER_ENGINE-}" @FOLDER@/bin/podman
image=${CROSS_TARGET_AARCH64_UNKNOWN_LINUX_GNU_IMAGE-}
if [ -e @FOLDER@/own ]; then
    # An image of its own, or a tag for what a dockerfile makes.
    expect "$image" "$(cat @FOLDER@/own)"
else
    expect "$image" "images.example.org/cross/arm@sha256:$(cat @FOLDER@/digest)"
fi
expect "${CARGO_MAKEFLAGS-}${MAKEFLAGS-}${CROSS_CONFIG-}${CROSS_REMOTE-}" ""
expect "${CARGO_HOME-}" @FOLDER@/cargo-home
case ${XARGO_HOME-} in @FOLDER@/store/*) ;; *) die "it would make a folder in the user's home" ;; esac
[ "${CARGO_BUILD_JOBS-0}" -ge 1 ] || die "no number of jobs"
[ -f src/main.rs ] || die "not in the project"
sysroot=$(rustc --print sysroot)
expect "$(rustup toolchain list)" "${sysroot##*/}"
expect "$(rustup target list --toolchain "${sysroot##*/}")" "$triple (installed)"
! rustup toolchain add "${sysroot##*/}" --profile minimal 2>/dev/null || die "the toolchain was changed"
for word in build --locked --profile release --target $triple --package app --bin app --config 'profile.release.strip="none"' \
    --message-format json-render-diagnostics --manifest-path Cargo.toml --target-dir; do
    expect "${1-}" "$word"
    shift
done
target=$1
[ -d "$target" ] || die "$target is no folder"
src=$(dirname "$target")/src
expect "${2-}" --config
expect "${3-}" "target.$triple.rustflags=[\"-Cdebuginfo=0\", \"--remap-path-prefix=/project=/plimsoll/src\", \"--remap-path-prefix=$src=/plimsoll/src\", \"--remap-path-prefix=/target=/plimsoll/target\", \"--remap-path-prefix=/cargo=/plimsoll/cargo\"]"
[ $# -eq 3 ] || die "$*"
names=
volumes=
eval "set -- $CROSS_CONTAINER_OPTS"
while [ $# -gt 0 ]; do
    case $1 in
        -e) eval "[ -n \"\${$2+set}\" ]" || die "$2 is not set"; names="$names $2" ;;
        -v) [ -d "${2%%:*}" ] || die "${2%%:*} is no folder"; volumes="$volumes ${2#*:}" ;;
        *) die "$1" ;;
    esac
    shift 2
done
expect "$names" " CFLAGS HELPER LC_ALL NO_PROXY SOURCE_DATE_EPOCH TOKEN TZ"
expect "$volumes" " /.cargo:z,ro /plimsoll/embedded:z,ro"
expect "$HELPER" /plimsoll/embedded/helper
expect "$TOKEN" "a b"
if [ -e @FOLDER@/wrong ]; then
    echo "error: expected one of \`!\` or \`::\` --> /project/src/main.rs:1:1" >&2
    exit 101
fi
mkdir -p "$target/$triple/release"
# cargo does not see that the image is another one.
fresh=true
if [ ! -e "$target/$triple/release/app" ]; then
    fresh=false
    printf 'made in %s' "$image" >"$target/$triple/release/app"
fi
printf '/target/%s/release/app: %s\n' $triple "$(cat @FOLDER@/reads)" >"$target/$triple/release/app.d"
printf '{"reason":"compiler-artifact","target":{"name":"app","kind":["bin"]},"executable":"/target/%s/release/app","fresh":%s}\n' $triple $fresh
