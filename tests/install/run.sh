#!/usr/bin/env bash
# Uses larder as other projects do: installs it to a staging folder and builds and runs tests/install/consumer.cpp against
# it in every documented way. Then cross compiles the library for AArch64.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: tests/install/run.sh [--quick] [--build-dir DIR]

  --build-dir DIR   a built build tree to install from (default: build/release, which is built first)
  --quick           only what needs no further build of the library: no add_subdirectory, no AArch64
CXX names the compiler of the consumers.
EOF
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$root/tests/install
build=
quick=
while [[ $# -gt 0 ]]; do
  case $1 in
    --help | -h) usage && exit ;;
    --quick) quick=1 && shift ;;
    --build-dir) build=$(realpath "$2") && shift 2 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

export CXX=${CXX:-g++}
work=$(mktemp -d)
prefix=$work/prefix
step=preparing
finish() {
  local code=$?
  if [[ $code -ne 0 && -s $work/log ]]; then cat "$work/log" >&2; fi
  if [[ $code -ne 0 ]]; then echo "tests/install/run.sh: FAILED: $step" >&2; fi
  rm -rf "$work"
}
trap finish EXIT

# Runs a command quietly; what it wrote is shown only if the script fails.
quietly() { "$@" >"$work/log" 2>&1; }

begin() {
  step=$1
  echo "-- $step"
}

# The consumer prints the value it read from a cache of its own.
expect_it_runs() {
  local output
  output=$("$@")
  if [[ $output != 'answer = 42' ]]; then
    echo "unexpected output: $output" >&2
    return 1
  fi
}

install_it() {
  begin 'install to a staging prefix'
  if [[ -z $build ]]; then
    build=$root/build/release
    quietly cmake --preset release -S "$root"
    quietly cmake --build "$build" --target larder larder_static larderd larder_tool
  fi
  quietly cmake --install "$build" --prefix "$prefix"
  library=$(find "$prefix" -name 'liblarder.so')
  export PKG_CONFIG_PATH
  PKG_CONFIG_PATH=$(dirname "$library")/pkgconfig
}

check_shared_library() {
  begin 'the shared library is versioned and exports nothing but larder'
  objdump --private-headers "$library" >"$work/headers"
  grep -q 'SONAME *liblarder\.so\.[0-9]' "$work/headers"
  nm --dynamic --defined-only --demangle "$library" >"$work/symbols"
  if grep --invert-match ' \(typeinfo for \|typeinfo name for \|vtable for \)\?larder::' "$work/symbols" >"$work/log"; then
    return 1
  fi
}

check_tool() {
  begin 'the tool runs, and its manual and completions are where shells look for them'
  quietly "$prefix/bin/larder" ls --json || [[ $? -eq 1 ]]
  "$prefix/bin/larder" --version >"$work/log"
  grep -q '^larder [0-9]' "$work/log"
  local file
  for file in share/man/man1/larder.1 share/bash-completion/completions/larder share/zsh/site-functions/_larder; do
    echo "$file is missing" >"$work/log"
    test -s "$prefix/$file"
  done
  grep -q '"larder [0-9]' "$prefix/share/man/man1/larder.1"
}

with_find_package() {
  begin 'find_package: larder::larder and larder::larder_static'
  quietly cmake -S "$here/find_package" -B "$work/find_package" -D CMAKE_PREFIX_PATH="$prefix"
  quietly cmake --build "$work/find_package"
  expect_it_runs "$work/find_package/consumer"
  expect_it_runs "$work/find_package/consumer_static"
}

with_pkg_config() {
  begin 'pkg-config: shared and static'
  local flags static_flags
  read -ra flags <<<"$(pkg-config --cflags --libs larder)"
  read -ra static_flags <<<"$(pkg-config --static --cflags --libs larder)"
  quietly "$CXX" -std=c++20 "$here/consumer.cpp" -o "$work/consumer" "${flags[@]}"
  expect_it_runs env LD_LIBRARY_PATH="$(dirname "$library")" "$work/consumer"
  quietly "$CXX" -std=c++20 -static "$here/consumer.cpp" -o "$work/consumer_static" "${static_flags[@]}"
  expect_it_runs "$work/consumer_static"
}

with_add_subdirectory() {
  begin 'add_subdirectory'
  quietly cmake -S "$here/add_subdirectory" -B "$work/add_subdirectory" -D LARDER_ROOT="$root"
  quietly cmake --build "$work/add_subdirectory"
  expect_it_runs "$work/add_subdirectory/consumer"
}

for_aarch64() {
  if ! command -v aarch64-linux-gnu-g++ >/dev/null; then
    echo '-- AArch64: SKIPPED, there is no aarch64-linux-gnu-g++ here (tests/setup.sh ci installs it)'
    return
  fi
  begin 'AArch64: the library compiles'
  quietly cmake -S "$root" -B "$work/aarch64" --toolchain "$here/aarch64.cmake" -D LARDER_WERROR=ON \
    -D LARDER_BUILD_TESTS=OFF -D LARDER_BUILD_EXAMPLES=OFF -D LARDER_BUILD_BENCH=OFF -D LARDER_BUILD_DAEMON=OFF \
    -D LARDER_BUILD_TOOL=OFF -D LARDER_INSTALL=OFF
  quietly cmake --build "$work/aarch64"
  aarch64-linux-gnu-objdump --file-headers "$work/aarch64/liblarder.so" | grep -q 'architecture: aarch64'
}

export CMAKE_GENERATOR=Ninja
install_it
check_shared_library
check_tool
with_find_package
with_pkg_config
if [[ -z $quick ]]; then
  with_add_subdirectory
  for_aarch64
fi
echo "tests/install/run.sh: PASSED in $SECONDS s"
