#!/usr/bin/env bash
# What evaluation and prediction say agrees with training, with one another, and with what the data holds.
# shellcheck source=tests/main/scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/../main/scene.sh"

cat >small.yaml <<'YAML'
experiment: small
data: {source: synthetic, shape: [1, 12, 12], classes: 4, images: 300, batch: 32}
loss: cross_entropy
stages:
  - train: {epochs: 4, optimizer: {adam: {lr: 0.01}}}
  - evaluate
  - predict: {top: 2, show: 5, outputs: relu}
arms:
  net:
    net:
      netdef: net
      input: [1, 12, 12]
      layers: [conv2d: {out: 8, kernel: 3}, batchnorm2d, relu, flatten, linear: {out: 4}]
YAML
sed 's/^experiment: small/experiment: masks/; s/classes: 4/classes: 4, masks: true/; s/kernel: 3}/kernel: 3, padding: 1}/; s/flatten, linear: {out: 4}/conv2d: {out: 5, kernel: 1}/' small.yaml >masks.yaml

column() { # FILE COLUMN: without its head
  tail -n +2 "$1" | cut -d, -f"$2"
}
same() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'" && false; }; }

run small.yaml
says "train, evaluate, predict" 0 "60 test images"
cd out/small || exit 1
accuracy=$(column epochs.csv 8 | tail -n 1)
holds "evaluation finds the accuracy that training found last" same "$(column scores.csv 4)" "$accuracy"
holds "and the loss" same "$(column scores.csv 3)" "$(column epochs.csv 7 | tail -n 1)"
holds "every image is counted once" same "$(tail -n +2 counts_net.csv | cut -d, -f2- | tr ',' '\n' | awk '{ sum += $1 } END { print sum }')" 60
holds "classes have as many images as there are" same "$(column classes_net.csv 2 | tr '\n' ' ')" "15 15 15 15 "
right=$(awk -F, 'NR > 1 && $2 == $3' predictions_net.csv | wc -l)
holds "as many predictions are right" same "$(awk "BEGIN { printf \"%.9g\", $right / 60 }")" "$accuracy"
holds "probabilities fall" test -z "$(awk -F, 'NR > 1 && $4 < $6' predictions_net.csv)"
wrong=$((60 - right))
holds "the mistakes are those that are wrong" same "$(($(wc -l <mistakes_net.csv) - 1))" $((wrong < 24 ? wrong : 24))
holds "the worst first" same "$(column mistakes_net.csv 4)" "$(column mistakes_net.csv 4 | sort -gr)"
holds "outputs have the layer's shape" grep -aq "'shape': (60, 8, 10, 10" outputs_net.npy
holds "no relu is below 0" test -z "$(tail -c +129 outputs_net.npy | od -An -tf4 -v -w4 | awk '$1 < 0')"
for file in confusion_net.csv predictions_net.png mistakes_net.png; do
  holds "$file is there" test -s $file
done
cd "$scene" || exit 1

run masks.yaml
says "masks: train, evaluate, predict" 0 "frequency_weighted_iu"
cd out/masks || exit 1
holds "masks: the accuracy that training found last" same "$(column scores.csv 4)" "$(column epochs.csv 8 | tail -n 1)"
holds "masks: the mean IU too" same "$(column scores.csv 6)" "$(column epochs.csv 9 | tail -n 1)"
holds "masks: every pixel is counted once" same "$(tail -n +2 counts_net.csv | cut -d, -f2- | tr ',' '\n' | awk '{ sum += $1 } END { print sum }')" $((60 * 144))
holds "masks: shares of an image make a whole" test -z "$(awk -F, 'NR > 1 && ($3 + $4 + $5 + $6 + $7 - 1) ^ 2 > 1e-12' predictions_net.csv)"
holds "masks: results.json has the metrics" test "$(grep -c '"pixel_accuracy"\|"mean_accuracy"\|"mean_iu"\|"frequency_weighted_iu"\|"digit_accuracy"' results.json)" -ge 5
cd "$scene" || exit 1

# Judged on augmented images, the sheets show these, with the masks that moved along.
sed 's/- evaluate/- evaluate: {augment: true, masks: 200, split: test}/; s/batch: 32/batch: 32, augment: [horizontal_flip: {p: 1}]/; /- predict/d' masks.yaml >flip.yaml
run flip.yaml --out flip
holds "what is wrong on the sheet is what was judged" same "$(tail -n +2 flip/masks/masks.csv | awk -F, '{ sum += $2 } END { printf "%.6f", 1 - sum / NR }')" "$(column flip/masks/scores.csv 4 | awk '{ printf "%.6f", $1 }')"

# Stages that say the same keep what each of them said.
sed 's/- evaluate/- evaluate: {split: train}/; s/- predict.*/- evaluate/; s/^stages:/&\n  - evaluate/' small.yaml >stages.yaml
run stages.yaml --out stages
entry() { # KEY...: of results.json
  python3 -c '
import json, sys
value = json.load(open("stages/small/results.json"))["arms"]["net"]
for key in sys.argv[1:]: value = value[key]
print("%.9g" % value if isinstance(value, float) else value)' "$@"
}
if python3 -c '' 2>/dev/null; then
  holds "before training" same "$(entry stages evaluate test accuracy)" "$(column stages/small/scores.csv 4)"
  holds "after it" same "$(entry stages evaluate_3 test accuracy)" "$(column stages/small/scores_3.csv 4)"
  holds "on the other split" same "$(entry stages evaluate_2 data images)" 300
  holds "while training" same "$(entry stages train train accuracy)" "$(column stages/small/epochs.csv 6 | tail -n 1)"
  holds "the last that says it counts for the whole" same "$(entry test accuracy)" "$(entry stages evaluate_3 test accuracy)"
else
  ok "results of stages # SKIP there is no python3"
fi

sed 's/outputs: relu/outputs: rely/' small.yaml >rely.yaml
run rely.yaml
says "a layer that is not there" 1 "rely.yaml:7:41: error: no layer of net fits 'rely'; did you mean 'relu'?"
sed '/^loss/d; /- train/d; /- predict/d; s/linear: {out: 4}/linear: {out: 5}/' small.yaml >five.yaml
run five.yaml --out five
says "nothing to judge by" 1 "there is nothing to judge the network 'net' by: it yields 5, no score for each of the 4 classes, and the experiment has no loss"
sed '/- train/d; /- predict/d' small.yaml >fresh.yaml
run fresh.yaml --out fresh
says "a network that nothing has trained is named" 0 "note: nothing has trained net: its weights are those it starts with"
cat >>fresh.yaml <<'YAML'
    weights: [{from: out/small/net.last.safetensors}]
YAML
run fresh.yaml --out again
says "weights from a file" 0 "net: weights from out/small/net.last.safetensors"
holds "give the same scores" cmp out/small/scores.csv again/small/scores.csv

# A picture of the user's own, of which nobody knows what it shows.
sed '/^loss/d; /- train/d; /- evaluate/d; s/^data.*/data: {source: images, path: out\/small\/predictions_net.png, shape: [1, 12, 12]}/' fresh.yaml >own.yaml
sed -i 's/^stages:/task: predict/' own.yaml
run own.yaml --out own
says "a picture of one's own" 0 "net: image, what it is, what is said of it"
says "shown by the name of its file" 0 "  'predictions_net.png' "
holds "has no label" grep -q '^0,predictions_net.png,,\(disk\|square\|triangle\|ring\),' own/small/predictions_net.csv
holds "in results.json too" grep -q '"file": "predictions_net.png"' own/small/results.json
sed 's/^task: predict/task: evaluate/; s/12, 12\]}/12, 12], classes: [a, b, c, d]}/' own.yaml >judged.yaml
run judged.yaml --out judged
says "and cannot be judged" 1 "judged.yaml:2:16: error: evaluate needs to know what the pictures show: put them into one folder for each class"
sed '/- evaluate/d; s/- predict.*/- predict: {data: {source: images, path: out\/small\/predictions_net.png, shape: [1, 12, 12]}}/' small.yaml >after.yaml
run after.yaml --out after
says "nor needs to be, after training, whatever the loss" 0 "net: image, what it is, what is said of it"
holds "its classes are those of the training" grep -q '^0,predictions_net.png,,\(disk\|square\|triangle\|ring\),' after/small/predictions_net.csv
mkdir -p pets/ring
cp out/small/predictions_net.png pets/ring
run own.yaml --out own --set data.path=pets
says "pictures in fewer classes than the network knows" 0 "  'predictions_net.png' "
holds "have none of them" grep -q '^0,predictions_net.png,,\(disk\|square\|triangle\|ring\),' own/small/predictions_net.csv
mkdir elsewhere
holds "resolved.yaml finds them from anywhere" sh -c "cd elsewhere && '$netrun' ../own/small/resolved.yaml --quiet"

# The images as the network takes them, written as an array and read again, are the same images.
cat >array.yaml <<'YAML'
experiment: array
task: predict
data: {source: synthetic, shape: [1, 12, 12], classes: 4, images: 300, batch: 32, augment: [normalize: half]}
outputs: image
arms:
  net:
    net:
      netdef: net
      input: [1, 12, 12]
      layers: [identity: {name: image}, conv2d: {out: 8, kernel: 3}, flatten, linear: {out: 4}]
YAML
run array.yaml
sed 's/^outputs: image/array: out\/array\/outputs_net.npy/' array.yaml >again.yaml
run again.yaml --out again
says "an array of images" 0 "images: 60 of out/array/outputs_net.npy"
holds "gives the same predictions" cmp <(cut -d, -f1,3- out/array/predictions_net.csv) <(cut -d, -f1,3- again/array/predictions_net.csv)
sed 's/linear: {out: 4}/linear: {out: 6}/' again.yaml >six.yaml
run six.yaml --out six
says "classes that the data does not know go by their numbers" 0 "  0.1"
holds "all of them" test "$(head -n 1 six/array/predictions_net.csv | tr ',' '\n' | grep -c class_)" = 5
holds "without a name" grep -q '^0,,[0-5],' six/array/predictions_net.csv
sed 's/shape: \[1, 12, 12\]/shape: [1, 8, 8]/; s/input: .*/input: [1, 8, 8]/' again.yaml >eight.yaml
run eight.yaml --out eight
says "an array of another shape" 1 "eight.yaml:4:8: error: the array is 60x1x12x12, and the network 'net' takes images x 1x8x8"
head -c 100 out/array/outputs_net.npy >short.npy
sed 's/^array: .*/array: short.npy/' again.yaml >short.yaml
run short.yaml --out short
says "a damaged array" 1 "short.yaml:4:8: error: cannot read 'short.npy' as a NumPy array: it does not begin like one, or is cut short"
finish
