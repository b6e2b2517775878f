#include "metrics/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

constexpr double kMostFalse = 0.3;
constexpr int64_t kThresholds = 300;

/// The mean over `values` of the share of `sorted` that lies below, ties counted half.
double mean_share_below(const at::Tensor& sorted, const at::Tensor& values) {
  const auto below = at::searchsorted(sorted, values, /*out_int32=*/false, /*right=*/false).to(at::kDouble);
  const auto up_to = at::searchsorted(sorted, values, /*out_int32=*/false, /*right=*/true).to(at::kDouble);
  return ((below + up_to) / 2).mean().item<double>() / static_cast<double>(sorted.numel());
}

/// The map values of each 8-connected region of one image's mask, sorted.
void add_regions(const at::Tensor& map, const at::Tensor& mask, std::vector<std::vector<float>>& regions) {
  const int64_t height = mask.size(0), width = mask.size(1);
  const float* value = map.const_data_ptr<float>();
  const bool* defect = mask.const_data_ptr<bool>();
  std::vector<bool> seen(static_cast<size_t>(height * width));
  for (int64_t start = 0; start < height * width; ++start) {
    if (!defect[start] || seen[static_cast<size_t>(start)]) continue;
    std::vector<float> region;
    std::vector<int64_t> open = {start};
    seen[static_cast<size_t>(start)] = true;
    while (!open.empty()) {
      const int64_t place = open.back(), y = place / width, x = place % width;
      open.pop_back();
      region.push_back(value[place]);
      for (int64_t near_y = std::max<int64_t>(y - 1, 0); near_y <= std::min(y + 1, height - 1); ++near_y) {
        for (int64_t near_x = std::max<int64_t>(x - 1, 0); near_x <= std::min(x + 1, width - 1); ++near_x) {
          const int64_t next = near_y * width + near_x;
          if (!defect[next] || seen[static_cast<size_t>(next)]) continue;
          seen[static_cast<size_t>(next)] = true;
          open.push_back(next);
        }
      }
    }
    std::sort(region.begin(), region.end());
    regions.push_back(std::move(region));
  }
}

}  // namespace

double auroc(const at::Tensor& normal, const at::Tensor& anomalous) {
  if (normal.numel() == 0 || anomalous.numel() == 0) return std::numeric_limits<double>::quiet_NaN();
  const auto sorted = std::get<0>(normal.flatten().to(at::kDouble).sort());
  return mean_share_below(sorted, anomalous.flatten().to(at::kDouble));
}

double auroc_error(double measured, int64_t normal, int64_t anomalous) {
  const auto n = static_cast<double>(normal), m = static_cast<double>(anomalous);
  // Of an area of 0 or 1, the formula would be certain, however few there are: half a pair is taken to be the other
  // way.
  const double area = std::clamp(measured, 0.5 / (n * m), 1 - 0.5 / (n * m));
  const double both_above = area / (2 - area), one_above = 2 * area * area / (1 + area);
  return std::sqrt((area * (1 - area) + (m - 1) * (both_above - area * area) + (n - 1) * (one_above - area * area)) /
                   (n * m));
}

double per_region_overlap(const std::vector<at::Tensor>& maps, const std::vector<at::Tensor>& masks) {
  if (maps.size() != masks.size()) {
    fail("per_region_overlap: received {} maps and {} masks, accepted: equally many", maps.size(), masks.size());
  }
  std::vector<std::vector<float>> regions;
  std::vector<at::Tensor> around = {at::empty({0}, at::kFloat)};
  for (size_t i = 0; i < maps.size(); ++i) {
    if (maps[i].dim() != 2 || maps[i].sizes() != masks[i].sizes()) {
      fail("per_region_overlap: received a map and a mask of {} and {} dimensions, accepted: two of one shape [H, W]",
           maps[i].dim(), masks[i].dim());
    }
    const auto values = maps[i].to(at::kFloat).contiguous();
    const auto defects = (masks[i] > 0.5).contiguous();
    add_regions(values, defects, regions);
    around.push_back(values.masked_select(defects.logical_not()));
  }
  const auto normal = std::get<0>(at::cat(around).sort());
  if (regions.empty() || normal.numel() == 0) return std::numeric_limits<double>::quiet_NaN();

  const auto overlap = [&](float threshold) {
    double sum = 0;
    for (const auto& region : regions) {
      const auto above = region.end() - std::upper_bound(region.begin(), region.end(), threshold);
      sum += static_cast<double>(above) / static_cast<double>(region.size());
    }
    return sum / static_cast<double>(regions.size());
  };
  // Thresholds from that which no normal pixel exceeds down to that which 30 % do.
  double area = 0, last_share = 0, last_overlap = 0;
  for (int64_t i = 0; i <= kThresholds; ++i) {
    const double wanted = kMostFalse * static_cast<double>(i) / kThresholds;
    const auto place = static_cast<int64_t>((1 - wanted) * static_cast<double>(normal.numel() - 1));
    const float threshold = normal[place].item<float>();
    const auto share = normal.gt(threshold).sum().item<double>() / static_cast<double>(normal.numel());
    const double now = overlap(threshold);
    if (i > 0) area += (share - last_share) * (now + last_overlap) / 2;
    last_share = share, last_overlap = now;
  }
  return last_share > 0 ? area / last_share : last_overlap;
}

}  // namespace forger
