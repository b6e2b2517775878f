#include "forger/nearest.h"

#include <algorithm>
#include <utility>

#include "api/known_data.h"
#include "config/game_table.h"
#include "core/fail.h"
#include "core/random.h"
#include "core/torch.h"
#include "data/open.h"
#include "data/samples.h"
#include "image/grid.h"
#include "metrics/neighbours.h"
#include "referee/referee.h"
#include "referee/reference.h"
#include "run/run_folder.h"

namespace forger {
namespace {

/// Their features take 100 MB.
constexpr int64_t kMostCompared = 100'000;
/// Images that are decoded at once.
constexpr int64_t kReadTogether = 1000;

OpenedData open_images(const std::filesystem::path& run_folder, std::vector<std::string>& notes, uint64_t& seed) {
  const auto run = RunFolder::open(run_folder);
  auto config = Config::from_file(run.config());
  if (game_named(config.game).data != DataKind::images) {
    fail("{}: received a run of the game {}, accepted: one that makes images of latents", run_folder.string(),
         config.game);
  }
  config.data.source = run.data_source(config, "data");
  seed = config.training.seed;
  auto data = open_data(config);
  if (data.shape.is_point()) fail("{}: received a run on points, accepted: one on images", run_folder.string());
  notes = notes_on_data(known_data(run), record_of(data));
  return data;
}

}  // namespace

struct TrainingImages::State {
  /// Some of the images, and their features.
  struct Part {
    std::vector<int64_t> items;
    at::Tensor features;
  };

  /// Places in `parts`, and distances.
  Nearest nearest(const at::Tensor& features) const {
    Nearest best;
    int64_t first = 0;
    for (const auto& part : parts) {
      const auto found = nearest_rows(part.features, features);
      if (!best.places.defined()) {
        best = found;
      } else {
        const auto nearer = found.distances < best.distances;
        best.places = at::where(nearer, found.places + first, best.places);
        best.distances = at::where(nearer, found.distances, best.distances);
      }
      first += part.features.size(0);
    }
    return best;
  }

  int64_t item_at(int64_t place) const {
    for (const auto& part : parts) {
      const auto size = static_cast<int64_t>(part.items.size());
      if (place < size) return part.items[static_cast<size_t>(place)];
      place -= size;
    }
    fail("nearest: there is no image {}", place);
  }

  OpenedData data;
  std::vector<std::string> notes;
  std::shared_ptr<const FeatureNet> net;
  std::vector<Part> parts;
  int64_t compared = 0;
  /// Of unseen images to the nearest training image; undefined where there are none.
  at::Tensor unseen_distances;
};

TrainingImages::TrainingImages(std::unique_ptr<State> state) : state_(std::move(state)) {}
TrainingImages::~TrainingImages() = default;

std::unique_ptr<TrainingImages> TrainingImages::read(const std::filesystem::path& run_folder,
                                                     const std::function<bool(double done)>& goes_on) {
  torch::NoGradGuard no_grad;
  const auto ends = [&](double done) { return goes_on && !goes_on(done); };
  if (ends(0)) return nullptr;
  auto state = std::make_unique<State>();
  uint64_t seed = 0;
  state->data = open_images(run_folder, state->notes, seed);
  const auto &training = *state->data.training, &held_out = *state->data.held_out;
  const int64_t unseen = images_looked_at("light");
  state->net = likeness_features(known_images(training, unseen, seed).images, seed);
  const int64_t all = std::min(training.size(), kMostCompared);
  for (int64_t first = 0; first < all; first += kReadTogether) {
    if (ends(static_cast<double>(first) / static_cast<double>(all))) return nullptr;
    State::Part part;
    for (int64_t i = first; i < std::min(first + kReadTogether, all); ++i)
      part.items.push_back(i * training.size() / all);
    const auto images = load_items(training, part.items);
    if (!images.defined()) continue;
    part.features = state->net->features(images);
    state->compared += images.size(0);
    state->parts.push_back(std::move(part));
  }
  if (held_out.size() > 0) {
    const auto images = load_images(held_out, unseen, make_random(derive_seed(seed, Stream::referee_set_up, 1))).images;
    state->unseen_distances = state->nearest(state->net->features(images)).distances;
  }
  if (ends(1)) return nullptr;
  return std::unique_ptr<TrainingImages>(new TrainingImages(std::move(state)));
}

std::vector<NearestImage> TrainingImages::nearest(const at::Tensor& images) const {
  torch::NoGradGuard no_grad;
  const auto found = state_->nearest(state_->net->features(images));
  std::vector<NearestImage> answers;
  for (int64_t i = 0; i < images.size(0); ++i) {
    const int64_t item = state_->item_at(found.places[i].item<int64_t>());
    NearestImage answer{.pixels = state_->data.training->get(item, kFixedDraw).image,
                        .name = state_->data.training->name(item),
                        .distance = found.distances[i].item<double>()};
    // Features of equal images differ in their last bits where they were made in batches of other sizes.
    if (to_bytes(images[i]).equal(answer.pixels)) answer.distance = 0;
    if (unseen() > 0) {
      answer.nearer_unseen = (state_->unseen_distances < answer.distance).to(at::kDouble).mean().item<double>();
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

int64_t TrainingImages::channels() const { return state_->data.shape.channels; }
int64_t TrainingImages::height_px() const { return state_->data.shape.height; }
int64_t TrainingImages::width_px() const { return state_->data.shape.width; }
int64_t TrainingImages::size() const { return state_->data.training->size(); }
int64_t TrainingImages::compared() const { return state_->compared; }
int64_t TrainingImages::unseen() const {
  return state_->unseen_distances.defined() ? state_->unseen_distances.size(0) : 0;
}
double TrainingImages::usual_distance() const {
  return unseen() > 0 ? state_->unseen_distances.median().item<double>() : kUnknown;
}
double TrainingImages::repeat_distance() const {
  return unseen() > 0 ? forger::repeat_distance(state_->unseen_distances) : kUnknown;
}
const std::vector<std::string>& TrainingImages::notes() const { return state_->notes; }

}  // namespace forger
