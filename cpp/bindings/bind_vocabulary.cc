#include <pybind11/stl.h>

#include <memory>

#include "descant/error.h"
#include "descant/vocabulary.h"
#include "registrations.h"

namespace py = pybind11;

namespace descant::bindings {
namespace {

TokenType type_of(const std::string& name) {
  if (const auto type = token_type_from(name)) return *type;
  throw BadVocabulary("token type \"" + name + "\" is not one this version knows");
}

using NamedDomains = std::vector<std::pair<std::string, int>>;

NamedDomains named(const std::vector<TokenDomain>& domains) {
  NamedDomains result;
  for (const TokenDomain& domain : domains)
    result.emplace_back(token_type_name(domain.type), domain.size);
  return result;
}

void set_domains(EncoderConfig& config, const NamedDomains& domains) {
  config.token_domains.clear();
  for (const auto& [name, size] : domains) config.token_domains.push_back({type_of(name), size});
}

void register_config(py::module_& module) {
  py::class_<AttributeControl>(module, "AttributeControl")
      .def(py::init([](std::string name, std::map<std::string, std::string> params,
                       std::map<std::string, std::vector<int>> edges) {
             return AttributeControl{std::move(name), std::move(params), std::move(edges)};
           }),
           py::kw_only(), py::arg("name"), py::arg("params"), py::arg("edges"))
      .def_readonly("name", &AttributeControl::name)
      .def_readonly("params", &AttributeControl::params)
      .def_readonly("edges", &AttributeControl::edges);
  py::class_<EncoderConfig>(module, "EncoderConfig")
      .def(py::init<>())
      .def_readwrite("resolution", &EncoderConfig::resolution)
      .def_readwrite("decode_resolution", &EncoderConfig::decode_resolution)
      .def_readwrite("pitch_min", &EncoderConfig::pitch_min)
      .def_readwrite("pitch_max", &EncoderConfig::pitch_max)
      .def_readwrite("velocity_levels", &EncoderConfig::velocity_levels)
      .def_readwrite("velocity_sticky", &EncoderConfig::velocity_sticky)
      .def_readwrite("note_duration_max_beats", &EncoderConfig::note_duration_max_beats)
      .def_readwrite("emit_delta_tokens", &EncoderConfig::emit_delta_tokens)
      .def_readwrite("supports_infill", &EncoderConfig::supports_infill)
      .def_readwrite("supports_mask_bar_token", &EncoderConfig::supports_mask_bar_token)
      .def_readwrite("switchable_velocity", &EncoderConfig::switchable_velocity)
      .def_readwrite("switchable_microtiming", &EncoderConfig::switchable_microtiming)
      .def_readwrite("time_signatures", &EncoderConfig::time_signatures)
      .def_readwrite("instrument_merge_groups", &EncoderConfig::instrument_merge_groups)
      .def_readwrite("num_bars_map", &EncoderConfig::num_bars_map)
      .def_readwrite("genre_groups", &EncoderConfig::genre_groups)
      .def_readwrite("attribute_controls", &EncoderConfig::attribute_controls)
      .def_readwrite("density_quantiles", &EncoderConfig::density_quantiles)
      .def_property(
          "token_domains", [](const EncoderConfig& config) { return named(config.token_domains); },
          &set_domains);
}

void register_attribute_spec(py::module_& module) {
  py::class_<AttributeSpec>(module, "AttributeSpec")
      .def_readonly("name", &AttributeSpec::name)
      .def_property_readonly(
          "token_type",
          [](const AttributeSpec& spec) { return std::string(token_type_name(spec.token)); })
      .def_readonly("per_bar", &AttributeSpec::per_bar)
      .def_readonly("melodic", &AttributeSpec::melodic)
      .def_readonly("drum", &AttributeSpec::drum)
      .def_readonly("size", &AttributeSpec::size)
      .def_readonly("unset_when_empty", &AttributeSpec::unset_when_empty)
      .def(
          "labels",
          [](const AttributeSpec& spec, const std::string& family) {
            return level_labels(spec, family);
          },
          py::arg("family") = "high");
}

}  // namespace

void register_vocabulary(py::module_& module) {
  register_config(module);
  register_attribute_spec(module);
  py::class_<Vocabulary, std::shared_ptr<Vocabulary>>(module, "Vocabulary")
      .def(py::init<EncoderConfig>(), py::arg("config"))
      .def_property_readonly("config", &Vocabulary::config)
      .def_property_readonly("attributes", &Vocabulary::attributes)
      .def_property_readonly(
          "domains", [](const Vocabulary& vocabulary) { return named(vocabulary.domains()); })
      .def("size", &Vocabulary::size)
      .def(
          "has",
          [](const Vocabulary& vocabulary, const std::string& type) {
            return vocabulary.has(type_of(type));
          },
          py::arg("type"))
      .def(
          "offset",
          [](const Vocabulary& vocabulary, const std::string& type) {
            return vocabulary.offset(type_of(type));
          },
          py::arg("type"))
      .def(
          "domain_size",
          [](const Vocabulary& vocabulary, const std::string& type) {
            return vocabulary.domain_size(type_of(type));
          },
          py::arg("type"))
      .def(
          "encode",
          [](const Vocabulary& vocabulary, const std::string& type, int value) {
            return vocabulary.encode(type_of(type), value);
          },
          py::arg("type"), py::arg("value"))
      .def(
          "type",
          [](const Vocabulary& vocabulary, int token) {
            return std::string(token_type_name(vocabulary.type(token)));
          },
          py::arg("token"))
      .def("value", &Vocabulary::value, py::arg("token"))
      .def("token_name", &Vocabulary::token_name, py::arg("token"))
      .def("instrument_value", &Vocabulary::instrument_value, py::arg("program"))
      .def("program", &Vocabulary::program, py::arg("instrument_value"))
      .def("velocity_level", &Vocabulary::velocity_level, py::arg("velocity"))
      .def("velocity", &Vocabulary::velocity, py::arg("level"))
      .def("time_signature_value", &Vocabulary::time_signature_value, py::arg("numerator"),
           py::arg("denominator"))
      .def("time_signature", &Vocabulary::time_signature, py::arg("value"))
      .def("num_bars_value", &Vocabulary::num_bars_value, py::arg("bars"))
      .def("genre_value", &Vocabulary::genre_value, py::arg("name"))
      .def("genres", &Vocabulary::genres);
}

}  // namespace descant::bindings
