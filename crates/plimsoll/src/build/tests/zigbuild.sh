#!/bin/sh
# As far as these builds go, cargo-zigbuild: it leaves what the script in the folder prints, and fails if that fails.
set -eu
while [ "$1" != --target-dir ]; do shift; done
folder=$2/out
mkdir -p "$folder"
sh -eu @FOLDER@/script >"$folder/app"
printf '%s: %s\n' "$folder/app" "$PWD/src/main.rs" >"$folder/app.d"
printf '{"reason":"compiler-artifact","target":{"name":"app","kind":["bin"]},"executable":"%s","fresh":false}\n' "$folder/app"
