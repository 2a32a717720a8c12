#!/usr/bin/env bash
# The installed service under a real systemd, in a container that is booted for it. By hand: it takes root and a Debian, which
# it downloads once (70 MB).
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: tests/daemon/systemd/run.sh [--build DIR] [--root DIR]

Installs a build into a Debian 12 of its own, boots that by systemd-nspawn, and checks the service in it (checks.sh).
  --build DIR   what is installed (build/dev)
  --root DIR    where the Debian is, or is made (/var/tmp/larder-systemd)

Exit status: 0 if all is as it must be, 1 if not, 77 where it cannot run.
EOF
}

build=build/dev
root=/var/tmp/larder-systemd
while [[ $# -gt 0 ]]; do
  case $1 in
    --help | -h) usage && exit ;;
    --build) build=$(realpath "$2") && shift 2 ;;
    --root) root=$(realpath --canonicalize-missing "$2") && shift 2 ;;
    *) usage >&2 && exit 2 ;;
  esac
done
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

cannot() {
  echo "tests/daemon/systemd/run.sh: skipped: $1" >&2
  exit 77
}

[[ $(id -u) -eq 0 ]] || cannot 'it takes root'
for program in debootstrap systemd-nspawn; do
  command -v "$program" >/dev/null || cannot "there is no $program (apt install debootstrap systemd-container)"
done
[[ -x $build/daemon/larderd ]] || cannot "there is no $build/daemon/larderd (build it: tests/run.sh)"

if [[ ! -e $root/ready ]]; then
  echo "== a Debian in $root"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,procps,curl bookworm "$root" >/dev/null
  chroot "$root" apt-get install --yes --no-install-recommends -qq \
    libboost-program-options1.81.0 libboost-json1.81.0 libncursesw6 libspdlog1.10 >/dev/null
  touch "$root/ready"
fi

echo '== installing'
DESTDIR=$root cmake --install "$build" >/dev/null
checks=/opt/larder-checks  # there, in the container
rm -rf "${root:?}$checks" "$root/var/log/journal" "$root/etc/systemd/system/larderd.service.d"
install -D -m 0755 tests/daemon/systemd/checks.sh "$root$checks/checks.sh"
cat >"$root/etc/systemd/system/checks.service" <<EOF
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=$checks/checks.sh $checks/result
ExecStopPost=/bin/systemctl exit 0
EOF
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf ../checks.service "$root/etc/systemd/system/multi-user.target.wants/checks.service"

echo '== booting'
timeout 300 systemd-nspawn --directory="$root" --register=no --keep-unit --boot --console=pipe </dev/null >"$root$checks/console" 2>&1 ||
  cannot "systemd-nspawn does not boot $root here; see $root$checks/console"
cat "$root$checks/result"
grep -q '^all is as it must be$' "$root$checks/result"
