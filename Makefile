# Two commands do all of it on a fresh machine: `make run` and `make test`.
# Everything else here is for people who work on Descant.

PYTHON ?= python3
# The wheel without CUDA is enough for tests; any build of torch >= 2.4 will do.
TORCH ?= torch==2.13.0
VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
CPP := $(shell find cpp -name '*.h' -o -name '*.cc' -o -name CMakeLists.txt)

.PHONY: run test lint types cpp-test thread-test arm-test python-test bench package core clean

run: $(VENV)/run
	$(BIN)/python packaging/run_demo.py

test: lint types cpp-test python-test

lint: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/test
	$(BIN)/mypy

# Once as shipped, once with address and undefined-behaviour sanitizers.
cpp-test: $(VENV)/system
	packaging/cpp_tests.sh plain
	packaging/cpp_tests.sh address,undefined

# The same under the thread sanitizer; apart, because it takes minutes.
thread-test: $(VENV)/system
	packaging/cpp_tests.sh thread

# The same for ARM, on which the NEON kernels run; needs a cross compiler and qemu.
arm-test:
	packaging/cpp_tests.sh arm

python-test: $(VENV)/test
	$(BIN)/python -m pytest -n 2 --dist loadscope tests

bench: $(VENV)/test
	$(BIN)/descant bench --against midigpt

# What a user downloads on this system, tested as far as this system can; see packaging/README.md.
package:
	packaging/system_packages.sh packages
	$(PYTHON) packaging/package.py $(PACKAGE)

$(VENV)/system: packaging/system_packages.sh
	packaging/system_packages.sh
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/run: $(VENV)/system pyproject.toml Makefile $(CPP)
	$(BIN)/python -m pip install --quiet --editable ".[app]"
	touch $@

$(VENV)/test: $(VENV)/system pyproject.toml Makefile $(CPP)
	$(BIN)/python -m pip install --quiet "$(TORCH)"
	$(BIN)/python -m pip install --quiet --editable ".[app,dev,hub,peer,train]"
	touch $@

# The core beside its Python sources, for work in a checkout without an install.
core:
	cmake -S cpp -B build/core -G Ninja -DDESCANT_TESTS=ON -DPython_EXECUTABLE=$$(command -v python3) \
	  -Dpybind11_DIR=$$(python3 -m pybind11 --cmakedir)
	cmake --build build/core
	cp build/core/_core.*.so engine/descant/

clean:
	rm -rf $(VENV) build out
