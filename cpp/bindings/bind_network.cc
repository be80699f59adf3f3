#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "descant/error.h"
#include "descant/transformer.h"
#include "registrations.h"

namespace py = pybind11;

namespace descant::bindings {
namespace {

using Ids = py::array_t<int, py::array::c_style | py::array::forcecast>;
using Marks = py::array_t<std::uint8_t, py::array::c_style | py::array::forcecast>;
using Floats = py::array_t<float, py::array::c_style | py::array::forcecast>;
using PyRuns = std::vector<std::pair<int, Ids>>;

template <typename T>
std::span<const T> span_of(const py::array_t<T, py::array::c_style | py::array::forcecast>& array) {
  if (array.ndim() != 1) {
    throw BadRequest("an array of " + std::to_string(array.ndim()) +
                     " dimensions where one is wanted");
  }
  return {array.data(), static_cast<std::size_t>(array.size())};
}

template <typename T>
py::array_t<T> array_of(std::span<const T> values) {
  return py::array_t<T>(static_cast<py::ssize_t>(values.size()), values.data());
}

void copy_logits(const Floats& from, std::span<float> to) {
  if (static_cast<std::size_t>(from.size()) != to.size()) {
    throw BadRequest("the network gave " + std::to_string(from.size()) + " logits instead of " +
                     std::to_string(to.size()));
  }
  std::copy_n(from.data(), to.size(), to.data());
}

// A network written in Python, called from the generation loop's own thread.  Its prefill returns
// the logits, or None when stopped; its extend takes [(row, ids)] and returns (runs, V).
class PythonNetwork : public Network {
 public:
  int vocab_size() const override { PYBIND11_OVERRIDE_PURE(int, Network, vocab_size); }
  int positions() const override { PYBIND11_OVERRIDE_PURE(int, Network, positions); }
  std::size_t memory_needed(int rows, int tokens) const override {
    PYBIND11_OVERRIDE_PURE(std::size_t, Network, memory_needed, rows, tokens);
  }
  bool prefill(std::span<const int> ids, std::span<const int> positions,
               std::span<const std::uint8_t> visible, std::span<float> logits) override {
    const py::gil_scoped_acquire lock;
    const py::object result =
        overridden("prefill")(array_of(ids), array_of(positions), array_of(visible));
    if (result.is_none()) return false;
    copy_logits(result.cast<Floats>(), logits);
    return true;
  }
  void fork(int rows, int next_position) override {
    PYBIND11_OVERRIDE_PURE(void, Network, fork, rows, next_position);
  }
  void extend(std::span<const Run> runs, std::span<float> logits) override {
    const py::gil_scoped_acquire lock;
    py::list list;
    for (const Run& run : runs) list.append(py::make_tuple(run.row, array_of(run.tokens)));
    copy_logits(overridden("extend")(list).cast<Floats>(), logits);
  }
  void rollback(int row, int length) override {
    PYBIND11_OVERRIDE_PURE(void, Network, rollback, row, length);
  }
  bool asked_to_stop() const { return stop_requested(); }

 private:
  py::function overridden(const char* name) const {
    py::function function = py::get_override(static_cast<const Network*>(this), name);
    if (!function) throw BadRequest("the network does not define " + std::string(name));
    return function;
  }
};

WeightView view_of(const std::string& name, const py::array& array) {
  const py::dtype type = array.dtype();
  const bool contiguous = (array.flags() & py::array::c_style) != 0;
  WeightType kind;
  if (type.is(py::dtype::of<float>()) || type.equal(py::dtype::of<float>())) {
    kind = WeightType::float32;
  } else if (type.kind() == 'f' && type.itemsize() == 2 && type.byteorder() == '=') {
    kind = WeightType::float16;
  } else if (type.equal(py::dtype::of<std::uint16_t>())) {
    kind = WeightType::bfloat16;
  } else {
    throw BadWeights(name + " has dtype " + py::str(type).cast<std::string>() +
                     "; allowed are float32, float16 and uint16 (the bits of bfloat16)");
  }
  if (!contiguous) throw BadWeights(name + " is not contiguous in memory");
  return {kind, {array.shape(), array.shape() + array.ndim()}, array.data()};
}

Precision precision_of(const std::string& name) {
  if (name == "int8") return Precision::int8;
  if (name == "int6") return Precision::int6;
  if (name == "fp32") return Precision::float32;
  throw BadRequest("precision is \"" + name + "\"; allowed are \"int8\", \"int6\" and \"fp32\"");
}

std::shared_ptr<Transformer> make_transformer(const std::map<std::string, py::array>& weights,
                                              int vocab_size, int positions, int width, int layers,
                                              int heads, const std::string& precision, int threads,
                                              std::size_t memory_limit) {
  WeightViews views;
  for (const auto& [name, array] : weights) views.emplace(name, view_of(name, array));
  const TransformerSettings settings{precision_of(precision), threads, memory_limit};
  const py::gil_scoped_release unlock;
  return std::make_shared<Transformer>(NetworkShape{vocab_size, positions, width, layers, heads},
                                       views, settings);
}

py::object prefill(Network& network, const Ids& ids, const Ids& positions, const Marks& visible) {
  py::array_t<float> logits(network.vocab_size());
  const std::span<float> out(logits.mutable_data(), static_cast<std::size_t>(logits.size()));
  const std::span<const int> id_span = span_of(ids);
  const std::span<const int> position_span = span_of(positions);
  const std::span<const std::uint8_t> visible_span = span_of(visible);
  bool finished = false;
  {
    const py::gil_scoped_release unlock;
    finished = network.prefill(id_span, position_span, visible_span, out);
  }
  return finished ? py::object(logits) : py::none();
}

py::object last_attention(Network& network, const Ids& ids, const Ids& positions,
                          const Marks& visible) {
  py::array_t<float> mass(ids.size());
  const std::span<float> out(mass.mutable_data(), static_cast<std::size_t>(mass.size()));
  const std::span<const int> id_span = span_of(ids);
  const std::span<const int> position_span = span_of(positions);
  const std::span<const std::uint8_t> visible_span = span_of(visible);
  bool known = false;
  {
    const py::gil_scoped_release unlock;
    known = network.last_attention(id_span, position_span, visible_span, out);
  }
  return known ? py::object(mass) : py::none();
}

py::array_t<float> extend(Network& network, const PyRuns& runs) {
  std::vector<Run> spans;
  for (const auto& [row, ids] : runs) spans.push_back({row, span_of(ids)});
  py::array_t<float> logits({static_cast<int>(runs.size()), network.vocab_size()});
  const std::span<float> out(logits.mutable_data(), static_cast<std::size_t>(logits.size()));
  const py::gil_scoped_release unlock;
  network.extend(spans, out);
  return logits;
}

}  // namespace

void register_network(py::module_& module) {
  py::class_<Network, PythonNetwork, std::shared_ptr<Network>>(
      module, "Network",
      "A language model with its cache: one trunk that all takes share, and rows that grow behind "
      "it.")
      .def(py::init<>())
      .def("vocab_size", &Network::vocab_size)
      .def("positions", &Network::positions)
      .def("memory_needed", &Network::memory_needed, py::arg("rows"), py::arg("tokens"))
      .def("prefill", prefill, py::arg("ids"), py::arg("positions"), py::arg("visible"),
           "(T,), (T,), (T,) -> logits (V,) of the last token, or None when stopped.")
      .def("fork", &Network::fork, py::arg("rows"), py::arg("next_position"),
           py::call_guard<py::gil_scoped_release>())
      .def("extend", extend, py::arg("runs"),
           "[(row, ids (n,))] -> logits (runs, V) of each run's last token.")
      .def("rollback", &Network::rollback, py::arg("row"), py::arg("length"))
      .def("last_attention", last_attention, py::arg("ids"), py::arg("positions"),
           py::arg("visible"), "(T,), (T,), (T,) -> attention of the last token (T,), or None.")
      .def("stop_requested", [](const PythonNetwork& network) { return network.asked_to_stop(); });

  py::class_<Transformer, Network, std::shared_ptr<Transformer>>(
      module, "Transformer", "GPT-2 on the CPU, in float32, int8 or int6.")
      .def(py::init(&make_transformer), py::kw_only(), py::arg("weights"), py::arg("vocab_size"),
           py::arg("positions"), py::arg("width"), py::arg("layers"), py::arg("heads"),
           py::arg("precision"), py::arg("threads") = 0,
           py::arg("memory_limit") = TransformerSettings{}.memory_limit)
      .def_property_readonly("threads", &Transformer::threads)
      .def_property_readonly("kernels", &Transformer::kernels);
}

}  // namespace descant::bindings
