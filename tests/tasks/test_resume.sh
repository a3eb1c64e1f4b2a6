#!/usr/bin/env bash
# A run that is killed at random moments and taken up again leaves the same bits as one that was not, on any
# number of threads. Two seeds, two arms, two stages; checkpoints so often that kills fall into their writing.
# shellcheck source=tests/main/scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/../main/scene.sh"

cat >small.yaml <<'YAML'
experiment: small
seeds: [0, 1]
data: {source: synthetic, shape: [1, 8, 8], classes: 4, images: 400, batch: 32, augment: [crop: {padding: 1}, normalize: half]}
loss: cross_entropy
stages:
  - train: {epochs: 6, checkpoint_seconds: 0, clip: 1.0, accumulate: 3, optimizer: {adam: {lr: 0.003}}}
  - evaluate
arms:
  norm:
    net:
      netdef: norm
      input: [1, 8, 8]
      layers: [conv2d: {out: 8, kernel: 3}, batchnorm2d, relu, dropout, flatten, linear: {out: 4}]
  plain:
    net:
      netdef: plain
      input: [1, 8, 8]
      layers: [conv2d: {out: 8, kernel: 3}, tanh, flatten, linear: {out: 4}]
YAML

# Charts take longer to draw than these networks to train: gnuplot is kept out of sight.
printf '#!/bin/sh\nPATH=/none exec "%s" "$@"\n' "$netrun" >netrun
chmod +x netrun
netrun=$scene/netrun

# The files of a run folder that count, without what may differ: how long it took, on how many threads.
same_files() { # FOLDER FOLDER
  local file
  cmp <(cd "$1" && ls) <(cd "$2" && ls) || return 1
  for file in "$1"/*; do
    case ${file##*/} in
      log.txt) ;;
      results.json)
        diff <(grep -v 'seconds\|threads\|per_second' "$file") \
          <(grep -v 'seconds\|threads\|per_second' "$2/results.json") || return 1
        ;;
      *) cmp "$file" "$2/${file##*/}" || return 1 ;;
    esac
  done
}

run small.yaml --out whole --threads 2
says "an uninterrupted run" 0 "done in"
for threads in 1 3; do
  run small.yaml --out threads$threads --threads $threads --quiet
  holds "the same bits on $threads threads" same_files whole/small threads$threads/small
done

for round in 1 2; do
  kills=0
  until [ -e killed$round/small/results.json ] || [ $kills -ge 5 ]; do
    "$netrun" small.yaml --out killed$round --resume --threads $((RANDOM % 3 + 1)) --quiet &
    pid=$!
    sleep "0.$(printf %03d $((RANDOM % 400 + 20)))"
    kill -KILL $pid
    wait $pid
    kills=$((kills + 1))
  done 2>/dev/null
  run small.yaml --out killed$round --resume
  says "a run is taken up after $kills kills" 0 ""
  holds "the same bits after $kills kills" same_files whole/small killed$round/small
done

run small.yaml --out new --resume --quiet
says "with nothing to go on with a run is whole" 0 ""
holds "and says so" grep -q "nothing to go on with in new/small, so this is a new run" new/small/log.txt
holds "and leaves the same bits" same_files whole/small new/small
touch new/small/checkpoint.safetensors # as if it had been killed once its results were written
run small.yaml --out new --resume
says "a finished run stays" 0 "new/small holds a finished run: nothing to do"
holds "without its checkpoint" same_files whole/small new/small
finish
