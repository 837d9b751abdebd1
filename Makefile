# make demo    install what is missing, build, and make a report on the sample zoo
# make test    install what is missing, build, and run all tests
# make check   what continuous integration checks: format, warnings, tests, documentation
# make bench   time the command beside its rivals
# make clean   remove what was built

# Numeric code is 25 to 200 times slower without optimisation, so that tests are built with it too.
# One set of flags for everything: what `make demo` has built, `make test` need not build again.
SWIFT_FLAGS = -c release -Xswiftc -enable-testing
BINARY = .build/release/universality
DEMO = universality-report

.PHONY: demo test check bench format lint warnings documentation clean

demo:
	@Scripts/setup
	swift build $(SWIFT_FLAGS) --product universality
	$(BINARY) report datasets/digits-zoo -o $(DEMO)
	@echo "Open $(CURDIR)/$(DEMO)/report.html in a browser."

test:
	@Scripts/setup --test
	swift build $(SWIFT_FLAGS) --build-tests
	swift test $(SWIFT_FLAGS) --skip-build

check: lint warnings test documentation

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

format:
	swift format --in-place --recursive Package.swift Sources Tests

warnings:
	@Scripts/setup
	@rm -rf .build-warnings && mkdir .build-warnings
	swift build $(SWIFT_FLAGS) --build-tests --scratch-path .build-warnings > .build-warnings/log 2>&1 \
	  || { cat .build-warnings/log; exit 1; }
	@if grep -E '$(CURDIR)/(Sources|Tests)/.*warning:' .build-warnings/log; then exit 1; fi

documentation:
	@Scripts/setup
	Scripts/documentation

bench:
	@Scripts/setup --test
	swift build $(SWIFT_FLAGS) --product universality
	Benchmarks/run
	Benchmarks/reading.py

clean:
	rm -rf .build .build-warnings $(DEMO)
