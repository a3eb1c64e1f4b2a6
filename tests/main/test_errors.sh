#!/usr/bin/env bash
# Experiments that are refused before anything runs: exact messages with line and column.
# shellcheck source=scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/scene.sh"

# The experiment that the cases below change: `base SED-EXPRESSION ...` writes it to e.yaml.
base() {
  local expression expressions=()
  for expression in "$@"; do expressions+=(-e "$expression"); done
  sed "${expressions[@]}" >e.yaml <<'YAML'
experiment: e
task: gradients
data: {source: synthetic, shape: [1, 8, 8], classes: 4, batch: 4}
loss: cross_entropy
optimizer: {sgd: {lr: 0.01}}
arms:
  net:
    net: {netdef: n, input: [1, 8, 8], layers: [conv2d: {out: 4, kernel: 3}, relu, flatten, linear: {out: 4}]}
    watch: {first: conv2d}
YAML
}

refused() { # NAME MESSAGE SED-EXPRESSION...: the changed experiment is refused with exactly this line, only
  local name=$1 message=$2
  shift 2
  base "$@"
  run e.yaml
  if [ "$status" -eq 1 ] && grep -qxF -- "$message" <<<"$out" && [ "$(grep -c ' error: ' <<<"$out")" -eq 1 ]; then
    ok "$name"
  else
    not_ok "$name" "status $status, wanted: $message
$out"
  fi
}

base 's/x/x/'
run --dry-run e.yaml
says "the experiment itself is fine" 0 "parameters"

refused "an unknown task" \
  "e.yaml:2:7: error: there is no task 'gradient'; did you mean 'gradients'?" 's/task: gradients/task: gradient/'
refused "no data" \
  "e.yaml:2:7: error: gradients needs data: say where the images come from" '/^data/d'
refused "no loss" \
  "e.yaml:2:7: error: gradients needs a loss, for example loss: cross_entropy" '/^loss/d'
refused "no optimizer" \
  "e.yaml:2:7: error: gradients needs an optimizer, for example optimizer: {sgd: {lr: 0.001}}" '/^optimizer/d'
refused "a key that the task does not have" \
  "e.yaml:5:1: error: gradients has no attribute 'iteration'; did you mean 'iterations'?" 's/^optimizer.*/iteration: 3\n&/'
refused "a key that an arm does not have" \
  "e.yaml:9:5: error: an arm has no attribute 'wach'; did you mean 'watch'?" 's/watch:/wach:/'
refused "a number out of range" \
  "e.yaml:5:13: error: iterations of gradients is from 1 to 1000000, not 0" 's/^optimizer.*/iterations: 0\n&/'
refused "a watch that matches nothing" \
  "e.yaml:9:20: error: no layer of n fits 'conv2'; did you mean 'conv2d'?" 's/first: conv2d/first: conv2/'
refused "a watch without weights" \
  "e.yaml:9:20: error: the layer 'relu' (relu) has no weights to watch: name a convolution or linear layer" 's/first: conv2d/first: relu/'
refused "a watch that is no map" \
  "e.yaml:9:12: error: watch takes a map LABEL: PATH (initial: stage1.0.conv2d), not a string" 's/{first: conv2d}/conv2d/'
refused "images of another shape" \
  "e.yaml:7:3: error: the network 'n' takes 1x8x8, but the data has images of 3x8x8" 's/shape: .1, 8, 8./shape: [3, 8, 8]/'
refused "another number of classes" \
  "e.yaml:4:7: error: the network yields 4 scores, the data has 5 classes; let its last layer have 5 outputs" 's/classes: 4/classes: 5/'
refused "a batch of one in batch norm" \
  "e.yaml:3:16: error: a batch of one image gives 'batchnorm2d' (4x1x1) one value per channel, which has no variance; take at least 2 images" 's/relu, flatten/maxpool2d: {kernel: 6}, batchnorm2d, flatten/' 's/batch: 4/batch: 1/'
refused "an unknown loss" \
  "e.yaml:4:7: error: there is no loss 'crossentropy'; did you mean 'cross_entropy'?" 's/cross_entropy/crossentropy/'
refused "data that is not there" \
  "e.yaml:3:16: error: cifar10 is not in 'data/cifar-10-batches-bin': run make data, or name the folder with --data or NETRUN_DATA, or allow the stand-in with \"otherwise: synthetic\"" \
  's/synthetic, shape: .1, 8, 8., classes: 4/cifar10/' 's/input: .1, 8, 8./input: [3, 32, 32]/' 's/linear: {out: 4}/linear: {out: 10}/'

# Of several stages each takes the keys that it knows; one written in a stage is meant for that stage.
stages='s/^task.*/stages: [gradients, train, evaluate: {worst: 3}]\niterations: 2\nepochs: 1/'
base "$stages"
run --dry-run e.yaml
says "keys that some of the stages know" 0 "memory, evaluate, batch 4"
refused "a key that no stage knows" \
  "e.yaml:4:1: error: none of the stages has an attribute 'epoch'; did you mean 'epochs'?" "$stages" 's/epochs/epoch/'
refused "a key that no stage knows of an arm" \
  "e.yaml:11:5: error: an arm has no attribute 'wach'; did you mean 'watch'?" "$stages" 's/watch:/wach:/'
refused "a key of another stage" \
  "e.yaml:2:39: error: evaluate has no attribute 'epochs'" "$stages" 's/worst: 3/epochs: 3/'
refused "a key that a later stage cannot take" \
  "e.yaml:4:9: error: epochs of train is from 1 to 1000000, not 0" "$stages" 's/epochs: 1/epochs: 0/'

# Data of a later stage that is not there, before the first stage begins; the run before stays where it is.
base 's/^task.*/task: evaluate/' '/watch/d' 's/batch: 4/batch: 4, images: 20/'
run e.yaml
refused "a later stage without its pictures" "e.yaml:2:45: error: cannot read 'pictures': No such file or directory" \
  's/^task.*/stages: [evaluate, predict: {data: {source: images, path: pictures, shape: [1, 8, 8]}}]/' '/watch/d'
for source in 'mnist' 'segmented, of: mnist' 'digit_grid, of: mnist'; do
  input=$([ "$source" = 'digit_grid, of: mnist' ] && echo '1, 56, 84' || echo '1, 28, 28')
  base "s/^task.*/stages: [evaluate, predict: {outputs: relu, data: {source: $source}}]/" '/watch/d' '/^loss/d' \
    "s/shape: .1, 8, 8./shape: [$input]/; s/input: .1, 8, 8./input: [$input]/"
  run e.yaml
  says "a later stage without its files: $source" 1 "e.yaml:2:60: error: mnist is not in 'data/mnist': run make data, or name the folder with --data or NETRUN_DATA, or allow the stand-in with \"otherwise: synthetic\""
done
holds "the run before stays" test -e out/e/results.json -a ! -e out/e.1

# Pictures without labels, known before any is read; an autoencoder needs none.
mkdir -p pets/test/cat pets/train
: >pets/train/a.png
pets='s/^data.*/data: {source: images, path: pets, shape: [1, 8, 8], batch: 4}/'
for task in train gradients; do
  refused "$task without labels" \
    "e.yaml:3:16: error: $task needs to know what the pictures show: put them into one folder for each class" \
    "$pets" "s/^task.*/task: $task/" "$([ $task = train ] && echo '/watch/d;s/^arms/epochs: 1\n&/')"
done
refused "evaluate without labels" \
  "e.yaml:3:16: error: evaluate needs to know what the pictures show: put them into one folder for each class" \
  "$pets" 's/^task.*/task: evaluate/' 's/^arms/split: train\n&/' '/watch/d'
base "$pets" 's/^task.*/task: evaluate/' '/watch/d'
run --dry-run e.yaml
says "the other split has labels" 0 "parameters"
base "$pets" 's/^loss.*/loss: {mse: {target: input}}/' 's/flatten, linear: {out: 4}/conv2d: {out: 1, kernel: 3, padding: 2}/'
run --dry-run e.yaml
says "what a network is to repeat needs no label" 0 "parameters"

# Several seeds, where the first is all that is looked at.
refused "seeds of one network" \
  "e.yaml:3:1: error: predict looks at one network of each arm, and nothing here trains one for each of 2 seeds; write seed: 3" \
  's/^task.*/task: predict\nseeds: [3, 1]/' '/watch/d'
base 's/^task.*/stages: [train: {epochs: 1}, predict]\nseeds: [3, 1]/' '/watch/d' 's/batch: 4/batch: 4, images: 10/'
run e.yaml
says "seeds that a stage has trained" 0 "note: of 2 seeds predict looks at the first, 3"

base 's/batch: 4/batch: 60000/' 's/relu, flatten/repeat: {name: r, times: 200, layers: [conv2d: {out: 900, kernel: 1}]}, flatten/'
run e.yaml
says "more memory than there is" 1 "of memory, and "
holds "nothing but the run folder's beginning is left" test ! -e out/e/results.json
finish
