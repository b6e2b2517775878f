#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "commands/live_line.h"
#include "commands/output.h"
#include "commands/processes.h"
#include "commands/sides_flag.h"
#include "core/fail.h"
#include "core/json.h"
#include "core/plural.h"
#include "core/text.h"
#include "core/utf8.h"
#include "data/doctor.h"
#include "data/export.h"
#include "data/source.h"

namespace forger::commands {
namespace {

using nlohmann::ordered_json;

constexpr size_t kNamesShown = 10;
constexpr int64_t kLargestMadePx = 4096;

ordered_json findings_json(const std::vector<ImageFinding>& findings) {
  ordered_json list = ordered_json::array();
  for (const auto& finding : findings) {
    ordered_json item{{"name", finding.name}};
    if (!finding.detail.empty()) item["detail"] = finding.detail;
    list.push_back(item);
  }
  return list;
}

ordered_json sides_json(const SideReport& sides) {
  if (sides.name_a.empty()) return ordered_json::object();
  return {{sides.name_a, sides.a}, {sides.name_b, sides.b}};
}

ordered_json report_json(const DoctorReport& report) {
  ordered_json classes = ordered_json::object();
  for (const auto& [name, count] : report.classes) classes[name] = count;
  ordered_json conversion = ordered_json::object();
  for (const auto& note : report.conversion) conversion[note.subject] = note.text;
  return {{"kind", report.kind},
          {"images", report.images},
          {"damaged", report.damaged},
          {"unreadable", findings_json(report.unreadable)},
          {"wrong_extension", findings_json(report.wrong_extension)},
          {"odd_sizes", findings_json(report.odd_sizes)},
          {"other_modes", findings_json(report.other_modes)},
          {"alpha", findings_json(report.alpha)},
          {"sixteen_bit", findings_json(report.sixteen_bit)},
          {"rotated", findings_json(report.rotated)},
          {"animated", findings_json(report.animated)},
          {"near_constant", findings_json(report.near_constant)},
          {"duplicates", report.duplicates},
          {"pairs",
           {{"count", report.pairs.pairs},
            {"without_partner", findings_json(report.pairs.alone)},
            {"of_different_sizes", findings_json(report.pairs.unequal)}}},
          {"sides", sides_json(report.sides)},
          {"numbers", report.numbers},
          {"conversion", conversion},
          {"sizes", report.sizes},
          {"modes", report.modes},
          {"classes", classes},
          {"ignored", report.ignored},
          {"size_notice", report.size_notice}};
}

/// "3 of this, 2 of that, … and 5 more", the most frequent first.
std::string counts_text(const std::map<std::string, int64_t>& counts) {
  std::vector<std::pair<std::string, int64_t>> order(counts.begin(), counts.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> words;
  for (const auto& [name, count] : order) {
    if (words.size() == kNamesShown) {
      words.push_back(fmt::format("and {} more", order.size() - kNamesShown));
      break;
    }
    words.push_back(fmt::format("{} ({})", printable(name), count));
  }
  return join(words);
}

void print_findings(const char* title, const std::vector<ImageFinding>& findings) {
  if (findings.empty()) return;
  print("\n{}: {}\n", title, findings.size());
  for (size_t i = 0; i < std::min(findings.size(), kNamesShown); ++i) {
    print("  {}{}{}\n", printable(findings[i].name), findings[i].detail.empty() ? "" : ": ",
          printable(findings[i].detail));
  }
  if (findings.size() > kNamesShown) print("  and {} more\n", findings.size() - kNamesShown);
}

void print_duplicates(const std::vector<std::vector<std::string>>& groups) {
  if (groups.empty()) return;
  size_t surplus = 0;
  for (const auto& group : groups) surplus += group.size() - 1;
  print("\nDuplicates (equal pixels): {} in {} groups\n", surplus, groups.size());
  for (size_t i = 0; i < std::min(groups.size(), kNamesShown); ++i) {
    std::vector<std::string> names(groups[i].begin(),
                                   groups[i].begin() + static_cast<int64_t>(std::min(groups[i].size(), kNamesShown)));
    if (groups[i].size() > kNamesShown) names.push_back(fmt::format("and {} more", groups[i].size() - kNamesShown));
    print("  {}\n", printable(join(names, " = ")));
  }
  if (groups.size() > kNamesShown) print("  and {} more groups\n", groups.size() - kNamesShown);
}

void print_sides(const SideReport& sides) {
  if (sides.name_a.empty()) return;
  const bool lacks = sides.a == 0 || sides.b == 0;
  print("\nSides of translation: {} images in {}, {} in {}{}\n", sides.a, sides.name_a, sides.b, sides.name_b,
        lacks ? "; training on sides would refuse this set" : "");
}

void print_pairs(const PairReport& pairs) {
  if (pairs.pairs == 0) return;
  print("\nPairs of equal names in two folders: {}{}\n", pairs.pairs,
        pairs.alone.empty() && pairs.unequal.empty() ? "" : "; training on pairs would refuse this set");
  print_findings("Without a partner of the same name", pairs.alone);
  print_findings("Pairs of different sizes (height x width)", pairs.unequal);
}

/// "0 to 11, 255".
std::string runs_text(const std::vector<int64_t>& ascending) {
  std::vector<std::string> runs;
  for (size_t i = 0; i < ascending.size();) {
    size_t last = i;
    while (last + 1 < ascending.size() && ascending[last + 1] == ascending[last] + 1) ++last;
    runs.push_back(last == i ? std::to_string(ascending[i]) : fmt::format("{} to {}", ascending[i], ascending[last]));
    i = last + 1;
  }
  return join(runs);
}

void print_numbers(const std::map<std::string, std::vector<int64_t>>& numbers) {
  for (const auto& [folder, values] : numbers) {
    print("\nNumbers stored in {}: {}; as label maps: pairs.kinds={}\n", folder, runs_text(values),
          std::max<int64_t>(values.back() + 1, 2));
  }
}

void print_classes(const DoctorReport& report) {
  if (report.classes.empty()) return;
  const auto by_count = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto [least, most] = std::minmax_element(report.classes.begin(), report.classes.end(), by_count);
  constexpr int64_t kUnbalanced = 10;
  print("classes   {}, of {} ({}) to {} ({}) images{}\n", report.classes.size(), least->second, printable(least->first),
        most->second, printable(most->first), most->second > kUnbalanced * least->second ? ": far from balanced" : "");
}

void print_damage(const DoctorReport& report) {
  if (report.damaged.empty()) return;
  print("\nDamaged or incomplete: {}\n", report.damaged.size());
  for (const auto& reason : report.damaged) print("  {}\n", printable(reason));
}

void print_report(const DoctorReport& report) {
  if (report.images == 0) {
    print_damage(report);
    print("\nNothing in it can be trusted: training would refuse it.\n");
    return;
  }
  print("{}: {}\n", report.kind, counted(report.images, "image"));
  if (!report.sizes.empty()) print("sizes     {}\n", counts_text(report.sizes));
  if (!report.modes.empty()) print("modes     {}\n", counts_text(report.modes));
  print_classes(report);
  if (!report.ignored.empty()) print("ignored   {}\n", counts_text(report.ignored));
  if (!report.size_notice.empty()) print("training  {}\n", report.size_notice);
  print_damage(report);
  print_findings("Unreadable", report.unreadable);
  print_findings("Wrong extension (they load all the same)", report.wrong_extension);
  print_findings("Odd sizes", report.odd_sizes);
  print_findings("Another mode than most", report.other_modes);
  print_findings("Alpha channel", report.alpha);
  print_findings("16-bit", report.sixteen_bit);
  print_findings("Turned by EXIF orientation", report.rotated);
  print_findings("Animated", report.animated);
  print_findings("Nearly one colour", report.near_constant);
  print_duplicates(report.duplicates);
  print_pairs(report.pairs);
  print_sides(report.sides);
  print_numbers(report.numbers);
  if (!report.conversion.empty()) print("\nConversion to what networks see\n");
  for (const auto& note : report.conversion) print("  {:<9} {}\n", note.subject, note.text);
  if (report.unreadable.empty()) {
    print("\n{}\n", report.damaged.empty() ? "All images can be read."
                                           : "All images that are there can be read; others may be missing.");
  } else {
    print("\nTraining would lose {} of {} images.\n", report.unreadable.size(), report.images);
  }
}

int check_command(const DataOptions& options, bool json, const std::shared_ptr<Team>& team) {
  LiveLine line(LiveLine::On::error);
  const auto show = [&](int64_t done, int64_t all) {
    if (line.is_due()) line.show(fmt::format("checked {} of {} images", done, all));
  };
  const DoctorReport report = check_data(options, show, team);
  line.clear();
  if (!leads(team)) return 0;
  if (json) {
    print("{}\n", json_text(report_json(report), 2));
  } else {
    print_report(report);
  }
  return report.unreadable.empty() && report.damaged.empty() ? 0 : 1;
}

void add_check(CLI::App& data, int& exit_code) {
  struct Arguments {
    DataOptions options;
    bool json = false;
    int64_t processes = 1;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = data.add_subcommand("check",
                                      "Read every image once and list what is wrong or odd; exit code 1 if "
                                      "images are lost or may be missing");
  command->add_option("DATA", arguments->options.source, "Folder, zip archive, IDX files, tar shards or synthetic:NAME")
      ->required();
  command
      ->add_option("--levels", arguments->options.levels, "What training would do with 16-bit images, as data.levels")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON with all names");
  add_processes(*command, arguments->processes);
  command->callback([arguments, &exit_code] {
    exit_code = in_processes(arguments->processes, kProcessTimeoutSeconds, [&](const auto& team) {
      return check_command(arguments->options, arguments->json, team);
    });
  });
}

void add_make(CLI::App& data) {
  struct Arguments {
    SyntheticOptions options;
    std::string folder;
    std::string size = "32";
  };
  auto arguments = std::make_shared<Arguments>();
  arguments->options.count = 1000;
  auto* command = data.add_subcommand("make", "Write a synthetic data set into a new folder");
  command->add_option("SET", arguments->options.name, "ring8, grid25 or shapes")->required();
  command->add_option("DIR", arguments->folder, "New folder")->required();
  command->add_option("--count", arguments->options.count, "Images or points")->capture_default_str();
  auto* size = command->add_option("--size", arguments->size, "Side in pixels, or WIDTHxHEIGHT")->capture_default_str();
  command->add_option("--channels", arguments->options.channels, "1, 3 or 4")->capture_default_str();
  command->add_option("--seed", arguments->options.seed, "Another seed, other images")->capture_default_str();
  command->callback([arguments, size] {
    SyntheticOptions& options = arguments->options;
    if (options.name.starts_with("synthetic:")) options.name = options.name.substr(options.name.find(':') + 1);
    if (is_point_set(options.name) && size->count() > 0)
      fail("--size: {} is a set of points, which have none", options.name);
    const auto sides = parse_sides(arguments->size, kLargestMadePx);
    options.height_px = sides.height_px;
    options.width_px = sides.width_px;
    write_synthetic(options, arguments->folder);
    print("{} {} in {}\n", options.count, is_point_set(options.name) ? "points" : "images",
          printable(arguments->folder));
  });
}

void add_pack(CLI::App& data, int& exit_code) {
  struct Arguments {
    DataOptions options;
    std::string target;
    std::string shard_size = "256MiB";
  };
  auto arguments = std::make_shared<Arguments>();
  auto* command = data.add_subcommand("pack", "Write tar shards (WebDataset layout); image files keep their bytes");
  command->add_option("DATA", arguments->options.source, "What to pack")->required();
  command->add_option("SHARDS", arguments->target, "x.tar, x-{000..007}.tar (spread evenly), or a new folder")
      ->required();
  command->add_option("--shard-size", arguments->shard_size, "Size of a shard in a folder, e.g. 1GiB")
      ->capture_default_str();
  command->callback([arguments, &exit_code] {
    const int64_t shard_bytes = parse_bytes(arguments->shard_size, "--shard-size");
    if (shard_bytes < 1) fail("--shard-size: received \"{}\", accepted: 1 byte or more", arguments->shard_size);
    const PackReport report = pack_shards(*open_source(arguments->options), arguments->target, shard_bytes);
    for (const auto& reason : report.left_out) print_error("left out {}\n", printable(reason));
    print("{} in {}, {}{}\n", counted(report.images, "image"),
          counted(static_cast<int64_t>(report.shards.size()), "shard"), printable(report.shards.front()),
          report.shards.size() > 1 ? " to " + printable(report.shards.back()) : "");
    exit_code = report.left_out.empty() ? 0 : 1;
  });
}

}  // namespace

void add_data(Program& program) {
  auto* data = program.app.add_subcommand("data", "Check, make and pack data sets");
  data->require_subcommand(1);
  add_check(*data, program.exit_code);
  add_make(*data);
  add_pack(*data, program.exit_code);
}

}  // namespace forger::commands
