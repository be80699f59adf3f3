# Two commands do all of it on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORE := engine/descant/_core.stamp

.PHONY: core
# For work on the core from a checkout without an install: builds it beside the Python sources.
core:
	cmake -S cpp -B build/core -G Ninja -DDESCANT_TESTS=ON -DPython_EXECUTABLE=$$(command -v python3) \
	  -Dpybind11_DIR=$$(python3 -m pybind11 --cmakedir)
	cmake --build build/core
	cp build/core/_core.*.so engine/descant/
