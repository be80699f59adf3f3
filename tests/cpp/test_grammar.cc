#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "descant/error.h"
#include "descant/grammar.h"
#include "small_vocabulary.h"

using descant::Grammar;
using descant::GrammarOptions;
using descant::IllegalToken;
using descant::TokenMask;
using descant::tests::every_kind;
using descant::tests::ids;
using descant::tests::Said;
using T = descant::TokenType;

namespace {

// The strict grammar once more, slowly and from the whole history: what the encoder could write.
class Twin {
 public:
  explicit Twin(GrammarOptions options) : options_(std::move(options)) {}

  void say(Said token) { history_.push_back(token); }

  bool legal(T type, int value) const {
    if (options_.autoregressive && (type == T::FillInStart || type == T::FillInEnd)) return false;
    const T last = history_.back().first;
    if (last == T::FillInEnd)
      return type == T::FillInStart && count(T::FillInStart) < options_.blocks.size();
    if (last == T::TrackEnd)
      return type == T::Track && (options_.max_tracks < 0 || tracks() < options_.max_tracks);
    if (!inside()) return legal_between(type);
    if (const int at = order(kBar, type); at >= 0) return at > order(kBar, last) && in_bar_head();
    if (type == T::TimeSig) return in_bar_head();
    if (in_bar_head()) return false;
    return legal_in_body(type, value);
  }

 private:
  static constexpr T kTrack[] = {T::MinPolyphony, T::KeySignature, T::TrackLevelPitchLow};
  static constexpr T kBar[] = {T::BarLevelOnsetDensity, T::BarLevelOnsetPolyphonyMax,
                               T::BarLevelNoteDurationMin};

  template <std::size_t N>
  static int order(const T (&types)[N], T type) {
    const auto found = std::find(types, types + N, type);
    return found == types + N ? -1 : static_cast<int>(found - types);
  }
  std::size_t count(T type) const {
    return static_cast<std::size_t>(
        std::count_if(history_.begin(), history_.end(),
                      [type](const Said& token) { return token.first == type; }));
  }
  int tracks() const { return static_cast<int>(count(T::Track)); }
  // The tokens after the last one of a type; everything when there is none.
  std::vector<Said> since(T type) const {
    std::vector<Said> tail;
    for (auto token = history_.rbegin(); token != history_.rend() && token->first != type; ++token)
      tail.insert(tail.begin(), *token);
    return tail;
  }
  bool inside() const { return in_bar() || in_fill(); }
  bool in_bar() const { return count(T::Bar) > count(T::BarEnd); }
  bool in_fill() const { return count(T::FillInStart) > count(T::FillInEnd); }
  bool in_bar_head() const {
    if (in_fill()) return false;
    const auto bar = since(T::Bar);
    return std::none_of(bar.begin(), bar.end(),
                        [](const Said& token) { return token.first == T::TimeSig; });
  }
  bool legal_between(T type) const {
    const T last = history_.back().first;
    if (last == T::Track) return type == T::Instrument;
    if (order(kTrack, type) >= 0)
      return last != T::BarEnd && order(kTrack, type) > order(kTrack, last);
    const auto track = since(T::Track);
    const auto bars = std::count_if(track.begin(), track.end(),
                                    [](const Said& token) { return token.first == T::Bar; });
    const bool full = options_.exact_bars >= 0 && bars >= options_.exact_bars;
    if (type == T::Bar) return !full;
    return type == T::TrackEnd && (full || options_.exact_bars < 0);
  }
  bool drum() const {
    if (in_fill()) return options_.blocks[count(T::FillInStart) - 1].drum;
    for (auto token = history_.rbegin();; ++token)
      if (token->first == T::Track) return token->second == 1;
  }
  double quarters() const {
    if (in_fill()) return options_.blocks[count(T::FillInStart) - 1].quarters();
    for (auto token = history_.rbegin();; ++token)
      if (token->first == T::TimeSig) {
        const auto [n, d] = every_kind()->time_signature(token->second);
        return 4.0 * n / d;
      }
  }
  bool legal_in_body(T type, int value) const {
    const T last = history_.back().first;
    const auto body = since(in_fill() ? T::FillInStart : T::TimeSig);
    int position = 0, pitch = -1;
    bool notes = false;
    for (const auto& [said, what] : body) {
      if (said == T::TimeAbsolutePos) position = what, pitch = -1;
      if (said == T::NoteOnset) pitch = what, notes = true;
    }
    if (last == T::NoteOnset && !drum()) return type == T::NoteDuration;
    const bool open = last != T::TimeAbsolutePos && last != T::VelocityLevel &&
                      last != T::DeltaDirection && last != T::Delta;
    const bool more = pitch < 127;
    switch (type) {
      case T::TimeAbsolutePos:
        return open && value > position &&
               value < static_cast<int>(std::floor(quarters() * 12 + .5));
      case T::VelocityLevel:
        return (open && more) || last == T::TimeAbsolutePos;
      case T::DeltaDirection:
        return (open && more) || last == T::TimeAbsolutePos || last == T::VelocityLevel;
      case T::Delta:
        return (open && more) || (!open && last != T::Delta);
      case T::NoteOnset:
        return last != T::DeltaDirection && value > pitch;
      case T::BarEnd:
        return open && !in_fill() && notes;
      case T::FillInEnd:
        return open && in_fill() && notes;
      default:
        return false;
    }
  }

  GrammarOptions options_;
  std::vector<Said> history_;
};

// Walks at random for `length` tokens, comparing the whole legal set at each.
void walk(const GrammarOptions& options, const std::vector<Said>& prompt, unsigned seed,
          int length) {
  const auto& vocabulary = *every_kind();
  Grammar grammar(vocabulary, options);
  Twin twin(options);
  for (const Said& token : prompt) {
    grammar.advance(vocabulary.encode(token.first, token.second));
    twin.say(token);
  }
  std::mt19937 random(seed);
  for (int step = 0; step < length; ++step) {
    TokenMask mask(vocabulary);
    grammar.fill(mask);
    std::vector<T> types;
    for (int id = 0; id < vocabulary.size(); ++id) {
      const T type = vocabulary.type(id);
      if (mask.test(id) != twin.legal(type, vocabulary.value(id)))
        FAIL(vocabulary.token_name(id), " at ", grammar.length());
      if (mask.test(id) && (types.empty() || types.back() != type)) types.push_back(type);
    }
    if (types.empty()) return;
    const T type = types[random() % types.size()];
    std::vector<int> values;
    for (int value = 0; value < vocabulary.domain_size(type); ++value)
      if (mask.has(type, value)) values.push_back(value);
    const int value = values[random() % values.size()];
    grammar.accept(vocabulary.encode(type, value));
    twin.say({type, value});
  }
}

const std::vector<Said> kInfillPrompt = {
    {T::PieceStart, 1},        {T::NumBars, 0}, {T::Track, 0},
    {T::Instrument, 5},        {T::Bar, 0},     {T::TimeSig, 1},
    {T::FillInPlaceholder, 0}, {T::BarEnd, 0},  {T::TrackEnd, 0},
    {T::FillInStart, 0}};
const std::vector<Said> kTrackPrompt = {
    {T::PieceStart, 0}, {T::NumBars, 0}, {T::Track, 0}, {T::Instrument, 5}};

}  // namespace

TEST_CASE("strict: legal is what the encoder writes, in infill") {
  GrammarOptions options;
  options.blocks = {{false, 4, 4}, {true, 2, 4}, {false, 7, 8}};
  for (unsigned seed = 0; seed < 40; ++seed) walk(options, kInfillPrompt, seed, 80);
}

TEST_CASE("strict: legal is what the encoder writes, in a track") {
  GrammarOptions options;
  options.autoregressive = true;
  options.exact_bars = 3;
  options.max_tracks = 2;
  for (unsigned seed = 0; seed < 40; ++seed) walk(options, kTrackPrompt, seed, 160);
  options.exact_bars = options.max_tracks = -1;
  for (unsigned seed = 0; seed < 10; ++seed) walk(options, kTrackPrompt, seed, 160);
}

TEST_CASE("strict: after the last block nothing is legal") {
  const auto& vocabulary = *every_kind();
  GrammarOptions options;
  options.blocks = {{true, 4, 4}};
  Grammar grammar(vocabulary, options);
  for (int token : ids(kInfillPrompt)) grammar.advance(token);
  grammar.accept(vocabulary.encode(T::NoteOnset, 36));
  grammar.accept(vocabulary.encode(T::FillInEnd, 0));
  TokenMask mask(vocabulary);
  grammar.fill(mask);
  CHECK(mask.empty());
}

TEST_CASE("strict: without required notes a block may stay empty") {
  const auto& vocabulary = *every_kind();
  GrammarOptions options;
  options.blocks = {{false, 4, 4}};
  options.require_notes = false;
  Grammar grammar(vocabulary, options);
  for (int token : ids(kInfillPrompt)) grammar.advance(token);
  TokenMask mask(vocabulary);
  grammar.fill(mask);
  CHECK(mask.any(T::FillInEnd));
}

TEST_CASE("not ascending: any pitch may follow in a chord, but none twice") {
  const auto& vocabulary = *every_kind();
  GrammarOptions options;
  options.blocks = {{true, 4, 4}};
  options.ascending = false;
  Grammar grammar(vocabulary, options);
  for (int token : ids(kInfillPrompt)) grammar.advance(token);
  grammar.accept(vocabulary.encode(T::NoteOnset, 60));
  TokenMask mask(vocabulary);
  grammar.fill(mask);
  CHECK(mask.has(T::NoteOnset, 59));
  CHECK_FALSE(mask.has(T::NoteOnset, 60));
  grammar.accept(vocabulary.encode(T::TimeAbsolutePos, 12));
  mask.clear();
  grammar.fill(mask);
  CHECK(mask.has(T::NoteOnset, 60));
}

TEST_CASE("an illegal token is named with its type and position") {
  const auto& vocabulary = *every_kind();
  Grammar grammar(vocabulary, {});
  for (int token : ids(kTrackPrompt)) grammar.advance(token);
  const int token = vocabulary.encode(T::NoteDuration, 7);
  try {
    grammar.accept(token);
    FAIL("accepted");
  } catch (const IllegalToken& error) {
    const std::string message = error.what();
    CHECK(message.find(std::to_string(token)) != std::string::npos);
    CHECK(message.find("NoteDuration") != std::string::npos);
    CHECK(message.find("position 4") != std::string::npos);
  }
  CHECK_THROWS_AS(grammar.advance(vocabulary.size()), IllegalToken);
}

TEST_CASE("a copy goes its own way") {
  const auto& vocabulary = *every_kind();
  GrammarOptions options;
  options.blocks = {{true, 4, 4}};
  Grammar grammar(vocabulary, options);
  for (int token : ids(kInfillPrompt)) grammar.advance(token);
  Grammar copy = grammar;
  copy.accept(vocabulary.encode(T::TimeAbsolutePos, 20));
  TokenMask mask(vocabulary);
  grammar.fill(mask);
  CHECK(mask.has(T::TimeAbsolutePos, 3));
  mask.clear();
  copy.fill(mask);
  CHECK_FALSE(mask.any(T::TimeAbsolutePos));
}
