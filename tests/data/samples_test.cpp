#include "data/samples.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/npz.h"
#include "core/torch.h"
#include "forger/error.h"
#include "forger/images.h"
#include "image/grid.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

/// The message of the Error that loading gives, or "".
std::string refusal(const std::filesystem::path& path) {
  try {
    load_samples(path.string(), 100);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(SamplesTest, ArchivesAndFoldersGiveTheSameTensor) {
  const TemporaryFolder folder;
  const auto pixels = torch::arange(4 * 3 * 5 * 6, at::kLong).remainder(256).to(at::kByte).view({4, 3, 5, 6});
  write_npz(folder / "samples.npz", {{"images", pixels.permute({0, 2, 3, 1})}});
  make_folder(folder / "png");
  for (int64_t i = 0; i < 4; ++i) save_image(folder / "png" / (std::to_string(i) + ".png"), pixels[i]);
  const auto archive = load_samples((folder / "samples.npz").string(), 100);
  EXPECT_TRUE(archive.equal(to_floats(pixels)));
  const auto images = load_samples((folder / "png").string(), 100);
  // In random order, always the same one.
  const auto sums = [](const at::Tensor& samples) { return std::get<0>(at::sort(samples.flatten(1).sum(1))); };
  EXPECT_TRUE(at::allclose(sums(images), sums(archive)));
  EXPECT_TRUE(images.equal(load_samples((folder / "png").string(), 100)));
  EXPECT_EQ(load_samples((folder / "png").string(), 3).size(0), 3);
  EXPECT_EQ(load_samples((folder / "samples.npz").string(), 3).size(0), 3);
}

TEST(SamplesTest, GreyImagesNeedNoChannelAndPointsStayAsTheyAre) {
  const TemporaryFolder folder;
  write_npz(folder / "grey.npz", {{"arr_0", torch::zeros({4, 5, 6}, at::kByte)}});
  EXPECT_EQ(load_samples((folder / "grey.npz").string(), 100).sizes(), (std::vector<int64_t>{4, 1, 5, 6}));
  write_npz(folder / "points.npz", {{"points", torch::tensor({1.0, 2.0, 3.0, 4.0}, at::kDouble).view({2, 2})}});
  EXPECT_EQ(load_samples((folder / "points.npz").string(), 100).sizes(), (std::vector<int64_t>{2, 2, 1, 1}));
}

TEST(SamplesTest, OneArrayInAFileOfItsOwnIsRead) {
  const TemporaryFolder folder;
  // numpy.lib.format: what numpy.save writes of an array of these types and shapes.
  const auto npy = [&](const std::string& type, const std::string& shape, const std::string& values) {
    std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
    header.resize(117, ' ');
    write_file_atomically(folder / "a.npy", std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + '\n' + values);
    return load_samples((folder / "a.npy").string(), 100);
  };
  const auto images = npy("|u1", "(2, 1, 3)", std::string("\0\1\2\3\4\xFF", 6));
  EXPECT_EQ(images.sizes(), (std::vector<int64_t>{2, 1, 1, 3}));
  EXPECT_FLOAT_EQ(images[1][0][0][2].item<float>(), 1);
  EXPECT_EQ(npy("<f4", "(1, 2)", std::string(8, '\0')).sizes(), (std::vector<int64_t>{1, 2, 1, 1}));
  EXPECT_THROW(npy("<f4", "(1, 3)", std::string(12, '\0')), Error);
}

TEST(SamplesTest, WhatCannotBeMeantIsRefused) {
  const TemporaryFolder folder;
  const auto refused = [&](const at::Tensor& images) {
    write_npz(folder / "a.npz", {{"images", images}});
    return refusal(folder / "a.npz");
  };
  EXPECT_NE(refused(torch::zeros({4, 3, 8, 8}, at::kByte)).find("look like [N, C, H, W]"), std::string::npos);
  EXPECT_NE(refused(torch::zeros({4, 8, 8, 3})).find("accepted: uint8"), std::string::npos);
  EXPECT_NE(refused(torch::full({4, 8, 8, 3}, std::nan(""))).find("NaN"), std::string::npos);
  EXPECT_NE(refused(torch::zeros({4, 8}, at::kByte)).find("[4, 8]"), std::string::npos);
  write_npz(folder / "a.npz", {{"points", torch::full({4, 2}, std::nan(""))}});
  EXPECT_NE(refusal(folder / "a.npz").find("NaN"), std::string::npos);
  make_folder(folder / "mixed");
  save_image(folder / "mixed" / "a.png", torch::zeros({1, 8, 8}, at::kByte));
  save_image(folder / "mixed" / "b.png", torch::zeros({1, 9, 8}, at::kByte));
  EXPECT_NE(refusal(folder / "mixed").find("accepted: one size"), std::string::npos);
}

TEST(SamplesTest, ImagesOfAnySizeAreBroughtToOne) {
  const TemporaryFolder folder;
  const auto wanted = to_floats(torch::full({2, 3, 4, 6}, 100, at::kByte));
  write_npz(folder / "same.npz", {{"images", torch::full({2, 8, 8, 3}, 100, at::kByte)}});
  const auto archive = load_samples_fitted((folder / "same.npz").string(), 100, 4, 6);
  EXPECT_TRUE(archive.images.equal(wanted));
  EXPECT_EQ(archive.sizes, (std::set<std::pair<int64_t, int64_t>>{{8, 8}}));
  make_folder(folder / "mixed");
  save_image(folder / "mixed" / "a.png", torch::full({3, 8, 8}, 100, at::kByte));
  save_image(folder / "mixed" / "b.png", torch::full({3, 5, 2}, 100, at::kByte));
  const auto mixed = load_samples_fitted((folder / "mixed").string(), 100, 4, 6);
  EXPECT_TRUE(mixed.images.equal(wanted));
  EXPECT_EQ(mixed.sizes, (std::set<std::pair<int64_t, int64_t>>{{5, 2}, {8, 8}}));
}

}  // namespace
}  // namespace forger
