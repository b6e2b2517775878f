#include "commands/pictures_call.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "commands/output.h"
#include "commands/output_file.h"
#include "core/crc32c.h"
#include "core/fail.h"
#include "core/files.h"
#include "core/plural.h"
#include "core/utf8.h"

namespace forger::commands {
namespace {

/// Reports of a step: what became of it, or something said of it, with the text.
constexpr const char *kMade = "made", *kThere = "there", *kSkipped = "skipped", *kSaid = "said";

/// What is to be made, for processes that share it: they have to see the same.
std::string files_of(const UpscalePlan& plan) {
  std::string names;
  for (const auto& step : plan.steps) names += step.name + '\0' + step.out.string() + '\0';
  return fmt::format("{} to make (hash of their names {:08x})",
                     counted(static_cast<int64_t>(plan.steps.size()), "file"), crc32c(names));
}

}  // namespace

PicturesCall::PicturesCall(const UpscalePlan& plan, Options options, std::shared_ptr<Team> team)
    : plan_(plan),
      options_(std::move(options)),
      items_(std::move(team), [this](int64_t, const nlohmann::json& report) { tell(report); }),
      progress_(static_cast<int64_t>(plan.steps.size())) {
  if (items_.is_shared()) items_.expect_same(files_of(plan));
}

UpscaleHooks PicturesCall::hooks() {
  return {.goes_on =
              [this](double done) {
                progress_.show(number_, plan_.steps[static_cast<size_t>(number_)].name, done);
                return items_.goes_on() && !StopSignal::received();
              },
          .on_message = [this](const std::string& text) { items_.report(number_, {{kSaid, text}}); }};
}

void PicturesCall::run(const std::function<bool(const UpscalePlan::Step&)>& work) {
  for (const auto& step : plan_.steps) {
    if (StopSignal::received() || !items_.goes_on()) break;
    std::error_code unknown;
    if (!items_.is_mine(number_)) {
      // Another process makes it.
    } else if (options_.resume && std::filesystem::exists(step.out, unknown)) {
      items_.report(number_, kThere);
      progress_.pass_over();
    } else if (!try_step(step, work)) {
      break;
    }
    ++number_;
  }
  progress_.clear();
  items_.finish();
}

void PicturesCall::tell(const nlohmann::json& report) {
  if (report == kMade) {
    ++made_;
  } else if (report == kThere) {
    ++there_;
  } else if (report.contains(kSaid)) {
    progress_.clear();
    print_error("{}\n", printable(report[kSaid].get<std::string>()));
  } else {
    progress_.clear();
    skipped_.add(report[kSkipped].get<std::string>());
  }
}

int PicturesCall::finish() {
  if (!items_.leads()) return 0;
  skipped_.finish();
  const auto count = static_cast<int64_t>(plan_.steps.size()), done = made_ + there_ + skipped_.count;
  if (there_ > 0) print("{} of {} were there already\n", there_, count);
  if (plan_.made_before > 0) print("left out: {}, which this makes of others\n", counted(plan_.made_before, "input"));
  if (done < count) {
    print_error("stopped after {} of {}\n", done, count);
    return kInterrupted;
  }
  if (skipped_.count == count && count > 0) {
    fail("none of {} can be {}; the first: {}", count, options_.what, skipped_.first);
  }
  if (made_ > 0) print("{} {} to {}\n", made_, options_.what, printable(options_.out));
  return skipped_.count > 0 ? kSomeSkipped : 0;
}

bool PicturesCall::try_step(const UpscalePlan::Step& step, const std::function<bool(const UpscalePlan::Step&)>& work) {
  try {
    prepare_output_file("--out", step.out);
    if (!work(step)) return false;
    items_.report(number_, kMade);
  } catch (const WriteError& error) {
    if (error.ends_all()) throw;
    skip(fmt::format("{}: {}", step.name, error.what()));
  } catch (const Error& error) {
    skip(full_reason(error.what(), step.name));
  }
  return true;
}

void PicturesCall::skip(const std::string& reason) {
  progress_.clear();
  if (plan_.steps.size() == 1) fail("{}", reason);
  items_.report(number_, {{kSkipped, reason}});
}

void say_passed_over(const Inputs& pictures) {
  if (pictures.ignored().empty()) return;
  print_error("passed over: {} (no PNG, JPEG or WebP by name, or no data)\n", passed_over_text(pictures.ignored()));
}

void add_tile(CLI::App& command, const std::string& flags, std::string& tile, const std::string& explanation) {
  command.add_option(flags, tile, explanation)
      ->check([](const std::string& text) {
        const bool is_number = !text.empty() && text.size() < 7 && text.find_first_not_of("0123456789") == text.npos;
        return text == "auto" || is_number ? std::string() : "received " + text + ", accepted: auto, or 32 and more";
      })
      ->capture_default_str();
}

int64_t tile_px_of(const std::string& tile) { return tile == "auto" ? 0 : std::stoll(tile); }

}  // namespace forger::commands
