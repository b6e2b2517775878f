#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace forger {

/// Area under the ROC curve: the chance that an anomaly scores above a normal item, ties counted half (Mann & Whitney
/// 1947). Scores of any shape; NaN when one side is empty.
double auroc(const at::Tensor& normal, const at::Tensor& anomalous);

/// Its standard error for independent items (Hanley & McNeil 1982), above 0 also where the area is 0 or 1.
double auroc_error(double measured, int64_t normal, int64_t anomalous);

/// Per-region overlap (Bergmann et al. 2020, "Uninformed Students"): the mean share of a defect region that lies above
/// a threshold, as a curve over the share of normal pixels above it, integrated up to 30 % and divided by 30 %. Regions
/// are 8-connected. Of each image its map, float `[H, W]`, and its mask, 1 where defective; images may differ in size.
/// NaN without a region, or without a normal pixel.
double per_region_overlap(const std::vector<at::Tensor>& maps, const std::vector<at::Tensor>& masks);

}  // namespace forger
