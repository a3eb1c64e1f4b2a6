#!/usr/bin/env bash
# The weights in weights/ on the real test images: each evaluation gives, to the digit, what was measured when
# the network was trained. Skips what the machine has no data for.
data=${NETRUN_DATA:-$PWD/data}
# shellcheck source=tests/main/scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/../main/scene.sh"

# The first number of that name in the results.
result() { # NAME FILE
  sed -n "s/^ *\"$1\": \([0-9.]*\),*$/\1/p" "$2" | head -n 1
}

for weights in weights/*.safetensors; do
  net=$(basename "$weights" .safetensors)
  experiment=experiments/eval_$net.yaml
  [ -e "$experiment" ] || continue
  run --dry-run "$weights"
  read -r score said < <(sed -n 's/^test_\([a-z_]*\) *\([0-9.]*\)$/\1 \2/p' <<<"$out")
  run "$experiment" --data "$data" --progress=off
  if grep -q '"stand_in": true' "out/eval_$net/results.json"; then
    ok "$net # SKIP its data is not here"
    continue
  fi
  says "$experiment runs" 0 "done in"
  measured=$(result "$score" "out/eval_$net/results.json")
  holds "$net: $score $measured now, $said when it was trained" test "$measured" = "$said"
done

run experiments/train_mnist_cnn.yaml --set epochs=1 --data "$data" --progress=off
if grep -q '"stand_in": true' out/train_mnist_cnn/results.json; then
  ok "an epoch of digits # SKIP MNIST is not here"
else
  accuracy=$(tail -n 1 out/train_mnist_cnn/epochs.csv | cut -d, -f8)
  holds "an epoch of digits: $accuracy of the test digits, at least 0.98" \
    awk "BEGIN { exit !($accuracy >= 0.98) }"
fi
finish
