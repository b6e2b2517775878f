#include "serve/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace forger {
namespace {

using std::chrono::milliseconds;

TEST(EventLogTest, AReaderGetsWhatCameAfterTheEventThatItSaw) {
  EventLog log;
  const auto none = log.last();
  log.add("step", "{\"a\":1}");
  const auto first = log.last();
  log.add("step", "{\"a\":2}");
  auto news = log.after(none, milliseconds(0));
  ASSERT_TRUE(news);
  EXPECT_THAT(news->text,
              testing::AllOf(testing::HasSubstr("event: step\ndata: {\"a\":1}\n\n"), testing::HasSubstr("{\"a\":2}")));
  EXPECT_EQ(news->last, log.last());
  news = log.after(first, milliseconds(0));
  ASSERT_TRUE(news);
  EXPECT_EQ(news->text, "id: " + std::to_string(log.last()) + "\nevent: step\ndata: {\"a\":2}\n\n");
  EXPECT_EQ(log.after(log.last(), milliseconds(0))->text, "");
}

TEST(EventLogTest, EventsOfAnEarlierProcessAndOnesLongAgoAreUnknown) {
  EventLog log;
  const auto none = log.last();
  EXPECT_FALSE(log.after(none - 1, milliseconds(0)));
  EXPECT_FALSE(log.after(none + 1, milliseconds(0)));
  const std::string large(1 << 20, 'x');
  for (int i = 0; i < 10; ++i) log.add("large", large);
  EXPECT_FALSE(log.after(none, milliseconds(0)));
  EXPECT_TRUE(log.after(log.last() - 1, milliseconds(0)));
}

TEST(EventLogTest, AReaderWaitsForAnEventAndForTheEnd) {
  EventLog log;
  const auto none = log.last();
  std::thread writer([&] {
    std::this_thread::sleep_for(milliseconds(20));
    log.add("step", "{}");
    std::this_thread::sleep_for(milliseconds(20));
    log.close();
  });
  EXPECT_NE(log.after(none, milliseconds(10000))->text, "");
  EXPECT_EQ(log.after(log.last(), milliseconds(10000))->text, "");
  EXPECT_TRUE(log.is_closed());
  writer.join();
}

}  // namespace
}  // namespace forger
