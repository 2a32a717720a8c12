#!/usr/bin/env bash
# Installs from the distribution's packages what larder needs and this machine lacks. Says nothing when nothing is
# missing. Shared by tests/run.sh, examples/demo.sh and .ci/run.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: tests/setup.sh [build|demo|ci]

Installs what is missing, with apt-get (as root, or by sudo):
  build   compiler, CMake, Ninja, Boost, spdlog, ncurses, pkg-config: all that the library, the daemon, the tool
          and their tests need (the default); with curl, but without Prometheus's promtool, tmux, zsh and Chromium, without
          which one test of the daemon and three of the tool are skipped
  demo    build, and the SQLite and zstd libraries that the demonstration reads its origin and its trace with
  ci      demo, and Clang with its fuzzer, clang-format and clang-tidy, a cross compiler for AArch64, shellcheck, tmux, zsh
What is there already, from packages or not, is left alone.
EOF
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_least <wanted version> <version>
at_least() { [[ $(printf '%s\n' "$1" "$2" | sort --version-sort | head -n 1) == "$1" ]]; }

have_cmake() { have cmake && at_least 3.25 "$(cmake --version | awk 'NR == 1 { print $3 }')"; }

# Asks the compiler for one macro after including a header: empty if there is no such header.
macro_of() { printf '#include <%s>\n%s\n' "$1" "$2" | g++ -E -P -x c++ - 2>/dev/null | tail -n 1; }

have_boost() {
  local version
  version=$(macro_of boost/version.hpp BOOST_VERSION)
  [[ $version =~ ^[0-9]+$ && $version -ge 108100 ]]
}

# A library of Boost beside its headers, as CMake's find_package finds it.
have_boost_library() {
  find /usr/lib /usr/local/lib -path "*/boost_$1-1.[89]*/boost_$1-config.cmake" -print -quit 2>/dev/null | grep -q .
}

have_spdlog() { [[ $(macro_of spdlog/version.h SPDLOG_VER_MAJOR) =~ ^[0-9]+$ ]]; }

have_fmt() { [[ $(macro_of fmt/core.h FMT_VERSION) =~ ^[0-9]+$ ]]; }

have_ncurses() { [[ $(macro_of ncurses.h NCURSES_VERSION_MAJOR) =~ ^[0-9]+$ ]]; }

have_sqlite() { [[ $(macro_of sqlite3.h SQLITE_VERSION_NUMBER) =~ ^[0-9]+$ ]]; }

have_fuzzer() {
  echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
    clang++ -fsanitize=fuzzer -x c++ - -o /dev/null 2>/dev/null
}

have_zstd() { [[ $(macro_of zstd.h ZSTD_VERSION_MAJOR) =~ ^[0-9]+$ ]]; }

# need <package> <probe>...: the package is wanted if the probe fails.
missing=()
need() {
  local package=$1
  shift
  "$@" || missing+=("$package")
}

look_for_build() {
  need g++ have g++
  need cmake have_cmake
  need ninja-build have ninja
  need libboost1.81-dev have_boost
  need libboost-program-options1.81-dev have_boost_library program_options
  need libboost-json1.81-dev have_boost_library json
  need libspdlog-dev have_spdlog
  need libfmt-dev have_fmt
  need libncurses-dev have_ncurses
  need curl have curl
  need pkg-config have pkg-config
}

look_for_demo() {
  look_for_build
  need libsqlite3-dev have_sqlite
  need libzstd-dev have_zstd
}

look_for_ci() {
  look_for_demo
  need clang have clang++
  need libclang-rt-14-dev have_fuzzer
  need clang-format have clang-format
  need clang-tidy have clang-tidy
  need g++-aarch64-linux-gnu have aarch64-linux-gnu-g++
  need shellcheck have shellcheck
  need tmux have tmux
  need zsh have zsh
}

main() {
  local set=${1:-build}
  case $set in
    --help | -h) usage && return ;;
    build | demo | ci) "look_for_$set" ;;
    *) usage >&2 && return 2 ;;
  esac
  if [[ ${#missing[@]} -eq 0 ]]; then return; fi

  if ! have apt-get; then
    echo "setup: please install what these Debian packages contain: ${missing[*]}" >&2
    return 1
  fi
  echo "setup: installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

main "$@"
