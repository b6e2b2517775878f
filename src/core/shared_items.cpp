#include "core/shared_items.h"

#include <algorithm>
#include <cstring>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

/// So much of each process's bytes travels at once: everyone gets everyone's, and only rank 0 keeps them.
constexpr int64_t kMessageBytes = int64_t{8} << 20;

}  // namespace

std::vector<std::string> bytes_of_all(Team& team, const std::string& mine) {
  const auto length = static_cast<int64_t>(mine.size());
  const auto lengths = team.gather(at::full({1}, length, at::kLong));
  const int64_t longest = lengths.max().item<int64_t>();
  std::vector<std::string> all(team.rank() == 0 ? static_cast<size_t>(team.size()) : 0);
  for (int64_t first = 0; first < longest; first += kMessageBytes) {
    const int64_t count = std::min(kMessageBytes, longest - first), own = std::clamp<int64_t>(length - first, 0, count);
    const auto message = at::zeros({1, count}, at::kByte);
    if (own > 0) std::memcpy(message.mutable_data_ptr<uint8_t>(), mine.data() + first, static_cast<size_t>(own));
    const auto rows = team.gather(message);
    for (size_t rank = 0; rank < all.size(); ++rank) {
      const auto row = static_cast<int64_t>(rank);
      const int64_t its = std::clamp<int64_t>(lengths[row].item<int64_t>() - first, 0, count);
      const auto* bytes = reinterpret_cast<const char*>(rows.const_data_ptr<uint8_t>()) + row * count;
      all[rank].append(bytes, static_cast<size_t>(its));
    }
  }
  return all;
}

void SharedItems::expect_same(const std::string& what) const {
  if (team_) team_->expect_same(what);
}

bool SharedItems::goes_on() {
  if (!team_ || lost_) return !lost_;
  try {
    team_->look();
  } catch (const TeamError&) {
    lost_ = std::current_exception();
  }
  return !lost_;
}

void SharedItems::report(int64_t item, nlohmann::json report) {
  if (team_) {
    reports_.emplace_back(item, std::move(report));
  } else {
    tell_(item, report);
  }
}

void SharedItems::finish() {
  if (!team_) return;
  if (lost_) std::rethrow_exception(lost_);
  std::string mine;
  nlohmann::json::to_cbor(nlohmann::json(std::exchange(reports_, {})), mine);
  std::vector<std::pair<int64_t, nlohmann::json>> reports;
  for (auto& bytes : bytes_of_all(*team_, mine)) {
    for (auto& report : nlohmann::json::from_cbor(bytes))
      reports.emplace_back(report[0].get<int64_t>(), std::move(report[1]));
    bytes.clear();
  }
  std::ranges::stable_sort(reports, {}, [](const auto& report) { return report.first; });
  for (const auto& [item, report] : reports) tell_(item, report);
}

int64_t SharedItems::sum(int64_t mine) const {
  if (!team_) return mine;
  const auto all = at::full({1}, mine, at::kLong);
  team_->sum(all);
  return all.item<int64_t>();
}

}  // namespace forger
