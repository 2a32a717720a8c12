#!/usr/bin/env bash
# The HTML report in a real browser (headless Chromium): all drawings are there, and nothing is fetched from elsewhere.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: tests/tool/report_in_browser.sh [--install | --quick] LARDER

LARDER is the path of the tool. Exit code 77: Chromium is not there.
  --install   install it first, with apt-get (as root, or by sudo)
  --quick     the same: there is nothing long in it
TEXT
}

install=false
if [[ ${1:-} == --install ]]; then
  install=true
  shift
fi
case ${1:-} in
  --help | -h) usage && exit ;;
  --quick) shift ;;
  '') usage >&2 && exit 2 ;;
esac
larder=$(realpath "$1")

as_root() { if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi; }

browser() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

if $install && ! browser >/dev/null; then
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
if ! chromium=$(browser); then
  echo "report_in_browser: SKIPPED: there is no Chromium; tests/tool/report_in_browser.sh --install installs it"
  exit 77
fi

segment="larder-report-$$"
directory=$(mktemp -d)
cleanup() {
  "$larder" rm --force "$segment" 2>/dev/null || true
  rm -rf "$directory"
}
trap cleanup EXIT

"$larder" create "$segment" --capacity 4MiB
for i in $(seq 30); do "$larder" put "$segment" "key$i" "value$i" --ttl "${i}min"; done
"$larder" report "$segment" --for 500ms -o "$directory/report.html"

dom=$("$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$directory/profile" --dump-dom \
  "file://$directory/report.html" 2>"$directory/log")
drawings=$(grep -o '<svg' <<<"$dom" | wc -l)
if [[ $drawings -ne 6 ]]; then
  echo "report_in_browser: FAILED: $drawings drawings instead of 6"
  exit 1
fi
if grep -qE '(src|href)="?https?:' <<<"$dom"; then
  echo "report_in_browser: FAILED: the report fetches something"
  exit 1
fi
"$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$directory/profile" --window-size=1000,3000 \
  --screenshot="$directory/report.png" "file://$directory/report.html" 2>>"$directory/log"
if [[ ! -s $directory/report.png ]]; then
  echo "report_in_browser: FAILED: there is no picture of it"
  exit 1
fi
echo "report_in_browser: PASSED"
