# For tests of the program as a user runs it: a folder of its own, checks that print TAP lines.
# Sourced; sets $netrun and $scene (the current folder), which goes away at the end.
netrun=${NETRUN:-$PWD/netrun}
top=$PWD
scene=$(mktemp -d)
trap 'rm -rf "$scene"' EXIT
cd "$scene" || exit 1
ln -s "$top/netdefs" "$top/experiments" "$top/weights" .
unset NETRUN_DATA NO_COLOR
failures=0

ok() { echo "ok - $1"; }

not_ok() { # NAME WHY
  echo "not ok - $1"
  printf '%s\n' "$2" | sed 's/^/# /'
  failures=$((failures + 1))
}

# Runs netrun; leaves $out (both streams) and $status.
run() {
  out=$("$netrun" "$@" 2>&1 </dev/null)
  status=$?
}

says() { # NAME STATUS TEXT: the run ended so, and said so
  local said="status $status, not $2: $out"
  if [ "$status" -ne "$2" ]; then
    not_ok "$1" "$said"
  elif [[ $out == *"$3"* ]]; then
    ok "$1"
  else
    not_ok "$1" "it did not say '$3' but: $out"
  fi
}

holds() { # NAME COMMAND...: the command succeeds
  local name=$1
  shift
  if said=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$said"; fi
}

finish() { [ "$failures" -eq 0 ]; }
