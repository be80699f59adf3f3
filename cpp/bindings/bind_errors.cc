#include "descant/error.h"
#include "registrations.h"

namespace py = pybind11;

namespace descant::bindings {

// Each C++ error becomes the class of the same meaning in descant.errors.
void register_errors(py::module_& module) {
  auto root = py::register_exception<Error>(module, "Error", PyExc_RuntimeError);
  py::register_exception<BadFile>(module, "BadFile", root);
  py::register_exception<BadWeights>(module, "BadWeights", root);
  py::register_exception<BadScore>(module, "BadScore", root);
  py::register_exception<BadVocabulary>(module, "BadVocabulary", root);
  py::register_exception<BadRequest>(module, "BadRequest", root);
  py::register_exception<IllegalToken>(module, "IllegalToken", root);
  py::register_exception<NoLegalToken>(module, "NoLegalToken", root);
}

}  // namespace descant::bindings
