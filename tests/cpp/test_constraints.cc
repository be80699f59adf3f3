#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

#include "descant/error.h"
#include "descant/rules.h"
#include "small_vocabulary.h"

using descant::BarWish;
using descant::IllegalToken;
using descant::ScheduledGroup;
using descant::ScheduleOptions;
using descant::StepOptions;
using descant::StepRules;
using descant::TrackWish;
using descant::tests::every_kind;
using descant::tests::ids;
using descant::tests::Said;
using T = descant::TokenType;

namespace {

const std::vector<Said> kInfill = {{T::PieceStart, 1}, {T::NumBars, 0},  {T::Track, 0},
                                   {T::Instrument, 0}, {T::TrackEnd, 0}, {T::FillInStart, 0}};
const std::vector<Said> kContext = {
    {T::PieceStart, 0}, {T::NumBars, 0}, {T::Track, 0}, {T::Instrument, 0}, {T::TrackEnd, 0}};
const std::vector<Said> kTrack = {
    {T::PieceStart, 0}, {T::NumBars, 0}, {T::Track, 0}, {T::Instrument, 0}};

StepRules rules_for(const StepOptions& options, const std::vector<Said>& prompt) {
  return StepRules(every_kind(), std::make_shared<const StepOptions>(options), ids(prompt));
}

StepOptions infill(bool drum, int blocks = 1) {
  StepOptions options;
  options.grammar.blocks.assign(static_cast<std::size_t>(blocks), {drum, 4, 4});
  return options;
}

StepOptions track(int bars) {
  StepOptions options;
  options.grammar.autoregressive = true;
  options.grammar.exact_bars = bars;
  options.grammar.max_tracks = 1;
  return options;
}

void say(StepRules& rules, T type, int value) { rules.accept(every_kind()->encode(type, value)); }

bool may(const StepRules& rules, T type) { return rules.legal().any(type); }
bool may(const StepRules& rules, T type, int value) { return rules.legal().has(type, value); }

// Draws types evenly, then values evenly, until the step is complete; the tokens drawn.
std::vector<Said> finish(StepRules& rules, std::mt19937& random) {
  std::vector<Said> said;
  while (!rules.complete() && said.size() < 4000) {
    std::map<T, std::vector<int>> legal;
    for (int id = 0; id < every_kind()->size(); ++id)
      if (rules.legal().test(id)) legal[every_kind()->type(id)].push_back(every_kind()->value(id));
    REQUIRE_FALSE(legal.empty());
    auto entry = legal.begin();
    std::advance(entry, static_cast<std::ptrdiff_t>(random() % legal.size()));
    const Said token{entry->first, entry->second[random() % entry->second.size()]};
    rules.accept(every_kind()->encode(token.first, token.second));
    said.push_back(token);
  }
  CHECK(rules.complete());
  return said;
}

// Pitches by position, per bar or block.
using Onsets = std::map<int, std::vector<int>>;
std::vector<Onsets> bars_of(const std::vector<Said>& said) {
  std::vector<Onsets> bars(1);
  int position = 0;
  for (const auto& [type, value] : said) {
    if (type == T::BarEnd || type == T::FillInEnd) bars.emplace_back(), position = 0;
    if (type == T::TimeAbsolutePos) position = value;
    if (type == T::NoteOnset) bars.back()[position].push_back(value);
  }
  bars.pop_back();
  return bars;
}

std::array<std::uint32_t, 4> only_pitches(const std::vector<int>& pitches) {
  std::array<std::uint32_t, 4> bits{};
  for (int pitch : pitches) bits[static_cast<std::size_t>(pitch) / 32] |= 1u << (pitch % 32);
  return bits;
}

}  // namespace

TEST_CASE("every strict step ends, whatever its limits, pitches and rhythm") {
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const bool drum = random() % 2 == 0;
    StepOptions options = random() % 2 ? infill(drum, 3) : track(3);
    if (random() % 2) options.polyphony_limit = 1 + static_cast<int>(random() % 3);
    if (random() % 2) options.density_limit = 1 + static_cast<int>(random() % 6);
    if (random() % 3 == 0) options.pitches = only_pitches({36, 40, 127});
    options.velocity = random() % 2 == 0;
    options.microtiming = random() % 2 == 0;
    if (random() % 2) options.kept_meter = static_cast<int>(random() % 3);
    const std::vector<ScheduledGroup> rhythm = {{0, {{}, {}}}, {12, {{}}}, {40, {{}, {}, {}}}};
    if (random() % 2) options.schedule = ScheduleOptions{{rhythm}, true, true};
    StepRules rules = rules_for(options, options.grammar.autoregressive ? kTrack : kInfill);
    for (const Onsets& bar : bars_of(finish(rules, random))) {
      std::size_t notes = 0;
      for (const auto& [position, pitches] : bar) {
        notes += pitches.size();
        CHECK(std::set<int>(pitches.begin(), pitches.end()).size() == pitches.size());
        if (options.polyphony_limit > 0)
          CHECK(pitches.size() <= static_cast<std::size_t>(options.polyphony_limit));
        if (options.pitches)
          for (int pitch : pitches) CHECK((pitch == 36 || pitch == 40 || pitch == 127));
        if (options.schedule) CHECK((position == 0 || position == 12 || position == 40));
      }
      CHECK(notes > 0);
      if (options.density_limit > 0)
        CHECK(notes <= static_cast<std::size_t>(options.density_limit));
    }
  }
}

TEST_CASE("polyphony counts at a position, density in a block") {
  StepOptions options = infill(true, 2);
  options.polyphony_limit = 2;
  options.density_limit = 3;
  StepRules rules = rules_for(options, kInfill);
  say(rules, T::NoteOnset, 36);
  say(rules, T::NoteOnset, 38);
  CHECK_FALSE(may(rules, T::NoteOnset));
  CHECK_FALSE(may(rules, T::VelocityLevel));
  say(rules, T::TimeAbsolutePos, 6);
  say(rules, T::NoteOnset, 36);
  CHECK_FALSE(may(rules, T::TimeAbsolutePos));
  CHECK(rules.forced() == every_kind()->encode(T::FillInEnd, 0));
  say(rules, T::FillInEnd, 0);
  say(rules, T::FillInStart, 0);
  CHECK(may(rules, T::NoteOnset));
  CHECK(rules.blocks_done() == 1);
}

TEST_CASE("a wished track attribute is written with its value before anything later") {
  StepOptions options = track(1);
  options.track_wishes = {TrackWish{T::KeySignature, 3}};
  StepRules rules = rules_for(options, kTrack);
  CHECK(may(rules, T::MinPolyphony));  // may still come before it
  CHECK(may(rules, T::KeySignature, 3));
  CHECK_FALSE(may(rules, T::KeySignature, 4));
  CHECK_FALSE(may(rules, T::Bar));
  say(rules, T::KeySignature, 3);
  CHECK(may(rules, T::Bar));
}

TEST_CASE("a wished bar attribute appears in its bar, counted in the written track") {
  StepOptions options = track(2);
  options.grammar.max_tracks = 2;
  options.bar_wishes = {BarWish{T::BarLevelOnsetDensity, 0, 1, 7}};
  std::vector<Said> prompt = kContext;  // a context track stands before the written one
  prompt.insert(prompt.end(), {{T::Track, 1},
                               {T::Instrument, 0},
                               {T::Bar, 0},
                               {T::TimeSig, 0},
                               {T::NoteOnset, 36},
                               {T::BarEnd, 0}});
  StepRules rules = rules_for(options, prompt);
  say(rules, T::Bar, 0);
  CHECK(rules.forced() == every_kind()->encode(T::BarLevelOnsetDensity, 7));
}

TEST_CASE("replay: upstream's wishes only forbid other values, and count context tracks") {
  StepOptions options = track(2);
  options.grammar.strict = false;
  options.track_wishes = {TrackWish{T::KeySignature, 3}};
  options.bar_wishes = {BarWish{T::BarLevelOnsetDensity, 0, 0, 7}};
  StepRules rules = rules_for(options, kTrack);
  CHECK(may(rules, T::Bar));
  CHECK_FALSE(may(rules, T::KeySignature, 4));
  say(rules, T::Bar, 0);
  CHECK(may(rules, T::BarLevelOnsetDensity, 7));
  CHECK_FALSE(may(rules, T::BarLevelOnsetDensity, 6));
  CHECK(may(rules, T::TimeSig));
  std::vector<Said> prompt = kContext;
  prompt.insert(prompt.end(), {{T::Track, 0}, {T::Instrument, 0}, {T::Bar, 0}});
  CHECK(may(rules_for(options, prompt), T::BarLevelOnsetDensity, 6));
}

TEST_CASE("the kept meter is the only one, and nothing of the bar comes before it") {
  StepOptions options = track(1);
  options.grammar.strict = false;
  options.kept_meter = 1;
  StepRules rules = rules_for(options, kTrack);
  say(rules, T::Bar, 0);
  CHECK(may(rules, T::TimeSig, 1));
  CHECK_FALSE(may(rules, T::TimeSig, 0));
  CHECK_FALSE(may(rules, T::NoteOnset));
  say(rules, T::TimeSig, 1);
  CHECK(may(rules, T::TimeAbsolutePos, 41));
  CHECK_FALSE(may(rules, T::TimeAbsolutePos, 42));
}

TEST_CASE("remix keeps the stated notes, in any order of the chord") {
  StepOptions options = infill(false, 2);
  const std::vector<ScheduledGroup> first = {{6, {{60, 11}, {-1, 23}, {67, 5}}}, {24, {{64, -1}}}};
  options.schedule = ScheduleOptions{{first, {}}, false, false};
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    StepRules rules = rules_for(options, kInfill);
    CHECK(rules.forced() == every_kind()->encode(T::TimeAbsolutePos, 6));
    const auto said = finish(rules, random);
    const Onsets bar = bars_of(said)[0];
    REQUIRE(bar.size() == 2);
    REQUIRE(bar.at(6).size() == 3);
    CHECK(bar.at(6)[0] == 60);
    CHECK(bar.at(6)[2] == 67);
    CHECK(bar.at(24) == std::vector<int>{64});
    std::vector<int> durations;
    for (const auto& [type, value] : said)
      if (type == T::NoteDuration && durations.size() < 3) durations.push_back(value);
    CHECK(durations == std::vector<int>{11, 23, 5});
  }
}

TEST_CASE("replayed, a remix leaves no note to bars after its own") {
  StepOptions options = infill(false, 2);
  options.grammar.strict = false;
  const std::vector<ScheduledGroup> bar = {{0, {{60, 11}}}};
  options.schedule = ScheduleOptions{{bar, bar}, false, false};
  StepRules rules = rules_for(options, kInfill);
  say(rules, T::NoteOnset, 60);
  say(rules, T::NoteDuration, 11);
  say(rules, T::FillInEnd, 0);
  say(rules, T::BarEnd, 0);  // counts as the end of a second bar
  CHECK(may(rules, T::FillInStart));
  say(rules, T::FillInStart, 0);
  CHECK_FALSE(may(rules, T::NoteOnset));
  CHECK_FALSE(may(rules, T::TimeAbsolutePos));
}

TEST_CASE("a rhythm beyond the bar's end lets the bar end") {
  StepOptions options = infill(true);
  options.grammar.blocks[0] = {true, 2, 4};
  const std::vector<ScheduledGroup> rhythm = {{0, {{}}}, {30, {{}}}};
  options.schedule = ScheduleOptions{{rhythm}, true, true};
  StepRules rules = rules_for(options, kInfill);
  CHECK_FALSE(may(rules, T::TimeAbsolutePos));
  say(rules, T::NoteOnset, 36);
  CHECK(rules.forced() == every_kind()->encode(T::FillInEnd, 0));
}

TEST_CASE("weights scale what they name and are ignored where they leave nothing") {
  StepOptions options = infill(true);
  options.pitch_weights.assign(128, 0.0f);
  options.pitch_weights[40] = 0.5f;
  StepRules rules = rules_for(options, kInfill);
  const int note = every_kind()->offset(T::NoteOnset);
  const std::vector<int> ids_here = {note + 39, note + 40, note + 128};
  std::vector<float> p = {0.5f, 0.25f, 0.25f};
  rules.reweigh(ids_here, p);
  CHECK(p[0] == 0.0f);
  CHECK(p[1] == doctest::Approx(1.0 / 3));
  CHECK(p[2] == doctest::Approx(2.0 / 3));
  p = {1.0f, 0.0f, 0.0f};
  rules.reweigh(ids_here, p);
  CHECK(p[0] == 1.0f);
}

TEST_CASE("a fork goes its own way; an illegal token is refused and changes nothing") {
  StepRules rules = rules_for(infill(true), kInfill);
  StepRules fork = rules;
  say(fork, T::NoteOnset, 36);
  say(fork, T::FillInEnd, 0);
  CHECK(fork.complete());
  CHECK_FALSE(rules.complete());
  CHECK_THROWS_AS(say(rules, T::FillInEnd, 0), IllegalToken);
  CHECK_THROWS_AS(say(fork, T::FillInStart, 0), IllegalToken);
  CHECK(rules.length() == static_cast<int>(kInfill.size()));
  say(rules, T::NoteOnset, 36);
}

TEST_CASE("headers are said behind each FillInStart, token by token, and are no part of the bar") {
  StepOptions options = infill(false, 2);
  options.density_limit = 1;
  options.block_headers = {ids({{T::BarLevelOnsetDensity, 7}, {T::TimeSig, 0}}),
                           ids({{T::TimeSig, 0}})};
  StepRules rules = rules_for(options, kInfill);
  const int length = rules.length();
  CHECK(rules.forced() == every_kind()->encode(T::BarLevelOnsetDensity, 7));
  CHECK_THROWS_AS(say(rules, T::TimeSig, 0), IllegalToken);
  say(rules, T::BarLevelOnsetDensity, 7);
  CHECK(rules.forced() == every_kind()->encode(T::TimeSig, 0));
  StepRules fork = rules;  // takes go on from the middle of a header
  for (StepRules* each : {&fork, &rules}) {
    say(*each, T::TimeSig, 0);
    CHECK(each->length() == length);
    CHECK(may(*each, T::TimeAbsolutePos));
  }
  say(rules, T::TimeAbsolutePos, 6);
  say(rules, T::NoteOnset, 60);
  say(rules, T::NoteDuration, 5);
  say(rules, T::FillInEnd, 0);
  say(rules, T::FillInStart, 0);
  CHECK(rules.forced() == every_kind()->encode(T::TimeSig, 0));
  say(rules, T::TimeSig, 0);
  CHECK(may(rules, T::TimeAbsolutePos));
}
