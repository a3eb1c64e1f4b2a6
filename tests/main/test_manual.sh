#!/usr/bin/env bash
# Usage: tests/main/test_manual.sh [--write]    are the generated parts of the manuals what the program says?
# A part stands between <!-- netrun TOPIC --> and <!-- end -->. TAP lines; --write puts the parts right.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
netrun=${NETRUN:-./netrun}

generate() { # FILE: the file with its parts as the program says them now
  local line skip=""
  while IFS= read -r line; do
    [ "$line" = "<!-- end -->" ] && skip=""
    [ -n "$skip" ] || printf '%s\n' "$line"
    if [[ $line =~ ^'<!-- netrun '([a-z]+)' -->'$ ]]; then
      echo
      "$netrun" help --markdown "${BASH_REMATCH[1]}" || return 1
      skip=yes
    fi
  done <"$1"
}

status=0
for manual in netdefs/README.md experiments/README.md; do
  fresh=$(mktemp)
  if ! generate "$manual" >"$fresh"; then
    echo "not ok - $manual: the program has no help on one of its parts"
    status=1
  elif [ "${1:-}" = --write ]; then
    cp "$fresh" "$manual"
  elif cmp -s "$fresh" "$manual"; then
    echo "ok - $manual says what the program says"
  else
    echo "not ok - $manual is stale: make manual"
    diff "$manual" "$fresh" | head -n 10
    status=1
  fi
  rm -f "$fresh"
done
exit $status
