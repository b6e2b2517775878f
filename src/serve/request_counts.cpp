#include "serve/request_counts.h"

#include <fmt/format.h>

#include <iterator>

namespace forger {

void RequestCounts::add(const std::string& task, int status, double seconds) {
  const std::lock_guard lock(mutex_);
  ++answers_[{task, status}];
  ++times_[task].count;
  times_[task].seconds += seconds;
}

std::string RequestCounts::text(const Batcher::Counts& batches) const {
  std::string text;
  const auto line = [&text]<class... Arguments>(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    fmt::format_to(std::back_inserter(text), format, std::forward<Arguments>(arguments)...);
    text += '\n';
  };
  const std::lock_guard lock(mutex_);
  line("# HELP forger_requests_total Requests answered.\n# TYPE forger_requests_total counter");
  for (const auto& [answer, count] : answers_) {
    line("forger_requests_total{{task=\"{}\",status=\"{}\"}} {}", answer.first, answer.second, count);
  }
  line("# HELP forger_request_seconds Time from a request to its answer.\n# TYPE forger_request_seconds summary");
  for (const auto& [task, time] : times_) {
    line("forger_request_seconds_sum{{task=\"{}\"}} {:.6f}", task, time.seconds);
    line("forger_request_seconds_count{{task=\"{}\"}} {}", task, time.count);
  }
  const auto number = [&line](const char* name, const char* kind, const char* what, int64_t value) {
    line("# HELP {} {}\n# TYPE {} {}\n{} {}", name, what, name, kind, name, value);
  };
  number("forger_model_runs_total", "counter", "Times that the model ran.", batches.runs);
  number("forger_model_works_total", "counter", "Requests that it ran for.", batches.works);
  number("forger_model_rows_total", "counter", "Images that it ran for.", batches.rows);
  number("forger_waiting", "gauge", "Requests that wait for the model.", batches.waiting);
  return text;
}

}  // namespace forger
