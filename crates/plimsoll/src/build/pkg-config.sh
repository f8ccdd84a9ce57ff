#!/bin/sh
# What answers for pkg-config in builds that must not find this machine's packages: it knows those that the core declares, and what variables
# of the core lead to.
real='@REAL@'
names=0 strange=
skip=
for word in "$@"; do
    if [ -n "$skip" ]; then
        skip=
        continue
    fi
    case $word in
        --atleast-pkgconfig-version | --atleast-version | --exact-version | --max-version | --variable | --define-variable) skip=1 && continue ;;
        -*) continue ;;
        '=' | '<' | '>' | '<=' | '>=' | '!=') skip=1 && continue ;;
    esac
    # A list of packages with their versions may be one word.
    set -f
    for part in $(printf '%s\n' "$word" | sed 's/[<>=!]\{1,2\} *[^ ,]*//g' | tr ',' ' '); do
        names=$((names + 1))
        case ' @DECLARED@ ' in
            *" $part "*) ;;
            *) strange="$strange $part" ;;
        esac
    done
done
if [ "$names" -gt 0 ] && [ -z "$strange" ]; then
    # A compiler that is not this machine's has to be told where libraries lie; of headers it has its own.
    [ -z "$real" ] || PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 exec "$real" "$@"
elif [ "$names" -eq 0 ] || [ -n "${PKG_CONFIG_PATH-}${PKG_CONFIG_LIBDIR-}" ]; then
    [ -z "$real" ] || PKG_CONFIG_LIBDIR=${PKG_CONFIG_LIBDIR:-/nonexistent} exec "$real" "$@"
fi
echo "plimsoll keeps the packages of this machine out of this build:$strange" >&2
exit 1
