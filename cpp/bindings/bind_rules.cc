#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include "descant/error.h"
#include "descant/random.h"
#include "descant/rules.h"
#include "descant/sampler.h"
#include "registrations.h"

namespace py = pybind11;

namespace descant::bindings {
namespace {

using Tokens = py::array_t<std::int32_t, py::array::c_style>;
using Logits = py::array_t<float, py::array::c_style>;
using MaskWords = py::array_t<std::uint32_t, py::array::c_style>;

TokenType type_named(const std::string& name) {
  if (const auto type = token_type_from(name)) return *type;
  throw BadVocabulary("token type \"" + name + "\" is not one this version knows");
}

template <typename Value>
std::span<const Value> row(const py::array_t<Value, py::array::c_style>& array, const char* what) {
  if (array.ndim() != 1)
    throw BadRequest(std::string(what) + " needs one dimension, not " +
                     std::to_string(array.ndim()));
  return {array.data(), static_cast<std::size_t>(array.size())};
}

GrammarVersion version_named(const std::string& version) {
  if (version == "0.4.2") return GrammarVersion::V042;
  if (version == "0.2.4") return GrammarVersion::V024;
  throw BadRequest("grammar version \"" + version + "\" is neither \"0.4.2\" nor \"0.2.4\"");
}

// (drum, numerator, denominator)
using BlockRow = std::tuple<bool, int, int>;
// per bar, per group: (position, [(pitch or -1, duration value or -1)])
using ScheduleRows = std::vector<std::vector<std::pair<int, std::vector<std::pair<int, int>>>>>;

std::vector<BarSchedule> bar_schedules(const ScheduleRows& rows) {
  std::vector<BarSchedule> bars;
  for (const auto& groups : rows) {
    BarSchedule& bar = bars.emplace_back();
    for (const auto& [position, notes] : groups) {
      ScheduledGroup& group = bar.emplace_back();
      group.position = position;
      for (const auto& [pitch, duration] : notes) group.notes.push_back({pitch, duration});
    }
  }
  return bars;
}

std::array<std::uint32_t, 4> pitch_bits(const std::vector<int>& pitches) {
  std::array<std::uint32_t, 4> bits{};
  for (int pitch : pitches) {
    if (pitch < 0 || pitch > 127)
      throw BadRequest("pitch " + std::to_string(pitch) + " is outside 0..127");
    bits[static_cast<std::size_t>(pitch) / 32] |= 1u << (pitch % 32);
  }
  return bits;
}

void register_options(py::module_& module) {
  py::class_<StepOptions, std::shared_ptr<StepOptions>>(
      module, "StepOptions", "What decides which tokens a step may draw; see descant.sampling.")
      .def(py::init([](const std::string& version, bool strict, bool autoregressive, int exact_bars,
                       int max_tracks, bool require_notes, const std::vector<BlockRow>& blocks,
                       int polyphony_limit, int density_limit, bool velocity, bool microtiming,
                       int kept_meter, std::vector<std::vector<std::int32_t>> block_headers) {
             auto options = std::make_shared<StepOptions>();
             GrammarOptions& grammar = options->grammar;
             grammar.version = version_named(version);
             grammar.strict = strict;
             grammar.autoregressive = autoregressive;
             grammar.exact_bars = exact_bars;
             grammar.max_tracks = max_tracks;
             grammar.require_notes = require_notes;
             for (const auto& [drum, numerator, denominator] : blocks)
               grammar.blocks.push_back({drum, numerator, denominator});
             options->polyphony_limit = polyphony_limit;
             options->density_limit = density_limit;
             options->velocity = velocity;
             options->microtiming = microtiming;
             options->kept_meter = kept_meter;
             options->block_headers = std::move(block_headers);
             return options;
           }),
           py::kw_only(), py::arg("version") = "0.4.2", py::arg("strict") = true,
           py::arg("autoregressive") = false, py::arg("exact_bars") = -1,
           py::arg("max_tracks") = -1, py::arg("require_notes") = true,
           py::arg("blocks") = std::vector<BlockRow>{}, py::arg("polyphony_limit") = 0,
           py::arg("density_limit") = 0, py::arg("velocity") = true, py::arg("microtiming") = true,
           py::arg("kept_meter") = -1,
           py::arg("block_headers") = std::vector<std::vector<std::int32_t>>{})
      .def(
          "wish_track",
          [](StepOptions& options, const std::string& type, int value) {
            options.track_wishes.push_back({type_named(type), value});
          },
          py::kw_only(), py::arg("type"), py::arg("value"))
      .def(
          "wish_bar",
          [](StepOptions& options, const std::string& type, int track, int bar, int value) {
            options.bar_wishes.push_back({type_named(type), track, bar, value});
          },
          py::kw_only(), py::arg("type"), py::arg("track"), py::arg("bar"), py::arg("value"))
      .def(
          "limit_pitches",
          [](StepOptions& options, const std::vector<int>& pitches) {
            options.pitches = pitch_bits(pitches);
          },
          py::kw_only(), py::arg("pitches"))
      .def(
          "weigh",
          [](StepOptions& options, std::vector<float> pitches, std::vector<float> positions) {
            options.pitch_weights = std::move(pitches);
            options.position_weights = std::move(positions);
          },
          py::kw_only(), py::arg("pitches") = std::vector<float>{},
          py::arg("positions") = std::vector<float>{})
      .def(
          "schedule",
          [](StepOptions& options, const ScheduleRows& bars, bool repeat, bool count_at_pitch) {
            options.schedule = ScheduleOptions{bar_schedules(bars), repeat, count_at_pitch};
          },
          py::kw_only(), py::arg("bars"), py::arg("repeat"), py::arg("count_at_pitch"));
}

void register_step_rules(py::module_& module) {
  py::class_<StepRules>(module, "StepRules",
                        "Grammar and constraints of one step and one take; int32 prompt (T,).")
      .def(py::init([](std::shared_ptr<Vocabulary> vocabulary, const StepOptions& options,
                       const Tokens& prompt) {
             // A copy: options changed later must not change rules in use.
             return StepRules(std::move(vocabulary), std::make_shared<const StepOptions>(options),
                              row(prompt, "a prompt"));
           }),
           py::kw_only(), py::arg("vocabulary"), py::arg("options"), py::arg("prompt"))
      .def("fork", [](const StepRules& rules) { return StepRules(rules); })
      .def("accept", &StepRules::accept, py::arg("token"))
      .def_property_readonly("complete", &StepRules::complete)
      .def_property_readonly("forced", &StepRules::forced)
      .def_property_readonly("length", &StepRules::length)
      .def_property_readonly("blocks_done", &StepRules::blocks_done)
      .def(
          "mask",
          [](const StepRules& rules) {
            MaskWords words(static_cast<py::ssize_t>(rules.mask().size()));
            rules.fill_mask({words.mutable_data(), static_cast<std::size_t>(words.size())});
            return words;
          },
          "uint32 (V / 32 rounded up,): bit i % 32 of word i / 32 is token i.")
      .def("legal", [](const StepRules& rules) {
        std::vector<int> ids;
        for (int id = 0; id < rules.vocabulary().size(); ++id)
          if (rules.legal().test(id)) ids.push_back(id);
        return ids;
      });
}

py::tuple distribution(Sampler& sampler) {
  const auto ids = sampler.ids();
  const auto probabilities = sampler.probabilities();
  return py::make_tuple(
      Tokens(static_cast<py::ssize_t>(ids.size()), ids.data()),
      Logits(static_cast<py::ssize_t>(probabilities.size()), probabilities.data()));
}

void register_sampler(py::module_& module) {
  py::class_<Sampler>(module, "Sampler", "Softmax, weights, filters and draw; see sampler.h.")
      .def(py::init([](const Vocabulary& vocabulary, float temperature, int top_k, float top_p,
                       int mask_k, float mask_p, bool mask_notes_only) {
             return Sampler(vocabulary,
                            {temperature, top_k, top_p, mask_k, mask_p, mask_notes_only});
           }),
           py::keep_alive<1, 2>(), py::kw_only(), py::arg("vocabulary"),
           py::arg("temperature") = 1.0f, py::arg("top_k") = 0, py::arg("top_p") = 1.0f,
           py::arg("mask_k") = 0, py::arg("mask_p") = 0.0f, py::arg("mask_notes_only") = true)
      .def(
          "draw",
          [](Sampler& sampler, const Logits& logits, const StepRules& rules,
             std::optional<double> u) {
            return sampler.draw(row(logits, "a row of logits"), rules, u);
          },
          py::kw_only(), py::arg("logits"), py::arg("rules"), py::arg("u"))
      .def(
          "distribution",
          [](Sampler& sampler, const Logits& logits, const MaskWords& mask) {
            sampler.load(row(logits, "a row of logits"), row(mask, "a mask"));
            sampler.filter();
            return distribution(sampler);
          },
          py::kw_only(), py::arg("logits"), py::arg("mask"),
          "(ids int32 (n,), probabilities float32 (n,)) after the filters, without weights.");
  module.def("uniform", &uniform, py::kw_only(), py::arg("seed"), py::arg("take"), py::arg("step"),
             py::arg("token"), "The number in [0, 1) for one draw.");
}

}  // namespace

void register_rules(py::module_& module) {
  register_options(module);
  register_step_rules(module);
  register_sampler(module);
}

}  // namespace descant::bindings
