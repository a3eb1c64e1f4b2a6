#!/usr/bin/env bash
# What training refuses, how it ends when it cannot go on, and that its options mean what they say.
# shellcheck source=tests/main/scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/../main/scene.sh"

cat >small.yaml <<'YAML'
experiment: small
task: train
data: {source: synthetic, shape: [1, 8, 8], classes: 4, images: 200, batch: 20}
loss: cross_entropy
optimizer: {sgd: {lr: 0.05}}
epochs: 2
arms:
  net:
    net:
      netdef: net
      input: [1, 8, 8]
      layers: [conv2d: {out: 4, kernel: 3}, tanh, flatten, linear: {out: 4}]
YAML
small=(run small.yaml --progress=off)

# ---- what is refused -------------------------------------------------------------------------------
sed 's/^epochs.*//' small.yaml >endless.yaml
run endless.yaml
says "no length" 1 "endless.yaml:2:7: error: train needs to know how long: write epochs: 10, or steps: 1000"
sed 's/^epochs: 2/epochs: 2\nsteps: 3/' small.yaml >both.yaml
run both.yaml
says "two lengths" 1 "both.yaml:7:1: error: how long to train is said by epochs or by steps, not both"
sed 's/^epochs: 2/epochs: 2\nschedule: cosin/' small.yaml >cosin.yaml
run cosin.yaml
says "a schedule that is not there" 1 "cosin.yaml:7:11: error: there is no schedule 'cosin'; did you mean 'cosine'?"
"${small[@]}" --set clip=0
says "clipping to nothing" 1 "clip"
"${small[@]}" --set data.images=41 --set arms.net.net.layers='[avgpool2d: {kernel: 8}, batchnorm2d, flatten, linear: {out: 4}]'
says "a last batch of one in batch norm" 1 "small.yaml:3:16: error:"
holds "before anything is trained" test ! -e out/small/steps.csv

# ---- what it leaves --------------------------------------------------------------------------------
"${small[@]}" --out plain
says "it trains" 0 "net: epoch 2 of 2"
value() { # FOLDER COLUMN ROW: of epochs.csv, rows from 1
  cut -d, -f"$2" "$1/small/epochs.csv" | sed -n "$(($3 + 1))p"
}
holds "a line for each epoch" test "$(cut -d, -f1-4 plain/small/epochs.csv | tail -n +2 | tr '\n' ' ')" = "net,0,1,10 net,0,2,20 "
holds "a line for each step" test "$(wc -l <plain/small/steps.csv)" -eq 21
run --dry-run plain/small/net.last.safetensors
says "the weights say where they are from" 0 "netdef         net
experiment     small
arm            net
seed           0
data           synthetic, train 200, test 40
epoch          2
test_accuracy  0."
says "and which epoch they are" 0 "chosen         last epoch"
resolved_of() { "$netrun" --dry-run "$1" | sed '1,/^resolved:$/d; /^classes:$/,$d; s/^  //'; } # the experiment in them
holds "and the whole experiment" cmp plain/small/resolved.yaml <(resolved_of plain/small/net.last.safetensors)
says "and what its classes are called" 0 $'classes:\n  disk\n  square\n  triangle\n  ring'
run --dry-run plain/small/net.best.safetensors
says "the best say what flatters them" 0 "chosen         best epoch on the test data"
for file in curves loss; do
  holds "$file has its numbers and its script" test -s plain/small/$file.csv -a -s plain/small/$file.gp
done
"${small[@]}" --out again
holds "the same run leaves the same weights" cmp {plain,again}/small/net.last.safetensors
"${small[@]}" --out other --seed 1
holds "another seed others" test -z "$(cmp {plain,other}/small/net.last.safetensors >/dev/null && echo same)"

# ---- options ---------------------------------------------------------------------------------------
near() { # A B: within a millionth
  awk -v a="$1" -v b="$2" 'BEGIN { d = a > b ? a - b : b - a; exit !(d < 1e-6 * (a > 0 ? a : -a)) }'
}
# 200 images are 10 batches of 20: 3 of 60 and one of 20, the same as batches of 60 would be.
"${small[@]}" --out parts --set accumulate=3
"${small[@]}" --out large --set data.batch=60
holds "accumulated batches make fewer steps" test "$(value parts 4 2)" = 8
holds "accumulated batches are one large batch" near "$(value parts 7 2)" "$(value large 7 2)"
holds "with one gradient" near "$(tail -n 1 parts/small/steps.csv | cut -d, -f8)" "$(tail -n 1 large/small/steps.csv | cut -d, -f8)"

# Gradients clipped to almost nothing leave the weights, and so the loss over all images, where they were.
"${small[@]}" --out clipped --set clip=1e-6
holds "clipping holds the weights back" near "$(value clipped 5 1)" "$(value clipped 5 2)"

"${small[@]}" --out seldom --set epochs=5 --set evaluate_every=2
holds "judged every second epoch and at the end" test "$(cut -d, -f7 seldom/small/epochs.csv | tail -n +2 | grep -c nan)" = 2
"${small[@]}" --out steps --set epochs=2 --set small=1
says "an override that is not there" 1 "small"
sed 's/^epochs: 2/steps: 25/' small.yaml >steps.yaml
run steps.yaml --out steps
holds "steps end within an epoch" test "$(value steps 4 3)" = 25
sed 's/^task:/seeds: [0, 1, 2]\ntask:/' small.yaml >seeds.yaml
run seeds.yaml --out seeds
says "several seeds have an interval" 0 " +- "
holds "in results.json too" grep -q '"accuracy_interval"' seeds/small/results.json
holds "and weights of their own" test -s seeds/small/net.seed2.best.safetensors

# A network that says no class has a loss only.
sed 's/^loss.*/loss: {mse: {target: input}}/; s/flatten, linear: {out: 4}/conv2d: {name: end, out: 1, kernel: 3, padding: 2}/' small.yaml >repeats.yaml
run repeats.yaml --out repeats
says "no accuracy where there is none" 0 " - "
holds "and none made up" test -z "$(grep -i nan <<<"$out")"
run --dry-run repeats/small/net.best.safetensors
says "the weights have the loss" 0 "test_loss      0."
holds "which chose the best" grep -q "^net,[0-9]*,[^,]*,nan,\([^,]*\),nan,2,\1$" repeats/small/train.csv
sed 's/^task: train/stages: [train, predict]/' repeats.yaml >silent.yaml
run silent.yaml --out silent
says "nor is there anything to predict" 1 "silent.yaml:8:3: error: the network 'net' yields 1x8x8, no score for each of the data's classes, so it says none; for an array of what a layer yields write outputs: end"

# ---- bad ends --------------------------------------------------------------------------------------
wild=("${small[@]}" --set optimizer.sgd.lr=1e38 --set epochs=9 --set checkpoint_seconds=0 --out wild)
"${wild[@]}"
says "a loss that leaves the numbers is status 3" 3 "of arm 'net' left the finite numbers "
end=$out
holds "the last good state is kept" test -s wild/small/checkpoint.safetensors
"${wild[@]}" --resume
says "going on ends in the same place" 3 "$(tail -n 1 <<<"$end")"

# Runs netrun for a while, then sends a signal; leaves $out and $status.
interrupt() { # SIGNAL ARGUMENT...
  local signal=$1
  shift
  "$netrun" "$@" >said.txt 2>&1 &
  sleep 1.5
  kill "-$signal" $!
  wait $!
  status=$? out=$(cat said.txt)
}
long=(small.yaml --progress=off --set epochs=100000 --out long)
interrupt TERM "${long[@]}"
says "SIGTERM is status 143" 143 "the same command with --resume goes on from there"
holds "the state is saved" test -s long/small/checkpoint.safetensors
interrupt INT "${long[@]}" --resume
says "Ctrl-C is status 130, and the run went on" 130 "going on with net after step "
run "${long[@]}" --resume --set clip=1
says "a changed experiment is not gone on with" 1 "cannot go on: 'long/small/resolved.yaml' shows another experiment"
cut_short() { head -c 10 "$1" >part && mv part "$1"; }
cut_short long/small/steps.csv
run "${long[@]}" --resume
says "nor are tables that lack lines" 1 "cannot go on: 'long/small/steps.csv' is shorter than when the run was stopped"
cut_short long/small/checkpoint.safetensors
run "${long[@]}" --resume
says "nor a damaged checkpoint" 1 "cannot read 'long/small/checkpoint.safetensors' as safetensors"

# A disk that fills up: no file may grow beyond 40 kB.
full() { (ulimit -f 40 && exec "$netrun" "$@" 2>&1 </dev/null); }
out=$(full "${long[@]:0:2}" --set epochs=200 --set checkpoint_seconds=0.02 --out full)
status=$?
says "a full disk ends the run" 1 "cannot write 'full/small/"
holds "the last good state is kept then too" test -s full/small/checkpoint.safetensors
holds "and no half-written file" test -z "$(find full -name '*.tmp')"
finish
