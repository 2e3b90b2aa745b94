# What `build` and `tarball` share; sourced, never run. shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=coupontools-mirror
cd "$root"
umask 022
export LC_ALL=C.UTF-8 TZ=UTC
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
# The moment of the commit is the moment of everything that is packaged.
if [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
fi
export SOURCE_DATE_EPOCH

# build_program: $program is built with profile `dist`, and no path of this machine stands in it. PACKAGE_PROGRAM names one that
# is there instead, of whatever build, for tests of the packages.
build_program() {
    program=${PACKAGE_PROGRAM:-}
    [[ -z $program ]] || return 0
    local target=${CARGO_TARGET_DIR:-$root/target} cargo_home=${CARGO_HOME:-$HOME/.cargo}
    local sysroot maps=()
    sysroot=$(rustc --print sysroot)
    if [[ "$target$root$cargo_home$sysroot" == *[[:blank:]]* ]]; then
        echo 'cannot build: a path has blanks in it, which compilers take apart' >&2
        exit 1
    fi
    maps=("$target=/target" "$root=/source" "$cargo_home=/cargo" "$sysroot=/rust")
    # A dependency's hash tables take random numbers of the build's time, unless they are told a seed.
    CARGO_TARGET_DIR=$target SQLX_OFFLINE=true CONST_RANDOM_SEED=$name-$version \
        CFLAGS="${CFLAGS:-} ${maps[*]/#/-ffile-prefix-map=}" \
        RUSTFLAGS="${RUSTFLAGS:-} ${maps[*]/#/--remap-path-prefix=}" \
        cargo build --profile dist --locked --quiet
    program=$target/dist/$name
}

# make_files: what the program tells of itself, and lists, in target/package.
make_files() {
    files=$root/target/package/files
    rm -rf "$files"
    mkdir -p "$files/man" "$files/completions" "$files/examples"
    install -m 755 "$program" "$files/$name"
    strip "$files/$name"
    "$program" man --output "$files/man"
    local shell folder
    for shell in bash zsh fish; do
        "$program" completions "$shell" >"$files/completions/$name.$shell"
    done
    cp -r reports "$files/examples"
    for folder in deploy/*/; do
        case $folder in
            deploy/package/) ;;
            # The unit itself is installed.
            deploy/systemd/) find "$folder" -type f ! -name '*.service' -exec install -D -m 644 -t "$files/examples/systemd" {} + ;;
            deploy/examples/) cp "$folder"* "$files/examples" ;;
            *) cp -r "$folder" "$files/examples" ;;
        esac
    done
    printf '# What the program is linked with: package, version, licence.\n\n' >"$files/dependencies"
    cargo tree --locked --edges normal,no-proc-macro --prefix none --format '{p}, {l}' |
        grep -v "^$name v" | sed 's/ (\*)$//' | sort -u >>"$files/dependencies"
    gzip -9n "$files/dependencies"
}
