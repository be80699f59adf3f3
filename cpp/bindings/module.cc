#include "registrations.h"

namespace py = pybind11;

PYBIND11_MODULE(_core, module) {
  module.doc() = "The native core of Descant; imported by descant.native and nowhere else.";
  descant::bindings::register_errors(module);
  descant::bindings::register_network(module);
  descant::bindings::register_vocabulary(module);
  descant::bindings::register_score(module);
  descant::bindings::register_tokens(module);
  descant::bindings::register_planner(module);
  descant::bindings::register_rules(module);
  descant::bindings::register_generation(module);
  descant::bindings::register_smf(module);
}
