#include "core/team.h"

#include <cmath>
#include <map>

#include "core/fail.h"
#include "core/torch.h"

namespace forger {
namespace {

thread_local Team *team_of_step = nullptr, *team_of_statistics = nullptr;

/// A tensor's numbers as they lie in memory.
at::Tensor flat(const at::Tensor& tensor) {
  return tensor.is_non_overlapping_and_dense() ? tensor.as_strided({tensor.numel()}, {1}) : tensor.reshape({-1});
}

/// Each process makes the same of all rows, so that what comes back for its own is already the whole; the mean over the
/// team divides by its size.
class GatherRows : public torch::autograd::Function<GatherRows> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& rows, Team* team) {
    context->saved_data["first"] = team->rank() * rows.size(0);
    context->saved_data["count"] = rows.size(0);
    context->saved_data["size"] = team->size();
    return team->gather(rows);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    auto& saved = context->saved_data;
    const auto mine = gradients[0].narrow(0, saved["first"].toInt(), saved["count"].toInt());
    return {static_cast<double>(saved["size"].toInt()) * mine, {}};
  }
};

class MeanOfTeam : public torch::autograd::Function<MeanOfTeam> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext*, const at::Tensor& mean, Team* team) {
    const auto sum = mean.detach().clone(at::MemoryFormat::Contiguous);
    team->sum(sum);
    return sum / static_cast<double>(team->size());
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext*,
                                                 torch::autograd::variable_list gradients) {
    return {gradients[0], {}};
  }
};

/// The first line in which two texts differ.
std::pair<std::string, std::string> difference(const std::string& one, const std::string& other) {
  const auto lines = split(one, '\n'), others = split(other, '\n');
  for (size_t i = 0; i < std::max(lines.size(), others.size()); ++i) {
    const auto line = i < lines.size() ? lines[i] : "", its = i < others.size() ? others[i] : "";
    if (line != its) return {std::string(line), std::string(its)};
  }
  return {};
}

}  // namespace

Message::Message(std::vector<at::Tensor> tensors) : tensors_(std::move(tensors)) {
  torch::NoGradGuard no_grad;
  std::vector<at::Tensor> parts;
  for (const auto& tensor : tensors_) parts.push_back(flat(tensor));
  numbers_ = at::cat(parts);
}

void Message::deliver() const {
  torch::NoGradGuard no_grad;
  int64_t first = 0;
  for (const auto& tensor : tensors_) {
    const auto piece = numbers_.narrow(0, first, tensor.numel());
    if (tensor.is_non_overlapping_and_dense()) {
      flat(tensor).copy_(piece);
    } else {
      at::Tensor(tensor).copy_(piece.view(tensor.sizes()));
    }
    first += tensor.numel();
  }
}

ItemRows Team::rows(int64_t of) const {
  if (of % size_ != 0) {
    const int64_t below = of / size_ * size_;
    fail("training.batch_size: received {} items for {} processes, accepted: a number that they share evenly ({}{})",
         of, size_, below > 0 ? fmt::format("{} or ", below) : "", below + size_);
  }
  const int64_t count = of / size_;
  return {rank_ * count, count, of};
}

void Team::share(const std::vector<at::Tensor>& tensors) {
  std::map<std::pair<at::ScalarType, c10::DeviceType>, std::vector<at::Tensor>> alike;
  for (const auto& tensor : tensors) alike[{tensor.scalar_type(), tensor.device().type()}].push_back(tensor);
  for (const auto& [kind, some] : alike) {
    Message message(some);
    share(message.numbers());
    message.deliver();
  }
}

bool Team::all(bool mine) {
  const auto count = at::full({1}, mine ? 1.0 : 0.0, at::kDouble);
  sum(count);
  return count.item<double>() > static_cast<double>(size_) - 0.5;
}

void Team::expect_same(const std::string& mine) {
  const auto all = texts(mine);
  for (size_t other = 1; other < all.size(); ++other) {
    if (all[other] == all[0]) continue;
    const auto [first, its] = difference(all[0], all[other]);
    throw TeamError(fmt::format("rank {}: received {}, accepted: {}, as rank 0 has it", other, its, first),
                    /*is_told=*/rank_ != 0);
  }
}

Team* present_team() { return team_of_step; }

Team* present_team_of_statistics() { return team_of_statistics; }

TeamStep::TeamStep(Team* team, bool shares_statistics) {
  team_of_step = team;
  team_of_statistics = shares_statistics ? team : nullptr;
}

TeamStep::~TeamStep() { team_of_step = team_of_statistics = nullptr; }

at::Tensor of_whole_batch(const at::Tensor& rows) {
  return team_of_step == nullptr ? rows : GatherRows::apply(rows, team_of_step);
}

at::Tensor own_rows(const at::Tensor& all, int64_t count) {
  return team_of_step == nullptr ? all : all.narrow(0, team_of_step->rank() * count, count);
}

at::Tensor mean_of_team(const at::Tensor& mean) {
  return team_of_step == nullptr ? mean : MeanOfTeam::apply(mean, team_of_step);
}

bool is_finite_everywhere(double number) {
  return team_of_step == nullptr ? std::isfinite(number) : team_of_step->all(std::isfinite(number));
}

}  // namespace forger
