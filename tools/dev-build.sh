# dev-build.sh: the three builds. build/ is what users get, build-san/ finds mistakes (ASan and
# UBSan), build-fuzz/ holds the libFuzzer targets. Sourced by ./dev.

build_jobs() {
    nproc
}

# build_setup configures a build directory unless that was done.
build_setup() {
    local options
    case $1 in
    release) options="build --buildtype=release -Dtests=false" ;;
    san) options="build-san -Db_sanitize=address,undefined -Db_lundef=false" ;;
    fuzz) options="build-fuzz -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true -Dtests=false" ;;
    esac
    local directory=${options%% *} compiler=gcc
    [ "$1" != fuzz ] || compiler=clang
    [ ! -e "$directory/build.ninja" ] || return 0
    say "configuring $directory"
    # shellcheck disable=SC2086  # the options are words
    CC=$compiler meson setup $options >"/tmp/obol-meson-$1.$$" 2>&1 || {
        tail -n 20 "/tmp/obol-meson-$1.$$" >&2
        die "meson could not configure $directory"
    }
    rm -f "/tmp/obol-meson-$1.$$"
}

# build_ninja DIRECTORY [TARGET...] builds quietly when there is nothing to say.
build_ninja() {
    local log="$1/build.log" directory=$1
    shift
    ninja -C "$directory" -j "$(build_jobs)" "$@" >"$log" 2>&1 || {
        grep -v '^\[[0-9]*/[0-9]*\] \(Compiling\|Linking\)' "$log" | tail -n 60 >&2
        die "the build in $directory failed; the whole log is $log"
    }
}

build_release() {
    build_setup release
    build_ninja build
}

build_san() {
    build_setup san
    build_ninja build-san
}

# build_compat is the library under MIT's names, as users get it, and no more of the release build:
# programs of others run on it with LD_LIBRARY_PATH=build/lib/obol/compat.
build_compat() {
    build_setup release
    build_ninja build compat
}

build_fuzz() {
    build_setup fuzz
    build_ninja build-fuzz
}
