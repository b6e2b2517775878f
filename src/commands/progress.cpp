#include "commands/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "commands/output.h"
#include "commands/print_verdict.h"
#include "commands/terminal.h"
#include "core/json.h"
#include "core/plural.h"
#include "core/team.h"
#include "core/text.h"
#include "core/utf8.h"
#include "referee/verdict.h"
#include "run/journal.h"
#include "run/run_folder.h"

namespace forger::commands {
namespace {

constexpr double kPlainSeconds = 5;

std::string percent(double share) { return fmt::format("{:.1f} %", share * 100); }

}  // namespace

Progress::Progress(Show show, std::shared_ptr<Team> team) : show_(show), team_(std::move(team)) {}

TrainingHooks Progress::hooks() {
  return {.on_start =
              [this](const Config& config) {
                budget_ = config.training;
                data_ = game_named(config.game).data;
              },
          .on_step = [this](const StepReport& report) { on_step(report); },
          .on_verdict = [this](const Verdict& verdict) { on_verdict(verdict); },
          .on_message = [this](const std::string& text) { on_message(text); },
          .stop_requested = StopSignal::received,
          .objective = nullptr,
          .team = team_};
}

void Progress::on_step(const StepReport& report) {
  if (first_.step == 0) first_ = report;
  last_ = report;
  waited_ += report.data_wait_seconds;
  stepped_ += report.step_seconds;
  if (show_ == Show::json) print("{}\n", to_json(report));
  if (show_ != Show::progress) return;
  if (live_.is_seen()) {
    if (live_.is_due()) live_.show(line(report));
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (shown_ && std::chrono::duration<double>(now - last_shown_).count() < kPlainSeconds) return;
  shown_ = true;
  last_shown_ = now;
  print("{}\n", line(report));
}

void Progress::on_verdict(const Verdict& verdict) {
  const bool is_news = !verdict_ || verdict_->state != verdict.state;
  verdict_ = verdict;
  if (!is_news || verdict.state == State::warming_up) return;
  if (show_ == Show::json) {
    print("{}\n", to_json(verdict));
  } else {
    on_message(fmt::format("step {}: {}: {}", verdict.step, bold(state_name(verdict.state)), verdict.sentence));
  }
}

void Progress::on_message(const std::string& text) {
  if (show_ != Show::progress) return;
  live_.clear();
  print("{}\n", text);
}

std::string Progress::line(const StepReport& report) const {
  std::string text = fmt::format("step {}", report.step);
  if (budget_.steps > 0) text += fmt::format("/{}", budget_.steps);
  text += fmt::format(" | {:.0f} images/s | {} left", report.images_per_second, format_duration(seconds_left(report)));
  text += " | loss";
  const bool duels = report.losses.contains("discriminator");
  for (const auto& [name, loss] : report.losses) {
    const auto shown = name == "generator" ? "G" : name == "discriminator" ? "D" : name;
    if (!duels || shown != name || name == "pixels" || name == "way_back" || name == "contrast")
      text += fmt::format(" {} {:.3f}", shown, loss);
  }
  if (duels && std::isfinite(report.real.p_real)) {
    text += fmt::format(" | p(real) real {:.2f} fake {:.2f}", report.real.p_real, report.fake.p_real);
  } else if (duels) {
    text += fmt::format(" | score real {:.2f} fake {:.2f}", report.real.mean, report.fake.mean);
  }
  text += fmt::format(" | data wait {}", percent(stepped_ > 0 ? waited_ / stepped_ : 0));
  if (!verdict_) return text;
  text += " | " + state_name(verdict_->state);
  if (verdict_->check_seconds > kLongCheckSeconds)
    text += fmt::format(" (check took {:.1f} s)", verdict_->check_seconds);
  return text;
}

double Progress::seconds_left(const StepReport& report) const {
  double left = std::numeric_limits<double>::infinity();
  const double seconds = report.seconds - first_.seconds;
  const auto consider = [&](double now, double at_first, double budget) {
    if (budget > 0 && now > at_first) left = std::min(left, (budget - now) * seconds / (now - at_first));
  };
  consider(static_cast<double>(report.step), static_cast<double>(first_.step), static_cast<double>(budget_.steps));
  consider(static_cast<double>(report.images), static_cast<double>(first_.images), static_cast<double>(budget_.images));
  if (budget_.minutes > 0) left = std::min(left, budget_.minutes * 60 - report.seconds);
  return std::max(left, 0.0);
}

int Progress::finish(const TrainingResult& result) {
  live_.clear();
  const bool diverged = result.end == TrainingEnd::diverged;
  if (team_ && team_->rank() > 0) return diverged ? 1 : 0;  // rank 0 says it
  const std::string folder = result.run_folder.string();
  if (show_ == Show::json) {
    print("{}\n",
          json_text(
              {{"end", end_name(result.end)}, {"run", folder}, {"step", result.step}, {"seconds", result.seconds}}));
    return diverged ? 1 : 0;
  }
  if (show_ == Show::progress && last_.step > 0) print("{}\n", line(last_));
  if (show_ == Show::progress && result.verdict) print_verdict(*result.verdict, folder, Texts::in("en"));
  if (diverged) {
    print("diverged at step {}; see {}/verdicts.jsonl\n", result.step, printable(folder));
    return 1;
  }
  if (result.end == TrainingEnd::stopped) {
    print("stopped at step {}; go on with: forger resume {}\n", result.step, printable(folder));
  } else if (last_.step == 0) {
    print("nothing to do: the budget was used up at step {0}; more with: forger resume {1} --steps N\n", result.step,
          printable(folder));
  } else if (show_ == Show::progress) {
    print("trained {} in {}\n", counted(result.step, "step"), format_duration(result.seconds));
    print("model    {0}/model.safetensors\npreview  {1}\n", printable(folder),
          printable(RunFolder::open(result.run_folder).preview(result.step).string()));
    switch (data_) {
      case DataKind::images: print("sample   forger sample {} --count 64 --out grid.png\n", printable(folder)); break;
      case DataKind::degraded: print("upscale  forger upscale {} IMAGES --out larger\n", printable(folder)); break;
      case DataKind::pairs:
      case DataKind::sides: print("translate  forger translate {} IMAGES --out translated\n", printable(folder)); break;
    }
  }
  return 0;
}

}  // namespace forger::commands
