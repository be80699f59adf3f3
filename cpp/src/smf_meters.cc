#include "smf_meters.h"

#include <algorithm>
#include <string>

#include "descant/error.h"

namespace descant {
namespace {

struct Meter {
  std::int64_t tick;
  int numerator;
  int denominator;  // 0: the file's power of two does not fit
  std::int64_t length;
};

constexpr int kLongestPower = 7;  // denominators up to 128

std::vector<Meter> meters_of(const SmfFile& file) {
  std::vector<Meter> meters;
  for (const SmfChunk& chunk : file.chunks) {
    for (const SmfEvent& event : chunk.events) {
      if (!event.is_meta(0x58) || event.size < 2) continue;
      const int numerator = file.bytes[event.payload];
      const int power = file.bytes[event.payload + 1];
      const int denominator = power > kLongestPower ? 0 : 1 << power;
      const std::int64_t length =
          denominator == 0 ? 0 : std::int64_t{file.division} * 4 * numerator / denominator;
      meters.push_back({event.tick, numerator, denominator, length});
    }
  }
  std::stable_sort(meters.begin(), meters.end(),
                   [](const Meter& a, const Meter& b) { return a.tick < b.tick; });
  return meters;
}

void refuse_unwritable(const std::vector<Meter>& meters) {
  for (const Meter& meter : meters) {
    if (meter.denominator != 0) continue;
    throw BadFile("the meter at tick " + std::to_string(meter.tick) +
                  " has a lower number above 128");
  }
}

// One meter a tick, the later one of the file; 4/4 where the file begins without one.
std::vector<Meter> effective(std::vector<Meter> meters, int division) {
  std::vector<Meter> kept;
  if (meters.empty() || meters.front().tick > 0) {
    kept.push_back({0, 4, 4, std::int64_t{division} * 4});
  }
  for (const Meter& meter : meters) {
    if (!kept.empty() && kept.back().tick == meter.tick) kept.pop_back();
    kept.push_back(meter);
  }
  return kept;
}

void check_count(std::int64_t count, const SmfLimits& limits) {
  if (count <= limits.bars) return;
  throw BadFile("the music would have " + std::to_string(count) + " bars; at most " +
                std::to_string(limits.bars) + " are read");
}

void add_bars(std::vector<SmfBar>& bars, const Meter& meter, std::int64_t end, bool exact,
              const SmfLimits& limits) {
  if (meter.length == 0) return;
  const std::int64_t count = (end - meter.tick + meter.length - 1) / meter.length;
  check_count(static_cast<std::int64_t>(bars.size()) + count, limits);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t start = meter.tick + i * meter.length;
    const std::int64_t length = exact ? std::min(meter.length, end - start) : meter.length;
    bars.push_back({start, length, meter.numerator, meter.denominator});
  }
}

}  // namespace

std::vector<SmfBar> bars_of(const SmfFile& file, std::int64_t last, bool exact,
                            const SmfLimits& limits) {
  std::vector<Meter> meters = meters_of(file);
  if (exact) {
    std::erase_if(meters, [](const Meter& meter) { return meter.length == 0; });
  } else {
    refuse_unwritable(meters);
  }
  if (!meters.empty()) last = std::max(last, meters.back().tick);
  meters = effective(std::move(meters), file.division);
  std::vector<SmfBar> bars;
  for (std::size_t i = 0; i + 1 < meters.size(); ++i) {
    add_bars(bars, meters[i], meters[i + 1].tick, exact, limits);
  }
  // The last meter goes on in whole bars to the end of the music, with one bar at least.
  const Meter& last_meter = meters.back();
  if (last_meter.length > 0) {
    const std::int64_t count = std::max<std::int64_t>(
        1, (last - last_meter.tick + last_meter.length - 1) / last_meter.length);
    check_count(static_cast<std::int64_t>(bars.size()) + count, limits);
    add_bars(bars, last_meter, last_meter.tick + count * last_meter.length, exact, limits);
  }
  if (bars.empty()) {
    throw BadFile("no meter of the file gives a bar any length, so the music has no bars");
  }
  return bars;
}

}  // namespace descant
