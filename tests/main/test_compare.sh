#!/usr/bin/env bash
# Finished runs side by side.
# shellcheck source=tests/main/scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/scene.sh"

cat >small.yaml <<'YAML'
experiment: small
task: train
epochs: 2
data: {source: synthetic, shape: [1, 8, 8], classes: 4, images: 100, batch: 20}
loss: cross_entropy
optimizer: {sgd: {lr: 0.05}}
arms:
  net:
    net:
      netdef: net
      input: [1, 8, 8]
      layers: [conv2d: {out: 4, kernel: 3}, tanh, flatten, linear: {out: 4}]
YAML
sed 's/^experiment: small/experiment: again/' small.yaml >again.yaml
sed 's/^task: train/task: gradients/; s/^epochs/iterations/; s/small/slope/' small.yaml >slope.yaml
sed -n 's/^  net:/  twin:/; /^  twin:/,$p' small.yaml >>slope.yaml
for file in small again slope; do run $file.yaml --quiet; done
run again.yaml --quiet --out other --set epochs=3

run compare out/small out/again/ other/again out/slope
says "runs are compared" 0 "done: out/compare"
holds "each arm has a line, a lone one its run's name, runs of one name their paths" test \
  "$(cut -d, -f1 out/compare/compare.csv | tr '\n' ';')" = "run;small;out/again/;other/again;slope: net;slope: twin;"
holds "with what it reached" test "$(sed -n 2p out/compare/compare.csv | cut -d, -f1-5)" = "small,train,net,620,2"
results=$(grep -A 2 '"test": {' out/small/results.json | sed -n 's/.*"accuracy": //p')
holds "to the digit" grep -q "^small,.*,$results," out/compare/compare.csv
holds "there are curves" grep -q "other/again, training.*other/again, test" out/compare/curves.csv
run compare out/small --out "$PWD/out" --quiet
holds "an earlier comparison is moved aside" test -e out/compare.1/compare.csv

run compare
says "nothing to compare" 2 "which runs? netrun compare RUN RUN ..., each the folder of a finished run"
run compare out/small nowhere
says "a folder without a run" 1 "'nowhere' holds no finished run: there is no results.json in it"
mkdir broken && echo '{"arms":' >broken/results.json
run compare broken
says "damaged results" 1 "cannot read 'broken/results.json' as JSON: line 2, column 0"
echo '{"experiment": "x"}' >broken/results.json
run compare broken
says "results of something else" 1 "'broken/results.json' is not what a run leaves: it has no arms"
run help list
says "help on a word that is a command" 2 "there is no help on 'list'"
finish
