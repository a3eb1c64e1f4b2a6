#!/usr/bin/env bash
# The gradcam task as a user runs it: what it leaves, what it refuses, and the same bits on any number of threads.
# shellcheck source=tests/main/scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/../main/scene.sh"

cat >look.yaml <<'YAML'
experiment: look
seed: 3
data: {source: synthetic, shape: [3, 16, 16], classes: 4, images: 200, batch: 16, augment: [normalize: half]}
loss: cross_entropy
stages:
  - train: {epochs: 2, optimizer: {adam: {lr: 0.01}}}
  - gradcam: {method: [gradcam, gradcam++, hirescam, layercam, xgradcam, eigencam, scorecam, gradient, guided], show: 3, objects: true, curves: 4, sanity: 4}
arms:
  plain:
    net:
      netdef: plain
      input: [3, 16, 16]
      layers:
        - conv2d: {name: first, out: 8, kernel: 3, padding: 1}
        - relu
        - maxpool2d: {kernel: 2}
        - conv2d: {name: second, out: 8, kernel: 3, padding: 1}
        - batchnorm2d
        - relu: {name: deep}
        - maxpool2d: {kernel: 2}
        - flatten
        - linear: {name: head, out: 4}
  wide:
    layer: ["first", "deep*"]
    net:
      netdef: wide
      input: [3, 16, 16]
      layers:
        - conv2d: {name: first, out: 8, kernel: 3, stride: 2}
        - relu: {name: deep}
        - flatten
        - linear: {name: head, out: 4}
YAML

# Charts take longer to draw than these networks to train: gnuplot is kept out of sight.
printf '#!/bin/sh\nPATH=/none exec "%s" "$@"\n' "$netrun" >netrun
chmod +x netrun
netrun=$scene/netrun

run look.yaml --out one --threads 1
says "train, then gradcam" 0 "plain, gradcam at deep (8x8x8)"
says "the layers that were named" 0 "wide, scorecam at first (8x7x7)"
folder=one/look
holds "a sheet" test -s $folder/sheet.png
holds "a map at the layer's resolution" grep -qaF "(8, 8" "$folder/map_plain_gradcam++_deep_2.npy"
holds "an overlay" test -s $folder/overlay_wide_guided_input_0.png
holds "pictures of those shown only" test ! -e $folder/overlay_wide_guided_input_3.png
holds "a line for each map" test "$(grep -c '^plain,deep,layercam,' $folder/maps.csv)" -eq 40
for key in '"index": 2' '"label": ' '"predicted": ' '"target": ' '"score": ' '"layer": "deep"' \
  '"map": "map_plain_xgradcam_deep_1.npy"' '"overlay": "overlay_plain_guided_input_1.png"' \
  '"pointing_game": ' '"energy_inside_interval": ' '"spread": ' '"mean": ' '"highest": ' '"insertion_random": ' '"sanity": '; do
  holds "results.json has $key" grep -q "$key" $folder/results.json
done

# Every file, without what may differ.
same_files() { # FOLDER FOLDER
  local file
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
run look.yaml --out three --threads 3 --quiet
holds "the same bits on 3 threads" same_files one/look three/look

# ---- what is refused -------------------------------------------------------------------------------
cat >bare.yaml <<'YAML'
experiment: bare
data: {source: synthetic, shape: [3, 8, 8], classes: 4, images: 20, batch: 4}
task: gradcam
arms:
  a:
    net:
      netdef: a
      input: [3, 8, 8]
      layers: [conv2d: {name: only, out: 4, kernel: 3}, relu, flatten, linear: {name: head, out: 4}]
YAML

refuses() { # NAME TEXT KEYS: the experiment with these keys is refused with this message
  sed "s/^task: gradcam/task: gradcam\n$3/" bare.yaml >refused.yaml
  run refused.yaml
  says "$1" 1 "$2"
}
run bare.yaml --set objects=true --set data.masks=false --set target=label
says "known masks" 0 "energy_inside"

refuses "an unknown method" "refused.yaml:4:9: error: no method 'gradcamm'; did you mean 'gradcam'?" "method: gradcamm"
refuses "a method that is no name" "refused.yaml:4:19: error: a method is a name, not the integer 3" "method: [gradcam, 3]"
refuses "a layer without space" \
  "refused.yaml:4:8: error: the layer 'head' yields 4, which has no space left to draw a map of" "layer: head"
refuses "an unknown layer" "refused.yaml:4:8: error: no layer of a fits 'onyl'; did you mean 'only'?" "layer: onyl"
refuses "a class that is not there" \
  "refused.yaml:4:9: error: no class 4: the network 'a' yields scores for classes 0 to 3" "target: 4"
refuses "a class by a wrong name" \
  "refused.yaml:4:9: error: no class 'sqare' in synthetic; did you mean 'square'?; target takes a class by name or number, predicted or label" \
  "target: sqare"
refuses "mistakes of nobody" \
  "refused.yaml:3:7: error: mistakes takes the name of an arm, whose mistakes are shown; there is no arm 'b'" "mistakes: b"

run bare.yaml --set target=label --set data.classes=5
says "labels that the network has no scores for" 1 \
  "error: the network 'a' yields 4 scores, and the data has 5 classes; name the class by its number"

run bare.yaml --set target=square --set show=1 --set mistakes=a
says "mistakes, and a class by its name" 0 "a, gradcam at relu (4x6x6)"
holds "the class by its name" grep -q '"target": "square"' out/bare/results.json

# The comparison with randomised weights goes over all its images, whatever the batch.
for batch in 3 16; do
  run bare.yaml --set target=0 --set data.batch=$batch --set sanity=10 --out batch$batch
  grep '"sanity"' batch$batch/bare/results.json | sed 's/[0-9]\{3\}\([],]\)/\1/g' >sanity$batch
done
holds "randomised weights of several batches" test "$(grep -c '"sanity"' sanity3)" -ge 1
holds "... compared as in one" cmp -s sanity3 sanity16

mkdir -p pictures
cp one/look/sheet.png pictures/a.png
sed 's/^data:.*/data: {source: images, path: pictures, shape: [3, 8, 8], classes: [a, b, c, d], batch: 4}/' bare.yaml >mine.yaml
run mine.yaml --set target=c --set method=gradient
says "a picture of one's own" 0 "a, gradient at input (3x8x8)"
size() { head -c 24 "$1" | tail -c 8 | od -An -tx1; }
holds "drawn in its own size" test "$(size out/bare/overlay_a_gradient_input_0.png)" = "$(size pictures/a.png)"
run mine.yaml --set target=label
says "labels that are not there" 1 \
  "mine.yaml:2:16: error: target: label needs labels, and these images have none: put them into one folder per class"

finish
