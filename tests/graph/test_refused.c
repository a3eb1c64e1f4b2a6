/* Netdefs that are refused, with the exact messages and places. What follows from a fault is silent. */
#include "graph_scene.h"

static void what_is_no_entry(void **state) {
    (void)state;
    scene_refuses(
        "netdef: t\n"
        "input: [3, 8, 8]\n"
        "layers:\n"
        "  - 3\n"
        "  - {}\n"
        "  -\n"
        "  - [relu, 4]\n"
        "  - relu:\n"
        "  - relu: 3\n"
        "  - conv2d:\n"
        "    out: 3\n"
        "    kernel: 3\n",
        "4:5: error: an entry is a kind, a block, or one of them with attributes, not the integer "
        "3\n"
        "5:5: error: this entry is empty; name a kind or block\n"
        "6:4: error: an entry is a kind, a block, or one of them with attributes, not nothing\n"
        "7:12: error: an entry is a kind, a block, or one of them with attributes, not the integer "
        "4\n"
        "8:5: error: nothing follows the colon of 'relu'; without attributes leave the colon out\n"
        "9:11: error: 'relu' takes attributes, as in {name: value}, not the integer 3\n"
        "11:5: error: an entry has one key, its kind or block; if 'out' belongs to 'conv2d', "
        "indent it under that");
}

static void kinds_that_are_not_there(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "params: {act: relu}\n"
                  "blocks: {unit: {layers: [relu]}}\n"
                  "layers: [Conv2D, repaet, untit, act, nothing_like_it, max_pool2d]\n",
                  "5:10: error: no layer kind or block 'Conv2D'; did you mean 'conv2d'?\n"
                  "5:18: error: no layer kind or block 'repaet'; did you mean 'repeat'?\n"
                  "5:26: error: no layer kind or block 'untit'; did you mean 'unit'?\n"
                  "5:33: error: no layer kind or block 'act'; did you mean '$act'?\n"
                  "5:38: error: no layer kind or block 'nothing_like_it'; `netrun list layers` "
                  "names the kinds\n"
                  "5:55: error: no layer kind or block 'max_pool2d'; did you mean 'maxpool2d'?");
}

static void what_a_parameter_holds(void **state) {
    (void)state;
    scene_refuses(
        "netdef: t\n"
        "input: [3, 8, 8]\n"
        "params: {act: rleu, other: {ab: {}}, list: [relu, thanh]}\n"
        "layers: [$act, $other, $list, $list: {name: x}, $nix, $act: {name: b}, $act: 3]\n",
        "4:10: error: no layer kind or block 'rleu'; did you mean 'relu'?\n"
        "3:15: note: it was set here\n"
        "3:29: error: no layer kind or block 'ab'; `netrun list layers` names the kinds\n"
        "4:16: note: used from here\n"
        "3:51: error: no layer kind or block 'thanh'; did you mean 'tanh'?\n"
        "4:24: note: used from here\n"
        "4:38: error: '$list' holds a list of entries, which takes no attributes\n"
        "4:50: error: no parameter 'nix' here\n"
        "4:55: error: no layer kind or block 'rleu'; did you mean 'relu'?\n"
        "3:15: note: it was set here\n"
        "4:78: error: '$act' takes attributes, as in {name: value}, not the integer 3");
}

static void names_and_conditions(void **state) {
    (void)state;
    scene_refuses(
        "netdef: t\n"
        "input: [3, 8, 8]\n"
        "layers:\n"
        "  - relu: {name: Stem}\n"
        "  - relu: {name: a-b}\n"
        "  - relu: {name: \"\"}\n"
        "  - relu: {name: 3}\n"
        "  - relu: {name: \"03\"}\n"
        "  - relu: {name: shortcut}\n"
        "  - relu: {name: aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbbaaaaa}\n"
        "  - relu: {name: [a]}\n"
        "  - relu: {if: 1}\n"
        "  - relu: {if: no}\n",
        "4:18: error: 'Stem' is no name for a layer; use a-z, 0-9 and _\n"
        "5:18: error: 'a-b' is no name for a layer; use a-z, 0-9 and _\n"
        "6:18: error: '' is no name for a layer; use a-z, 0-9 and _\n"
        "7:18: error: a name is text, not the integer 3\n"
        "8:18: error: '03' is no name for a layer: numbers are the rounds of repeats\n"
        "9:18: error: 'shortcut' has a meaning of its own in paths; use another name\n"
        "10:18: error: the name 'aaaaaaaaaabbbbbbbbbbaaaaaaaaaabbbbbbbbbb...' is longer than 64 "
        "characters\n"
        "11:18: error: a name is text, not a list of 1\n"
        "12:16: error: 'if' takes true or false, not the integer 1\n"
        "13:16: error: 'if' takes true or false, not the string 'no'");
}

static void attributes_of_layers(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers:\n"
                  "  - conv2d: {out: 4, kernal: 3}\n"
                  "  - conv2d: {out: 4, kernel: 3, out_channels: 4}\n"
                  "  - conv2d: {out: big, kernel: 3}\n"
                  "  - conv2d: {kernel: 0, out: 3}\n"
                  "  - maxpool2d\n",
                  "4:22: error: conv2d has no attribute 'kernal'; did you mean 'kernel'?\n"
                  "5:33: error: conv2d has no attribute 'out_channels'; here it is called 'out'\n"
                  "6:19: error: out of conv2d is an integer, not the string 'big'\n"
                  "7:22: error: kernel of conv2d is at least 1, not 0\n"
                  "8:5: error: maxpool2d needs 'kernel' (size of the window, pixels)");
}

static void from_takes_names(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers:\n"
                  "  - relu: {name: first, from: []}\n"
                  "  - relu: {from: [first, first]}\n"
                  "  - add\n"
                  "  - add: {from: first}\n"
                  "  - relu: {from: 3}\n"
                  "  - relu: {from: [first, [first]]}\n"
                  "  - concat: {from: [first, first, first, first, first, first, first, first, "
                  "first, first, first, first, first, first, first, first, first]}\n",
                  "4:31: error: 'from' takes 1 to 16 names, not 0\n"
                  "5:5: error: relu takes 1 input, not 2\n"
                  "6:5: error: add takes 2 to 16 inputs, not 1; name them, as in from: [a, b]\n"
                  "7:5: error: add takes 2 to 16 inputs, not 1; name them, as in from: [a, b]\n"
                  "8:18: error: 'from' takes a name or a list of names, not the integer 3\n"
                  "9:26: error: 'from' takes a name or a list of names, not a list of 1\n"
                  "9:5: error: relu takes 1 input, not 2\n"
                  "10:20: error: 'from' takes 1 to 16 names, not 17");
}

static void taps_that_reach_nothing(void **state) {
    (void)state;
    scene_refuses(
        "netdef: t\n"
        "input: [3, 8, 8]\n"
        "blocks:\n"
        "  enc: {layers: [conv2d: {name: conv1, out: 4, kernel: 1}, relu: {name: relu1}]}\n"
        "  edge: {layers: [relu: {from: first}]}\n"
        "layers:\n"
        "  - relu: {name: first}\n"
        "  - enc: {name: enc}\n"
        "  - relu: {from: frist}\n"
        "  - relu: {from: enc.relu2}\n"
        "  - relu: {from: enc.pool}\n"
        "  - relu: {from: first.pool}\n"
        "  - relu: {from: second}\n"
        "  - relu: {name: self, from: self}\n"
        "  - relu: {from: zzzzzzz}\n"
        "  - relu: {name: second}\n"
        "  - relu: {name: gone, if: false}\n"
        "  - relu: {from: gone}\n"
        "  - repeat: {name: r, if: false, times: 2, layers: [relu]}\n"
        "  - relu: {from: r.0.relu}\n"
        "  - edge\n"
        "  - relu: {from: input.1}\n"
        "  - relu: {from: input.x}\n",
        "10:18: error: 'enc' holds no 'relu2'; did you mean 'relu1'?\n"
        "11:18: error: 'enc' holds no 'pool'; known: conv1, relu1\n"
        "12:18: error: 'first' is one layer; it holds no 'pool'\n"
        "18:18: error: 'gone' is switched off by its 'if', so nothing can read it\n"
        "20:18: error: 'r' is switched off by its 'if', so nothing can read it\n"
        "5:32: error: no entry here is called 'first'; known: relu_9\n"
        "21:5: note: used from here\n"
        "22:18: error: 'input.1' is not there: 1 value enters here\n"
        "23:18: error: 'input.x' is not there: 1 value enters here\n"
        "9:18: error: no entry here is called 'frist'; did you mean 'first'?\n"
        "13:18: error: 'second' is not there yet; 'from' reaches earlier entries only\n"
        "16:5: note: 'second' is written here\n"
        "14:30: error: 'self' is not there yet; 'from' reaches earlier entries only\n"
        "14:5: note: 'self' is written here\n"
        "15:18: error: no entry here is called 'zzzzzzz'; known: first, enc, relu, relu_2, relu_3, "
        "relu_4, relu_5, self, relu_6, second and 6 more");
}

static void blocks_with_two_inputs(void **state) {
    (void)state;
    scene_refuses(
        "netdef: t\n"
        "input: [3, 8, 8]\n"
        "blocks:\n"
        "  none: {layers: []}\n"
        "  lost: {layers: [relu]}\n"
        "  which: {layers: [relu: {from: input}]}\n"
        "layers:\n"
        "  - relu: {name: a}\n"
        "  - none: {from: [a, input]}\n"
        "  - lost: {from: [a, input]}\n"
        "  - which: {from: [a, input]}\n"
        "  - repeat: {from: [a, a], times: 1, layers: [relu]}\n"
        "  - residual: {from: [a, a], body: [relu]}\n",
        "4:18: error: 2 values enter here and no entry reads them; choose one with 'from: "
        "input.0'\n"
        "9:5: note: used from here\n"
        "5:19: error: relu needs 'from': 2 values enter here, input.0 to input.1\n"
        "10:5: note: used from here\n"
        "6:33: error: 2 values enter here; say which, input.0 to input.1\n"
        "11:5: note: used from here\n"
        "12:5: error: repeat takes 1 input, not 2; join them first, with add or concat\n"
        "13:5: error: residual takes 1 input, not 2; join them first, with add or concat");
}

static void parameters_of_blocks(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "blocks:\n"
                  "  unit: {params: {out: int, act: layer, scale: float, deep: bool, tag: string, "
                  "more: list}, layers: [relu]}\n"
                  "  sized: {params: {out: int}, layers: [conv2d: {out: $out, kernel: 1}]}\n"
                  "layers:\n"
                  "  - unit\n"
                  "  - sized: {out: 1.5}\n"
                  "  - sized: {out: 3, otu: 4}\n"
                  "  - sized: {out: $nothing}\n"
                  "  - sized: {out: big, name: x}\n",
                  "7:5: error: unit needs 'out', an integer\n"
                  "4:19: note: the block asks for it here\n"
                  "7:5: error: unit needs 'act', a kind, a block or an entry\n"
                  "4:29: note: the block asks for it here\n"
                  "7:5: error: unit needs 'scale', a number\n"
                  "4:41: note: the block asks for it here\n"
                  "7:5: error: unit needs 'deep', true or false\n"
                  "4:55: note: the block asks for it here\n"
                  "7:5: error: unit needs 'tag', a string\n"
                  "4:67: note: the block asks for it here\n"
                  "7:5: error: unit needs 'more', a list\n"
                  "4:80: note: the block asks for it here\n"
                  "8:18: error: sized takes an integer for 'out', not the float 1.5\n"
                  "9:21: error: block sized has no parameter 'otu'; did you mean 'out'?\n"
                  "10:19: error: no parameter 'nothing' here\n"
                  "11:18: error: sized takes an integer for 'out', not the string 'big'");
}

static void blocks_that_use_themselves(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "blocks:\n"
                  "  a: {layers: [relu, b]}\n"
                  "  b: {layers: [repeat: {times: 1, layers: [c]}]}\n"
                  "  c: {layers: [a]}\n"
                  "  self: {layers: [self: {if: false}]}\n"
                  "layers: [a, self, c]\n",
                  "6:16: error: block 'a' uses itself: a > b > c > a\n"
                  "5:44: note: used from here\n"
                  "5:16: note: used from here\n"
                  "4:22: note: used from here\n"
                  "8:10: note: used from here\n"
                  "7:19: error: block 'self' uses itself: self > self\n"
                  "8:13: note: used from here\n"
                  "5:44: error: block 'c' uses itself: c > a > b > c\n"
                  "5:16: note: used from here\n"
                  "4:22: note: used from here\n"
                  "6:16: note: used from here\n"
                  "8:19: note: used from here");
}

static void repeats(void **state) {
    (void)state;
    scene_refuses(
        "netdef: t\n"
        "input: [3, 8, 8]\n"
        "layers:\n"
        "  - repeat: {layers: [relu], name: r}\n"
        "  - repeat: {times: 2, name: r}\n"
        "  - repeat: {times: 2, layers: relu, name: r}\n"
        "  - repeat: {times: 2.0, layers: [relu], name: r}\n"
        "  - repeat: {times: -1, layers: [relu], name: r}\n"
        "  - repeat: {times: 1000000000, layers: [relu], name: r}\n"
        "  - repeat: {times: 2, for: {x: [1]}, layers: [relu], name: r}\n"
        "  - repeat: {for: [1, 2], layers: [relu], name: r}\n"
        "  - repeat: {for: {x: 3, i: [1], y: [1, 2], z: [1]}, layers: [relu], name: r}\n"
        "  - repeat: {for: {x: [1], y: [1, 2]}, layers: [relu], name: r}\n"
        "  - repeat: {times: 2, layer: [relu], name: r}\n"
        "  - repeat\n"
        "  - repeat: {times: 1, layers: [relu]}\n"
        "  - repeat: 1000000000\n",
        "4:5: error: repeat takes 'times', an integer, or 'for', lists; one is needed\n"
        "5:5: error: repeat needs 'layers', a list of entries\n"
        "6:32: error: 'layers' is a list of entries, not the string 'relu'\n"
        "7:21: error: 'times' takes an integer >= 0, not the float 2.0\n"
        "8:21: error: 'times' takes an integer >= 0, not the integer -1\n"
        "9:21: error: 1,000,000,000 rounds are more than the 20,000 layers that a network may "
        "have\n"
        "10:5: error: repeat takes 'times', an integer, or 'for', lists; not both\n"
        "11:19: error: 'for' takes lists by name, as in {out: [16, 32]}, not a list of 2\n"
        "12:23: error: 'for' takes lists, and 'x' is the integer 3\n"
        "12:26: error: 'i' is the number of the round; use another name\n"
        "13:31: error: the lists of 'for' differ in length: 'x' has 1, 'y' has 2\n"
        "14:24: error: repeat has no key 'layer'; did you mean 'layers'?\n"
        "14:5: error: repeat needs 'layers', a list of entries\n"
        "15:5: error: repeat takes 'times', an integer, or 'for', lists; one is needed\n"
        "15:5: error: repeat needs 'layers', a list of entries\n"
        "16:5: error: two repeats here have no name, so the paths of their layers would mix; name "
        "one, as in {name: stage, ...}\n"
        "17:13: error: 'repeat' takes attributes, as in {name: value}, not the integer 1000000000");
}

static void residuals(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers:\n"
                  "  - residual\n"
                  "  - residual: {shortcut: [relu]}\n"
                  "  - residual: {body: relu}\n"
                  "  - residual: {body: [relu], shortcut: 3}\n"
                  "  - residual: {body: [relu], shorcut: []}\n",
                  "4:5: error: residual needs 'body', a list of entries\n"
                  "5:5: error: residual needs 'body', a list of entries\n"
                  "6:22: error: 'body' is a list of entries, not the string 'relu'\n"
                  "7:40: error: 'shortcut' is a list of entries, not the integer 3\n"
                  "8:30: error: residual has no key 'shorcut'; did you mean 'shortcut'?");
}

static void two_layers_of_one_path(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers:\n"
                  "  - relu: {name: relu_2}\n"
                  "  - relu\n"
                  "  - relu\n",
                  "6:5: error: two layers have the path 'relu_2'; give one another name\n"
                  "4:5: note: the other is here");
}

static void networks_without_layers_or_input(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers: []\n",
                  "1:9: error: this network has no layers; it needs at least one");
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers: 3\n",
                  "3:9: error: 'layers' is a list of entries, not the integer 3");
    scene_refuses("netdef: t\n"
                  "input: [3, 8]\n"
                  "layers: [relu]\n",
                  "2:8: error: 'input' takes [channels, height, width], or [length] for vectors, "
                  "not a list of 2");
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 0]\n"
                  "layers: [relu]\n",
                  "2:15: error: a size of the input is an integer from 1 to 2,147,483,647, not the "
                  "integer 0");
    scene_refuses("netdef: t\n"
                  "input: [3, 8.5, big]\n"
                  "layers: [relu]\n",
                  "2:12: error: a size of the input is an integer from 1 to 2,147,483,647, not the "
                  "float 8.5\n"
                  "2:17: error: a size of the input is an integer from 1 to 2,147,483,647, not the "
                  "string 'big'");
    scene_refuses("netdef: t\n"
                  "input: 3\n"
                  "layers: [relu]\n",
                  "2:8: error: 'input' takes [channels, height, width], or [length] for vectors, "
                  "not the integer 3");
    scene_refuses("netdef: t\n"
                  "input: [100000, 100000, 3]\n"
                  "layers: [relu]\n",
                  "2:8: error: this input has more than 2,147,483,647 elements, the most that a "
                  "tensor may have");
    scene_refuses("netdef: t\n"
                  "input: [$c, 8, 8]\n"
                  "layers: [relu]\n",
                  "2:10: error: no parameter 'c' here");
    scene_refuses(
        "netdef: t\n"
        "layers: [relu]\n",
        "1:9: error: a network needs 'input', as in input: [3, 32, 32] (channels, height, width)");
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n",
                  "1:9: error: a network needs 'layers', a list of entries");
}

static void refused_entries_keep_their_names(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "blocks: {unit: {params: {out: int}, layers: [relu]}, enc: {layers: [relu]}}\n"
                  "layers:\n"
                  "  - relu: {name: first, from: []}\n"
                  "  - relu: {from: first}\n"
                  "  - unit: {name: second}\n"
                  "  - relu: {from: second.relu}\n"
                  "  - repeat: {name: third, layers: [relu]}\n"
                  "  - relu: {from: third.0}\n"
                  "  - cnov2d: {name: fourth}\n"
                  "  - add: {from: [fourth, first]}\n"
                  "  - enc: {name: enc}\n"
                  "  - relu: {from: enc.bum}\n",
                  "5:31: error: 'from' takes 1 to 16 names, not 0\n"
                  "7:5: error: unit needs 'out', an integer\n"
                  "3:26: note: the block asks for it here\n"
                  "9:5: error: repeat takes 'times', an integer, or 'for', lists; one is needed\n"
                  "11:5: error: no layer kind or block 'cnov2d'; did you mean 'conv2d'?\n"
                  "14:18: error: 'enc' holds no 'bum'; known: relu");
}

static void shapes_that_do_not_fit(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "blocks:\n"
                  "  down:\n"
                  "    params: {out: int}\n"
                  "    layers:\n"
                  "      - residual:\n"
                  "          body: [conv2d: {out: $out, kernel: 3, stride: 2, padding: 1}]\n"
                  "          shortcut: [maxpool2d: {kernel: 3}]\n"
                  "layers:\n"
                  "  - repeat: {name: stage1, times: 2, layers: [down: {out: 16}]}\n"
                  "  - linear: {out: 3}\n",
                  "7:9: error: add: its inputs differ: 16x4x4 and 3x2x2\n"
                  "8:18: note: its input 1 comes from stage1.0.body.conv2d (16x4x4)\n"
                  "9:22: note: its input 2 comes from stage1.0.shortcut.maxpool2d (3x2x2)\n"
                  "11:47: note: used from here\n"
                  "11:5: note: used from here");
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers:\n"
                  "  - relu: {name: a}\n"
                  "  - linear: {out: 3}\n"
                  "  - conv2d: {out: 16, kernel: 9, from: a}\n"
                  "  - flatten: {from: a}\n"
                  "  - conv2d: {out: 16, kernel: 1}\n"
                  "  - pad_channels: {to: 2, from: input}\n"
                  "  - concat: {from: [a, flatten]}\n"
                  "  - conv2d: {out: 100000, kernel: 1, padding: 5000, from: input}\n",
                  "5:5: error: linear takes a vector, but its input is a map of 3x8x8; put flatten "
                  "before it\n"
                  "4:5: note: its input comes from a (3x8x8)\n"
                  "6:5: error: conv2d: a 9x9 kernel does not fit its 8x8 input (padding 0)\n"
                  "4:5: note: its input comes from a (3x8x8)\n"
                  "8:5: error: conv2d takes a map (channels x height x width), but its input is a "
                  "vector of 192; put it before flatten\n"
                  "7:5: note: its input comes from flatten (192)\n"
                  "9:5: error: pad_channels: its input has 3 channels, more than to: 2\n"
                  "2:8: note: its input is the network's (3x8x8)\n"
                  "10:5: error: concat: its inputs differ in more than channels: 3x8x8 and 192\n"
                  "4:5: note: its input 1 comes from a (3x8x8)\n"
                  "7:5: note: its input 2 comes from flatten (192)\n"
                  "11:5: error: conv2d: its output of 100000x10008x10008 would hold more than "
                  "2,147,483,647 elements\n"
                  "2:8: note: its input is the network's (3x8x8)");
}

static void faults_of_other_files_tell_who_uses_them(void **state) {
    (void)state;
    struct scene scene = scene_new();
    temporary_write(&scene.folder, "base.yaml",
                    "netdef: base\ninput: [3, 8, 8]\ninclude: blocks.yaml\n"
                    "layers: [unit: {out: 4}, rleu]\n");
    temporary_write(
        &scene.folder, "blocks.yaml",
        "blocks: {unit: {params: {out: int}, layers: [conv2d: {out: $out, kernal: 3}]}}\n");
    assert_null(scene_try(&scene, "netdef: t\nextends: base.yaml\n"));
    assert_string_equal(
        scene_said(&scene),
        "blocks.yaml:1:66: error: conv2d has no attribute 'kernal'; did you mean 'kernel'?\n"
        "base.yaml:4:10: note: used from here\n"
        "2:10: note: used from here\n"
        "base.yaml:4:26: error: no layer kind or block 'rleu'; did you mean 'relu'?\n"
        "2:10: note: used from here");
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_entry),
        cmocka_unit_test(kinds_that_are_not_there),
        cmocka_unit_test(what_a_parameter_holds),
        cmocka_unit_test(names_and_conditions),
        cmocka_unit_test(attributes_of_layers),
        cmocka_unit_test(from_takes_names),
        cmocka_unit_test(taps_that_reach_nothing),
        cmocka_unit_test(blocks_with_two_inputs),
        cmocka_unit_test(parameters_of_blocks),
        cmocka_unit_test(blocks_that_use_themselves),
        cmocka_unit_test(repeats),
        cmocka_unit_test(residuals),
        cmocka_unit_test(two_layers_of_one_path),
        cmocka_unit_test(networks_without_layers_or_input),
        cmocka_unit_test(refused_entries_keep_their_names),
        cmocka_unit_test(shapes_that_do_not_fit),
        cmocka_unit_test(faults_of_other_files_tell_who_uses_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
