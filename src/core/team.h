#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/item_rows.h"
#include "core/text.h"
#include "forger/team.h"

namespace forger {

struct Gpu;

/// Processes that do one piece of work together; of a training, each works on its rows of every batch. All of them call
/// the same functions in the same order, but for `look` and `leave`. Every function throws TeamError when another
/// process is gone.
class Team {
 public:
  virtual ~Team() = default;

  int64_t rank() const { return rank_; }
  int64_t size() const { return size_; }
  /// How often all of them have been started before.
  int64_t restarts() const { return restarts_; }
  /// Whether they may be started again.
  bool may_restart() const { return may_restart_; }
  /// What this process works on of batches, or parts of them, of `of` items. Throws Error unless they can be shared out
  /// evenly.
  ItemRows rows(int64_t of) const;

  /// Lets numbers on GPUs travel from one to the other, where each process has one of its own, and NCCL. Returns why
  /// they do not; "" where they do, or where nobody has one.
  virtual std::string connect_gpus(const Gpu& mine) = 0;

  /// Adds up the numbers of all processes, times `factor`, in place, in one message. All have tensors of the same
  /// sizes, all of one type: float32, float64 or int64.
  virtual void sum(const std::vector<at::Tensor>& numbers, double factor) = 0;
  /// Whether sums of such numbers travel while this process computes; else they are its own work.
  virtual bool sums_meanwhile(const at::Tensor& numbers) const = 0;
  /// Begins `sum`, and returns what waits for its end. Until then the tensors keep what this process has.
  virtual std::function<void()> begin_sum(const std::vector<at::Tensor>& numbers, double factor) = 0;
  /// The rows of all processes, those of rank 0 first.
  virtual at::Tensor gather(const at::Tensor& rows) = 0;
  /// Gives everyone rank 0's numbers, in place. Contiguous.
  virtual void share(const at::Tensor& numbers) = 0;
  /// Everyone's text, by rank.
  virtual std::vector<std::string> texts(const std::string& mine) = 0;
  /// Tells the others why this process leaves.
  virtual void leave(const std::string& reason) = 0;
  /// Looks whether the others are there, at most once a second: for work between which nothing is exchanged.
  virtual void look() = 0;

  /// Bytes that this process has handed to the others so far.
  int64_t bytes_sent() const { return bytes_sent_; }

  /// Rank 0's text.
  std::string text(const std::string& mine) { return texts(rank_ == 0 ? mine : "")[0]; }
  /// Adds up the numbers of all processes, in place.
  void sum(const at::Tensor& numbers) { sum(std::vector<at::Tensor>{numbers}, 1); }
  /// Gives everyone rank 0's tensors, in place, in few messages. All have the same ones.
  void share(const std::vector<at::Tensor>& tensors);
  /// Makes tensors the mean of everyone's, in place, in one message.
  void average(const std::vector<at::Tensor>& tensors) { sum(tensors, 1 / static_cast<double>(size_)); }
  /// Whether it is so for everyone.
  bool all(bool mine);
  /// Throws TeamError, everywhere, unless everyone has rank 0's text; it names the first line that differs.
  void expect_same(const std::string& mine);

 protected:
  explicit Team(const TeamOptions& options)
      : rank_(options.rank), size_(options.size), restarts_(options.restarts), may_restart_(options.may_restart) {}
  void count_bytes(int64_t bytes) { bytes_sent_ += bytes; }

 private:
  int64_t rank_, size_, restarts_;
  bool may_restart_;
  int64_t bytes_sent_ = 0;
};

/// Does a process's part in what a team does (null: one that works alone). What goes wrong in it is told to the others:
/// rank 0's own errors are for its caller to say, and those of others rank 0's.
template <class Part>
auto in_team(Team* team, const Part& part) {
  if (team == nullptr) return part();
  try {
    return part();
  } catch (const TeamError&) {
    throw;  // the others find the one that is gone by themselves, and are not to take this one for it
  } catch (const std::exception& error) {
    team->leave(first_line(error.what()));
    if (team->rank() == 0) throw;
    throw TeamError(error.what(), /*is_told=*/true);
  }
}

/// The team of the step that this thread is in; null outside of one, and where a process trains alone. Networks, games
/// and players ask it where what they do depends on the whole batch.
Team* present_team();
/// The same for batch statistics: null also where each process has its own.
Team* present_team_of_statistics();

/// Tensors of one type, copied into one message.
class Message {
 public:
  explicit Message(std::vector<at::Tensor> tensors);
  /// [all their numbers], to be changed in place.
  at::Tensor& numbers() { return numbers_; }
  /// Copies the numbers back into the tensors.
  void deliver() const;

 private:
  std::vector<at::Tensor> tensors_;
  at::Tensor numbers_;
};

/// While it lives, a team is this thread's present one. Null is none.
class TeamStep {
 public:
  TeamStep(Team* team, bool shares_statistics);
  ~TeamStep();
  TeamStep(const TeamStep&) = delete;
  TeamStep& operator=(const TeamStep&) = delete;
};

/// Rows of the whole batch, from those of this process; where it trains alone, the rows themselves. What is made of
/// them is the same everywhere; gradients of it are those of the whole batch once they are averaged over the team.
at::Tensor of_whole_batch(const at::Tensor& rows);

/// The other way round: those `count` rows of the whole batch's that are this process's.
at::Tensor own_rows(const at::Tensor& all, int64_t count);

/// The whole batch's mean, from the means of the processes' rows; gradients as above.
at::Tensor mean_of_team(const at::Tensor& mean);

/// Whether a number is finite in every process.
bool is_finite_everywhere(double number);

}  // namespace forger
