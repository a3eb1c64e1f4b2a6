#!/usr/bin/env bash
# From labels to masks, as a user does it: an encoder moves into a segmentation network, which is trained on masks and
# judged on canvases of another size.
# shellcheck source=tests/main/scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/../main/scene.sh"

digits='{synthetic: {shape: [1, 28, 28], objects: digits, images: 96}}'

cat >digits.yaml <<YAML
experiment: digits
task: train
data: {source: synthetic, shape: [1, 28, 28], objects: digits, images: 96, batch: 32, augment: [normalize: mnist]}
loss: cross_entropy
optimizer: {adam: {lr: 0.001}}
epochs: 1
arms: {cnn: {net: netdefs/mnist_cnn.yaml}}
YAML
run digits.yaml
says "a classifier is trained" 0 "done in"

cat >masks.yaml <<YAML
experiment: masks
data: {source: segmented, of: $digits, batch: 32, augment: [normalize: mnist]}
loss: {cross_entropy: {weight: [0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], ignore_index: 0}}
stages:
  - train: {epochs: 1, optimizer: {adam: {lr: 0.001, weight_decay: 1e-5}}}
  - evaluate: {masks: 3, worst: 2}
arms:
  fcn:
    net: netdefs/fcn.yaml
    weights: [{from: out/digits/cnn.last.safetensors, map: {"encoder.**": "encoder.**"}, unused: allow}]
  fcn8:
    net: netdefs/fcn8.yaml
    weights: [{from: out/digits/cnn.last.safetensors, map: {"encoder.**": "encoder.**"}, unused: allow}]
YAML
run --dry-run masks.yaml
says "a dry run knows masks without a file" 0 "18 copied, 2 unused: 'head.weight', 'head.bias'"
run masks.yaml
says "its encoder is trained on masks, with class weights and a class that does not count" 0 "digit_accuracy"
for file in masks.png masks.csv mistakes_fcn.png mistakes_fcn8.png confusion_fcn.csv classes_fcn8.csv curves.csv; do
  holds "$file is there" test -s "out/masks/$file"
done
holds "three images are shown, for both arms" test "$(cut -d, -f1,2 out/masks/masks.csv | wc -l),$(head -n 1 out/masks/masks.csv)" = "4,image,fcn,fcn8"

cat >canvas.yaml <<YAML
experiment: canvas
task: evaluate
data: {source: digit_grid, of: $digits, rows: 2, columns: 3, images: 20, batch: 4, augment: [normalize: mnist]}
loss: cross_entropy
arms:
  fcn:  {net: {extends: netdefs/fcn.yaml,  input: [1, 56, 84]}, weights: [from: out/masks/fcn.last.safetensors]}
  fcn8: {net: {extends: netdefs/fcn8.yaml, input: [1, 56, 84]}, weights: [from: out/masks/fcn8.last.safetensors]}
YAML
run --dry-run canvas.yaml
says "a dry run shows the larger network" 0 "11x56x84"
run canvas.yaml
says "the same weights serve canvases" 0 "4 test images"
holds "whose masks are shown" test -s out/canvas/masks.png

# Sizes that do not fit.
run --dry-run canvas.yaml --set 'arms.fcn8.net.input=[1, 58, 84]'
says "strides that lose pixels, and a sum" 1 "error: add: its inputs differ: 11x28x42 and 11x29x42"
run --dry-run canvas.yaml --set 'arms.fcn.net.input=[1, 28, 28]'
says "a network for other images" 1 "takes 1x28x28, but the data has images of 1x56x84"
run --dry-run canvas.yaml --set data.rows=1 --set 'arms.fcn.net.input=[1, 8, 84]'
says "an image that is too small" 1 "error: conv2d: a 3x3 kernel does not fit its 2x21 input (padding 0)"
sed -e "s/source: digit_grid, of: .*, rows: 2, columns: 3, images: 20/source: segmented, of: {synthetic: {shape: [1, 30, 28], objects: digits}}/" \
  -e 's/56, 84/30, 28/; /fcn8/d' canvas.yaml >odd.yaml
run --dry-run odd.yaml
says "strides that lose pixels, and a mask" 1 "the data has a label for each pixel of 30x28, the network yields 11x28x28; let it end in a map of 30x28"
sed 's/netdefs.fcn.yaml,  input: .1, 56, 84./netdefs\/mnist_cnn.yaml/; s/2, columns: 3/1, columns: 1/; /fcn8/d; s/, weights.*/}/' canvas.yaml >vector.yaml
run --dry-run vector.yaml
says "a classifier has no masks" 1 "the data has a label for each pixel of 28x28, the network yields 10; let it end in a map of 28x28"
finish
