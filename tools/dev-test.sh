# dev-test.sh: lint, tests, fuzzing and their sum. Sourced by ./dev.

results=$PWD/build-san/results

# lint_one runs a check, says how it went, and records it for the sum.
lint_one() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        printf '  ok    %s\n' "$name"
        record pass "lint $name"
    else
        printf '%s\n  FAIL  %s\n' "$output" "$name"
        record fail "lint $name"
        lint_failed=1
    fi
}

# record adds a result to the sum that ./dev test prints.
record() {
    mkdir -p "$results"
    printf '%s\t%s\n' "$1" "$2" >>"$results/steps.txt"
}

lint_all() {
    lint_failed=0
    say "lint"
    lint_one format tools/check-format
    lint_one layers tools/check-layers
    lint_one style tools/check-style
    lint_one architecture tools/check-architecture
    lint_one coverage tools/check-coverage
    lint_one shell bash -n dev tools/*.sh .ci/run
    lint_one cppcheck tools/check-cppcheck
    lint_one clang-tidy tools/check-tidy
    return $lint_failed
}

# lint_begin runs the checks beside the tests, which often wait, and in their favour; lint_end waits
# for them and shows what they said.
lint_begin() {
    lint_all >"$results/lint.log" 2>&1 &
    lint_pid=$!
    renice -n 10 -p "$lint_pid" >/dev/null
    trap 'kill "$lint_pid" 2>/dev/null || true' EXIT
}

lint_end() {
    wait "$lint_pid" || true
    trap - EXIT
    cat "$results/lint.log"
}

# sanitizer_options makes every finding fatal. LeakSanitizer needs ptrace, which some containers
# forbid: there leaks are left to the valgrind run, and this says so.
sanitizer_options() {
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1
    if ! tools/check-leaksan; then
        say "LeakSanitizer does not work here (no ptrace): valgrind alone looks for leaks"
        ASAN_OPTIONS=${ASAN_OPTIONS/detect_leaks=1/detect_leaks=0}
    fi
}

test_unit() {
    say "unit tests"
    rm -f build-san/meson-logs/testlog.json
    meson test -C build-san --no-rebuild --print-errorlogs --quiet || true
    [ -s build-san/meson-logs/testlog.json ] || record fail "unit tests: they did not run"
}

# pytest_side_by_side are the words that run files beside each other: the tests wait more than they
# compute. A file stays in one process, with the servers it started.
pytest_side_by_side="-n $(($(nproc) + 1)) --dist loadfile"

# test_pytest runs the pytest files below a folder against the sanitizer build.
test_pytest() {
    local name=$1
    shift
    say "$name"
    # shellcheck disable=SC2086  # the words
    OBOL="$PWD/build-san/obol" PYTHONDONTWRITEBYTECODE=1 python3 -m pytest -q -p no:cacheprovider $pytest_side_by_side \
        --junit-xml="$results/$name.xml" "$@"
}

peers_pytest() {
    sanitizer_options
    mkdir -p "$results"
    test_pytest peers tests/peers "$@"
}

fuzz_targets() {
    sed -n "s/^ *'\([a-z0-9_]*\)',.*/\1/p" tests/fuzz/meson.build
}

# fuzz_run runs one target over its corpus. New inputs go to build-fuzz/new/TARGET.
fuzz_run() {
    local target=$1 seconds=$2 binary=build-fuzz/tests/fuzz/fuzz_$1
    local entropic=1
    # Where keys are new in each run, weighing the inputs costs ten times as much as running them.
    [ "$target" != gssapi_calls ] || entropic=0
    mkdir -p "build-fuzz/new/$target" "build-fuzz/findings"
    ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 "$binary" -max_total_time="$seconds" \
        -max_len=8192 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -entropic=$entropic \
        -artifact_prefix="build-fuzz/findings/$target-" \
        "build-fuzz/new/$target" "tests/fuzz/corpus/$target"
}

# fuzz_keep adds what the last runs found to the corpus, smallest inputs that reach something new.
fuzz_keep() {
    build-fuzz/tests/fuzz/fuzz_"$1" -merge=1 "tests/fuzz/corpus/$1" "build-fuzz/new/$1"
}

# fuzz_targets_python are those of the Python package: with atheris, libFuzzer for Python.
fuzz_targets_python() {
    sed -n 's/.*fuzz_\(.*\)\.py$/\1/p' <<<"$(ls tests/fuzz/fuzz_*.py)"
}

fuzz_run_python() {
    local target=$1 seconds=$2 atheris
    atheris=$(PYTHONPATH=tests python3 -c 'from support import pypi; print(pypi.wheels("atheris==3.0.0"))')
    mkdir -p "build-fuzz/new/$target" build-fuzz/findings
    PYTHONPATH="python:$atheris" python3 "tests/fuzz/fuzz_$target.py" -max_total_time="$seconds" -max_len=4096 \
        -artifact_prefix="build-fuzz/findings/$target-" "build-fuzz/new/$target" "tests/fuzz/corpus/$target"
}

cmd_fuzz() {
    local target=${1:-} seconds=60 keep=no
    [ -n "$target" ] || { fuzz_targets; fuzz_targets_python; return 0; }
    shift
    for argument in "$@"; do
        case $argument in
        --keep) keep=yes ;;
        *[!0-9]* | '') die "fuzz: '$argument' is neither a number of seconds nor --keep" ;;
        *) seconds=$argument ;;
        esac
    done
    if fuzz_targets_python | grep -qxe "$target"; then
        [ $keep = no ] || die "fuzz: --keep is for targets in C; the new inputs are in build-fuzz/new/$target"
        packages_need python
        build_python
        fuzz_run_python "$target" "$seconds" || die "fuzz: $target failed; the input is in build-fuzz/findings"
        return 0
    fi
    fuzz_targets | grep -qxe "$target" ||
        die "fuzz: there is no target '$target'; there are: $({ fuzz_targets; fuzz_targets_python; } | tr '\n' ' ')"
    packages_need fuzz
    build_fuzz
    fuzz_run "$target" "$seconds" || die "fuzz: $target failed; the input is in build-fuzz/findings"
    [ $keep = no ] || fuzz_keep "$target"
}

# fuzz_try is one target's turn in a test run.
fuzz_try() {
    local log=build-fuzz/$1.log
    if fuzz_run "$1" "$2" >"$log" 2>&1; then
        record pass "fuzz $1"
    else
        tail -n 40 "$log"
        record fail "fuzz $1 (log $log)"
    fi
}

# test_fuzz gives every target its two seconds, as many beside each other as there are cores.
test_fuzz() {
    local target running=()
    say "fuzzing $(fuzz_targets | wc -l) targets for 2 s each"
    for target in $(fuzz_targets); do
        fuzz_try "$target" 2 &
        running+=($!)
        [ ${#running[@]} -ge "$(nproc)" ] || continue
        wait "${running[0]}" || true
        running=("${running[@]:1}")
    done
    wait "${running[@]}" || true
}

# test_valgrind runs the cases that mark secrets as undefined, and a leak check of the unit tests.
test_valgrind() {
    say "valgrind"
    if tools/check-valgrind; then
        record pass valgrind
    else
        record fail valgrind
    fi
}

# test_tsan runs the tests of threads under ThreadSanitizer, which must see a race that is there.
test_tsan() {
    say "threads under TSan"
    local name log
    for name in $tsan_tests; do
        log=build-tsan/$name.log
        if TSAN_OPTIONS=halt_on_error=0:exitcode=66 "build-tsan/tests/test_gssapi_$name" >"$log" 2>&1 &&
            ! grep -q ThreadSanitizer "$log"; then
            record pass "tsan $name"
        else
            tail -n 60 "$log"
            record fail "tsan $name (log $log)"
        fi
    done
    if tools/check-tsan; then
        record pass "tsan sees races"
    else
        record fail "tsan sees races"
    fi
}

# test_build records whether a build works: what cannot be built has failed, and the sum says so.
test_build() {
    if ("build_$1"); then
        record pass "build $1"
    else
        record fail "build $1"
        return 1
    fi
}

# test_run does what a newcomer does first, with the build that users get.
test_run() {
    local log="$results/run.log"
    say "run --once"
    if python3 tools/demo.py --obol build/obol --once >"$log" 2>&1; then
        record pass "run --once"
    else
        tail -n 20 "$log"
        record fail "run --once"
    fi
}

# python_pytest runs the tests of the Python package, from one of its builds.
python_pytest() {
    local name=$1 site=$2 without=$3
    shift 3
    say "$name"
    # shellcheck disable=SC2086  # the words
    env PYTHONPATH="$PWD/$site" PYTHONDONTWRITEBYTECODE=1 OBOL_TREE="$PWD" "$@" python3 -m pytest -q $pytest_side_by_side \
        -p no:cacheprovider -p obol.testing.plugin --junit-xml="$results/$name.xml" python/tests \
        --ignore-glob="$without" || true
    [ -s "$results/$name.xml" ] || record fail "$name: they did not run"
}

# test_python runs them on what users get, and again with sanitizers, which Python must preload.
# Python itself gives back no memory at its end, so leaks are looked for by a test that counts.
test_python() {
    if test_build python; then
        python_pytest python python none
    fi
    if test_build python_san; then
        # Hints and the wheel have nothing to do with the extension's memory.
        python_pytest python-san build-python-san/site '*/test_[hw]*.py' OBOL_SANITIZED=1 ASAN_OPTIONS=detect_leaks=0 \
            LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"
    fi
}

# test_san runs what rests on the sanitizer build.
test_san() {
    sanitizer_options
    test_unit
    local suite
    for suite in tools e2e peers; do
        test_pytest $suite tests/$suite || true
        [ -s "$results/$suite.xml" ] || record fail "$suite: they did not run"
    done
}

cmd_test() {
    takes_nothing test "$@"
    packages_need test
    localhost_need
    rm -rf build-san/results
    build_setup san
    build_setup python
    mkdir -p "$results"
    lint_begin
    if test_build release; then
        test_run
    fi
    test_python # builds the package, which some of the peers' tests run on
    if test_build san; then
        test_san
    fi
    if test_build tsan; then
        test_tsan
    fi
    if test_build fuzz; then
        test_fuzz
    fi
    test_valgrind
    lint_end
    python3 tools/test-summary build-san
}
