#include "core/item_random.h"

#include <ATen/Parallel.h>
#include <ATen/core/PhiloxRNGEngine.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/random.h"

namespace forger {
namespace {

constexpr int64_t kNumbersAThread = 4096;

/// In [0, 1), a multiple of 2^-24: each is a float32.
float share(at::Philox4_32& engine) { return static_cast<float>(engine() >> 8) * 0x1p-24F; }

/// `write(engine, row)` for each row, with the engine of its item.
template <class Write>
at::Tensor rows_of(at::IntArrayRef sizes, const ItemRows& rows, uint64_t key, const Write& write) {
  at::Tensor numbers = at::empty(sizes, at::kFloat);
  if (numbers.numel() == 0) return numbers;
  const int64_t count = sizes[0], length = numbers.numel() / count;
  auto* first = numbers.mutable_data_ptr<float>();
  at::parallel_for(0, count, std::max<int64_t>(kNumbersAThread / length, 1), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
      at::Philox4_32 engine(key, static_cast<uint64_t>(rows.of_all(item)));
      write(engine, first + item * length, length);
    }
  });
  return numbers;
}

}  // namespace

uint64_t ItemRandom::next_key() const { return derive_seed(state_->seed, Stream::item_draw, state_->draws++); }

at::Tensor ItemRandom::uniform(at::IntArrayRef sizes, double low, double high) const {
  const auto from = static_cast<float>(low), span = static_cast<float>(high - low);
  const float highest = std::nextafter(static_cast<float>(high), from);  // what rounding may not pass
  return rows_of(sizes, rows_, next_key(), [&](at::Philox4_32& engine, float* row, int64_t length) {
    for (int64_t i = 0; i < length; ++i) row[i] = std::min(from + span * share(engine), highest);
  });
}

at::Tensor ItemRandom::normal(at::IntArrayRef sizes) const {
  return rows_of(sizes, rows_, next_key(), [&](at::Philox4_32& engine, float* row, int64_t length) {
    for (int64_t i = 0; i < length; i += 2) {
      const float radius = std::sqrt(-2 * std::log(1 - share(engine)));
      const float angle = 2 * std::numbers::pi_v<float> * share(engine);
      row[i] = radius * std::cos(angle);
      if (i + 1 < length) row[i + 1] = radius * std::sin(angle);
    }
  });
}

int64_t ItemRandom::whole(int64_t count) const {
  return static_cast<int64_t>(next_key() % static_cast<uint64_t>(count));
}

ItemRandom ItemRandom::branch() const { return ItemRandom(next_key(), rows_); }

ItemRandom ItemRandom::for_all() const {
  ItemRandom all = *this;
  all.rows_ = {};
  return all;
}

}  // namespace forger
