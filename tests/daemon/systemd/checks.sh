#!/usr/bin/env bash
# Runs in the container that run.sh boots: what the service promises, with systemd's own eyes.
set -u  # but no pipefail: `grep --quiet` leaves before its writer
exec >"$1" 2>&1
export PATH=/usr/local/bin:/usr/local/sbin:$PATH

failures=0
check() {
  local what=$1
  shift
  if "$@"; then
    echo "ok      $what"
  else
    echo "FAILED  $what"
    failures=$((failures + 1))
  fi
}

# eventually <seconds> <command>...
eventually() {
  local tries=$(($1 * 20))
  shift
  for ((i = 0; i < tries; ++i)); do
    if "$@"; then return 0; fi
    sleep 0.05
  done
  return 1
}

# What the daemon has written to the journal since the last mark(): lines, or those of a priority.
mark() { since=$(journalctl --unit=larderd --lines=1 --show-cursor --quiet | sed -n 's/^-- cursor: //p'); }
lines() { journalctl --unit=larderd --quiet --output=cat ${since:+--after-cursor="$since"}; }
logged() { lines | grep --quiet --extended-regexp "$1"; }
# By a field of the record: journalctl's own --priority leaves out the first match after a cursor.
logged_at() {
  journalctl --unit=larderd --quiet --output=json ${since:+--after-cursor="$since"} |
    grep --fixed-strings "\"PRIORITY\":\"$1\"" | grep --quiet --extended-regexp "$2"
}

daemon() { systemctl show --property=MainPID --value larderd; }
is_another_than() { [[ $(daemon) != "$1" && $(daemon) != 0 ]]; }
looks_after() { larder info "$1" --json | tr -d ' \n' | grep --quiet "\"daemon_pid\":$(daemon)[^0-9]"; }
is_there() { larder info "$1" >/dev/null; }
has_expired() { larder stats "$1" | grep -Eq "^expirations +$2 "; }
has() { [[ $(larder get "$1" "$2") == "$3" ]]; }
as_worker() { runuser --user=worker --group=larder -- "$@"; }
is_active() { systemctl --quiet is-active larderd; }
runs_as() { [[ $(ps -o user= -p "$(daemon)") == "$1" ]]; }

drop_in() {
  mkdir -p /etc/systemd/system/larderd.service.d
  cat >"/etc/systemd/system/larderd.service.d/$1"
  systemctl daemon-reload
}

systemctl --version | sed -n '1s/^/systemd: /p'
since=
systemd-sysusers
useradd --groups=larder worker 2>/dev/null
cp /usr/local/etc/larder/larderd.conf /tmp/shipped.conf
cat >>/usr/local/etc/larder/larderd.conf <<'EOF'
[segment made]
create = yes
capacity = 8MiB
permissions = 0660
EOF

# --- It starts, and is what the unit says ---
check 'the unit is without mistakes' systemd-analyze verify --man=no /usr/local/lib/systemd/system/larderd.service
check 'it is started when it says so (Type=notify)' systemctl start larderd
check 'it runs as its own user' runs_as larder
check 'a filter of system calls is in force' grep -q '^Seccomp:.*2' "/proc/$(daemon)/status"
check 'it has no capability' grep -q '^CapEff:.*0000000000000000' "/proc/$(daemon)/status"
check 'it makes a segment of its settings' is_there made
check 'and looks after it' eventually 5 looks_after made
check 'it says so in the journal, with the priority of news' logged_at 6 "made the segment 'made'"
check 'its metrics are served on its socket' \
  eventually 5 curl --silent --fail --output /dev/null --unix-socket /run/larderd/metrics.sock http://localhost/metrics
check 'it is well' curl --silent --fail --output /dev/null --unix-socket /run/larderd/metrics.sock http://localhost/healthz

# --- It looks after segments of other users ---
check 'a user of the group makes a segment' as_worker larder create theirs --capacity 8MiB --permissions 0660
check 'which is looked after as it appears' eventually 5 looks_after theirs
as_worker larder put theirs lasting value
as_worker larder put theirs passing value --ttl 300ms
check 'what expires in it is swept' eventually 3 has_expired theirs 1
mark
as_worker larder watch theirs >/dev/null &
sleep 0.5
pkill -KILL --full 'larder watch theirs'
check 'who dies in it is recovered' eventually 2 logged 'has died; taken back'

# --- It reads its settings again ---
mark
sed -i 's/^log-level = .*/log-level = loud/' /usr/local/etc/larder/larderd.conf
systemctl reload larderd
check 'bad settings are an error in the journal, with file and line' eventually 5 logged_at 3 'reloading: .*larderd.conf:[0-9]+'
check 'and it goes on' is_active
sed -i 's/^log-level = .*/log-level = debug/' /usr/local/etc/larder/larderd.conf
systemctl reload larderd
check 'good ones are in force' eventually 5 logged 'the settings are in force'

# --- It comes again ---
mark
before=$(daemon)
kill -KILL "$before"
check 'killed, it is started again' eventually 10 is_another_than "$before"
check 'and looks after everything' eventually 5 looks_after theirs
check 'and nothing is lost' has theirs lasting value

drop_in watchdog.conf <<<$'[Service]\nWatchdogSec=2s'
systemctl restart larderd
before=$(daemon)
sleep 5
check 'it feeds the watchdog' [ "$(daemon)" = "$before" ]
kill -STOP "$before"
check 'stopped for longer, it is killed and started again' eventually 20 is_another_than "$before"
check 'and looks after everything' eventually 5 looks_after theirs
check 'and nothing is lost' has theirs lasting value

# --- It ends ---
mark
check 'it ends when it is told to' systemctl stop larderd
check 'cleanly' [ "$(systemctl show --property=Result --value larderd)" = success ]
check 'and says so' logged 'larderd ends'
check 'its own segment stays' is_there made
check 'that of others stays' has theirs lasting value

# --- As a user who is there only while it runs ---
larder rm made
cp /tmp/shipped.conf /usr/local/etc/larder/larderd.conf
drop_in dynamic-user.conf </usr/local/share/doc/larder/dynamic-user.conf
check 'it starts as a dynamic user' systemctl start larderd
check 'who is not root, nor the static one' bash -c "! ps -o user= -p $(daemon) | grep -Eq '^(root|larder)$'"
check 'and looks after the segments of the group' eventually 5 looks_after theirs
as_worker larder put theirs passing value --ttl 300ms
check 'what expires in them is swept' eventually 3 has_expired theirs 2
mark
check 'it ends' systemctl stop larderd
check 'and what others made stays' has theirs lasting value

systemd-analyze security --no-pager larderd | sed -n 's/^.*Overall/exposure: Overall/p'
if [[ $failures -eq 0 ]]; then
  echo 'all is as it must be'
else
  echo "$failures FAILED; the journal of the service:"
  journalctl --unit=larderd --output=short-precise --no-pager | tail -80
fi
