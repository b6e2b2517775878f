#include "api/known_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace forger {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const DataRecord kThen{"folder", 600, 0.1, "1", "2", false};

TEST(NotesOnDataTest, NothingIsSaidOfTheSameData) { EXPECT_THAT(notes_on_data(kThen, kThen), IsEmpty()); }

TEST(NotesOnDataTest, OtherDataAreNamedWithWhatFollows) {
  auto now = kThen;
  now.images = 610, now.marks = "3";
  EXPECT_THAT(
      notes_on_data(kThen, now),
      ElementsAre(
          "these are not the data that it was trained on: 610 images, not 600; images that are held out were not "
          "trained on"));
  now.held_out = 0.2;
  EXPECT_THAT(notes_on_data(kThen, now), ElementsAre(HasSubstr("may have been trained on")));
}

TEST(NotesOnDataTest, WhoKnowsNothingSaysSo) {
  EXPECT_THAT(notes_on_data(std::nullopt, kThen), ElementsAre(HasSubstr("did not record which")));
  auto mixed = kThen;
  mixed.mixed = true;
  EXPECT_THAT(notes_on_data(mixed, kThen), ElementsAre(HasSubstr("its data changed while it was trained")));
}

}  // namespace
}  // namespace forger
