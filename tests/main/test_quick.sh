#!/usr/bin/env bash
# The quick experiments run from beginning to end, with less to do.
# shellcheck source=tests/main/scene.sh
. "$(dirname "${BASH_SOURCE[0]}")/scene.sh"

run experiments/quick_train.yaml --set data.images=300 --set stages.0.train.epochs=1
says "quick_train runs" 0 "done in"
folder=out/quick_train
holds "it leaves weights" test -s $folder/cnn.best.safetensors -a -s $folder/linear.last.safetensors
holds "every step has a line" test "$(wc -l <$folder/steps.csv)" -eq 11
holds "it leaves the worst mistakes" test -s $folder/mistakes_cnn.png
holds "it needs no checkpoint any more" test ! -e $folder/checkpoint.safetensors
finish
