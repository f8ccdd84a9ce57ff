#!/bin/sh
# What an engine says of the image that `cross` builds in; it is known under two names.
set -eu
image=images.example.org/cross/arm
case "$*" in
    info) ;;
    --version) echo podman version 4.3.1 ;;
    "image inspect --format "*" $image:1")
        [ -e @FOLDER@/brought ] || { echo "Error: no such image" >&2; exit 125; }
        echo "0abc linux amd64 [\"mirror.example/cross@sha256:$(printf '%064d' 7)\",\"$image@sha256:$(cat @FOLDER@/digest)\"]" ;;
    "pull --quiet $image:1")
        [ ! -e @FOLDER@/dead ] || { echo "Error: no route to the registry" >&2; exit 125; }
        echo x >>@FOLDER@/brought ;;
    *) echo "Error: $*" >&2; exit 125 ;;
esac
