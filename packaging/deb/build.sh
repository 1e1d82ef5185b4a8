#!/bin/sh
# Builds a Debian package of the single executable with Debian's own dpkg-deb: sh packaging/deb/build.sh [x64|arm64 [LEVEL]]
# LEVEL is that of xz, from 0 (fast) to 9 (small). Before: npm run build && npm run build:binary
set -eu
cd "$(dirname "$0")/../.."

arch=${1:-x64}
level=${2:-6}
case $arch in
  x64) debian=amd64 ;;
  arm64) debian=arm64 ;;
  *) echo "unknown machine: $arch" >&2; exit 1 ;;
esac
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
umask 022
install -D -m 755 "packaging/out/tasks-linux-$arch" "$root/usr/bin/tasks"
for page in man/*.1; do
  mkdir -p "$root/usr/share/man/man1"
  gzip -9n <"$page" >"$root/usr/share/man/man1/${page##*/}.gz"
done
script() {
  mkdir -p "$(dirname "$root/$2")"
  node bin/tasks.js completion "$1" >"$root/$2"
}
script bash usr/share/bash-completion/completions/tasks
script zsh usr/share/zsh/vendor-completions/_tasks
script fish usr/share/fish/vendor_completions.d/tasks.fish
doc=$root/usr/share/doc/scylla-tasks
mkdir -p "$doc"
cp packaging/deb/copyright "$doc/copyright"
gzip -9n <CHANGELOG.md >"$doc/changelog.gz"
gzip -9n <dist/THIRD-PARTY-LICENSES.txt >"$doc/third-party-licenses.gz"
gzip -9n <packaging/out/NODE-LICENSE.txt >"$doc/node-license.gz"

mkdir "$root/DEBIAN"
size=$(du -sk "$root/usr" | cut -f1)
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$debian/" -e "s/@SIZE@/$size/" packaging/deb/control >"$root/DEBIAN/control"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
out=packaging/out/scylla-tasks_${version}_$debian.deb
dpkg-deb --root-owner-group -Zxz "-z$level" --build "$root" "$out" >/dev/null
echo "$out"
