#include <doctest/doctest.h>

#include <random>
#include <set>

#include "descant/token_mask.h"
#include "small_vocabulary.h"

using descant::TokenMask;
using descant::TokenType;
using descant::tests::every_kind;

TEST_CASE("word-wise operations agree with a plain set of ids") {
  const auto& vocabulary = *every_kind();
  std::mt19937 random(1);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  TokenMask mask(vocabulary);
  std::set<int> plain;
  for (int round = 0; round < 2000; ++round) {
    const auto& domain = vocabulary.domains()[random() % vocabulary.domains().size()];
    const int offset = vocabulary.offset(domain.type);
    const int begin = below(domain.size + 3) - 1;
    const int end = below(domain.size + 3) - 1;
    const bool add = below(2) == 0;
    if (add)
      mask.allow(domain.type, begin, end);
    else
      mask.remove(domain.type, begin, end);
    for (int value = std::max(begin, 0); value < std::min(end, domain.size); ++value)
      add ? void(plain.insert(offset + value)) : void(plain.erase(offset + value));
    if (below(20) == 0) {
      const int value = below(domain.size);
      const bool kept = plain.count(offset + value) != 0;
      mask.remove_others(domain.type, value);
      for (int other = 0; other < domain.size; ++other) plain.erase(offset + other);
      if (kept) plain.insert(offset + value);
    }
    REQUIRE(mask.count() == static_cast<int>(plain.size()));
    for (int id = 0; id < vocabulary.size(); ++id)
      if (mask.test(id) != (plain.count(id) != 0)) FAIL(vocabulary.token_name(id));
    CHECK(mask.only() == (plain.size() == 1 ? *plain.begin() : -1));
    CHECK(mask.empty() == plain.empty());
    const auto first = plain.lower_bound(offset);
    CHECK(mask.any(domain.type) == (first != plain.end() && *first < offset + domain.size));
  }
}

TEST_CASE("a full mask holds each token once and types the vocabulary lacks hold none") {
  const auto& vocabulary = *every_kind();
  TokenMask mask(vocabulary);
  mask.fill();
  CHECK(mask.count() == vocabulary.size());
  CHECK_FALSE(mask.test(vocabulary.size()));
  CHECK_FALSE(mask.test(-1));
  mask.clear();
  mask.allow(TokenType::Genre);
  CHECK(mask.empty());
  CHECK_FALSE(mask.any(TokenType::Genre));
}
