# Two commands do everything on a fresh Debian 12:  make demo   and   make test
#
#   make demo                installs what is missing, builds, writes the example campaign, traces it, tells the story
#   make test                installs what is missing, builds, runs all tests
#   make bench               prints the tables of docs/performance.md, measured here and now
#   make fuzz SECONDS=60     each fuzz target for so long, under ASan and UBSan
#   make evaluate            longer checks: the tables of docs/attribution.md and docs/trace.md, measured anew; every rule
#                            of SigmaHQ over every sample event, by the engine and by a plain interpreter; all tests
#                            under ASan and UBSan (which keep little of what was freed, so that bounds of memory can
#                            be tested)
#   make lint                clang-format and clang-tidy
#   make install PREFIX=/usr/local
JOBS    ?= $(shell nproc)
PREFIX  ?= /usr/local
SECONDS ?= 60
CORPUS  ?= build/corpus

# One cache for all checkouts: what is compiled is the same whatever folder it lies in.
export CCACHE_BASEDIR   ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1

.PHONY: all demo test bench fuzz evaluate lint install packages clean

all: packages
	@cmake --preset release > /dev/null
	@cmake --build --preset release --parallel $(JOBS)

packages:
	@tools/install_packages

demo: packages
	@cmake --preset release > /dev/null
	@cmake --build --preset release --parallel $(JOBS) --target spoor
	@tools/demo build/release build/demo

test: packages
	@cmake --preset release > /dev/null
	@cmake --build --preset release --parallel $(JOBS)
	@ctest --test-dir build/release --output-on-failure --parallel $(JOBS)

bench: packages
	@cmake --preset bench > /dev/null
	@cmake --build --preset bench --parallel $(JOBS)
	@bench/run build/bench $(CORPUS)

fuzz: packages
	@cmake --preset fuzz > /dev/null
	@cmake --build --preset fuzz --parallel $(JOBS)
	@fuzz/run build/fuzz $(SECONDS)

evaluate: packages
	@cmake --preset release > /dev/null
	@cmake --build --preset release --parallel $(JOBS)
	@build/release/tests/evaluate_attribution
	@SPOOR_ORACLE_ALL=1 build/release/tests/match_test --gtest_filter='Engine.*'
	@python3 tests/campaign/evaluate_recordings.py build/release/src/spoor ../shared/data --rules ../shared/data/sigma/rules \
		--rules ../shared/data/sigma/rules-emerging-threats --rules ../shared/data/sigma/rules-threat-hunting || [ $$? -eq 77 ]
	@python3 tests/campaign/evaluate_recordings.py build/release/src/spoor ../shared/data || [ $$? -eq 77 ]
	@python3 tests/campaign/evaluate_scenario.py build/release/src/spoor --seeds 20 --noise 0,1,3
	@python3 tests/campaign/evaluate_mixed.py build/release/src/spoor ../shared/data || [ $$? -eq 77 ]
	@python3 tests/campaign/evaluate_waves.py build/release/src/spoor build/release/tests/print_waves --seeds 6
	@cmake --preset asan > /dev/null
	@cmake --build --preset asan --parallel $(JOBS)
	@ASAN_OPTIONS=quarantine_size_mb=16 SPOOR_ORACLE_ALL=1 ctest --test-dir build/asan --timeout 7200 --output-on-failure --parallel $(JOBS)

lint: packages
	@tools/lint build/release

install: all
	@cmake --install build/release --prefix $(PREFIX)

clean:
	rm -rf build
