#!/usr/bin/env bash
# Commands, options and exit statuses, as a user meets them.
# shellcheck source=scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/scene.sh"

run
says "no file is wrong usage" 2 "which experiment? netrun EXPERIMENT.yaml, or netrun help"
run --version
says "the version names the BLAS kernel" 0 "BLAS kernel: OpenBLAS "
run help
says "help shows the options" 0 "--dry-run"
run compare --help
says "--help beside a command shows them all" 0 "netrun compare RUN ..."
run help conv2d
says "help on a layer shows its attributes" 0 "padding"
run help conv3d
says "help on nothing offers the nearest" 2 "there is no help on 'conv3d'; did you mean 'conv2d'?"
run list layers
says "layers are listed" 0 "upsample2d"
run list layer
says "a list that is not there" 2 "there is no list of 'layer'; did you mean 'layers'?"
run --dry-rum x.yaml
says "unknown options offer the nearest" 2 "there is no option '--dry-rum'; did you mean 'dry-run'?"
run --threads 0 x.yaml
says "no threads" 2 "--threads takes a whole number of at least 1, not '0'"
run --threads 2x x.yaml
says "threads that are no number" 2 "--threads takes a whole number of at least 1, not '2x'"
run --threads 99999 x.yaml
says "too many threads" 2 "--threads takes at most 1024"
run --set novalue x.yaml
says "--set without a value" 2 "--set takes PATH=VALUE, not 'novalue'"
run --progress=fast x.yaml
says "unknown progress" 2 "--progress takes auto, plain or off, not 'fast'"
run --batch
says "an option that lacks its value" 2 "--batch needs a value"
run none.yaml
says "a file that is not there" 1 "cannot read 'none.yaml': No such file or directory"
run netdefs
says "a folder is no experiment" 1 "cannot read 'netdefs': it is not a file"
run netdefs/plain35.yaml
says "a netdef does not run" 1 "netdefs/plain35.yaml:1:9: error: this is a netdef, which describes a network; to look at it use --dry-run"
run weights.safetensors
says "nor do weights" 1 "error: 'weights.safetensors' holds weights: to look at them use --dry-run, to go on from them write weights: [{from: PATH}] in an arm of an experiment"
run --dry-run weights.safetensors
says "weights that are not there" 1 "error: cannot read 'weights.safetensors': No such file or directory"
run --dry-run --verbose "$top/tests/golden/python.safetensors"
says "weights of others say what they can" 0 "6 tensors, 16 values
  'encoder.conv.weight'                    2x1x1x3"
says "without obeying what is in them" 0 'note           tab?"quoted" ü'
run --dry-run netdefs/plain35.yaml
says "a dry run counts parameters" 0 "558,026"
run --dry-run --verbose netdefs/plain35.yaml
says "... and how its layers work: 64 tiles of 36 products for 16 x 16 channels" 0 \
  "  stage1.0.conv2d        winograd4             2,359,296          589,824"
run --dry-run experiments/grad_tanh53.yaml
says "a dry run of an experiment shows every arm" 0 "arm residual"
holds "a dry run leaves nothing" test ! -e out
run --dry-run --dot graph.dot netdefs/fcn8.yaml
says "--dot writes the graph" 0 "graph written to graph.dot"
holds "the graph is there" grep -q digraph graph.dot

# Networks that go on from others need the weights of those.
missing_weights() { # FILE: the first of the weights that it names that is not there
  local file
  for file in $(grep -oE '(weights|out/[a-z0-9_]+)/[a-z0-9_.]+\.safetensors' "$1"); do
    [ -e "$file" ] || { echo "$file" && return; }
  done
}
for file in netdefs/*.yaml experiments/*.yaml; do
  missing=$(missing_weights "$file")
  if [ "$missing" ]; then
    ok "$file # SKIP its weights are not here"
    run --dry-run "$file"
    says "without its weights $file is refused" 1 "error: cannot read '$missing'"
    continue
  fi
  run --dry-run "$file"
  says "$file passes its dry run" 0 "parameters"
done

# A small experiment, quick enough for what follows.
cat >small.yaml <<'YAML'
experiment: small
task: gradients
data: {source: synthetic, shape: [1, 8, 8], classes: 4, batch: 4, augment: [normalize: half]}
loss: cross_entropy
optimizer: {sgd: {lr: 0.01}}
iterations: 3
arms:
  net:
    net:
      netdef: net
      input: [1, 8, 8]
      layers: [conv2d: {out: 4, kernel: 3}, tanh, flatten, linear: {out: 4}]
    watch: {first: conv2d}
YAML
run small.yaml
says "an experiment runs" 0 "done in"
holds "results.json is there" grep -q '"experiment": "small"' out/small/results.json
holds "the figure's numbers are there" test -s out/small/gradients.csv
holds "nothing temporary is left" test -z "$(find out -name '*.tmp')"
run small.yaml
says "an earlier run is moved aside" 0 "note: the earlier run is now in out/small.1"
run small.yaml --resume
says "a finished run stays" 0 "out/small holds a finished run: nothing to do"
run small.yaml --set iterations=0
says "overrides are checked" 1 "--set"
run small.yaml --quiet --out quiet
holds "--quiet says nothing" test -z "$out"
run small.yaml --profile --out profiled
says "--profile shows where the time went" 0 "profile of arm net"
says "down to the layers" 0 "linear   linear"
holds "and writes it to results.json" grep -q '"of_peak": ' profiled/small/results.json
holds "other files stay as they are" cmp out/small/tensors_net.csv profiled/small/tensors_net.csv
run small.yaml --profile --set seeds=[1,2] --quiet --out profiled
holds "seeds share a profile" grep -q '"batches": 6' profiled/small/results.json
run "$scene/out/small/resolved.yaml" --out again
says "resolved.yaml runs by itself" 0 "done in"
holds "and gives the same numbers" cmp out/small/tensors_net.csv again/small/tensors_net.csv

for threads in 1 2 3 7; do
  run small.yaml --threads $threads --out threads$threads
done
same_bits() {
  local file
  for threads in 2 3 7; do
    for file in threads1/small/*.csv threads1/small/resolved.yaml; do
      cmp "$file" "threads$threads/small/${file##*/}" || return 1
    done
  done
}
holds "any number of threads gives the same files" same_bits

run small.yaml --set optimizer.sgd.lr=1e38 --set iterations=9 --out wild
says "a loss that leaves the numbers is status 3" 3 "the loss of arm 'net' left the finite numbers at iteration "

mkdir closed && touch closed/small
run small.yaml --out closed
says "a file in the way of the run folder" 1 "closed/small'"
mkdir -p locked/small
exec 9<locked/small
flock 9
run small.yaml --out locked
says "a folder in use is refused" 1 "another netrun is at work in 'locked/small'"
exec 9<&-

"$netrun" small.yaml --set iterations=1000000 --out stopped >stopped.txt 2>&1 &
pid=$!
sleep 1
kill -INT $pid
wait $pid
status=$? out=$(cat stopped.txt)
says "Ctrl-C is status 130" 130 "interrupted"
holds "and leaves no half-written file" test -z "$(find stopped -name '*.tmp')"

cp small.yaml "a b.yaml"
run "a b.yaml" --out "with space"
says "paths with spaces work" 0 "with space/small"
finish
