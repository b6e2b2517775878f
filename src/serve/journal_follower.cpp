#include "serve/journal_follower.h"

#include "run/journal.h"

namespace forger {

bool JournalFollower::read(const std::function<bool(const std::string&)>& take, const std::function<void()>& forget) {
  constexpr int64_t kLinesAtOnce = 4096;
  bool is_new = false;
  while (true) {
    const auto part = read_journal(path_, place_, kLinesAtOnce);
    place_ = part.end;
    if (part.again) {
      unreadable_ = 0;
      forget();
    }
    for (const auto& line : part.entries) unreadable_ += take(line) ? 0 : 1;
    is_new = is_new || part.again || !part.entries.empty();
    if (static_cast<int64_t>(part.entries.size()) < kLinesAtOnce) return is_new;
  }
}

}  // namespace forger
