// Trains with an adversarial loss that Forger does not have: custom_objective DATA RUN_FOLDER STEPS
#include <ATen/ATen.h>
#include <forger/forger.h>

#include <cstdio>
#include <memory>
#include <string>

namespace {

/// Boundary-seeking GAN (Hjelm et al. 2018): the generator wants its images on the discriminator's
/// decision boundary, where the logit log(p / (1 - p)) is 0, instead of as far on the real side as they get.
class BoundarySeeking : public forger::Objective {
 public:
  std::string name() const override { return "boundary-seeking"; }

  at::Tensor discriminator_loss(const at::Tensor& real_logits, const at::Tensor& fake_logits) const override {
    return at::softplus(-real_logits).mean() + at::softplus(fake_logits).mean();
  }

  at::Tensor generator_loss(const at::Tensor& fake_logits, const at::Tensor&) const override {
    return 0.5 * at::square(fake_logits).mean();
  }

  at::Tensor probability(const at::Tensor& logits) const override { return at::sigmoid(logits); }
};

}  // namespace

int main(int argument_count, char** arguments) try {
  if (argument_count != 4) throw forger::Error("usage: custom_objective DATA RUN_FOLDER STEPS");
  auto config = forger::Config::from_recipe("dcgan");
  config.set("data.source", arguments[1]);
  config.set("training.steps", arguments[3]);

  forger::TrainingHooks hooks;
  hooks.objective = std::make_shared<BoundarySeeking>();
  hooks.on_step = [](const forger::StepReport& report) {
    if (report.step % 100 == 0) {
      std::printf("step %lld: p(real) of reals %.2f, of fakes %.2f\n", static_cast<long long>(report.step),
                  report.real.p_real, report.fake.p_real);
    }
  };
  const auto result = forger::train(config, arguments[2], hooks);
  std::printf("%lld steps, model in %s\n", static_cast<long long>(result.step), result.run_folder.c_str());
} catch (const forger::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
