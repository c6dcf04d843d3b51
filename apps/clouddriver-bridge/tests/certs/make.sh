#!/bin/sh
# Makes the certificates of the tests anew: an authority, a server named bridge.test, an agent, and a
# stranger with an authority of its own. Valid for a hundred years, trusted by nobody.
set -eu
cd "$(dirname "$0")"
authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 \
  -subj "/CN=$1" -keyout "$1.key" -out "$1.crt" 2>/dev/null; }
issue() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" \
  -keyout "$1.key" -out "$1.csr" 2>/dev/null
  printf 'subjectAltName=DNS:bridge.test' > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial -days 36500 \
    -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm -f "$1.csr" "$1.ext"; }
authority ca
authority other-ca
issue server /CN=bridge.test ca
issue agent /O=team-a/CN=agent-7 ca
issue stranger /O=team-a/CN=agent-7 other-ca
rm -f ca.key other-ca.key ./*.srl
