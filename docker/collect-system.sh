#!/bin/sh
# Collects what Node.js needs in an image that has nothing else: its program (without symbols for
# debuggers, a seventh of it), its libraries, an init that reaps, certificates of authorities, a user.
# usage: collect-system.sh TARGET. Runs in the build, as root, on Debian.
set -eu
target=$1
user=65532

install -D -m 755 "$(command -v node)" "$target/usr/local/bin/node"
strip "$target/usr/local/bin/node"
install -D -m 755 /usr/bin/tini "$target/usr/bin/tini"

# Prints the libraries of a program with their loader, by the paths where the loader looks for them.
libraries_of() {
  # A library that is missing here would be missing in the image.
  if ldd "$1" | grep 'not found'; then exit 1; fi
  ldd "$1" | grep -o '/[^ ]*'
}

packages='ca-certificates tini'
for library in $(libraries_of /usr/local/bin/node) $(libraries_of /usr/bin/tini); do
  install -D -m 755 "$library" "$target$library"
  # dpkg knows files of / and /usr by either name.
  owner=$(dpkg-query --search "$library" 2>/dev/null || dpkg-query --search "/usr$library")
  packages="$packages ${owner%%:*}"
done

# What scanners look for in images without dpkg; and what the licences ask for.
for package in $(printf '%s\n' $packages | sort -u); do
  mkdir -p "$target/var/lib/dpkg/status.d"
  dpkg-query --status "$package" > "$target/var/lib/dpkg/status.d/$package"
  install -D -m 644 "/usr/share/doc/$package/copyright" "$target/usr/share/doc/$package/copyright"
done
if [ -e /usr/local/LICENSE ]; then
  install -D -m 644 /usr/local/LICENSE "$target/usr/share/doc/nodejs/copyright"
fi

install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$target/etc/ssl/certs/ca-certificates.crt"
install -D -m 644 /etc/os-release "$target/etc/os-release"
printf 'hosts: files dns\n' > "$target/etc/nsswitch.conf"
printf 'root:x:0:0::/:/sbin/nologin\nfairlead:x:%d:%d::/var/lib/fairlead:/sbin/nologin\n' $user $user \
  > "$target/etc/passwd"
printf 'root:x:0:\nfairlead:x:%d:\n' $user > "$target/etc/group"
mkdir -p "$target/opt/fairlead/config"
install -d -m 1777 "$target/tmp"
