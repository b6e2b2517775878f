#include "commands/images_in.h"

#include <ATen/ops/stack.h>

#include <fmt/format.h>

#include <algorithm>

#include "api/inspector.h"
#include "commands/output.h"
#include "commands/output_file.h"
#include "core/crc32c.h"
#include "core/fail.h"
#include "core/plural.h"
#include "core/utf8.h"
#include "data/mvtec.h"
#include "image/grid.h"

namespace forger::commands {
namespace {

namespace fs = std::filesystem;
constexpr size_t kBatch = 64;

/// Reports of an image: what came out, or why it or one of its files does not exist.
constexpr const char *kResult = "result", *kPassedOver = "passed over", *kNotWritten = "not written";

/// What was done to 16-bit images on their way to the model.
void say_of_deep(int64_t deep, int64_t clipped, const Levels& levels) {
  if (deep == 0) return;
  const auto beyond = clipped > 0 ? fmt::format("; {} of them with values beyond, which are clipped", clipped) : "";
  print_error("16 bits: {}, brought to 8 bits by the model's levels {}{}\n", counted(deep, "image"),
              levels_text(levels), beyond);
}

/// The inputs, for processes that share them: they have to see the same.
std::string names_of(const Inputs& inputs) {
  std::string names;
  for (int64_t i = 0; i < inputs.size(); ++i) names += inputs.name(i) + '\0';
  return fmt::format("{} (hash of their names {:08x})", counted(inputs.size(), "image"), crc32c(names));
}

/// What is made must not lie among the images it is made of: it would replace them, or be looked at the next time.
void refuse_out_among_inputs(const ImagesInArguments& arguments) {
  std::error_code unknown;
  const auto out = fs::weakly_canonical(fs::absolute(arguments.out), unknown);
  for (const auto& input : arguments.inputs) {
    fs::path folder = fs::weakly_canonical(fs::absolute(input), unknown);
    const bool is_file = fs::is_regular_file(folder, unknown);
    if (is_file) folder = folder.parent_path();
    if (!is_file && is_mvtec(folder)) folder /= "test";
    const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), out.begin(), out.end());
    const bool among = is_file ? folder == out : fs::is_directory(folder, unknown) && end == folder.end();
    if (among)
      fail("--out: received {}, where {} lies, accepted: a folder apart from the images", arguments.out, input);
  }
}

void check_images_in(const ImagesInArguments& arguments, const ModelInfo& model) {
  if (model.height_px == 1) fail("{}: this model makes points, accepted: a model of images", arguments.model);
  if (arguments.out.empty()) fail("--out: received nothing, accepted: a folder");
}

}  // namespace

void add_images_in(CLI::App& command, ImagesInArguments& arguments) {
  command.add_option("MODEL", arguments.model, "Model file or run folder")->required();
  command.add_option("IN", arguments.inputs, "Image files, or any DATA")->required();
  command.add_option("--out", arguments.out, "Folder for what is made")->required();
  command
      .add_option("--resize", arguments.resize,
                  "Bring images of another size to the model's: crop the middle, pad or stretch; default: refuse them")
      ->check(CLI::IsMember({"crop", "pad", "stretch"}));
  command.add_option("--device", arguments.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
}

ImagesCall::ImagesCall(const ImagesInArguments& arguments, const ModelInfo& model, const std::string& longest_ending,
                       std::shared_ptr<Team> team)
    : arguments_(arguments),
      shape_(shape_of(model)),
      levels_(levels_of(model)),
      inputs_((check_images_in(arguments, model), arguments.inputs), levels_),
      items_(std::move(team), [this](int64_t, const nlohmann::json& report) { tell(report); }),
      longest_place_(kLongestName - longest_ending.size()) {
  refuse_out_among_inputs(arguments);
  prepare_picture_folder("--out", arguments.out);
  if (const auto& passed_over = inputs_.ignored(); !passed_over.empty()) {
    print_error("passed over: {} (no PNG, JPEG or WebP by name, or no data)\n", passed_over_text(passed_over));
  }
  for (const auto& reason : inputs_.incomplete()) print_error("incomplete: {}\n", printable(reason));
  if (items_.is_shared()) items_.expect_same(names_of(inputs_));
}

AppendFile ImagesCall::table(const std::string& name) const {
  return AppendFile::fresh(fs::path(arguments_.out) / name);
}

/// The input's own name below --out: folders above it do not matter, those in a set do not either ("a/b.png" -> "b").
/// A second one of the same name gets a number.
fs::path ImagesCall::place_of(const std::string& name) {
  const auto file = fs::path(name).filename();
  const std::string stem =
      file.has_extension() && file.string().find('#') == std::string::npos ? file.stem().string() : file.string();
  std::string place = shortened_name(stem, longest_place_);
  for (int& number = numbers_.try_emplace(stem, 1).first->second; !taken_.insert(place).second;) {
    const auto ending = fmt::format("-{}", ++number);
    place = shortened_name(stem, longest_place_ - ending.size()) + ending;
  }
  return fs::path(arguments_.out) / place;
}

void ImagesCall::for_each_input(const std::function<void(const Inputs&, int64_t, ImageIn)>& use) {
  for (int64_t i = 0; i < inputs_.size(); ++i) {
    if (StopSignal::received() || !items_.goes_on()) {
      interrupted_ = true;
      return;
    }
    const auto name = inputs_.name(i);
    auto place = place_of(name);  // whoever makes it
    if (!items_.is_mine(i)) continue;
    try {
      use(inputs_, i, {i, name, std::move(place), {}, {}});
    } catch (const ImageError& error) {
      items_.report(i, {{kPassedOver, full_reason(error.what(), name)}});
    }
  }
  if (!items_.is_shared()) expect_some();
}

void ImagesCall::add_result(const ImageIn& image, nlohmann::json result) {
  items_.report(image.index, {{kResult, std::move(result)}});
}

void ImagesCall::tell(const nlohmann::json& report) {
  if (report.contains(kPassedOver)) skipped_.add(report[kPassedOver].get<std::string>());
  if (report.contains(kNotWritten)) not_written_.add(report[kNotWritten].get<std::string>());
  if (!report.contains(kResult)) return;
  take_(report[kResult]);
  count_done();
}

void ImagesCall::hear_all() {
  items_.finish();
  interrupted_ = items_.sum(interrupted_ ? 1 : 0) > 0;
  if (items_.leads() && !interrupted_) expect_some();
}

void ImagesCall::expect_some() const {
  if (skipped_.count < inputs_.size()) return;
  fail("none of {} images can be used; the first: {}", skipped_.count, skipped_.first);
}

void ImagesCall::for_each_image(const std::function<void(ImageIn&)>& prepare,
                                const std::function<void(ImageIn)>& work) {
  for_each_input([&](const Inputs& inputs, int64_t index, ImageIn image) {
    as_image_error([&] {
      image.original = inputs.read(index);
      prepare(image);
    });
    work(std::move(image));
  });
}

void ImagesCall::for_each_batch(const std::function<void(const std::vector<ImageIn>&)>& work,
                                const std::function<void(const ImageIn&)>& prepare) {
  std::vector<ImageIn> batch;
  const auto hand_over = [&] {
    if (batch.empty()) return;
    batch_size_ = static_cast<int64_t>(batch.size());
    work(batch);
    line_.clear();
    interrupted_ = interrupted_ || search_stopped_;
    if (!search_stopped_) done_ += batch_size_;
    batch.clear();
  };
  const auto shaped = [&](ImageIn& image) {
    image.pixels = to_tensor(to_model_shape(image.original, shape_, image.name, arguments_.resize));
    if (prepare) prepare(image);
  };
  for_each_image(shaped, [&](ImageIn image) {
    batch.push_back(std::move(image));
    if (batch.size() == kBatch) hand_over();
  });
  if (!interrupted_) hand_over();
}

bool ImagesCall::search_goes_on(double done) {
  search_stopped_ = search_stopped_ || StopSignal::received();
  if (!search_stopped_ && line_.is_due()) {
    line_.show(fmt::format("searching: images {} to {} of {}, {:.0f} %", done_ + 1, done_ + batch_size_, inputs_.size(),
                           100 * done));
  }
  return !search_stopped_;
}

bool ImagesCall::try_write(const ImageIn& image, const std::function<void()>& write) {
  try {
    write();
    return true;
  } catch (const WriteError& error) {
    if (error.ends_all()) throw;
    items_.report(image.index, {{kNotWritten, fmt::format("{}: {}", image.name, error.what())}});
    return false;
  }
}

int ImagesCall::finish() {
  const int64_t deep = items_.sum(inputs_.deep()), clipped = items_.sum(inputs_.clipped());
  if (!items_.leads()) return 0;
  skipped_.finish();
  not_written_.finish();
  say_of_deep(deep, clipped, levels_);
  if (interrupted_) {
    print_error("stopped after {} of {} images\n", done_, inputs_.size());
    return kInterrupted;
  }
  const bool lost = skipped_.count + not_written_.count > 0 || !inputs_.incomplete().empty();
  return lost ? kSomeSkipped : 0;
}

at::Tensor stacked(const std::vector<ImageIn>& batch) {
  std::vector<at::Tensor> pixels;
  for (const auto& image : batch) pixels.push_back(image.pixels);
  return to_floats(at::stack(pixels));
}

}  // namespace forger::commands
