#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "forger/data_options.h"
#include "forger/game_options.h"
#include "forger/player_options.h"
#include "forger/training_options.h"

namespace forger {

/// Everything that decides a training. Read from a recipe and written, complete, into the run folder.
struct Config {
  /// The recipe's name, for people and folder names.
  std::string recipe = "custom";
  /// "generation", "autoencoding", "super-resolution", "paired-translation", "unpaired-translation" or
  /// "one-sided-translation".
  std::string game = "generation";
  DataOptions data;
  GeneratorOptions generator;
  DiscriminatorOptions discriminator;
  EncoderOptions encoder;
  CodeDiscriminatorOptions code_discriminator;
  PixelDiscriminatorOptions pixel_discriminator;
  AutoencodingOptions autoencoding;
  DetectorOptions detector;
  UpscalerOptions upscaler;
  DegradationOptions degradation;
  SuperResolutionOptions super_resolution;
  TranslatorOptions translator;
  PairsOptions pairs;
  TranslationOptions translation;
  CycleOptions cycle;
  ContrastOptions contrast;
  ObjectiveOptions objective;
  AugmentationOptions augmentation;
  TrainingOptions training;
  RefereeOptions referee;

  /// A recipe that comes with Forger, e.g. "fast". Throws Error naming the nearest known one.
  static Config from_recipe(const std::string& name);
  /// A TOML file. Throws Error with file, line, key and what is accepted. `notices`, if given, gets a line for people
  /// for each key that has another name now: the old one is understood for one version more.
  static Config from_file(const std::filesystem::path& path, std::vector<std::string>* notices = nullptr);

  /// What a person calls a recipe: a file where it ends in ".toml" or has a "/", else one that comes with Forger.
  static Config from_recipe_or_file(const std::string& recipe, std::vector<std::string>* notices = nullptr);

  /// Sets one key from the text that a person types, e.g. set("generator.learning_rate", "1e-4"), set("data.size",
  /// "32") for a square. Throws Error on an unknown key or an impossible value, and then leaves everything as it was.
  /// `notices` as in `from_file`.
  void set(const std::string& key, const std::string& value, std::vector<std::string>* notices = nullptr);
  /// Throws Error unless all values fit each other.
  void check() const;
  /// Whether a discriminator on images plays (it does not in a VAE).
  bool has_discriminator() const;
  /// The share of the budget, 0 to below 1, after which it joins.
  double discriminator_joins() const;
  /// TOML with every key that the game reads written out and explained.
  std::string to_toml() const;

  bool operator==(const Config&) const = default;
};

/// Name and header comment of every recipe that comes with Forger, in alphabetical order.
std::vector<std::pair<std::string, std::string>> recipes();

/// The recipe that suits a `data.source` when nobody names one: "points" for the synthetic sets of 2-D points,
/// "pix2pix" where all of it are folders A and B with images of equal names, "cyclegan" where it holds folders trainA
/// and trainB, else "fast".
std::string default_recipe(const std::string& source);

}  // namespace forger
