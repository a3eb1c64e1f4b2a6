#!/usr/bin/env bash
# The benchmark says what it promises, on batches too small to take time; the peer has the same networks.
bench=${build:?}/bench
scene=$(mktemp)
trap 'rm -f "$scene"' EXIT
failures=0

says() { # NAME PATTERN: a line of what was said matches
  if grep -Eq "$2" "$scene"; then
    echo "ok - $1"
  else
    echo "not ok - $1"
    sed 's/^/# /' "$scene"
    failures=$((failures + 1))
  fi
}

time='[0-9]+\.[0-9]+ ms'
"$bench" --batch 2 --steps 1 --threads 2 --layers resnet20 >"$scene" 2>&1
says "a line per network" "^resnet20 +step $time  [0-9,]+ images/s  eval $time, one image $time  1 thread $time, 2 are [0-9.]+x  peak [0-9.]+ MB \(planned [0-9.]+, slab [0-9,]+ bytes\)  269,722 parameters$"
says "a row per layer" "^stem.conv2d +conv2d +[a-z]+ +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9]+% +[0-9.]+$"
says "the floor" "^floor $time: products .* GFLOP/s, memory .* GB/s; the time is [0-9.]+ times that$"
"$bench" nothing >"$scene" 2>&1
says "no such network" "cannot read 'netdefs/nothing.yaml'"

for python in python3 /usr/bin/python3; do
  "$python" -c 'from importlib.util import find_spec as f; exit(not f("torch"))' 2>/dev/null && break
  python=
done
for net in plain35 residual53 resnet20 cifar_cnn mnist_cnn fcn fcn8; do
  if [ -z "$python" ]; then
    echo "ok - $net is the peer's too # SKIP no PyTorch"
    continue
  fi
  "$bench" --batch 2 --steps 1 --threads 1 --peer "$python" "$net" >"$scene" 2>&1
  says "$net is the peer's too" "of the better layout +step [0-9.]+  eval [0-9.]+, one image [0-9.]+  peak [0-9.]+ \(of [0-9.]+ MB\)$"
done
[ "$failures" -eq 0 ]
