#!/usr/bin/env bash
# The HTML report in a real browser.
# shellcheck source-path=SCRIPTDIR
set -euo pipefail

# shellcheck source=session.sh
source "$(dirname "${BASH_SOURCE[0]}")/session.sh"

browse() {
  "$program" --headless --no-sandbox --disable-gpu --user-data-dir="$directory/profile" "$@" \
    "file://$directory/report.html" 2>>"$directory/log"
}

begin 'The report in headless Chromium: all drawings are there, and nothing is fetched from elsewhere.' \
  chromium 'chromium chromium-browser google-chrome' "$@"
"$larder" create "$segment" --capacity 4MiB
for i in $(seq 30); do "$larder" put "$segment" "key$i" "value$i" --ttl "${i}min"; done
"$larder" report "$segment" --for 500ms -o "$directory/report.html"

dom=$(browse --dump-dom)
drawings=$(grep -o '<svg' <<<"$dom" | wc -l)
if [[ $drawings -ne 6 ]]; then fail "$drawings drawings instead of 6"; fi
if grep -qE '(src|href)="?https?:' <<<"$dom"; then fail 'the report fetches something'; fi
browse --window-size=1000,3000 --screenshot="$directory/report.png"
if [[ ! -s $directory/report.png ]]; then fail 'there is no picture of it'; fi
pass
