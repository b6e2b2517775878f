#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "forger/evaluation.h"
#include "metrics/features.h"

namespace forger {

/// Measures samples, and real images in their place, against reference images.
class Measurement {
 public:
  /// All images float32 `[N, C, H, W]` in [-1, 1]. `training` and `samples` are cut to one count, so that what depends
  /// on the count is the same for both; `net` may be null, and `no_net` says why.
  Measurement(const at::Tensor& samples, const at::Tensor& training, const at::Tensor& reference,
              const at::Tensor& learning, std::shared_ptr<const FeatureNet> net, std::string no_net, uint64_t seed);

  /// Of one name of `evaluation_metrics`. What does not exist for these images has a reason in place of a value.
  std::vector<Measure> measure(const std::string& metric) const;
  /// Of samples, and of training images in their place.
  int64_t count() const { return samples_.images.size(0); }

 private:
  /// One side of a comparison with the reference: samples, or training images in their place.
  struct Side {
    at::Tensor images, features;  // without a net, features have no columns
    int64_t count() const { return images.size(0); }
    Side part(int64_t first, int64_t size) const {
      return {images.narrow(0, first, size), features.narrow(0, first, size)};
    }
  };
  /// A measure as far as it is known before measuring, and the fewest images that it exists for.
  struct Kind {
    std::string name, better;
    double least = 0, most = 0;
    int64_t samples = 1, reference = 1;
  };
  using Statistic = std::function<std::vector<double>(const Side& real, const Side& fake)>;

  Side side(const at::Tensor& images) const;
  /// Why the measure does not exist, or nothing.
  std::string missing(const Kind& kind) const;
  std::vector<Measure> distance(const Kind& kind) const;
  std::vector<Measure> neighbours(const std::vector<Kind>& kinds, int64_t k) const;
  std::vector<Measure> variety(const Kind& kind) const;
  std::vector<Measure> bins(const Kind& kind) const;
  std::vector<Measure> patches(const Kind& kind) const;
  std::vector<Measure> classified(const Kind& kind) const;
  std::vector<Measure> halved(const std::vector<Kind>& kinds, const Statistic& statistic) const;
  static Measure without_value(const Kind& kind, const std::string& reason);

  std::shared_ptr<const FeatureNet> net_;
  std::string no_net_;
  uint64_t seed_;
  Side samples_, training_, reference_;
  at::Tensor learning_;  // features
};

}  // namespace forger
