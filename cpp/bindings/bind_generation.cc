#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "descant/generation_loop.h"
#include "registrations.h"

namespace py = pybind11;

namespace descant::bindings {
namespace {

template <class T>
using Array = py::array_t<T, py::array::c_style | py::array::forcecast>;

template <class To, class From>
std::vector<To> values(const Array<From>& array, const char* name) {
  if (array.ndim() != 1) throw py::value_error(std::string(name) + " must have one dimension");
  return {array.data(), array.data() + array.size()};
}

PromptTokens prompt_from(const Array<std::int32_t>& ids, const Array<std::int32_t>& positions,
                         const Array<std::uint8_t>& visible, int next_position) {
  PromptTokens prompt{values<int>(ids, "ids"), values<int>(positions, "positions"),
                      values<std::uint8_t>(visible, "visible"), next_position};
  if (prompt.ids.size() != prompt.positions.size() || prompt.ids.size() != prompt.visible.size())
    throw py::value_error("ids, positions and visible must have the same length");
  return prompt;
}

std::string end_name(TakeEnd end) {
  switch (end) {
    case TakeEnd::complete:
      return "complete";
    case TakeEnd::out_of_budget:
      return "out_of_budget";
    case TakeEnd::stopped:
      return "stopped";
    case TakeEnd::no_legal_token:
      return "no_legal_token";
    case TakeEnd::running:
      break;
  }
  return "running";
}

}  // namespace

void register_generation(py::module_& module) {
  py::class_<DrawRule>(module, "DrawRule")
      .def(py::init([](bool greedy, std::uint64_t seed, std::uint32_t take, std::uint32_t step,
                       std::vector<double> given) {
             return DrawRule{greedy, seed, take, step, std::move(given)};
           }),
           py::kw_only(), py::arg("greedy") = false, py::arg("seed") = 0, py::arg("take") = 0,
           py::arg("step") = 0, py::arg("given") = std::vector<double>());

  py::class_<Take>(module, "Take")
      .def(py::init([](const StepRules& rules, const DrawRule& draw, float temperature, int top_k,
                       float top_p, int mask_k, float mask_p, bool mask_notes_only,
                       float guidance) {
             return Take{rules,
                         {temperature, top_k, top_p, mask_k, mask_p, mask_notes_only},
                         draw,
                         guidance};
           }),
           py::kw_only(), py::arg("rules"), py::arg("draw"), py::arg("temperature") = 1.0f,
           py::arg("top_k") = 0, py::arg("top_p") = 1.0f, py::arg("mask_k") = 0,
           py::arg("mask_p") = 0.0f, py::arg("mask_notes_only") = true,
           py::arg("guidance") = 1.0f);

  py::class_<GenerationLoop>(module, "GenerationLoop")
      .def(py::init([](Network& network, const Array<std::int32_t>& ids,
                       const Array<std::int32_t>& positions, const Array<std::uint8_t>& visible,
                       int next_position, std::vector<Take> takes, int budget) {
             return std::make_unique<GenerationLoop>(
                 network, prompt_from(ids, positions, visible, next_position), std::move(takes),
                 budget);
           }),
           py::kw_only(), py::arg("network"), py::arg("ids"), py::arg("positions"),
           py::arg("visible"), py::arg("next_position"), py::arg("takes"), py::arg("budget"),
           py::keep_alive<1, 2>())
      .def("start", &GenerationLoop::start)
      .def("stop", &GenerationLoop::stop)
      .def("wait", &GenerationLoop::wait, py::arg("seconds"),
           py::call_guard<py::gil_scoped_release>())
      .def("join", &GenerationLoop::join, py::call_guard<py::gil_scoped_release>())
      .def("drain", &GenerationLoop::drain)
      .def_property_readonly("prefill_seconds", &GenerationLoop::prefill_seconds)
      .def_property_readonly("takes", [](const GenerationLoop& loop) {
        py::list takes;
        for (const TakeState& state : loop.takes())
          takes.append(py::make_tuple(state.tokens, end_name(state.end)));
        return takes;
      });
}

}  // namespace descant::bindings
