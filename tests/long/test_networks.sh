#!/usr/bin/env bash
# Thousands of random networks, of which `make check` runs the first.
export NETRUN_TEST_NETWORKS=10000
exec "${build:?}/tests/exec/test_random"
