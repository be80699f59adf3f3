#include <doctest/doctest.h>

#include "descant/attributes.h"
#include "descant/error.h"
#include "token_fixtures.h"

using namespace descant;
using descant::tests::one_track;

namespace {

using Params = std::map<std::string, std::string>;

int level_of(const Score& score, const std::string& name, const Params& params, int bar = -1) {
  const AttributeSpec spec = attribute_from({name, params, {}});
  const auto raw = AttributeAnalyzer(EncoderConfig()).measure(spec, score, 0, bar);
  REQUIRE(raw.has_value());
  return AttributeAnalyzer::level(spec, *raw);
}

}  // namespace

TEST_CASE("polyphony counts voices over time, without the very last tick") {
  // One voice for 10 ticks, two for 20: the 85 % quantile is two voices, level 1.
  const Score score = one_track({{{60, 90, 0, 30, 0}, {64, 90, 10, 20, 0}}});
  CHECK(level_of(score, "polyphony_quantile", {{"mode", "max"}}) == 1);
  CHECK(level_of(score, "polyphony_quantile", {{"mode", "min"}}) == 0);
}

TEST_CASE("note lengths have levels from below a 16th to a whole note") {
  for (const auto& [ticks, level] : std::map<int, int>{
           {1, 0}, {2, 0}, {3, 1}, {6, 2}, {12, 3}, {24, 4}, {47, 4}, {48, 5}, {900, 5}})
    CHECK(level_of(one_track({{{60, 90, 0, ticks, 0}}}), "note_duration_quantile",
                   {{"mode", "max"}}) == level);
}

TEST_CASE("the key of a C major scale is C major, of silence none") {
  Score score = one_track({{}});
  CHECK(level_of(score, "key_signature", {}) == 24);
  int onset = 0;
  for (const int pitch : {60, 64, 67, 60, 62, 65, 67, 72})
    score.tracks[0].bars[0].notes.push_back({pitch, 90, 6 * onset++, 6, 0});
  CHECK(level_of(score, "key_signature", {}) == 0);
}

TEST_CASE("silence forgets notes of later bars, as trained") {
  const std::vector<Note> half = {{60, 90, 0, 24, 0}};
  CHECK(level_of(one_track({half}), "silence_proportion", {}) == 5);
  CHECK(level_of(one_track({half, half}), "silence_proportion", {}) == 7);
}

TEST_CASE("edges set the levels of a family, and an empty bar may have no level") {
  AttributeControl control{"note_density_quantile",
                           {{"level", "bar"}, {"track_type", "both"}, {"empty", "unset"}},
                           {{"drum", {2, 4}}, {"low", {0, 1}}, {"melodic", {1, 2}}}};
  EncoderConfig config;
  config.attribute_controls = {control};
  Score score = one_track({{{60, 90, 0, 1, 0}, {62, 90, 6, 1, 0}}, {}});
  const AttributeAnalyzer analyzer(config);
  score.tracks[0].attributes["bar_BarLevelOnsetDensity_1"] = 9;
  analyzer.annotate(score);
  CHECK(score.tracks[0].attributes ==
        std::map<std::string, int>{{"bar_BarLevelOnsetDensity_0", 1}});
  for (Note& note : score.tracks[0].bars[0].notes) note.pitch -= 24;
  analyzer.annotate(score);
  CHECK(score.tracks[0].attributes.at("bar_BarLevelOnsetDensity_0") == 2);
  score.tracks[0].drum = true;
  analyzer.annotate(score);
  CHECK(score.tracks[0].attributes.at("bar_BarLevelOnsetDensity_0") == 0);
}

TEST_CASE("drum hits sound for one tick where an attribute takes in drums") {
  const Score drums =
      one_track({{{36, 90, 0, 30, 0}, {42, 90, 6, 30, 0}, {38, 90, 6, 30, 0}}}, true);
  CHECK(level_of(drums, "polyphony_quantile",
                 {{"mode", "max"}, {"level", "bar"}, {"track_type", "both"}}, 0) == 1);
  CHECK(level_of(drums, "polyphony_quantile", {{"mode", "max"}, {"level", "bar"}}, 0) == 2);
}

TEST_CASE("every attribute has a label for each level") {
  for (const char* name : {"note_density_quantile", "silence_proportion", "pitch_class_set",
                           "key_signature", "pitch_range", "pitch_low", "pitch_high", "nomml",
                           "note_density", "onset_polyphony", "note_duration_dist", "tension"}) {
    const AttributeSpec spec = attribute_from({name, {}, {}});
    CHECK(static_cast<int>(level_labels(spec).size()) == spec.size);
  }
  for (const char* name : {"polyphony_quantile", "note_duration_quantile"}) {
    const AttributeSpec spec = attribute_from({name, {{"mode", "min"}}, {}});
    CHECK(static_cast<int>(level_labels(spec).size()) == spec.size);
  }
}

TEST_CASE("edges must rise, be equally many, and belong to density") {
  const auto edges = [](std::map<std::string, std::vector<int>> levels, const char* name) {
    return attribute_from({name, {}, std::move(levels)});
  };
  CHECK_THROWS_AS(edges({{"drum", {2, 1}}}, "note_density_quantile"), BadVocabulary);
  CHECK_THROWS_AS(edges({{"drum", {1}}, {"bass", {1, 2}}}, "note_density_quantile"), BadVocabulary);
  CHECK_THROWS_AS(edges({{"drum", {1}}}, "pitch_range"), BadVocabulary);
  CHECK(edges({{"drum", {1, 2, 3}}}, "note_density_quantile").size == 4);
}

TEST_CASE("labels of edges say how many notes") {
  const AttributeSpec spec =
      attribute_from({"note_density_quantile", {}, {{"drum", {0, 1, 4}}, {"melodic", {0, 2, 3}}}});
  CHECK(level_labels(spec, "drum") ==
        std::vector<std::string>{"silent", "1 note a bar", "2-4 notes a bar", "5+ notes a bar"});
  CHECK(level_labels(spec, "bass")[1] == "1-2 notes a bar");
}

TEST_CASE("the key can be that of the pitched tracks only") {
  Score score = one_track({{{60, 90, 0, 24, 0}, {64, 90, 0, 12, 0}, {67, 90, 0, 12, 0}}});
  Track drums;
  drums.drum = true;
  drums.bars = {{{{42, 90, 0, 900, 0}, {37, 90, 0, 900, 0}}, 4, 4, false}};
  score.tracks.push_back(drums);
  CHECK(level_of(score, "key_signature", {{"drums", "ignored"}}) == 0);
  CHECK(level_of(score, "key_signature", {}) != 0);
  CHECK_THROWS_AS(attribute_from({"pitch_range", {{"drums", "ignored"}}, {}}), BadVocabulary);
}
