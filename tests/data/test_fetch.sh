#!/usr/bin/env bash
# `make data` against a local mirror that cuts connections, sends wrong bytes, refuses, cannot resume. TAP lines.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
command -v python3 >/dev/null || { echo "ok - make data # SKIP no python3 for a local mirror"; exit 0; }
command -v curl >/dev/null || command -v wget >/dev/null || { echo "ok - make data # SKIP no curl, no wget"; exit 0; }
here=$(mktemp -d) server=
trap 'kill "$server" 2>/dev/null; rm -rf "$here"' EXIT

# ---- small sets and their mirror -------------------------------------------------------------------------

set_up() {
  local batch=cifar-10-batches-bin
  mkdir -p "$here/origin/$batch" "$here/origin/mnist" "$here/mirror"
  seq 1 20000 >"$here/origin/$batch/data_batch_1.bin"
  seq 5 30000 >"$here/origin/$batch/test_batch.bin"
  seq 7 9000 | gzip >"$here/origin/mnist/images.gz"
  seq 8 99 | gzip >"$here/origin/mnist/labels.gz"
  tar -czf "$here/mirror/cifar-10-binary.tar.gz" -C "$here/origin" "$batch"
  cp "$here"/origin/mnist/* "$here/mirror/"
  (cd "$here/mirror" && sha256sum cifar-10-binary.tar.gz) >"$here/sums"
  (cd "$here/origin" && sha256sum "$batch"/* mnist/*) >>"$here/sums"
  python3 tests/data/server.py "$here/mirror" "$here/log" "$here/port" &
  server=$!
  for _ in $(seq 100); do
    [ -s "$here/port" ] && return
    sleep 0.1
  done
  echo "not ok - the local mirror starts"
  exit 1
}

# Runs `make data`'s script on the moods of the mirror; the output is in $here/said, requests in $here/log.
fetch() { # FOLDER MOOD...
  local folder=$1 mood mirrors=
  shift
  for mood in "$@"; do mirrors+=" http://127.0.0.1:$(cat "$here/port")/$mood"; done
  : >"$here/log"
  PATH=${path:-$PATH} NETRUN_SUMS=$here/sums NETRUN_MIRRORS=$mirrors \
    src/data/fetch-data "$here/$folder" >"$here/said" 2>&1
}

# ---- expectations ----------------------------------------------------------------------------------------

count=0
check() { # NAME COMMAND...
  local name=$1
  shift
  count=$((count + 1))
  if "$@"; then
    echo "ok $count - $name"
  else
    echo "not ok $count - $name"
    sed 's/^/# /' "$here/said" "$here/log"
  fi
}

is_whole() { diff -r "$here/origin" "$here/$1" >/dev/null; } # all files, and nothing else
said() { grep -qF -- "$1" "$here/said"; }
asked() { grep -qx -- "$1" "$here/log"; }
quiet() { [ ! -s "$here/log" ]; }
lacks() { [ ! -e "$here/$1" ]; }

# ---- the tests -------------------------------------------------------------------------------------------

set_up
half=$(($(stat --format=%s "$here/mirror/cifar-10-binary.tar.gz") / 2))

check "a good mirror gives everything" fetch a good
check "... whole, and nothing else is left" is_whole a
check "a second call is content" fetch a good
check "... and asks for nothing" quiet
check "... and says so" said "mnist is there"

echo damage >>"$here/a/mnist/labels.gz"
check "a damaged file is fetched again" fetch a good
check "... and right then" is_whole a
check "... without the set that was right" said "cifar10 is there"

check "a cut download goes on" fetch b cut
check "... whole" is_whole b
check "... where it stopped" asked "cut cifar-10-binary.tar.gz $half"

check "the next mirror goes on" fetch c cut good
check "... whole" is_whole c
check "... where the other stopped" asked "good cifar-10-binary.tar.gz $half"

check "a mirror that cannot go on begins again" fetch d cut norange
check "... whole" is_whole d

check "mirrors that give nothing cost nothing of what is there" fetch d2 cut none good
check "... whole" is_whole d2
check "... where the first stopped" asked "good cifar-10-binary.tar.gz $half"

check "wrong bytes are thrown away, the next mirror is asked" fetch e wrong good
check "... whole" is_whole e
check "... and it is said" said "/wrong sent wrong bytes"

check "a mirror that refuses is passed over" fetch f none good
check "... whole" is_whole f

mkdir -p "$here/g/.fetch"
head -c 1000 "$here/mirror/cifar-10-binary.tar.gz" >"$here/g/.fetch/cifar-10-binary.tar.gz"
check "a call goes on where an earlier one was stopped" fetch g good
check "... from its last byte" asked "good cifar-10-binary.tar.gz 1000"
check "... whole" is_whole g

mkdir -p "$here/h/.fetch"
seq 1 100000 >"$here/h/.fetch/cifar-10-binary.tar.gz"
check "leftovers that are too long do no harm" fetch h good
check "... whole" is_whole h

fetch i wrong
check "nothing but wrong bytes is a failure" test $? -eq 1
check "... that says what to do" said "no mirror gave cifar-10-binary.tar.gz; run make data again later"
check "... and puts no CIFAR-10 in place" lacks i/cifar-10-batches-bin
check "... and no MNIST" lacks i/mnist

mv "$here/mirror/labels.gz" "$here/labels.gz"
echo other >"$here/mirror/labels.gz"
fetch j good
check "one wrong file is a failure" test $? -eq 1
check "... that keeps its set out of place" lacks j/mnist
check "... and lets the other in" test -e "$here/j/cifar-10-batches-bin/test_batch.bin"
mv "$here/labels.gz" "$here/mirror/labels.gz"
check "... and is mended by the next call" fetch j good
check "... whole" is_whole j

mkdir -p "$here/k/.fetch"
exec 8>"$here/k/.fetch/lock"
flock 8
fetch k good
check "two at work in one folder are refused" said "another one is at work in"
exec 8>&-

# The same with wget, where there is no curl: a folder of links to every other command.
if command -v wget >/dev/null; then
  mkdir "$here/bin"
  for tool in bash wget sed grep stat tar gzip mkdir mv rm flock sha256sum dirname env; do
    ln -s "$(command -v "$tool")" "$here/bin/$tool"
  done
  path=$here/bin
  check "wget: a cut download goes on" fetch l cut
  check "wget: ... whole" is_whole l
  check "wget: ... where it stopped" asked "cut cifar-10-binary.tar.gz $half"
  check "wget: a mirror that cannot go on begins again" fetch m cut norange
  check "wget: ... whole" is_whole m
  check "wget: wrong bytes, the next mirror" fetch n wrong none good
  check "wget: ... whole" is_whole n
else
  echo "ok $((count + 1)) - wget # SKIP not installed"
fi
