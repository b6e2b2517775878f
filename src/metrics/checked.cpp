#include "metrics/checked.h"

#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"

namespace forger {
namespace {

at::Tensor checked_values(const at::Tensor& values, const char* what, at::ScalarType type) {
  const auto result = values.detach().to(at::kCPU, type).contiguous();
  if (!at::isfinite(result).all().item<bool>()) {
    fail("{}: received NaN or infinity among {} numbers, accepted: finite numbers", what, result.numel());
  }
  return result;
}

}  // namespace

at::Tensor checked_matrix(const at::Tensor& features, const char* what, int64_t least_rows, at::ScalarType type) {
  if (!features.defined() || features.dim() != 2 || features.size(1) < 1) {
    fail("{}: received {}, accepted: a matrix [N, d] with one row per image", what,
         features.defined() ? fmt::format("{} dimensions", features.dim()) : "nothing");
  }
  if (features.size(0) < least_rows) {
    fail("{}: received {} rows, accepted: {} or more", what, features.size(0), least_rows);
  }
  return checked_values(features, what, type);
}

at::Tensor checked_scores(const at::Tensor& scores, const char* what, int64_t least) {
  if (!scores.defined() || scores.numel() < least) {
    fail("{}: received {} numbers, accepted: {} or more", what, scores.defined() ? scores.numel() : 0, least);
  }
  return checked_values(scores.flatten(), what, at::kDouble);
}

void check_same_width(const at::Tensor& first, const char* first_what, const at::Tensor& second,
                      const char* second_what) {
  if (first.size(1) != second.size(1)) {
    fail("{}: received {} columns, accepted: {}, as the {} have", second_what, second.size(1), first.size(1),
         first_what);
  }
}

at::Tensor squared_distances(const at::Tensor& first, const at::Tensor& second) {
  constexpr double kRounding = 1e-12;
  const auto norms = first.square().sum(1, true) + second.square().sum(1).unsqueeze(0);
  const auto distances = at::addmm(norms, first, second.t(), 1, -2);
  return distances.masked_fill_(distances < norms * kRounding, 0);
}

at::Tensor thinned(const at::Tensor& rows, int64_t count, uint64_t seed) {
  if (rows.size(0) <= count) return rows;
  auto random = make_random(seed);
  return rows.index_select(0, at::randperm(rows.size(0), random, at::kLong).narrow(0, 0, count));
}

}  // namespace forger
