# Builds the BEAM of an archive of OTP's source, linked to musl by zig. Only the virtual machine itself, and the library of `asn1`, which is one
# file and needs no other: what a BEAM runs is bytecode, and comes from Debian.
#
#   musl.sh ARCHIVE ZIG PROCESSOR TARGET OWN_TARGET CORES
#
# PROCESSOR is the BEAM's, TARGET names its system to zig, and OWN_TARGET this machine's. Leaves beam.smp, asn1rt_nif.so and vsn.mk in the
# folder that it is started in.
set -eu
archive=$1 zig=$2 processor=$3 target=$4 own_target=$5 cores=$6
here=$PWD source=$PWD/source
mkdir source
tar -xf "$archive" --strip-components=1 -C source
cd source
mkdir plimsoll

# OTP's makefiles take the compiler for one word.
wrapper() {
    printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$zig" "$2" >"plimsoll/$1"
    chmod +x "plimsoll/$1"
}
wrapper cc "cc -target $target -dynamic"
wrapper ar ar
wrapper ranlib ranlib
# Debian's link to it is made when the package is set up, which nothing was here.
ln -sf /usr/bin/gawk plimsoll/awk
PATH=$source/plimsoll:$PATH
export PATH ERL_TOP="$source"

# It rewrites sources while OTP is built, so it is for this machine. It looks for pointers on its own stack, where glibc's setjmp hides some.
generator=erts/lib_src/yielding_c_fun
set -- -O1 -w -fno-sanitize=undefined -I"$generator"
for library in "$generator"/lib/*/; do
    set -- "$@" -I"$library"
    for file in "$library"*.c; do
        case $file in */test*) ;; *) set -- "$@" "$file" ;; esac
    done
done
"$zig" cc -target "$own_target" -static -o plimsoll/yielding_c_fun "$@" "$generator"/ycf_*.c

# Without the JIT, which is C++. The name of the system is what programs of users ask for.
./configure --build="$(erts/autoconf/config.guess)" --host="$processor-unknown-linux-musl" --disable-jit --disable-sctp --without-termcap \
    --without-ssl --without-javac --without-wx --without-odbc --disable-saved-compile-time \
    CC=cc LD=cc AR=ar RANLIB=ranlib CFLAGS="-O2 -w -fno-sanitize=undefined" LDFLAGS=-s
built=$(basename make/*-linux-musl)
# zig cannot list the dependencies of several files at once; nothing is built twice, so they are not needed.
make -j"$cores" -C erts/emulator opt TARGET="$built" DEP_CC=: DEP_CXX=: YCF_EXECUTABLE_PATH="$source/plimsoll/yielding_c_fun"
cc -shared -fPIC -O2 -w -fno-sanitize=undefined -s -Ierts/emulator/beam -Ierts/include -Ierts/include/"$built" \
    -o "$here/asn1rt_nif.so" lib/asn1/c_src/asn1_erl_nif.c
cp "bin/$built/beam.smp" erts/vsn.mk "$here"
