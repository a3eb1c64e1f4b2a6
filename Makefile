# netrun: make deps demo installs what is missing, builds ./netrun and runs the first experiment;
# make check tests everything. `make help` lists the rest.
SHELL := /bin/bash
BUILD ?= .build
CC ?= gcc
MODE ?= release

# The order of the rooms: each includes only the doors of those before it (make lint).
ROOMS ?= base conf tensor format layers optim data spec graph plan exec tasks

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wstrict-prototypes -Wmissing-prototypes
CPPFLAGS += -Iinclude -D_GNU_SOURCE
CFLAGS_release := -O2
CFLAGS_sanitize := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_thread := -O1 -g -fsanitize=thread
CFLAGS_all := -std=gnu11 $(WARNINGS) -pthread -MMD -MP $(CFLAGS_$(MODE)) $(CFLAGS)
LDFLAGS_all := -pthread $(CFLAGS_$(MODE)) $(LDFLAGS)
LDLIBS := -lyaml -lopenblas -ljansson -lpng -lz -lm

# Files that define a PER_ISA symbol are compiled once per instruction set.
ISA_FLAGS := -O3 -ffp-contract=fast -fno-math-errno -fno-trapping-math
MACHINE := $(shell $(CC) -dumpmachine)
ifneq (,$(findstring x86_64,$(MACHINE)))
ISAS := baseline avx2 avx512
ISA_baseline :=
ISA_avx2 := -mavx2 -mfma -mprefer-vector-width=256
ISA_avx512 := -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mprefer-vector-width=512
else
ISAS := baseline
endif

SOURCES := $(foreach room,$(ROOMS),$(wildcard src/$(room)/*.c))
OPEN := (
ISA_SOURCES := $(if $(SOURCES),$(shell grep -l 'PER_ISA$(OPEN)' $(SOURCES)))
ONCE_SOURCES := $(filter-out $(ISA_SOURCES),$(SOURCES))
OBJECTS := $(ONCE_SOURCES:src/%.c=$(BUILD)/%.o) \
           $(foreach isa,$(ISAS),$(ISA_SOURCES:src/%.c=$(BUILD)/$(isa)/%.o))
LIBRARY := $(BUILD)/libnetrun.a

TEST_SOURCES := $(foreach room,$(ROOMS),$(wildcard tests/$(room)/test_*.c))
TESTS := $(TEST_SOURCES:tests/%.c=$(BUILD)/tests/%)

.PHONY: all
all: netrun

netrun: $(BUILD)/netrun
	cp -f $< $@

$(BUILD)/netrun: $(patsubst src/%.c,$(BUILD)/%.o,$(wildcard src/main/*.c)) $(LIBRARY)
	$(CC) $(LDFLAGS_all) -o $@ $^ $(LDLIBS)

$(LIBRARY): $(OBJECTS)
	rm -f $@
	ar rcs $@ $^

define isa_rule
$(BUILD)/$(1)/%.o: src/%.c
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS) $$(CFLAGS_all) $$(ISA_FLAGS) $$(ISA_$(1)) -DISA=$(1) -c -o $$@ $$<
endef
$(foreach isa,$(ISAS),$(eval $(call isa_rule,$(isa))))

$(BUILD)/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS_all) -c -o $@ $<

$(BUILD)/tests/%: tests/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS_all) -o $@ $< $(LIBRARY) $(LDFLAGS_all) $(LDLIBS) -lcmocka

.PHONY: tests
tests: $(TESTS)

.PHONY: clean
clean:
	rm -rf $(BUILD) netrun

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)
