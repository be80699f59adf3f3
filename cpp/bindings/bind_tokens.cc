#include <pybind11/stl.h>

#include <memory>

#include "arrays.h"
#include "descant/attributes.h"
#include "descant/decoder.h"
#include "descant/encoder.h"
#include "registrations.h"

namespace py = pybind11;

namespace descant::bindings {
namespace {

using VocabularyPtr = std::shared_ptr<const Vocabulary>;

// Keeps the vocabulary alive as long as the encoder that refers to it.
struct BoundEncoder {
  explicit BoundEncoder(VocabularyPtr owner) : vocabulary(std::move(owner)), encoder(*vocabulary) {}

  VocabularyPtr vocabulary;
  Encoder encoder;
};

struct BoundBarDecoder {
  BoundBarDecoder(VocabularyPtr owner, bool drum, int velocity_level)
      : vocabulary(std::move(owner)), decoder(*vocabulary, drum, velocity_level) {}

  VocabularyPtr vocabulary;
  BarDecoder decoder;
};

std::span<const std::int32_t> view(const IntArray& tokens) {
  if (tokens.ndim() != 1) throw IllegalToken("tokens need an int32 array of shape (n,)");
  return {tokens.data(), static_cast<std::size_t>(tokens.shape(0))};
}

IntArray range_table(const std::vector<TokenRange>& ranges) {
  IntArray table({static_cast<py::ssize_t>(ranges.size()), py::ssize_t{2}});
  std::int32_t* row = table.mutable_data();
  for (const TokenRange& range : ranges) {
    *row++ = range.begin;
    *row++ = range.end;
  }
  return table;
}

IntArray bar_range_table(const std::vector<BarRange>& ranges) {
  IntArray table({static_cast<py::ssize_t>(ranges.size()), py::ssize_t{5}});
  std::int32_t* row = table.mutable_data();
  for (const BarRange& range : ranges)
    for (const int value :
         {range.track, range.bar, range.tokens.begin, range.tokens.end, range.velocity_level})
      *row++ = value;
  return table;
}

void register_options(py::module_& module) {
  py::class_<EncodeOptions>(module, "EncodeOptions")
      .def(py::init<>())
      .def_readwrite("window_bars", &EncodeOptions::window_bars)
      .def_readwrite("targets", &EncodeOptions::targets)
      .def_readwrite("infill", &EncodeOptions::infill)
      .def_readwrite("partial_track", &EncodeOptions::partial_track)
      .def_readwrite("partial_bars", &EncodeOptions::partial_bars)
      .def_readwrite("span_future", &EncodeOptions::span_future)
      .def_readwrite("remove_future", &EncodeOptions::remove_future)
      .def_readwrite("velocity", &EncodeOptions::velocity)
      .def_readwrite("microtiming", &EncodeOptions::microtiming)
      .def_readwrite("genre", &EncodeOptions::genre)
      .def_readwrite("prompt", &EncodeOptions::prompt)
      .def_readwrite("pitch_class_set", &EncodeOptions::pitch_class_set);
  py::class_<Encoded>(module, "Encoded")
      .def_property_readonly("tokens", [](const Encoded& e) { return array_from(e.tokens); })
      .def_property_readonly("hidden", [](const Encoded& e) { return range_table(e.hidden); })
      .def_property_readonly("tracks", [](const Encoded& e) { return range_table(e.tracks); })
      .def_property_readonly("bars", [](const Encoded& e) { return bar_range_table(e.bars); })
      .def_property_readonly("blocks", [](const Encoded& e) { return bar_range_table(e.blocks); });
}

std::optional<double> measured(const AttributeAnalyzer& analyzer, const AttributeControl& control,
                               const Score& score, int track, int bar) {
  if (track < 0 || static_cast<std::size_t>(track) >= score.tracks.size())
    throw BadScore("track " + std::to_string(track + 1) + " is not in the score");
  const auto& bars = score.tracks[static_cast<std::size_t>(track)].bars;
  if (bar >= static_cast<int>(bars.size()))
    throw BadScore("bar " + std::to_string(bar + 1) + " is not in track " +
                   std::to_string(track + 1));
  return analyzer.measure(attribute_from(control), score, static_cast<std::size_t>(track), bar);
}

void register_analyzer(py::module_& module) {
  py::class_<AttributeAnalyzer>(module, "AttributeAnalyzer")
      .def(py::init<const EncoderConfig&>(), py::arg("config"))
      .def_property_readonly("attributes", &AttributeAnalyzer::attributes)
      .def("annotate", &AttributeAnalyzer::annotate, py::arg("score"),
           py::call_guard<py::gil_scoped_release>())
      .def("measure", &measured, py::kw_only(), py::arg("control"), py::arg("score"),
           py::arg("track"), py::arg("bar") = -1)
      .def_static(
          "level",
          [](const AttributeControl& control, double raw) {
            return AttributeAnalyzer::level(attribute_from(control), raw);
          },
          py::kw_only(), py::arg("control"), py::arg("raw"));
  module.def("attribute_from", &attribute_from, py::arg("control"));
}

void register_bar_decoder(py::module_& module) {
  py::class_<BoundBarDecoder>(module, "BarDecoder")
      .def(py::init<VocabularyPtr, bool, int>(), py::kw_only(), py::arg("vocabulary"),
           py::arg("drum"), py::arg("velocity_level") = 0)
      .def(
          "push",
          [](BoundBarDecoder& self, std::int32_t token) -> std::optional<IntArray> {
            const auto notes = self.decoder.push(token);
            if (!notes) return std::nullopt;
            return rows_from(*notes);
          },
          py::arg("token"))
      .def_property_readonly("open",
                             [](const BoundBarDecoder& self) { return self.decoder.open(); })
      .def_property_readonly(
          "notes", [](const BoundBarDecoder& self) { return rows_from(self.decoder.notes()); })
      .def_property(
          "velocity_level",
          [](const BoundBarDecoder& self) { return self.decoder.velocity_level(); },
          [](BoundBarDecoder& self, int level) { self.decoder.set_velocity_level(level); });
}

}  // namespace

void register_tokens(py::module_& module) {
  register_options(module);
  register_analyzer(module);
  register_bar_decoder(module);
  py::class_<BoundEncoder>(module, "Encoder")
      .def(py::init<VocabularyPtr>(), py::arg("vocabulary"))
      .def(
          "encode",
          [](const BoundEncoder& self, const Score& score, const EncodeOptions& options) {
            const py::gil_scoped_release release;
            return self.encoder.encode(score, options);
          },
          py::arg("score"), py::arg("options"));
  module.def(
      "decode",
      [](const Vocabulary& vocabulary, const IntArray& tokens) {
        const auto ids = view(tokens);
        const py::gil_scoped_release release;
        return decode(vocabulary, ids);
      },
      py::arg("vocabulary"), py::arg("tokens"));
}

}  // namespace descant::bindings
