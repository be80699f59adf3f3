#pragma once

#include <pybind11/pybind11.h>

namespace descant::bindings {

// One function per bind_*.cc; module.cc lists them in order of dependence.
void register_errors(pybind11::module_& module);
void register_network(pybind11::module_& module);
void register_vocabulary(pybind11::module_& module);
void register_score(pybind11::module_& module);
void register_tokens(pybind11::module_& module);
void register_planner(pybind11::module_& module);
void register_rules(pybind11::module_& module);
void register_generation(pybind11::module_& module);
void register_smf(pybind11::module_& module);

}  // namespace descant::bindings
