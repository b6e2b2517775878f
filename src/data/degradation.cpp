#include "data/degradation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "core/torch.h"
#include "image/image_file.h"
#include "image/jpeg.h"

namespace forger {
namespace {

constexpr int kBestQuality = 95;
/// Sides of blur kernels: 7, 9 … 21 pixels.
constexpr int64_t kSmallestKernel = 7, kKernels = 8;

double real(const ItemRandom& random, double low, double high) { return random.uniform({1}, low, high).item<double>(); }

bool happens(const ItemRandom& random, double chance) { return real(random, 0, 1) < chance; }

/// A kernel of `side` by `side` weights, of what `weight` says of a place seen from the middle, divided by their sum.
std::vector<float> kernel_of(int64_t side, const std::function<double(double x, double y)>& weight) {
  std::vector<float> kernel;
  double sum = 0;
  const int64_t middle = side / 2;
  for (int64_t row = 0; row < side; ++row) {
    for (int64_t column = 0; column < side; ++column) {
      const auto x = static_cast<double>(column - middle), y = static_cast<double>(row - middle);
      kernel.push_back(static_cast<float>(weight(x, y)));
      sum += kernel.back();
    }
  }
  for (float& value : kernel) value = static_cast<float>(value / sum);
  return kernel;
}

int64_t draw_side(const ItemRandom& random) { return kSmallestKernel + 2 * random.whole(kKernels); }

std::vector<float> draw_sinc(const ItemRandom& random) {
  const int64_t side = draw_side(random);
  // Small kernels have no room for slow ringing.
  const double lowest = side < 13 ? std::numbers::pi / 3 : std::numbers::pi / 5;
  return sinc_kernel(side, real(random, lowest, std::numbers::pi));
}

/// The mixture of kernels of Real-ESRGAN: round and stretched ones, each Gaussian, generalised Gaussian or with a
/// plateau, and a tenth sinc.
std::vector<float> draw_blur(double most_sigma, const ItemRandom& random) {
  if (happens(random, 0.1)) return draw_sinc(random);
  const int64_t side = draw_side(random);
  const double sigma_x = real(random, std::min(0.2, most_sigma), most_sigma);
  const double sigma_y = real(random, std::min(0.2, most_sigma), most_sigma);
  const double angle = real(random, 0, std::numbers::pi);
  const bool is_round = happens(random, 0.69);
  const double kind = real(random, 0, 1);
  const bool plateau = kind > 0.85;
  const double beta = kind < 0.7 ? 2 : plateau ? 2 * real(random, 1, 2) : 2 * real(random, 0.5, 4);
  return blur_kernel(side, sigma_x, is_round ? sigma_x : sigma_y, angle, beta, plateau);
}

Kernel draw_filter(const ItemRandom& random) {
  constexpr Kernel kAll[] = {Kernel::box, Kernel::linear, Kernel::cubic};
  return kAll[random.whole(3)];
}

/// Gaussian noise, or noise that grows with the root of the light, as photons make it (a Gaussian instead of Poisson's
/// distribution, which it resembles at these counts); in two cases of five the same for all colours.
void add_noise(FloatImage& image, double most, const ItemRandom& random) {
  const double deviation = real(random, std::min(1.0, most), std::max(most, 1e-3)) / 255;
  const bool of_photons = happens(random, 0.5), is_grey = happens(random, 0.4);
  const int64_t places = image.height * image.width, channels = image.channels;
  const auto drawn = random.normal({1, places * (is_grey ? 1 : channels)}).contiguous();
  const float* noise = drawn.const_data_ptr<float>();
  for (int64_t i = 0; i < places * channels; ++i) {
    float& value = image.values[static_cast<size_t>(i)];
    const float light = of_photons ? std::sqrt(std::clamp(value, 0.0F, 1.0F)) : 1.0F;
    value += static_cast<float>(deviation) * light * noise[is_grey ? i / channels : i];
  }
}

/// Through a JPEG file. Alpha is not part of one and stays as it is.
FloatImage through_jpeg(const FloatImage& image, int64_t lowest, const ItemRandom& random) {
  const auto quality = static_cast<int>(lowest + random.whole(std::max<int64_t>(kBestQuality - lowest + 1, 1)));
  const auto pixels = to_pixels(image);
  const auto colors = to_channels(pixels, image.channels == 1 ? 1 : 3);
  auto result = to_float(decode_image(encode_jpeg(colors, quality), "JPEG"));
  if (image.channels != 4) return result;
  FloatImage with_alpha = image;
  for (size_t i = 0; i < with_alpha.values.size() / 4; ++i)
    std::copy_n(result.values.begin() + static_cast<std::ptrdiff_t>(3 * i), 3,
                with_alpha.values.begin() + static_cast<std::ptrdiff_t>(4 * i));
  return with_alpha;
}

void clip(FloatImage& image) {
  for (float& value : image.values) value = std::clamp(value, 0.0F, 1.0F);
}

}  // namespace

std::vector<float> blur_kernel(int64_t side, double sigma_x, double sigma_y, double angle, double beta, bool plateau) {
  const double cosine = std::cos(angle), sine = std::sin(angle);
  return kernel_of(side, [&](double x, double y) {
    const double along = (cosine * x + sine * y) / sigma_x, across = (cosine * y - sine * x) / sigma_y;
    const double power = std::pow(along * along + across * across, beta / 2);
    return plateau ? 1 / (1 + power) : std::exp(-power / 2);
  });
}

std::vector<float> sinc_kernel(int64_t side, double cutoff) {
  return kernel_of(side, [&](double x, double y) {
    const double distance = std::hypot(x, y);
    if (distance == 0) return cutoff * cutoff / (4 * std::numbers::pi);
    return cutoff * std::cyl_bessel_j(1, cutoff * distance) / (2 * std::numbers::pi * distance);
  });
}

int64_t Degradation::reach_px() const {
  const int64_t kernel = options_.kind == "blind" ? kSmallestKernel + 2 * (kKernels - 1) : 0;
  return (kernel + 2 * scale_ + scale_ - 1) / scale_ * scale_;
}

Pixels Degradation::apply(const Pixels& image, const ItemRandom& random) const {
  const int64_t height = image.height / scale_, width = image.width / scale_;
  auto degraded = to_float(image);
  if (options_.kind == "bicubic") return to_pixels(resized(degraded, height, width));
  degraded = this->round(
      std::move(degraded),
      {.blur_chance = 1, .strength = 1, .smaller_chance = 0.7, .larger_chance = 0.2, .smallest = 0.15, .largest = 1.5},
      image.height, image.width, random);
  if (options_.second_order) {
    degraded = this->round(std::move(degraded),
                           {.blur_chance = 0.8,
                            .strength = 0.5,
                            .smaller_chance = 0.4,
                            .larger_chance = 0.3,
                            .smallest = 0.3,
                            .largest = 1.2},
                           height, width, random);
  }
  return to_pixels(last_steps(std::move(degraded), height, width, random));
}

FloatImage Degradation::round(FloatImage image, const Round& round, int64_t whole_height, int64_t whole_width,
                              const ItemRandom& random) const {
  if (options_.blur > 0 && happens(random, round.blur_chance)) {
    image = filtered(image, draw_blur(options_.blur * round.strength, random));
  }
  const double direction = real(random, 0, 1);
  double factor = 1;
  if (direction < round.smaller_chance) {
    factor = real(random, round.smallest, 1);
  } else if (direction < round.smaller_chance + round.larger_chance) {
    factor = real(random, 1, round.largest);
  }
  const auto side = [factor](int64_t whole) {
    return std::max<int64_t>(std::llround(static_cast<double>(whole) * factor), 1);
  };
  image = resized(image, side(whole_height), side(whole_width), draw_filter(random));
  if (options_.noise > 0) add_noise(image, options_.noise * (round.strength < 1 ? 5.0 / 6 : 1), random);
  clip(image);
  // The second round's comes with the last steps.
  const bool is_last = options_.second_order == (round.strength < 1);
  return is_last || options_.jpeg == 0 ? std::move(image) : through_jpeg(image, options_.jpeg, random);
}

/// To its size, mostly with ringing, and JPEG, in either order.
FloatImage Degradation::last_steps(FloatImage image, int64_t height, int64_t width, const ItemRandom& random) const {
  const bool jpeg_first = happens(random, 0.5);
  if (jpeg_first && options_.jpeg > 0) image = through_jpeg(image, options_.jpeg, random);
  image = resized(image, height, width, draw_filter(random));
  if (options_.blur > 0 && options_.second_order && happens(random, 0.8)) {
    image = filtered(image, draw_sinc(random));
    clip(image);
  }
  return jpeg_first || options_.jpeg == 0 ? std::move(image) : through_jpeg(image, options_.jpeg, random);
}

}  // namespace forger
