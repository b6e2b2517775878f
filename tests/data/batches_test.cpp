#include "data/batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "core/torch.h"
#include "data/data_order.h"
#include "forger/error.h"
#include "image/grid.h"

namespace forger {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

/// Image i: level i everywhere but in the first column, which is 0. Items of `bad` cannot be read.
class GreySet : public Dataset {
 public:
  explicit GreySet(int64_t size, std::set<int64_t> bad = {}) : size_(size), bad_(std::move(bad)) {}
  int64_t size() const override { return size_; }
  Item get(int64_t index, uint64_t) const override {
    if (bad_.contains(index)) throw Error(name(index) + ": broken");
    ++reads;
    at::Tensor pixels = at::full({3, 4, 5}, index, at::kByte);
    pixels.select(2, 0).fill_(0);
    return {.image = pixels, .label = index % 2};
  }
  std::string name(int64_t index) const override { return std::to_string(index) + ".png"; }
  std::vector<std::string> class_names() const override { return {"even", "odd"}; }

  mutable std::atomic<int64_t> reads{0};

 private:
  int64_t size_;
  std::set<int64_t> bad_;
};

BatchOptions options(bool cached, int64_t workers = 2) {
  BatchOptions result;
  result.cache_bytes = cached ? 1 << 20 : 0;
  result.workers = workers;
  result.max_bad = 0.5;
  return result;
}

/// The items of a batch, told by their level.
std::vector<int64_t> items(const Batch& batch) {
  const at::Tensor levels = to_bytes(batch.images).amax({1, 2, 3}).to(at::kLong);
  return {levels.const_data_ptr<int64_t>(), levels.const_data_ptr<int64_t>() + levels.size(0)};
}

class Both : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(CachedAndAhead, Both, ::testing::Bool());

TEST_P(Both, BatchIsFloatChannelsLastWithTheItemsLabels) {
  Batches batches(std::make_shared<GreySet>(50), options(GetParam()));
  const Batch batch = batches.next(8);
  EXPECT_EQ(batch.images.sizes(), (std::vector<int64_t>{8, 3, 4, 5}));
  EXPECT_EQ(batch.images.scalar_type(), at::kFloat);
  EXPECT_TRUE(batch.images.is_contiguous(at::MemoryFormat::ChannelsLast));
  const auto levels = items(batch);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(batch.labels[static_cast<int64_t>(i)].item<int64_t>(), levels[i] % 2);
    const at::Tensor pixels = GreySet(50).get(levels[i], kFixedDraw).image;
    EXPECT_TRUE(at::equal(batch.images[static_cast<int64_t>(i)], to_floats(pixels)));
  }
}

TEST(BatchesTest, ProcessesThatShareTheCacheKeepASetThatFitsTheirPart) {
  const auto reads_of = [](int64_t sharers, std::vector<int64_t>& shown) {
    const auto set = std::make_shared<GreySet>(50);
    BatchOptions shared = options(true);
    shared.cache_bytes = 2 * 50 * 3 * 4 * 5;
    shared.sharers = sharers;
    Batches batches(set, shared);
    for (int i = 0; i < 15; ++i) {
      for (const int64_t item : items(batches.next(10))) shown.push_back(item);
    }
    return set->reads.load();
  };
  std::vector<int64_t> alone, two, three;
  EXPECT_EQ(reads_of(1, alone), 51);  // one to learn the shape
  EXPECT_EQ(reads_of(2, two), 51);
  EXPECT_GE(reads_of(3, three), 151);  // each as it is shown
  EXPECT_EQ(two, alone);
  EXPECT_EQ(three, alone);
}

TEST_P(Both, EveryEpochShowsEveryItemOnceInAnotherOrder) {
  Batches batches(std::make_shared<GreySet>(50), options(GetParam()));
  std::vector<int64_t> seen;
  for (int i = 0; i < 10; ++i) {
    for (const int64_t item : items(batches.next(10))) seen.push_back(item);
  }
  const std::vector<int64_t> first(seen.begin(), seen.begin() + 50), second(seen.begin() + 50, seen.end());
  EXPECT_EQ(std::set<int64_t>(first.begin(), first.end()).size(), 50U);
  EXPECT_EQ(std::set<int64_t>(second.begin(), second.end()).size(), 50U);
  EXPECT_NE(first, second);
}

TEST_P(Both, SetsSmallerThanABatchWork) {
  Batches batches(std::make_shared<GreySet>(3), options(GetParam()));
  const auto seen = items(batches.next(8));
  EXPECT_EQ(std::set<int64_t>(seen.begin(), seen.begin() + 3).size(), 3U);
  EXPECT_EQ(std::set<int64_t>(seen.begin() + 3, seen.begin() + 6).size(), 3U);
}

TEST_P(Both, SeekGoesOnWhereAnotherStreamWas) {
  BatchOptions flipped = options(GetParam());
  flipped.flip = true;
  Batches whole(std::make_shared<GreySet>(50), flipped), resumed(std::make_shared<GreySet>(50), flipped);
  for (int i = 0; i < 7; ++i) whole.next(9);
  resumed.next(4);
  resumed.seek(whole.position());
  EXPECT_EQ(resumed.position(), 63);
  EXPECT_TRUE(at::equal(whole.next(9).images, resumed.next(9).images));
  EXPECT_TRUE(at::equal(whole.next(5).images, resumed.next(5).images));
}

TEST_P(Both, UnreadableItemsAreReplacedByTheirSuccessorAndTold) {
  Batches batches(std::make_shared<GreySet>(10, std::set<int64_t>{3, 4, 9}), options(GetParam()));
  std::multiset<int64_t> seen;
  for (const int64_t item : items(batches.next(10))) seen.insert(item);
  EXPECT_EQ(seen, (std::multiset<int64_t>{0, 0, 1, 2, 5, 5, 5, 6, 7, 8}));
  const auto bad = batches.take_bad_images();
  EXPECT_EQ(std::set<std::string>(bad.begin(), bad.end()),
            (std::set<std::string>{"3.png: broken", "4.png: broken", "9.png: broken"}));
  EXPECT_TRUE(batches.take_bad_images().empty());
}

TEST_P(Both, TooManyUnreadableItemsAreAnError) {
  BatchOptions strict = options(GetParam());
  strict.max_bad = 0.2;
  try {
    Batches batches(std::make_shared<GreySet>(10, std::set<int64_t>{3, 4, 9}), strict);
    batches.next(10);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("3 of 10 images cannot be read"), HasSubstr("20 %"),
                                    HasSubstr("data.max_bad"), HasSubstr("3.png: broken")));
  }
}

TEST_P(Both, SetOfUnreadableItemsIsAnError) {
  BatchOptions lenient = options(GetParam());
  lenient.max_bad = 1;
  try {
    Batches(std::make_shared<GreySet>(2, std::set<int64_t>{0, 1}), lenient).next(1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "data: none of 2 images can be read; the first: 0.png: broken");
  }
  EXPECT_THROW(Batches(std::make_shared<GreySet>(0), lenient), Error);
}

TEST_P(Both, FlipMirrorsAboutEverySecondImage) {
  BatchOptions flipped = options(GetParam());
  flipped.flip = true;
  Batches batches(std::make_shared<GreySet>(200), flipped);
  const at::Tensor bytes = to_bytes(batches.next(400).images);
  const int64_t mirrored = bytes.select(3, 4).select(1, 0).select(1, 0).eq(0).sum().item<int64_t>();
  EXPECT_NEAR(static_cast<double>(mirrored), 200, 40);  // four standard deviations
}

TEST(BatchesTest, CachedAndAheadGiveTheSameWhateverTheThreads) {
  Batches cached(std::make_shared<GreySet>(40), options(true, 1)),
      ahead(std::make_shared<GreySet>(40), options(false, 4));
  for (const int64_t count : {7, 7, 3, 90, 7}) {
    const Batch left = cached.next(count), right = ahead.next(count);
    EXPECT_TRUE(at::equal(left.images, right.images));
    EXPECT_TRUE(at::equal(left.labels, right.labels));
  }
}

TEST(BatchesTest, SetThatFitsIsDecodedOnce) {
  auto levels = std::make_shared<GreySet>(20);
  Batches batches(levels, options(true));
  const int64_t reads = levels->reads;
  for (int i = 0; i < 10; ++i) batches.next(20);
  EXPECT_EQ(levels->reads, reads);
  EXPECT_EQ(batches.waited_seconds(), 0);
}

TEST(BatchesTest, PointsComeAsTheyAre) {
  class Points : public Dataset {
   public:
    int64_t size() const override { return 4; }
    Item get(int64_t index, uint64_t) const override {
      return {.image = at::full({2, 1, 1}, 1.5 * static_cast<double>(index), at::kFloat)};
    }
    std::string name(int64_t) const override { return "point"; }
  };
  Batches batches(std::make_shared<Points>(), options(true));
  const Batch batch = batches.next(4);
  EXPECT_EQ(batch.images.sizes(), (std::vector<int64_t>{4, 2, 1, 1}));
  EXPECT_EQ(batch.images.max().item<float>(), 4.5);
  EXPECT_FALSE(batch.labels.defined());
}

/// Image i is to be made from a grey one of half its sides and twice its level; the first column of both is 0.
class PairSet : public GreySet {
 public:
  using GreySet::GreySet;
  Item get(int64_t index, uint64_t draw) const override {
    Item item = GreySet::get(index, draw);
    item.source = at::full({1, 2, 3}, 2 * index, at::kByte);
    item.source.select(2, 0).fill_(0);
    return item;
  }
};

TEST_P(Both, AnItemsSourceComesWithItsImageAndIsMirroredWithIt) {
  auto with_flip = options(GetParam());
  with_flip.flip = true;
  Batches batches(std::make_shared<PairSet>(20), with_flip);
  const Batch batch = batches.next(20);
  ASSERT_EQ(batch.sources.sizes(), (std::vector<int64_t>{20, 1, 2, 3}));
  const at::Tensor images = to_bytes(batch.images).to(at::kLong), sources = to_bytes(batch.sources).to(at::kLong);
  EXPECT_TRUE(at::equal(sources.amax({1, 2, 3}), 2 * images.amax({1, 2, 3})));
  const auto dark_on_the_left = [](const at::Tensor& all) { return all.select(3, 0).amax({1, 2}) == 0; };
  EXPECT_TRUE(at::equal(dark_on_the_left(images), dark_on_the_left(sources)));
}

/// Item i is drawn: its level is a byte of the draw.
class VaryingSet : public GreySet {
 public:
  using GreySet::GreySet;
  bool varies() const override { return true; }
  Item get(int64_t index, uint64_t draw) const override {
    return GreySet::get(static_cast<int64_t>((static_cast<uint64_t>(index) + draw) % 256), draw);
  }
};

TEST(BatchesTest, WhatIsDrawnForAPositionIsTheSameAfterASeek) {
  Batches whole(std::make_shared<VaryingSet>(12), options(true)),
      resumed(std::make_shared<VaryingSet>(12), options(true));
  const auto first = items(whole.next(12)), second = items(whole.next(12)), third = items(whole.next(12));
  EXPECT_NE(std::set(first.begin(), first.end()), std::set(second.begin(), second.end()));
  resumed.seek(24);
  EXPECT_EQ(items(resumed.next(12)), third);
}

TEST(DataOrderTest, PartsOfAPictureComeWithinAWindowOfPictures) {
  std::vector<int64_t> pictures;
  for (int64_t item = 0; item < 60; ++item) pictures.push_back(item / 6);
  DataOrder order(pictures, /*window=*/2, /*seed=*/3);
  std::set<int64_t> all;
  for (int64_t window = 0; window < 5; ++window) {
    std::set<int64_t> open;
    std::vector<int64_t> items;
    for (int64_t i = 0; i < 12; ++i) items.push_back(order.item_at(12 * window + i));
    for (const int64_t item : items) open.insert(pictures[static_cast<size_t>(item)]);
    EXPECT_EQ(open.size(), 2U);
    EXPECT_FALSE(std::is_sorted(items.begin(), items.end()));
    all.insert(items.begin(), items.end());
  }
  EXPECT_EQ(all.size(), 60U);
}

TEST(DataOrderTest, IsAFunctionOfSeedAndPosition) {
  DataOrder forward(13, 5), backward(13, 5), other(13, 6);
  std::vector<int64_t> items, others;
  for (int64_t i = 0; i < 60; ++i) items.push_back(forward.item_at(i));
  for (int64_t i = 59; i >= 0; --i) EXPECT_EQ(backward.item_at(i), items[static_cast<size_t>(i)]);
  for (int64_t i = 0; i < 60; ++i) others.push_back(other.item_at(i));
  EXPECT_NE(items, others);
}

}  // namespace
}  // namespace forger
