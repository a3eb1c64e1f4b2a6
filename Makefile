# netrun. The two commands of the README:
#   make deps demo    installs what is missing, builds ./netrun, runs the first experiment
#   make check        runs all tests
# `make help` lists the rest. Nothing here needs the libraries before `deps` has run.
SHELL := /bin/bash
MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

BUILD ?= .build
MODE ?= release
ifeq ($(origin CC),default)
CC := gcc
endif

# The rooms in their order: each includes only the doors of those before it (make lint).
ROOMS ?= base conf tensor format layers optim data spec graph plan exec tasks

# ---- flags ---------------------------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wstrict-prototypes \
            -Wmissing-prototypes
MODE_release := -O2
# At -O1 nothing is vectorised, which clang would remark on at every loop that asks for it.
MODE_sanitize := -O1 -g -Wno-pass-failed -fsanitize=address,undefined -fno-sanitize-recover=all \
                 -fno-omit-frame-pointer
MODE_thread := -O1 -g -Wno-pass-failed -fsanitize=thread
MODE_fuzz := -O1 -g -Wno-pass-failed -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
ALL_CFLAGS := -std=gnu11 -D_GNU_SOURCE -Iinclude $(WARNINGS) -pthread -MMD -MP $(MODE_$(MODE)) $(CFLAGS)
ALL_LDFLAGS := -pthread $(MODE_$(MODE)) $(LDFLAGS)
LDLIBS := -lyaml -lopenblas -ljansson -lpng -lz -lm

# Files that define a PER_ISA symbol are compiled once per instruction set; the program chooses when it
# starts, so that one binary runs on every machine.
ISA_CFLAGS := -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math
# Not asked of the compiler, which may be installed only by `deps`.
MACHINE ?= $(shell uname -m)
ifeq ($(MACHINE),x86_64)
ISAS := baseline avx2 avx512
ISA_avx2 := -mavx2 -mfma -mprefer-vector-width=256
ISA_avx512 := -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512
else
ISAS := baseline
endif

# ---- files ---------------------------------------------------------------------------------------
OPEN := (
SOURCES := $(foreach room,$(ROOMS),$(wildcard src/$(room)/*.c))
ISA_SOURCES := $(if $(SOURCES),$(shell grep -l 'PER_ISA$(OPEN)' $(SOURCES)))
OBJECTS := $(patsubst src/%.c,$(BUILD)/%.o,$(filter-out $(ISA_SOURCES),$(SOURCES))) \
           $(foreach isa,$(ISAS),$(ISA_SOURCES:src/%.c=$(BUILD)/$(isa)/%.o))
MAIN_OBJECTS := $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/main/*.c))
LIBRARY := $(BUILD)/libnetrun.a
TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(foreach room,$(ROOMS),$(wildcard tests/$(room)/test_*.c)))
LONG_SCRIPTS := $(wildcard tests/long/test_*.sh)
SCRIPTS := $(filter-out $(LONG_SCRIPTS),$(wildcard tests/*/test_*.sh))
C_FILES := $(wildcard include/netrun/*.h src/*/*.[ch] tests/*.[ch] tests/*/*.[ch])

# ---- the program ---------------------------------------------------------------------------------
.PHONY: all
all: netrun ## build ./netrun (the default)

netrun: $(BUILD)/netrun
	@cp -f $< $@

$(BUILD)/netrun: $(MAIN_OBJECTS) $(LIBRARY)
	@echo "link  $@"
	@$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	@ar rcs $@ $^

# `make deps demo` with several jobs: nothing is compiled before the libraries are there.
$(OBJECTS) $(MAIN_OBJECTS): | $(filter deps,$(MAKECMDGOALS))

define isa_rule
$(BUILD)/$(1)/%.o: src/%.c
	@mkdir -p $$(@D)
	@echo "cc    $$< ($(1))"
	@$$(CC) $$(ALL_CFLAGS) $$(ISA_CFLAGS) $$(ISA_$(1)) -DISA=$(1) -c -o $$@ $$<
endef
$(foreach isa,$(ISAS),$(eval $(call isa_rule,$(isa))))

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	@echo "cc    $<"
	@$(CC) $(ALL_CFLAGS) -c -o $@ $<

# ---- running it ----------------------------------------------------------------------------------
DEPS := gcc make libyaml-dev libopenblas-dev libpng-dev zlib1g-dev libjansson-dev libcmocka-dev \
        gnuplot-nox fonts-dejavu-core curl ca-certificates
DEV_DEPS := clang clang-format cppcheck shellcheck libclang-rt-14-dev python3 \
            gcc-aarch64-linux-gnu libc6-dev-arm64-cross
APT = $(if $(filter 0,$(shell id -u)),,sudo )env DEBIAN_FRONTEND=noninteractive apt-get -q -y
install = @dpkg -s $(1) >/dev/null 2>&1 || { $(APT) update && $(APT) install --no-install-recommends $(1); }

.PHONY: deps deps-dev demo data
deps: ## install the libraries (Debian)
	$(call install,$(DEPS))

deps-dev: ## install what lint, the sanitizers and the fuzzers need
	$(call install,$(DEV_DEPS))

demo: netrun ## run the first experiment
	./netrun experiments/grad_tanh53.yaml

data: ## fetch CIFAR-10 and MNIST into data/
	@src/data/fetch-data $(or $(NETRUN_DATA),data)

# ---- tests ---------------------------------------------------------------------------------------
.PHONY: check check-long tests
check: netrun tests $(BUILD)/bench ## run all tests
	@tests/run $(BUILD) $(TESTS) $(SCRIPTS)

check-long: netrun $(BUILD)/tests/exec/test_random ## run tests that take minutes, on real data where it is there
	@TEST_SECONDS=3600 tests/run $(BUILD) $(LONG_SCRIPTS)

tests: $(TESTS)

$(BUILD)/tests/%: tests/%.c $(LIBRARY)
	@mkdir -p $(@D)
	@echo "test  $<"
	@$(CC) $(ALL_CFLAGS) -Itests -o $@ $< $(LIBRARY) $(ALL_LDFLAGS) $(LDLIBS) -lcmocka

# ---- speed ---------------------------------------------------------------------------------------
# make bench NETS=plain35,fcn THREADS=2 STEPS=30 BATCH=128 LAYERS=1 PEER=1; without NETS all of the study's.
NETS ?= plain35,plain53,residual35,residual53,cifar_cnn,mnist_cnn,fcn,fcn8
COMMA := ,
BENCH = $(BUILD)/bench $(THREADS:%=--threads %) $(STEPS:%=--steps %) $(BATCH:%=--batch %) \
        $(if $(LAYERS),--layers) $(if $(PEER),--peer $(PYTHON)) $(subst $(COMMA), ,$(NETS))
# The first Python that has PyTorch; else the first.
PYTHON = $(or $(shell for python in python3 /usr/bin/python3; do \
           $$python -c 'from importlib.util import find_spec as f; exit(not f("torch"))' && echo $$python; \
           done 2>/dev/null | head -n 1),python3)

.PHONY: bench
bench: $(BUILD)/bench ## time and memory of training (NETS THREADS STEPS BATCH, PEER=1: beside PyTorch, LAYERS=1)
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE $(BENCH)

$(BUILD)/bench: $(wildcard tests/bench/*.[ch]) $(LIBRARY)
	@echo "link  $@"
	@$(CC) $(ALL_CFLAGS) -o $@ $(filter-out %.h,$^) $(ALL_LDFLAGS) $(LDLIBS)

# ---- other machines -------------------------------------------------------------------------------
# Objects only: the libraries' headers are those of this machine, which differ in nothing that netrun uses.
.PHONY: objects aarch64
objects: $(OBJECTS) $(MAIN_OBJECTS)

aarch64: ## compile for 64-bit ARM with the cross-compiler (objects)
	@$(MAKE) CC=aarch64-linux-gnu-gcc MACHINE=aarch64 BUILD=$(BUILD)/aarch64 \
	  CFLAGS='$(CFLAGS) -idirafter /usr/include -idirafter /usr/include/$(shell uname -m)-linux-gnu' objects

# ---- quality -------------------------------------------------------------------------------------
.PHONY: lint format manual
lint: ## rooms, formatting, cppcheck, shellcheck
	@tests/lint/run $(C_FILES)

format: ## format all C files
	clang-format -i $(C_FILES)

manual: netrun ## write the generated parts of netdefs/README.md and experiments/README.md
	@tests/main/test_manual.sh --write

# FUZZ="png idx" takes some of the targets; FUZZ_SECONDS is for all of them together.
FUZZ ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60
SEEDS_graph := netdefs netdefs/blocks experiments
SEEDS_safetensors := tests/golden
.PHONY: fuzz
fuzz: ## fuzz YAML to graph, and the readers of files, with libFuzzer (clang): FUZZ, FUZZ_SECONDS
	@$(MAKE) CC=clang MODE=fuzz BUILD=$(BUILD)/fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ="$(FUZZ)" fuzz-run

.PHONY: fuzz-run
fuzz-run: $(FUZZ:%=$(BUILD)/fuzz_%)
	@set -e; $(foreach name,$(FUZZ),echo "fuzz  $(name)"; mkdir -p $(BUILD)/corpus/$(name); \
	  $(BUILD)/fuzz_$(name) -max_total_time=$$(($(FUZZ_SECONDS) / $(words $(FUZZ)) + 1)) -max_len=8192 -timeout=10 -rss_limit_mb=4096 \
	  -print_final_stats=1 $(BUILD)/corpus/$(name) $(SEEDS_$(name)) $(wildcard tests/fuzz/seeds/$(name));)

$(BUILD)/fuzz_%: tests/fuzz/fuzz_%.c $(LIBRARY)
	@$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $< $(LIBRARY) $(ALL_LDFLAGS) $(LDLIBS)

.PHONY: clean help
clean: ## remove what was built
	rm -rf $(BUILD) netrun

help: ## this
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
