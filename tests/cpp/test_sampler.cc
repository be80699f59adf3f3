#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "descant/error.h"
#include "descant/random.h"
#include "descant/sampler.h"
#include "small_vocabulary.h"

using descant::BadRequest;
using descant::NoLegalToken;
using descant::Sampler;
using descant::SamplingOptions;
using descant::TokenMask;
using descant::tests::every_kind;
using T = descant::TokenType;

namespace {

bool of_a_note(int id) {
  const T type = every_kind()->type(id);
  return type == T::TimeAbsolutePos || type == T::NoteOnset || type == T::NoteDuration ||
         type == T::VelocityLevel || type == T::Delta || type == T::DeltaDirection;
}

// spec/generation.md 6.7 once more: everything sorted, step by step, no shortcuts.
std::map<int, double> plain(const std::vector<float>& logits, const TokenMask& mask,
                            const SamplingOptions& options) {
  std::vector<std::pair<double, int>> order;
  double highest = -1e30, sum = 0;
  for (int id = 0; id < every_kind()->size(); ++id)
    if (mask.test(id)) highest = std::max(highest, double(logits[static_cast<std::size_t>(id)]));
  for (int id = 0; id < every_kind()->size(); ++id)
    if (mask.test(id)) {
      const double p =
          std::exp((logits[static_cast<std::size_t>(id)] - highest) / options.temperature);
      order.emplace_back(-p, id);
      sum += p;
    }
  for (auto& entry : order) entry.first /= -sum;
  std::sort(order.begin(), order.end(), [](auto a, auto b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::size_t kept = order.size();
  if (options.top_k > 0) kept = std::min(kept, static_cast<std::size_t>(options.top_k));
  double mass = 0;
  for (std::size_t i = 0; options.top_p < 1.0f && i < order.size(); ++i) {
    mass += order[i].first;
    if (mass >= options.top_p) {
      kept = std::min(kept, i + 1);
      break;
    }
  }
  double total = 0;
  for (std::size_t i = 0; i < kept; ++i) total += order[i].first;
  std::size_t dropped = 0;
  if (options.mask_k > 0 && static_cast<std::size_t>(options.mask_k) < kept)
    dropped = static_cast<std::size_t>(options.mask_k);
  mass = 0;
  for (std::size_t i = 0; options.mask_p > 0 && i + 1 < kept; ++i) {
    mass += order[i].first / total;
    dropped = std::max(dropped, i + 1);
    if (mass >= options.mask_p) break;
  }
  std::map<int, double> result;
  for (std::size_t i = 0; i < kept; ++i)
    if (i >= dropped || (options.mask_notes_only && !of_a_note(order[i].second)))
      result[order[i].second] = order[i].first;
  if (result.empty())
    for (auto [p, id] : order) result[id] = p;
  double left = 0;
  for (auto [id, p] : result) left += p;
  for (auto& [id, p] : result) p /= left;
  return result;
}

}  // namespace

TEST_CASE("filters agree with the plain twin") {
  std::mt19937 random(7);
  const auto unit = [&] { return static_cast<float>(random() % 1000) / 1000.0f; };
  for (int round = 0; round < 400; ++round) {
    SamplingOptions options;
    options.temperature = 0.5f + unit();
    if (random() % 2) options.top_k = 1 + static_cast<int>(random() % 60);
    if (random() % 2) options.top_p = 0.05f + 0.9f * unit();
    if (random() % 2) options.mask_k = static_cast<int>(random() % 20);
    if (random() % 2) options.mask_p = 0.9f * unit();
    options.mask_notes_only = random() % 2 == 0;
    TokenMask mask(*every_kind());
    std::vector<float> logits;
    for (int id = 0; id < every_kind()->size(); ++id) {
      // Distinct values, so that no rounding can change the order.
      logits.push_back(static_cast<float>((id * 7919) % 1009) / 150.0f);
      if (random() % 3 == 0)
        mask.allow(every_kind()->type(id), every_kind()->value(id), every_kind()->value(id) + 1);
    }
    Sampler sampler(*every_kind(), options);
    sampler.load(logits, mask.words());
    sampler.filter();
    const auto expected = plain(logits, mask, options);
    REQUIRE(sampler.ids().size() == expected.size());
    std::size_t i = 0;
    for (const auto& [id, p] : expected) {
      REQUIRE(sampler.ids()[i] == id);
      CHECK(sampler.probabilities()[i] == doctest::Approx(p).epsilon(1e-4));
      ++i;
    }
  }
}

TEST_CASE("equal probabilities rank by id") {
  TokenMask mask(*every_kind());
  mask.allow(T::NoteOnset);
  Sampler sampler(*every_kind(), {1.0f, 3, 1.0f, 1, 0.0f, true});
  const std::vector<float> logits(static_cast<std::size_t>(every_kind()->size()), 0.0f);
  sampler.load(logits, mask.words());
  sampler.filter();
  const int first = every_kind()->offset(T::NoteOnset);
  REQUIRE(sampler.ids().size() == 2);
  CHECK(sampler.ids()[0] == first + 1);
  CHECK(sampler.most_probable() == first + 1);
}

TEST_CASE("logits without sense give a flat distribution, never an illegal token") {
  TokenMask mask(*every_kind());
  mask.allow(T::NoteDuration);
  for (float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(),
        std::numeric_limits<float>::infinity()}) {
    Sampler sampler(*every_kind(), {});
    const std::vector<float> logits(static_cast<std::size_t>(every_kind()->size()), bad);
    sampler.load(logits, mask.words());
    for (float p : sampler.probabilities()) CHECK(p == doctest::Approx(1.0 / 96));
  }
}

TEST_CASE("the draw inverts the cumulated probabilities over ids") {
  TokenMask mask(*every_kind());
  mask.allow(T::Track);
  std::vector<float> logits(static_cast<std::size_t>(every_kind()->size()), 0.0f);
  const int first = every_kind()->offset(T::Track);
  logits[static_cast<std::size_t>(first)] = std::log(3.0f);
  Sampler sampler(*every_kind(), {});
  sampler.load(logits, mask.words());
  CHECK(sampler.pick(0.0) == first);
  CHECK(sampler.pick(0.74) == first);
  CHECK(sampler.pick(0.76) == first + 1);
  CHECK(sampler.pick(0.9999999999) == first + 1);
}

TEST_CASE("nothing legal, or rows of another size, are errors") {
  Sampler sampler(*every_kind(), {});
  const TokenMask mask(*every_kind());
  const std::vector<float> logits(static_cast<std::size_t>(every_kind()->size()), 0.0f);
  CHECK_THROWS_AS(sampler.load(logits, mask.words()), NoLegalToken);
  CHECK_THROWS_AS(sampler.load({logits.data(), 3}, mask.words()), BadRequest);
  CHECK_THROWS_AS(sampler.load(logits, mask.words().subspan(1)), BadRequest);
}

TEST_CASE("philox gives the published answers") {
  // Random123's known-answer file, philox4x32-10.
  using Words = std::array<std::uint32_t, 4>;
  CHECK(descant::philox({0, 0, 0, 0}, {0, 0}) ==
        Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(
      descant::philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
      Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(
      descant::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
      Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("each part of the key makes another stream of numbers in [0, 1)") {
  const double u = descant::uniform(1, 2, 3, 4);
  CHECK(u == descant::uniform(1, 2, 3, 4));
  CHECK(u != descant::uniform(2, 2, 3, 4));
  CHECK(u != descant::uniform(1, 3, 3, 4));
  CHECK(u != descant::uniform(1, 2, 4, 4));
  CHECK(u != descant::uniform(1, 2, 3, 5));
  CHECK(u != descant::uniform(1ull << 32 | 1, 2, 3, 4));
  double sum = 0;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    const double value = descant::uniform(5, 0, 0, i);
    CHECK(value >= 0);
    CHECK(value < 1);
    sum += value;
  }
  CHECK(sum / 10000 == doctest::Approx(0.5).epsilon(0.02));
}
