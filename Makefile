# Forger's front door. `make help` lists what there is.
SHELL := bash
# A compiler that reads LibTorch's headers takes up to 2 GB: as many jobs as processors and free memory allow.
# OMP_NUM_THREADS, which nproc heeds, says nothing of these.
JOBS ?= $(shell awk -v n=$$(env -u OMP_NUM_THREADS nproc) '/MemAvailable/ { m = int($$2 / 2e6); print (m < 1 ? 1 : m < n ? m : n) }' /proc/meminfo)
FUZZ_SECONDS ?= 30
PYTHON = .venv/bin/python

.PHONY: all setup demo test bench quality docs sanitize tidy fuzz clean help
.DELETE_ON_ERROR:

all: setup build/release/build.ninja  ## set up and build the program: build/release/forger
	@cmake --build build/release -j $(JOBS) --target forger_program

setup:  ## install what is missing (packages, LibTorch) and nothing else
	@tools/setup.sh $(SETUP)

# Configured once; from then on Ninja does it again by itself whenever a CMake file changes.
build/%/build.ninja: CMakePresets.json | setup
	@echo "build: configuring build/$*"
	@cmake --preset $* > build/$*.log 2>&1 || { tail -n 20 build/$*.log; exit 1; }
	@touch $@

demo: all  ## train on Fashion-MNIST for five minutes and draw samples
	@tools/demo.sh

test: SETUP := test
test: setup build/release/build.ninja build/asan/build.ninja  ## run every test, and the fast ones under ASan + UBSan
	@cmake --build build/release -j $(JOBS)
	@ctest --preset release -j $(JOBS)
	@cmake --build build/asan -j $(JOBS)
	@ctest --preset asan -j $(JOBS)

bench: setup build/release/build.ninja  ## measure speed and memory beside the Python and C++ peers (about 40 minutes)
	@cmake --build build/release -j $(JOBS)
	@$(PYTHON) benchmarks/step.py
	@$(PYTHON) benchmarks/translation_step.py
	@$(PYTHON) benchmarks/where_time_goes.py
	@$(PYTHON) benchmarks/sample.py
	@$(PYTHON) benchmarks/loading.py
	@$(PYTHON) benchmarks/detect.py
	@$(PYTHON) benchmarks/upscale.py
	@$(PYTHON) benchmarks/serve.py
	@$(PYTHON) benchmarks/watch.py --pairs 3
	@$(PYTHON) benchmarks/processes.py

quality: all  ## train every recipe and the peer for its budget, and measure the samples (hours)
	@$(PYTHON) benchmarks/quality/compare.py
	@$(PYTHON) benchmarks/quality/recipes.py
	@$(PYTHON) benchmarks/quality/autoencoders.py
	@$(PYTHON) benchmarks/quality/detection.py
	@$(PYTHON) benchmarks/quality/super_resolution.py
	@$(PYTHON) benchmarks/quality/translation.py
	@$(PYTHON) benchmarks/quality/paired_translation.py
	@$(PYTHON) benchmarks/quality/domains.py

docs: setup  ## the API's documentation: build/docs/html/index.html
	@FORGER_DOCS=build/docs doxygen docs/Doxyfile
	@echo "docs: build/docs/html/index.html"

sanitize: setup build/asan/build.ninja build/tsan/build.ninja  ## the fast tests under ASan + UBSan, then under TSan
	@cmake --build build/asan -j $(JOBS)
	@ctest --preset asan -j $(JOBS)
	@cmake --build build/tsan -j $(JOBS)
	@ctest --preset tsan

tidy: SETUP := tidy
tidy: setup build/release/build.ninja  ## clang-tidy over src/ and include/ (some ten minutes)
	@cmake build/release > build/release.log
	@$(PYTHON) tools/check_tidy.py $(JOBS)

fuzz: SETUP := fuzz
fuzz: setup build/fuzz/build.ninja  ## throw FUZZ_SECONDS (30) of mutated bytes at each parser
	@cmake --build build/fuzz -j $(JOBS) --target fuzz_targets
	@tools/fuzz.sh $(FUZZ_SECONDS)

clean:  ## remove build/; runs/ and .venv/ stay
	@rm -rf build

help:  ## this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/make \1\t\2/p' Makefile | expand -t 16
