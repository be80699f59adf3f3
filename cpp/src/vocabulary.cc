#include "descant/vocabulary.h"

#include <set>

#include "descant/error.h"

namespace descant {
namespace {

constexpr int kDefaultVelocity = 100;  // of level 0 (spec/encoding.md 6)
constexpr int kLargestVocabulary = 1 << 20;

int longest_bar_ticks(const EncoderConfig& config) {
  int longest = 0;
  for (const auto& [numerator, denominator] : config.time_signatures) {
    const int ticks = (4 * numerator * config.resolution + denominator - 1) / denominator;
    longest = std::max(longest, ticks);
  }
  return longest;
}

int instrument_count(const EncoderConfig& config) {
  std::set<int> merged;
  for (const auto& group : config.instrument_merge_groups)
    for (std::size_t i = 1; i < group.size(); ++i)
      if (group[i] != group[0]) merged.insert(group[i]);
  return 128 - static_cast<int>(merged.size());
}

// spec/encoding.md 3.1, without the attributes.
std::vector<TokenDomain> derived_domains(const EncoderConfig& config) {
  using T = TokenType;
  const auto count = [](const auto& items) { return static_cast<int>(items.size()); };
  const auto one_if = [](bool present, int size = 1) { return present ? size : 0; };
  const bool delta = config.uses_delta();
  const bool infill = config.supports_infill;
  const TokenDomain all[] = {
      {T::PieceStart, infill ? 2 : 1},
      {T::Track, 2},
      {T::TrackEnd, 1},
      {T::Bar, 1},
      {T::BarEnd, 1},
      {T::TimeSig, count(config.time_signatures)},
      {T::Instrument, instrument_count(config)},
      {T::NumBars, count(config.num_bars_map)},
      {T::NoteOnset, config.pitch_max - config.pitch_min + 1},
      {T::NoteDuration, config.note_duration_max_beats * config.resolution},
      {T::TimeAbsolutePos, longest_bar_ticks(config)},
      {T::UseVelocity, one_if(config.switchable_velocity, 2)},
      {T::UseMicrotiming, one_if(config.switchable_microtiming, 2)},
      {T::Genre, count(config.genre_groups)},
      {T::VelocityLevel, config.velocity_levels},
      {T::DeltaDirection, one_if(delta, 2)},
      {T::Delta, one_if(delta, std::max(1, config.resolution / 2))},
      {T::FillInPlaceholder, one_if(infill)},
      {T::FillInStart, one_if(infill)},
      {T::FillInEnd, one_if(infill)},
      {T::MaskBar, one_if(config.supports_mask_bar_token)},
  };
  std::vector<TokenDomain> present;
  for (const TokenDomain& domain : all)
    if (domain.size > 0) present.push_back(domain);
  return present;
}

std::string lower(std::string text) {
  for (char& letter : text)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return text;
}

void require(bool holds, const std::string& message) {
  if (!holds) throw BadVocabulary(message);
}

void check(const EncoderConfig& config) {
  const auto text = [](int value) { return std::to_string(value); };
  require(config.resolution > 0 && config.resolution <= 32767,
          "resolution " + text(config.resolution) + " is outside 1..32767");
  require(config.decode_resolution > 0 && config.decode_resolution <= 32767,
          "decode_resolution " + text(config.decode_resolution) + " is outside 1..32767");
  require(0 <= config.pitch_min && config.pitch_min <= config.pitch_max && config.pitch_max <= 127,
          "pitch_range " + text(config.pitch_min) + ".." + text(config.pitch_max) +
              " is not a range within 0..127");
  require(config.velocity_levels >= 2 && config.velocity_levels <= 128,
          "velocity_levels " + text(config.velocity_levels) + " is outside 2..128");
  require(
      config.note_duration_max_beats > 0 && config.note_duration_max_beats <= 1024,
      "note_duration_max_beats " + text(config.note_duration_max_beats) + " is outside 1..1024");
  for (const auto& [numerator, denominator] : config.time_signatures)
    require(numerator > 0 && numerator <= 255 && denominator > 0 && denominator <= 256,
            "meter " + text(numerator) + "/" + text(denominator) + " is outside 1/1..255/256");
  for (const auto& group : config.instrument_merge_groups) {
    require(!group.empty(), "an instrument merge group is empty");
    for (int program : group)
      require(program >= 0 && program <= 127,
              "instrument " + text(program) + " in a merge group is outside 0..127");
  }
}

}  // namespace

Vocabulary::Vocabulary(EncoderConfig config) : config_(std::move(config)) {
  check(config_);
  attributes_ = attributes_of(config_);
  lay_out();
  index_velocities();
  index_instruments();
  index_genres();
}

void Vocabulary::lay_out() {
  offsets_.fill(-1);
  domains_ = config_.token_domains.empty() ? derived_domains(config_) : config_.token_domains;
  const auto listed = [&](TokenType type) {
    return std::any_of(domains_.begin(), domains_.end(),
                       [&](const TokenDomain& domain) { return domain.type == type; });
  };
  for (const AttributeSpec& spec : attributes_)
    if (!listed(spec.token)) domains_.push_back({spec.token, spec.size});
  for (const TokenDomain& domain : domains_) {
    const std::string name(token_type_name(domain.type));
    require(domain.size > 0 && domain.size <= kLargestVocabulary - size(),
            "token domain " + name + " has an impossible size of " + std::to_string(domain.size));
    require(!has(domain.type), "token domain " + name + " is listed twice");
    offsets_[index(domain.type)] = size();
    sizes_[index(domain.type)] = domain.size;
    types_.insert(types_.end(), static_cast<std::size_t>(domain.size), domain.type);
  }
}

void Vocabulary::index_velocities() {
  const int top = config_.velocity_levels - 1;
  velocities_.assign(static_cast<std::size_t>(config_.velocity_levels), kDefaultVelocity);
  std::vector<int> seen(velocities_.size(), 0);
  for (int velocity = 1; velocity <= 127; ++velocity) {
    const int level = velocity == 127 ? top : std::min(top, 1 + velocity * top / 128);
    const auto at = static_cast<std::size_t>(level);
    levels_[static_cast<std::size_t>(velocity)] = level;
    if (++seen[at] <= 2) velocities_[at] = velocity;
  }
}

void Vocabulary::index_instruments() {
  std::array<int, 128> first{};
  for (int program = 0; program < 128; ++program)
    first[static_cast<std::size_t>(program)] = program;
  for (const auto& group : config_.instrument_merge_groups)
    for (int program : group) first[static_cast<std::size_t>(program)] = group[0];
  const std::set<int> distinct(first.begin(), first.end());
  programs_.assign(distinct.begin(), distinct.end());
  for (std::size_t program = 0; program < first.size(); ++program)
    instruments_[program] =
        static_cast<int>(std::distance(distinct.begin(), distinct.find(first[program])));
}

void Vocabulary::index_genres() {
  int value = 0;
  for (const auto& [name, aliases] : config_.genre_groups) {
    genre_ids_[lower(name)] = value;
    for (const std::string& alias : aliases) genre_ids_[lower(alias)] = value;
    ++value;
  }
}

int Vocabulary::encode(TokenType type, int value) const {
  if (value < 0 || value >= domain_size(type))
    throw IllegalToken(std::string(token_type_name(type)) + " " + std::to_string(value) +
                       " is outside the vocabulary, which has " +
                       std::to_string(domain_size(type)) + " values of it");
  return offset(type) + value;
}

int Vocabulary::clamped(TokenType type, int value) const {
  return encode(type, std::max(0, std::min(value, domain_size(type) - 1)));
}

TokenType Vocabulary::type(int token) const {
  if (token < 0 || token >= size())
    throw IllegalToken("token " + std::to_string(token) + " is outside the vocabulary of " +
                       std::to_string(size()));
  return types_[static_cast<std::size_t>(token)];
}

int Vocabulary::value(int token) const { return token - offset(type(token)); }

std::string Vocabulary::token_name(int token) const {
  const TokenType kind = type(token);
  const std::string name(token_type_name(kind));
  return domain_size(kind) == 1 ? name : name + ":" + std::to_string(value(token));
}

int Vocabulary::instrument_value(int program) const {
  if (program < 0 || program > 127) return 0;
  return instruments_[static_cast<std::size_t>(program)];
}

int Vocabulary::program(int instrument_value) const {
  const int last = static_cast<int>(programs_.size()) - 1;
  return programs_[static_cast<std::size_t>(std::clamp(instrument_value, 0, last))];
}

int Vocabulary::velocity(int level) const {
  if (level <= 0 || level >= config_.velocity_levels) return kDefaultVelocity;
  return velocities_[static_cast<std::size_t>(level)];
}

int Vocabulary::time_signature_value(int numerator, int denominator) const {
  const auto& meters = config_.time_signatures;
  const auto found = std::find(meters.begin(), meters.end(), std::pair(numerator, denominator));
  return found == meters.end() ? -1 : static_cast<int>(found - meters.begin());
}

std::pair<int, int> Vocabulary::time_signature(int value) const {
  if (value < 0 || static_cast<std::size_t>(value) >= config_.time_signatures.size()) return {4, 4};
  return config_.time_signatures[static_cast<std::size_t>(value)];
}

int Vocabulary::num_bars_value(int bars) const {
  const auto& windows = config_.num_bars_map;
  if (windows.empty()) return std::max(0, std::min(bars, domain_size(TokenType::NumBars) - 1));
  const auto found = std::find(windows.begin(), windows.end(), bars);
  if (found != windows.end()) return static_cast<int>(found - windows.begin());
  std::string known;
  for (int window : windows) known += (known.empty() ? "" : ", ") + std::to_string(window);
  throw IllegalToken("a window of " + std::to_string(bars) +
                     " bars is not one this encoder knows: " + known);
}

int Vocabulary::genre_value(const std::string& name) const {
  const auto found = genre_ids_.find(lower(name));
  return found == genre_ids_.end() ? -1 : found->second;
}

std::vector<std::string> Vocabulary::genres() const {
  std::vector<std::string> names;
  for (const auto& [name, aliases] : config_.genre_groups) names.push_back(name);
  return names;
}

}  // namespace descant
