#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace forger {

/// Where the images come from and how they become tensors of one shape.
struct DataOptions {
  /// A folder, a zip archive, an IDX file or folder of IDX files, tar shards (`shards/{000..127}.tar`), or
  /// `synthetic:NAME`.
  std::string source;
  /// [height, width] in pixels; empty: the images' own size when they all agree and fit the networks, else 64.
  std::vector<int64_t> size;
  /// 1 (grey), 3 (RGB) or 4 (RGBA), or 2 for points; 0: what the first images have (alpha only when it says something).
  int64_t channels = 0;
  /// How an image of another size comes to `size`: "crop" the middle, "pad" with black, "stretch", or "tiles": it is
  /// cut at its own scale into tiles of that size, which overlap by half.
  std::string fit = "crop";
  /// Which values of 16-bit images become 0 and 255 of the 8 bits that networks see: "keep" (0 and 65535), "stretch"
  /// (the lowest and the highest of the training images), "clip" (the same but for the lowest and the highest
  /// thousandth of all values), or two numbers, "[0, 4095]". What is beyond is clipped. Measured once: a run folder
  /// holds the numbers. 8-bit images, and alpha, stay as they are.
  std::string levels = "keep";
  /// Mirrors every second training image, chosen by the seed. Doubles the data where left and right mean nothing.
  bool flip = false;
  /// Reads class labels (first-level folders, IDX label file, `.cls` or folder in a shard, synthetic mode) and makes
  /// the networks class-conditional.
  bool labels = false;
  /// Trains on these classes only (numbers in the order of `forger info DATA`); empty: on all.
  std::vector<int64_t> classes;
  /// Memory for decoded 8-bit images. A set that fits is decoded once; a larger one is decoded ahead of each step.
  std::string cache = "512MiB";
  /// The share of unreadable images above which training refuses to go on, 0 to 1.
  double max_bad = 0.01;
  /// The share of images that never reaches the players, halved until they are at most 10,000; kept for referee and
  /// metrics. Which ones follows from what each image is (its name, or its bytes where names only count), not from the
  /// others.
  double held_out = 0.1;
  /// Decoding threads; 0: one per processor.
  int64_t workers = 0;

  bool operator==(const DataOptions&) const = default;
};

/// How small images are made for super-resolution to learn from.
struct DegradationOptions {
  /// "bicubic" (antialiased, as the literature measures with) or "blind": blur, resizes, noise and JPEG, all drawn, as
  /// pictures that went round the world (Real-ESRGAN, Wang et al. 2021, arXiv 2107.10833).
  std::string kind = "bicubic";
  /// The small images themselves, a data set whose names are those of `DataOptions::source`; then nothing is made.
  std::string low = {};
  /// Of "blind": the largest deviation of a blur kernel in pixels, and of noise in levels of 255; the lowest JPEG
  /// quality, 1 to 95; 0 each: none of it.
  double blur = 3;
  double noise = 30;
  int64_t jpeg = 30;
  /// All of it a second time, weaker, and ringing as of sharpening.
  bool second_order = true;

  bool operator==(const DegradationOptions&) const = default;
};

/// The two kinds of images, sides A and B, that translation learns from: in pairs, or without.
struct PairsOptions {
  /// Where sides A and B come from. "folders": the data holds folders A and B (or trainA and trainB), with pairs
  /// matched by name. "side-by-side": A is the left half of each image, B the right one. Or B are the images of the
  /// data, and A is made of them on the fly: "edges" (dark on white), "grey", "blur", "mask" (a part is see-through) or
  /// "tone" (one fixed change of colours and tones). "classes", without pairs: those of `classes_a` and `classes_b`.
  /// "auto": folders where they are, with pairs side by side where all images are twice as wide as high, without pairs
  /// classes where they are given. Without pairs, an image that could be of both sides is of one alone.
  std::string source = "auto";
  /// "a2b": B is made from A; "b2a": A from B. A game that learns both ways takes this one as the first.
  std::string direction = "a2b";
  /// Class numbers, in the order of `forger info DATA`, of the sides.
  std::vector<int64_t> classes_a = {};
  std::vector<int64_t> classes_b = {};
  /// Of what images are made from: 1 (grey), 3 (RGB) or 4 (RGBA); 0: what it has.
  int64_t channels = 0;
  /// Both sides of a training pair are brought to so many times `DataOptions::size`, and a part of that size is cut
  /// out, each time another; 1: not.
  double enlarge = 1;
  /// "edges": the least slope that is drawn, in levels of 255 a pixel.
  double edges = 10;
  /// "blur": the deviation of the Gaussian in pixels.
  double blur = 2;
  /// "mask": the largest side of the hole as a share of the image's; the smallest is half of that.
  double mask = 0.5;

  bool operator==(const PairsOptions&) const = default;
};

}  // namespace forger
