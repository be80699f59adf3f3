#include <doctest/doctest.h>

#include "descant/decoder.h"
#include "descant/encoder.h"
#include "descant/error.h"
#include "token_fixtures.h"

using namespace descant;
using descant::tests::one_track;
using descant::tests::token_config;

namespace {

using T = TokenType;

struct Said {
  TokenType type;
  int value = 0;
};

std::vector<std::int32_t> ids(const Vocabulary& vocabulary, std::initializer_list<Said> said) {
  std::vector<std::int32_t> tokens;
  for (const Said& token : said) tokens.push_back(vocabulary.encode(token.type, token.value));
  return tokens;
}

}  // namespace

TEST_CASE("what was written is read back") {
  const Vocabulary vocabulary(token_config());
  Score score = one_track({{{60, 90, 0, 12, 2}, {64, 90, 12, 6, -3}}, {{62, 41, 47, 96, 0}}});
  for (Bar& bar : score.tracks[0].bars)
    for (Note& note : bar.notes)
      note.velocity = vocabulary.velocity(vocabulary.velocity_level(note.velocity));
  score.tracks[0].attributes = {{"max_polyphony", 2}, {"bar_BarLevelOnsetPolyphonyMax_1", 4}};
  const Encoder encoder(vocabulary);
  CHECK(decode(vocabulary, encoder.encode(score, {}).tokens) == score);
  EncodeOptions infill;
  infill.targets = {{0, 0}, {0, 1}};
  CHECK(decode(vocabulary, encoder.encode(score, infill).tokens) == score);
}

TEST_CASE("a bar decoder reads block after block and gives each bar's notes when it closes") {
  const Vocabulary vocabulary(token_config());
  BarDecoder decoder(vocabulary, false, 3);
  const auto tokens = ids(vocabulary, {{T::NoteOnset, 1},
                                       {T::NoteDuration, 1},
                                       {T::FillInStart},
                                       {T::NoteOnset, 60},
                                       {T::NoteDuration, 5},
                                       {T::TimeAbsolutePos, 12},
                                       {T::VelocityLevel, 20},
                                       {T::NoteOnset, 62},
                                       {T::NoteDuration, 0}});
  for (const std::int32_t token : tokens) CHECK_FALSE(decoder.push(token).has_value());
  CHECK(decoder.open());
  CHECK(decoder.notes().size() == 2);
  const auto notes = decoder.push(vocabulary.encode(T::FillInEnd, 0));
  REQUIRE(notes.has_value());
  CHECK(*notes == std::vector<Note>{{60, vocabulary.velocity(3), 0, 6, 0},
                                    {62, vocabulary.velocity(20), 12, 1, 0}});
  CHECK_FALSE(decoder.open());
  CHECK(decoder.velocity_level() == 20);
  decoder.push(vocabulary.encode(T::FillInStart, 0));
  CHECK(decoder.push(vocabulary.encode(T::FillInEnd, 0))->empty());
  CHECK_THROWS_AS(decoder.push(-1), IllegalToken);
}

TEST_CASE("a drum hit is a note at once") {
  const Vocabulary vocabulary(token_config());
  BarDecoder decoder(vocabulary, true);
  decoder.push(vocabulary.encode(T::Bar, 0));
  decoder.push(vocabulary.encode(T::NoteOnset, 36));
  decoder.push(vocabulary.encode(T::NoteOnset, 42));
  const auto notes = decoder.push(vocabulary.encode(T::BarEnd, 0));
  REQUIRE(notes.has_value());
  CHECK(*notes == std::vector<Note>{{36, 100, 0, 1, 0}, {42, 100, 0, 1, 0}});
}

TEST_CASE("no sequence of known ids does harm") {
  const Vocabulary vocabulary(token_config());
  std::uint32_t state = 1;
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int32_t> tokens;
    for (int i = 0; i < 300; ++i) {
      state = state * 1664525u + 1013904223u;
      // Half of the ids come from the structural types at the front of the vocabulary.
      const auto range = static_cast<std::uint32_t>(i % 2 == 0 ? 12 : vocabulary.size());
      tokens.push_back(static_cast<std::int32_t>((state >> 8) % range));
    }
    const Score score = decode(vocabulary, tokens);
    for (const Track& track : score.tracks)
      for (const Bar& bar : track.bars)
        for (const Note& note : bar.notes) CHECK(note.duration > 0);
  }
}
