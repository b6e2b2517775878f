#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/team.h"

namespace forger {

/// The items of a piece of work that processes share: each does every `size`-th, from its rank on. What becomes of an
/// item is reported, and the reports are told in the order of the items: where a process works alone at once, else in
/// the end and by rank 0. Every function throws TeamError when another process is gone, unless it says otherwise.
class SharedItems {
 public:
  using Tell = std::function<void(int64_t item, const nlohmann::json& report)>;

  /// `team`: null where this process works alone. `tell` is given every report.
  SharedItems(std::shared_ptr<Team> team, Tell tell) : team_(std::move(team)), tell_(std::move(tell)) {}

  /// Before the first item, once this process knows what there is to do: `what` says so ("3 inputs ..."). Returns when
  /// all have come so far, and nothing that is made meets those who still look what there is. Throws TeamError where
  /// `what` is not the same everywhere.
  void expect_same(const std::string& what) const;

  /// Whether this process is the one that is told of all.
  bool leads() const { return !team_ || team_->rank() == 0; }
  bool is_shared() const { return team_ != nullptr; }
  bool is_mine(int64_t item) const { return !team_ || item % team_->size() == team_->rank(); }
  /// Between items, and within long ones: whether to go on. False once another process is gone, which `finish` throws.
  bool goes_on();
  /// Of an item of one's own. Names in it may be of any bytes.
  void report(int64_t item, nlohmann::json report);
  /// After the last item. Afterwards rank 0 has been told of all.
  void finish();
  /// Of everyone's numbers.
  int64_t sum(int64_t mine) const;

 private:
  std::shared_ptr<Team> team_;
  Tell tell_;
  std::vector<std::pair<int64_t, nlohmann::json>> reports_;
  std::exception_ptr lost_;
};

/// Everyone's bytes, however many, by rank, for rank 0; empty for the others.
std::vector<std::string> bytes_of_all(Team& team, const std::string& mine);

}  // namespace forger
