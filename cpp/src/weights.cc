#include "descant/weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <string_view>
#include <tuple>

#include "descant/error.h"

namespace descant {
namespace {

constexpr std::size_t kProblemsShown = 5;
constexpr int kLargest = 1 << 24;  // of any one size; products of two stay within 64 bits
constexpr int kMostLayers = 1000;

float from_half(std::uint16_t half) {
  const std::uint32_t magnitude = half & 0x7fffu;
  const float sign = (half & 0x8000u) != 0 ? -1.0f : 1.0f;
  if (magnitude >= 0x7c00u) {
    return sign * std::bit_cast<float>(0x7f800000u | (magnitude & 0x3ffu) << 13);
  }
  return sign * std::bit_cast<float>(magnitude << 13) * 0x1p112f;
}

using Shapes = std::map<std::string, std::vector<std::int64_t>>;

std::string block_name(int block, std::string_view part) {
  return "transformer.h." + std::to_string(block) + "." + std::string(part);
}

Shapes wanted_shapes(const NetworkShape& shape) {
  const std::int64_t width = shape.width;
  const std::int64_t inner = shape.inner_width();
  Shapes wanted{{"transformer.wte.weight", {shape.vocab_size, width}},
                {"transformer.wpe.weight", {shape.positions, width}},
                {"transformer.ln_f.weight", {width}},
                {"transformer.ln_f.bias", {width}}};
  for (int b = 0; b < shape.layers; ++b) {
    for (const char* part : {"ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias",
                             "attn.c_proj.bias", "mlp.c_proj.bias"}) {
      wanted[block_name(b, part)] = {width};
    }
    wanted[block_name(b, "attn.c_attn.weight")] = {width, 3 * width};
    wanted[block_name(b, "attn.c_attn.bias")] = {3 * width};
    wanted[block_name(b, "attn.c_proj.weight")] = {width, width};
    wanted[block_name(b, "mlp.c_fc.weight")] = {width, inner};
    wanted[block_name(b, "mlp.c_fc.bias")] = {inner};
    wanted[block_name(b, "mlp.c_proj.weight")] = {inner, width};
  }
  return wanted;
}

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
  }
  return text + ")";
}

std::size_t count_of(const WeightView& view) {
  std::size_t count = 1;
  for (const std::int64_t size : view.shape) count *= static_cast<std::size_t>(size);
  return count;
}

bool all_finite(const WeightView& view) {
  const std::size_t count = count_of(view);
  for (std::size_t i = 0; i < count; ++i) {
    if (!std::isfinite(view[i])) return false;
  }
  return true;
}

void check_sizes(const NetworkShape& shape) {
  const std::tuple<const char*, int, int> sizes[] = {{"vocab_size", shape.vocab_size, kLargest},
                                                     {"n_positions", shape.positions, kLargest},
                                                     {"n_embd", shape.width, kLargest},
                                                     {"n_layer", shape.layers, kMostLayers},
                                                     {"n_head", shape.heads, kLargest}};
  for (const auto& [name, size, most] : sizes) {
    if (size < 1 || size > most) {
      throw BadWeights(std::string(name) + " is " + std::to_string(size) + "; allowed are 1 to " +
                       std::to_string(most));
    }
  }
  if (shape.width % shape.heads != 0) {
    throw BadWeights("n_embd " + std::to_string(shape.width) + " is not a multiple of n_head " +
                     std::to_string(shape.heads));
  }
}

std::vector<std::string> problems_of(const Shapes& wanted, const WeightViews& views) {
  std::vector<std::string> problems;
  for (const auto& [name, shape] : wanted) {
    const auto found = views.find(name);
    if (found == views.end()) {
      problems.push_back(name + " is missing");
    } else if (found->second.shape != shape) {
      problems.push_back(name + " has shape " + text_of(found->second.shape) + ", not " +
                         text_of(shape));
    } else if (!all_finite(found->second)) {
      problems.push_back(name + " holds a NaN or an infinity");
    }
  }
  for (const auto& [name, view] : views) {
    if (!wanted.contains(name)) problems.push_back(name + " is not a tensor of this network");
  }
  return problems;
}

AlignedBuffer<float> floats_of(const WeightView& view) {
  AlignedBuffer<float> floats(count_of(view));
  for (std::size_t i = 0; i < floats.size(); ++i) floats[i] = view[i];
  return floats;
}

Norm norm_of(const WeightViews& views, const std::string& name) {
  return {floats_of(views.at(name + ".weight")), floats_of(views.at(name + ".bias"))};
}

// Where column `index` of heads padded to a multiple of kGroup comes from; -1 for padding.
int unpadded(const NetworkShape& shape, int index) {
  const int head = index / shape.padded_head_width();
  const int within = index % shape.padded_head_width();
  return within < shape.head_width() ? head * shape.head_width() + within : -1;
}

Matrix plain_matrix(WeightStore& store, Precision precision, const WeightView& weight,
                    const WeightView& bias) {
  const int outputs = static_cast<int>(weight.shape[1]);
  return Matrix(
      store, precision, static_cast<int>(weight.shape[0]), outputs,
      [&](int i, int o) { return weight[static_cast<std::size_t>(i) * outputs + o]; },
      [&](int o) { return bias[static_cast<std::size_t>(o)]; });
}

Matrix attention_matrix(WeightStore& store, Precision precision, const NetworkShape& shape,
                        const WeightView& weight, const WeightView& bias) {
  const int part = shape.attention_width();
  const auto source = [&, part](int o) {
    const int column = unpadded(shape, o % part);
    return column < 0 ? -1 : o / part * shape.width + column;
  };
  const std::size_t columns = 3 * static_cast<std::size_t>(shape.width);
  return Matrix(
      store, precision, shape.width, 3 * part,
      [&](int i, int o) { return source(o) < 0 ? 0.0f : weight[i * columns + source(o)]; },
      [&](int o) { return source(o) < 0 ? 0.0f : bias[static_cast<std::size_t>(source(o))]; });
}

Matrix projection_matrix(WeightStore& store, Precision precision, const NetworkShape& shape,
                         const WeightView& weight, const WeightView& bias) {
  const std::size_t columns = static_cast<std::size_t>(shape.width);
  return Matrix(
      store, precision, shape.attention_width(), shape.width,
      [&](int i, int o) {
        const int row = unpadded(shape, i);
        return row < 0 ? 0.0f : weight[row * columns + o];
      },
      [&](int o) { return bias[static_cast<std::size_t>(o)]; });
}

Matrix head_matrix(WeightStore& store, Precision precision, const NetworkShape& shape,
                   const WeightView& weight) {
  const std::size_t columns = static_cast<std::size_t>(shape.width);
  return Matrix(
      store, precision, shape.width, shape.vocab_size,
      [&](int i, int o) { return weight[o * columns + i]; }, [](int) { return 0.0f; });
}

Block block_of(WeightStore& store, const NetworkShape& shape, const WeightViews& views,
               Precision precision, int index) {
  const auto view = [&](std::string_view part) -> const WeightView& {
    return views.at(block_name(index, part));
  };
  return {norm_of(views, block_name(index, "ln_1")),
          attention_matrix(store, precision, shape, view("attn.c_attn.weight"),
                           view("attn.c_attn.bias")),
          projection_matrix(store, precision, shape, view("attn.c_proj.weight"),
                            view("attn.c_proj.bias")),
          norm_of(views, block_name(index, "ln_2")),
          plain_matrix(store, precision, view("mlp.c_fc.weight"), view("mlp.c_fc.bias")),
          plain_matrix(store, precision, view("mlp.c_proj.weight"), view("mlp.c_proj.bias"))};
}

const WeightView& head_view(const WeightViews& views) {
  const auto found = views.find("lm_head.weight");
  return found == views.end() ? views.at("transformer.wte.weight") : found->second;
}

}  // namespace

float WeightView::operator[](std::size_t index) const {
  if (type == WeightType::float32) return static_cast<const float*>(data)[index];
  const std::uint16_t bits = static_cast<const std::uint16_t*>(data)[index];
  return type == WeightType::float16 ? from_half(bits)
                                     : std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

void check_weights(const NetworkShape& shape, const WeightViews& views) {
  check_sizes(shape);
  Shapes wanted = wanted_shapes(shape);
  if (views.contains("lm_head.weight")) wanted["lm_head.weight"] = {shape.vocab_size, shape.width};
  const std::vector<std::string> problems = problems_of(wanted, views);
  if (problems.empty()) return;
  std::string text;
  for (std::size_t i = 0; i < std::min(problems.size(), kProblemsShown); ++i) {
    text += (i == 0 ? "" : "; ") + problems[i];
  }
  const std::size_t more = problems.size() - std::min(problems.size(), kProblemsShown);
  throw BadWeights(text + (more == 0 ? "" : "; and " + std::to_string(more) + " more"));
}

Weights::Weights(const NetworkShape& shape, const WeightViews& views, Precision precision)
    : store(stored_bytes(shape, precision)),
      token_embedding(floats_of(views.at("transformer.wte.weight"))),
      position_embedding(floats_of(views.at("transformer.wpe.weight"))),
      final_norm(norm_of(views, "transformer.ln_f")),
      head(head_matrix(store, precision, shape, head_view(views))) {
  for (int b = 0; b < shape.layers; ++b)
    blocks.push_back(block_of(store, shape, views, precision, b));
}

std::size_t Weights::stored_bytes(const NetworkShape& shape, Precision precision) {
  const std::size_t block =
      Matrix::stored_bytes(precision, shape.width, 3 * shape.attention_width()) +
      Matrix::stored_bytes(precision, shape.attention_width(), shape.width) +
      Matrix::stored_bytes(precision, shape.width, shape.inner_width()) +
      Matrix::stored_bytes(precision, shape.inner_width(), shape.width);
  return shape.layers * block + Matrix::stored_bytes(precision, shape.width, shape.vocab_size);
}

std::size_t Weights::bytes(const NetworkShape& shape, Precision precision) {
  const std::size_t embeddings = static_cast<std::size_t>(shape.vocab_size) + shape.positions;
  const std::size_t block = Matrix::bytes(precision, shape.width, 3 * shape.attention_width()) +
                            Matrix::bytes(precision, shape.attention_width(), shape.width) +
                            Matrix::bytes(precision, shape.width, shape.inner_width()) +
                            Matrix::bytes(precision, shape.inner_width(), shape.width) +
                            4 * static_cast<std::size_t>(shape.width) * sizeof(float);
  return embeddings * shape.width * sizeof(float) + shape.layers * block +
         Matrix::bytes(precision, shape.width, shape.vocab_size);
}

}  // namespace descant
