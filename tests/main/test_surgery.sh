#!/usr/bin/env bash
# Weights from one experiment in another, as a user does it.
# shellcheck source=scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/scene.sh"

cat >small.yaml <<'YAML'
netdef: small
params: {classes: 4}
input: [1, 8, 8]
layers:
  - repeat:
      name: trunk
      times: 2
      layers: [conv2d: {out: 6, kernel: 3, padding: 1}, batchnorm2d, relu]
  - global_avgpool2d
  - flatten
  - linear: {name: head, out: $classes}
YAML
cat >base.yaml <<'YAML'
experiment: base
task: train
data: {source: synthetic, shape: [1, 8, 8], classes: 4, images: 96, batch: 32, augment: [normalize: half]}
loss: cross_entropy
optimizer: {sgd: {lr: 0.05}}
epochs: 2
arms: {a: {net: small.yaml}}
YAML
run base.yaml
says "a network is trained" 0 "done in"

number() { # FILE: the test loss in its results
  tr -d ' \n' <"$1" | sed -n 's/.*"test":{"loss":\([0-9.e-]*\).*/\1/p'
}

sed -e 's/base/again/; s/train/evaluate/; s/^epochs.*//; s/^optimizer.*//' \
  -e 's|net: small.yaml|net: small.yaml, weights: [from: out/base/a.last.safetensors]|' base.yaml >again.yaml
run again.yaml
says "another experiment evaluates its weights" 0 "a: weights from out/base/a.last.safetensors"
trained=$(number out/base/results.json)
holds "there is a loss to compare" test -n "$trained"
holds "and finds the loss that training ended with" test "$trained" = "$(number out/again/results.json)"

cat >fine.yaml <<'YAML'
experiment: fine
task: train
data: {source: synthetic, shape: [1, 8, 8], classes: 7, images: 96, batch: 32, augment: [normalize: half]}
loss: cross_entropy
optimizer: {sgd: {lr: 0.05}}
epochs: 1
arms:
  b:
    net: {extends: small.yaml, params: {classes: 7}}
    weights: [{from: out/base/a.last.safetensors, map: {"trunk.**": "trunk.**"}, unused: allow}]
    rules: {"trunk.**": {freeze: true, freeze_stats: true}}
YAML
run --dry-run fine.yaml
says "a dry run shows what is copied" 0 "weights from out/base/a.last.safetensors: 12 copied, 2 unused: 'head.weight', 'head.bias'
  part   tensors  copied  left at init  frozen
  trunk       12      12             0      12; statistics frozen
  head         2       0             2       0
"
run --dry-run --verbose fine.yaml
says "tensor by tensor with --verbose" 0 "
  trunk.0.conv2d.weight  6x1x3x3  from 'trunk.0.conv2d.weight' of out/base/a.last.safetensors; frozen
"
run fine.yaml
says "a run warns of what keeps its start values" 0 "warning: b: 2 of 14 parameter tensors are in none of the files and keep their start values"

run fine.yaml --set 'arms.b.rules={"**": {freeze: true}}'
says "rules that freeze all leave nothing to train" 1 "these rules freeze every parameter of small, which leaves nothing to train"
run fine.yaml --set 'arms.b.weights=[from: out/base/a.last.safetensors]'
says "weights that do not fit are refused" 1 "'head.weight' of small is 7x6, but 'head.weight' of 'out/base/a.last.safetensors' is 4x6"
run fine.yaml --set arms.b.weights.0.from=gone.safetensors
says "so are weights that are not there" 1 "--set:1:23: error: cannot read 'gone.safetensors': No such file or directory"
run --dry-run fine.yaml --set arms.b.weights.0.from=fine.yaml
says "and files of something else, in a dry run too" 1 "cannot read 'fine.yaml' as safetensors"

# Frozen layers are measured like the others, and stay as they are.
sed -e 's/fine/signals/; s/train/gradients/; s/epochs: 1/iterations: 3/' fine.yaml >signals.yaml
run signals.yaml
says "gradients of frozen layers are measured" 0 "done in"
holds "with numbers" grep -rqE 'trunk.0.conv2d.*[1-9]' out/signals --include=*.csv
finish
