#include <doctest/doctest.h>

#include "descant/error.h"
#include "descant/vocabulary.h"

using descant::BadVocabulary;
using descant::EncoderConfig;
using descant::IllegalToken;
using descant::TokenType;
using descant::Vocabulary;

namespace {

EncoderConfig small_config() {
  EncoderConfig config;
  config.resolution = 12;
  config.supports_infill = true;
  config.time_signatures = {{4, 4}, {7, 8}};
  config.num_bars_map = {4, 8};
  config.instrument_merge_groups = {{0, 1, 2}, {4, 5}};
  config.genre_groups = {{"jazz", {"Swing"}}, {"blues", {}}};
  config.attribute_controls = {{"polyphony_quantile", {{"mode", "min"}}, {}},
                               {"polyphony_quantile", {{"mode", "max"}}, {}}};
  return config;
}

}  // namespace

TEST_CASE("domains are laid end to end in the derived order") {
  const Vocabulary vocabulary(small_config());
  CHECK(vocabulary.offset(TokenType::PieceStart) == 0);
  CHECK(vocabulary.offset(TokenType::Track) == 2);
  CHECK(vocabulary.offset(TokenType::TimeSig) == 7);
  CHECK(vocabulary.domain_size(TokenType::Instrument) == 125);
  CHECK(vocabulary.domain_size(TokenType::TimeAbsolutePos) == 48);
  CHECK(vocabulary.domain_size(TokenType::MaxPolyphony) == 10);
  CHECK(vocabulary.offset(TokenType::MaxPolyphony) + 10 == vocabulary.size());
  CHECK_FALSE(vocabulary.has(TokenType::Delta));
}

TEST_CASE("attributes with a token of their own are appended to explicit domains") {
  EncoderConfig config = small_config();
  config.token_domains = {{TokenType::PieceStart, 2}, {TokenType::MinPolyphony, 10}};
  const Vocabulary vocabulary(config);
  CHECK(vocabulary.size() == 22);
  CHECK(vocabulary.offset(TokenType::MinPolyphony) == 2);
  CHECK(vocabulary.offset(TokenType::MaxPolyphony) == 12);
  CHECK(vocabulary.attributes().size() == 2);
}

TEST_CASE("every id is its type's offset plus its value") {
  const Vocabulary vocabulary(small_config());
  for (int token = 0; token < vocabulary.size(); ++token)
    CHECK(vocabulary.encode(vocabulary.type(token), vocabulary.value(token)) == token);
  CHECK_THROWS_AS(vocabulary.type(vocabulary.size()), IllegalToken);
  CHECK_THROWS_AS(vocabulary.type(-1), IllegalToken);
  CHECK_THROWS_AS(vocabulary.encode(TokenType::Track, 2), IllegalToken);
  CHECK_THROWS_AS(vocabulary.clamped(TokenType::Delta, 0), IllegalToken);
  CHECK(vocabulary.clamped(TokenType::Track, 9) == 3);
}

TEST_CASE("programs that share a token decode to the first of their group") {
  const Vocabulary vocabulary(small_config());
  CHECK(vocabulary.program(vocabulary.instrument_value(2)) == 0);
  CHECK(vocabulary.program(vocabulary.instrument_value(5)) == 4);
  CHECK(vocabulary.instrument_value(3) == 1);
  CHECK(vocabulary.instrument_value(200) == 0);
}

TEST_CASE("a velocity survives a level and back, to the level") {
  const Vocabulary vocabulary(small_config());
  CHECK(vocabulary.velocity_level(0) == 0);
  CHECK(vocabulary.velocity_level(127) == 31);
  CHECK(vocabulary.velocity(1) == 2);
  CHECK(vocabulary.velocity(0) == 100);
  for (int level = 1; level < 32; ++level)
    CHECK(vocabulary.velocity_level(vocabulary.velocity(level)) == level);
}

TEST_CASE("meters, windows and genres are looked up by what they say") {
  const Vocabulary vocabulary(small_config());
  CHECK(vocabulary.time_signature_value(7, 8) == 1);
  CHECK(vocabulary.time_signature_value(5, 4) == -1);
  CHECK(vocabulary.num_bars_value(8) == 1);
  CHECK_THROWS_AS(vocabulary.num_bars_value(5), IllegalToken);
  CHECK(vocabulary.genre_value("SWING") == 1);
  CHECK(vocabulary.genre_value("blues") == 0);
  CHECK(vocabulary.genre_value("polka") == -1);
}

TEST_CASE("settings that contradict themselves make no vocabulary") {
  EncoderConfig twice = small_config();
  twice.token_domains = {{TokenType::Bar, 1}, {TokenType::Bar, 1}};
  CHECK_THROWS_AS(Vocabulary{twice}, BadVocabulary);
  EncoderConfig unknown = small_config();
  unknown.attribute_controls = {{"sparkle", {}, {}}};
  CHECK_THROWS_AS(Vocabulary{unknown}, BadVocabulary);
  EncoderConfig tokenless = small_config();
  tokenless.attribute_controls = {{"silence_proportion", {{"level", "bar"}}, {}}};
  CHECK_THROWS_AS(Vocabulary{tokenless}, BadVocabulary);
}
