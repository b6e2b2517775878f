#pragma once

#include <ATen/core/Tensor.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "commands/complaints.h"
#include "commands/live_line.h"
#include "commands/stop_signal.h"
#include "core/files.h"
#include "core/levels.h"
#include "core/shape.h"
#include "core/shared_items.h"
#include "data/inputs.h"
#include "forger/model.h"
#include "image/pixels.h"

namespace forger::commands {

/// MODEL IN... --out DIR --resize: what commands that work on images have in common.
struct ImagesInArguments {
  std::string model;
  std::vector<std::string> inputs;
  std::string out;
  std::string resize;
  std::string device = "auto";
};
void add_images_in(CLI::App& command, ImagesInArguments& arguments);

/// An image on its way through a command.
struct ImageIn {
  /// Of the inputs.
  int64_t index = 0;
  std::string name;
  /// Below --out, without an ending; no other image of the call has the same, and with its ending it is no longer than
  /// a file system takes.
  std::filesystem::path out;
  Pixels original;
  /// As the model takes it, uint8 `[C, H, W]`.
  at::Tensor pixels;
};

/// A call over many images, which processes may share: what cannot be read or written is named on standard error, and
/// the rest is done. A StopSignal ends it with what is done so far.
class ImagesCall {
 public:
  /// Looks the images up and makes the folder --out. `longest_ending`: of the files that are made, such as "-map.png".
  /// `team`: null where this process works alone; else it waits until all have come so far. Throws Error where that
  /// cannot work with this model, TeamError where another process sees other images.
  ImagesCall(const ImagesInArguments& arguments, const ModelInfo& model, const std::string& longest_ending,
             std::shared_ptr<Team> team = nullptr);

  /// Whether this process is the one that writes the table and the summary.
  bool leads() const { return items_.leads(); }
  /// Where processes share the call: what is done with a result (`add_result`), by the one that leads, in the order of
  /// the images.
  void on_result(std::function<void(const nlohmann::json&)> take) { take_ = std::move(take); }
  /// An image's work is done, and this came out. Names in it may be of any bytes.
  void add_result(const ImageIn& image, nlohmann::json result);
  /// After the work on the last image: the one that leads hears of all. Throws Error, the first one's, when none can be
  /// used.
  void hear_all();

  /// A table of what is made, in --out: empty at first, whatever it held before.
  AppendFile table(const std::string& name) const;

  /// Hands over the inputs that are this process's one after the other, with an ImageIn that has an index, a name and a
  /// place only. One at which `use` throws an ImageError is named and passed over; other Errors (a full disk) end the
  /// command. A process that works alone throws Error, the first one's, when none can be used.
  void for_each_input(const std::function<void(const Inputs&, int64_t, ImageIn)>& use);
  /// Reads the images one after the other and hands them over. One that cannot be read, or that `prepare` refuses by an
  /// Error, is named and passed over; an Error of `work` ends the command. Throws Error as above.
  void for_each_image(const std::function<void(ImageIn&)>& prepare, const std::function<void(ImageIn)>& work);
  /// The same in batches of images brought to the model's shape; one of another size is refused, and one that `prepare`
  /// refuses.
  void for_each_batch(const std::function<void(const std::vector<ImageIn>&)>& work,
                      const std::function<void(const ImageIn&)>& prepare = {});

  /// For searches: shows on a terminal how much of the present batch is done, 0 to 1, and says whether to go on: false
  /// once a signal came. What the search then gives is no result.
  bool search_goes_on(double done);
  /// Whether it said so; the batch is then not to be written.
  bool search_stopped() const { return search_stopped_; }

  /// Runs `write`, which makes one of an image's files. Where it throws a WriteError, that is named, and the answer is
  /// false; where no other file could be written either (a full disk), the Error ends the command.
  bool try_write(const ImageIn& image, const std::function<void()>& write);

  /// Says that an image's work is done; batches say it by themselves.
  void count_done() { ++done_; }

  /// After everything else. Returns the exit code: 0, kSomeSkipped or kInterrupted.
  int finish();

 private:
  std::filesystem::path place_of(const std::string& name);
  /// What became of an image.
  void tell(const nlohmann::json& report);
  /// Throws Error when none can be used.
  void expect_some() const;

  const ImagesInArguments& arguments_;
  ImageShape shape_;
  Levels levels_;  ///< of the model, which bring 16-bit images to 8 bits
  Inputs inputs_;
  SharedItems items_;
  std::function<void(const nlohmann::json&)> take_;
  size_t longest_place_;
  std::set<std::string> taken_;
  std::map<std::string, int> numbers_;  ///< name -> how many have it
  Complaints skipped_{"skipped"}, not_written_{"not written"};
  StopSignal signal_;
  LiveLine line_{LiveLine::On::error};
  /// Images whose work is done, and how many are at work.
  int64_t done_ = 0, batch_size_ = 0;
  bool interrupted_ = false, search_stopped_ = false;
};

/// The batch's images as a model takes them: float32 `[N, C, H, W]` in [-1, 1].
at::Tensor stacked(const std::vector<ImageIn>& batch);

}  // namespace forger::commands
