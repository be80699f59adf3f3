#include "descant/wishes.h"

#include "descant/attribute_table.h"

namespace descant {
namespace {

using T = TokenType;

// What may follow the attributes of a track or bar.
constexpr T kAfterAttributes[] = {T::TimeSig, T::MaskBar, T::FillInPlaceholder,
                                  T::Bar,     T::BarEnd,  T::TrackEnd};

template <typename Table>
int order_of(const Table& table, T type) {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (table[i].type == type) return static_cast<int>(i);
  return -1;
}

// Leaves only attributes up to the first wished one that can still be written.
template <typename Table, typename Wishes>
void insist(const Table& table, const Wishes& wishes, TokenMask& mask) {
  int first = static_cast<int>(table.size());
  for (const auto& wish : wishes) {
    const int order = order_of(table, wish.type);
    if (order >= 0 && order < first && mask.has(wish.type, wish.value)) first = order;
  }
  if (first == static_cast<int>(table.size())) return;
  for (std::size_t i = static_cast<std::size_t>(first) + 1; i < table.size(); ++i)
    mask.remove(table[i].type);
  for (T type : kAfterAttributes) mask.remove(type);
  remove_note_starts(mask);
}

}  // namespace

void apply_wishes(const std::vector<TrackWish>& wishes, const Grammar& grammar, TokenMask& mask) {
  const bool in_header = grammar.bar_count() == 0;
  for (const TrackWish& wish : wishes)
    // Some types mean one thing before the first bar and another after it.
    if (!grammar.strict() || in_header || wish.type == T::TimeSig)
      mask.remove_others(wish.type, wish.value);
  if (grammar.strict() && in_header && !wishes.empty()) insist(kTrackAttributes, wishes, mask);
}

void apply_wishes(const std::vector<BarWish>& wishes, const Grammar& grammar, TokenMask& mask) {
  if (wishes.empty()) return;
  std::vector<BarWish> here;
  for (const BarWish& wish : wishes)
    if (wish.bar == grammar.bar_count() - 1 &&
        (grammar.strict() || wish.track == grammar.track_count() - 1))
      here.push_back(wish);
  for (const BarWish& wish : here) mask.remove_others(wish.type, wish.value);
  if (grammar.strict()) insist(kBarAttributes, here, mask);
}

void MeterKeeper::accept(TokenType type) {
  if (type == T::Bar) awaited_ = true;
  if (type == T::TimeSig) awaited_ = false;
}

void MeterKeeper::restrict_to(TokenMask& mask) const {
  if (!mask.has(T::TimeSig, meter_)) return;
  mask.remove_others(T::TimeSig, meter_);
  if (!awaited_) return;
  remove_note_starts(mask);
  mask.remove(T::NoteDuration);
  remove_ends(mask);
}

}  // namespace descant
