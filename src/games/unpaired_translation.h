#pragma once

#include <memory>
#include <vector>

#include "games/adversary.h"
#include "games/catalog.h"
#include "games/image_pool.h"
#include "networks/network.h"

namespace forger {

/// Unpaired translation: two generators make images of two kinds of each other, so that a discriminator for each kind
/// takes what is made for real, and so that there and back an image is itself again (CycleGAN, Zhu et al. 2017, arXiv
/// 1703.10593). The first way, from sources to images, is "generator" and "discriminator"; the other way's players end
/// in "-back".
class UnpairedTranslationGame : public Game {
 public:
  UnpairedTranslationGame(const Config& config, const GameInput& input);

  StepReport step(const StepInput& input) override;
  std::vector<Player*> players() override;
  TensorMap state() override;
  std::string describe() const override;
  std::vector<ModelPart> parts() const override;
  std::unique_ptr<Exhibit> exhibit() const override;
  std::unique_ptr<Exhibit> exhibit_back() const override;
  at::Tensor preview(const PreviewInput& input) override;
  at::Tensor preview_back(const PreviewInput& input) override;

 private:
  /// One way: who makes images of one kind, who judges them, and what was made before.
  struct Way {
    Way(const Config& config, const GameInput& input, bool back);

    std::shared_ptr<ImageGenerator> generator;
    std::shared_ptr<ImageGenerator> averaged;  // null without EMA
    Player player;
    Adversary adversary;
    ImagePool pool;
  };
  /// What a way made in this step, with its graph.
  struct Made {
    at::Tensor fakes;  ///< of the other kind
    at::Tensor same;   ///< of its own kind; undefined where that does not count
    at::Tensor again;  ///< what the other way makes of the fakes; undefined where that does not count
  };

  Made make(Way& way, const at::Tensor& from, const at::Tensor& own) const;
  /// The turn of a way's discriminator, on reals of its kind.
  bool discriminator_turn(Way& way, const StepInput& input, const at::Tensor& reals, const at::Tensor& fakes,
                          StepReport& report);
  /// The turn of both generators, in one pass back.
  bool generators_turn(const StepInput& input, const Batch& batch, const Made& there, const Made& back,
                       StepReport& report);
  at::Tensor shown_by(Way& way, const PreviewInput& input) const;

  Config config_;
  GameInput input_;
  bool bfloat16_;
  bool has_identity_;
  Way there_, back_;
};

}  // namespace forger
