# dev-build.sh: the builds. build/ is what users get, build-san/ finds mistakes (ASan and UBSan),
# build-tsan/ finds races (TSan), build-fuzz/ holds the libFuzzer targets; build-python/ and
# build-python-san/ hold the extension of the Python package. Sourced by ./dev.

build_jobs() {
    nproc
}

# build_setup configures a build directory unless that was done.
build_setup() {
    local options
    case $1 in
    release) options="build --buildtype=release -Dtests=false" ;;
    san) options="build-san -Db_sanitize=address,undefined -Db_lundef=false" ;;
    tsan) options="build-tsan -Db_sanitize=thread -Db_lundef=false --buildtype=debugoptimized" ;;
    python) options="build-python --buildtype=release -Dpython=true -Dtests=false" ;;
    python-san) options="build-python-san -Db_sanitize=address,undefined -Db_lundef=false -Dpython=true -Dtests=false" ;;
    fuzz) options="build-fuzz -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true -Dtests=false" ;;
    esac
    local directory=${options%% *} compiler=gcc
    [ "$1" != fuzz ] || compiler=clang
    # Several checkouts compile mostly the same files.
    ! command -v ccache >/dev/null || compiler="ccache $compiler"
    [ ! -e "$directory/build.ninja" ] || return 0
    say "configuring $directory"
    # shellcheck disable=SC2086  # the options are words
    CC=$compiler meson setup $options >"/tmp/obol-meson-$1.$$" 2>&1 || {
        tail -n 20 "/tmp/obol-meson-$1.$$" >&2
        die "meson could not configure $directory"
    }
    rm -f "/tmp/obol-meson-$1.$$"
}

# build_progress passes ninja's output on to a log, and on a terminal shows how far it is.
build_progress() {
    local line
    while IFS= read -r line; do
        printf '%s\n' "$line" >&3
        [[ -t 2 && $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        printf '\r   %s of %s\033[K' "${BASH_REMATCH[@]:1}" >&2
    done 3>"$1"
    [ ! -t 2 ] || printf '\r\033[K' >&2
}

# build_ninja DIRECTORY [TARGET...] builds, and says so when there is something to do.
build_ninja() {
    local log="$1/build.log" directory=$1
    shift
    build_writable "$directory"
    ! ninja -C "$directory" -n "$@" | grep '^\[' >/dev/null || say "building $directory"
    ninja -C "$directory" -j "$(build_jobs)" "$@" 2>&1 | build_progress "$log" || {
        grep -v '^\[[0-9]*/[0-9]*\] \(Compiling\|Linking\)' "$log" | tail -n 60 >&2
        die "the build in $directory failed; the whole log is $log"
    }
}

# build_writable says what to do about a directory that an earlier `sudo ./dev` has left to root.
build_writable() {
    [ ! -e "$1" ] || { [ -w "$1" ] && [ -w "$1/build.ninja" ]; } ||
        die "$1 belongs to $(stat -c %U "$1"), not to you: sudo chown -R $(id -un) '$PWD/$1'"
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

# build_tsan builds what the tests of threads need, and no more: the libraries and two programs.
tsan_tests="threads load"
build_tsan() {
    build_setup tsan
    # shellcheck disable=SC2086  # the names are words
    build_ninja build-tsan compat $(printf 'tests/test_gssapi_%s ' $tsan_tests)
}

# build_python puts the extension beside its modules: PYTHONPATH=python is then the package.
build_python() {
    build_setup python
    build_ninja build-python
    ln -sfn ../../build-python/python/_core.abi3.so python/obol/_core.abi3.so
}

# build_python_san makes a second package of links to the modules, with the sanitized extension:
# PYTHONPATH=build-python-san/site, with the sanitizer's library preloaded (python_san_env).
build_python_san() {
    build_setup python-san
    build_ninja build-python-san
    rm -rf build-python-san/site
    mkdir -p build-python-san/site
    cp -rs "$PWD/python/obol" build-python-san/site/obol
    ln -sfn ../../python/_core.abi3.so build-python-san/site/obol/_core.abi3.so
}
