#include "model/torch_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/files.h"
#include "core/torch.h"
#include "forger/error.h"
#include "model/pickle.h"
#include "support/pickle_bytes.h"
#include "support/temporary_folder.h"

namespace forger {
namespace {

using namespace pickle_bytes;
using namespace std::string_literals;
using testing::HasSubstr;

std::string torch_refusal(const std::string& bytes) {
  try {
    parse_torch_file(bytes, "x.pth");
    return "accepted";
  } catch (const Error& error) {
    return error.what();
  }
}

/// A dictionary with one tensor of float numbers 1, 2, 3 … of which `numbers` are there.
std::string one_tensor(int64_t offset, const std::vector<int64_t>& sizes, const std::vector<int64_t>& strides,
                       int64_t numbers = 6) {
  std::vector<float> values;
  for (int64_t i = 1; i <= numbers; ++i) values.push_back(static_cast<float>(i));
  return torch_zip(dictionary({text("w"), tensor(storage("FloatStorage", "0", numbers), offset, sizes, strides)}),
                   {{"0", raw(values)}});
}

TEST(TorchFileTest, TensorsAreViewsOfTheirStorages) {
  const auto plain = parse_torch_file(one_tensor(0, {2, 3}, {3, 1}), "x");
  EXPECT_EQ(plain.format, "PyTorch");
  EXPECT_TRUE(at::equal(plain.tensors.at("w"), at::arange(1, 7, at::kFloat).view({2, 3})));
  EXPECT_TRUE(at::equal(parse_torch_file(one_tensor(0, {3, 2}, {1, 3}), "x").tensors.at("w"),
                        at::arange(1, 7, at::kFloat).view({2, 3}).t()));
  EXPECT_TRUE(at::equal(parse_torch_file(one_tensor(4, {2}, {1}), "x").tensors.at("w"), at::tensor({5.F, 6.F})));
  EXPECT_TRUE(at::equal(parse_torch_file(one_tensor(1, {2}, {4}), "x").tensors.at("w"), at::tensor({2.F, 6.F})));
  EXPECT_TRUE(at::equal(parse_torch_file(one_tensor(3, {}, {}), "x").tensors.at("w"), at::scalar_tensor(4.F)));
  EXPECT_EQ(parse_torch_file(one_tensor(6, {0, 5}, {5, 1}), "x").tensors.at("w").numel(), 0);
}

TEST(TorchFileTest, OtherNumbersBecomeFloat) {
  const auto value_of = [](const std::string& type, const std::string& bytes) {
    const auto file = torch_zip(dictionary({text("w"), tensor(storage(type, "0", 1), 0, {1}, {1})}), {{"0", bytes}});
    return parse_torch_file(file, "x").tensors.at("w").item<float>();
  };
  EXPECT_EQ(value_of("HalfStorage", "\x00\xC1"s), -2.5F);
  EXPECT_EQ(value_of("BFloat16Storage", "\x20\x40"s), 2.5F);
  EXPECT_EQ(value_of("DoubleStorage", raw<double>({-0.75})), -0.75F);
  EXPECT_EQ(value_of("LongStorage", raw<int64_t>({-7})), -7.F);
  EXPECT_EQ(value_of("ByteStorage", "\xFF"), 255.F);
  EXPECT_EQ(value_of("BoolStorage", "\1"), 1.F);
}

TEST(TorchFileTest, TheFormatBeforeOneSixIsRead) {
  const auto shared = storage("FloatStorage", "94", 4);
  const auto view = storage("FloatStorage", "94", 4, "(" + text("95") + whole(2) + whole(2) + "t");
  const auto file = torch_old(dictionary({text("a"), tensor(shared, 0, {2}, {1}), text("b"), tensor(view, 0, {2}, {1}),
                                          text("c"), tensor(storage("DoubleStorage", "7", 1), 0, {1}, {1})}),
                              {{"94", 4, raw<float>({1, 2, 3, 4})}, {"7", 1, raw<double>({5})}});
  const auto weights = parse_torch_file(file, "x");
  EXPECT_EQ(weights.format, "PyTorch before 1.6");
  EXPECT_TRUE(at::equal(weights.tensors.at("a"), at::tensor({1.F, 2.F})));
  EXPECT_TRUE(at::equal(weights.tensors.at("b"), at::tensor({3.F, 4.F})));
  EXPECT_TRUE(at::equal(weights.tensors.at("c"), at::tensor({5.F})));
  for (size_t length = 0; length < file.size(); ++length) {
    EXPECT_NE(torch_refusal(file.substr(0, length)), "accepted") << length;
  }
}

TEST(TorchFileTest, WeightsAreFoundInWhatTrainingProgramsSave) {
  const auto weights = dictionary({text("w"), tensor(storage("FloatStorage", "0", 1), 0, {1}, {1})});
  const auto other = dictionary({text("w"), tensor(storage("FloatStorage", "1", 1), 0, {1}, {1})});
  const auto found = [&](const std::string& value) {
    const auto file = parse_torch_file(torch_zip(value, {{"0", raw<float>({1})}, {"1", raw<float>({2})}}), "x");
    return std::pair(file.wrapper, file.tensors.at("w").item<float>());
  };
  EXPECT_EQ(found(weights), std::pair(""s, 1.F));
  EXPECT_EQ(found(dictionary({text("params"), other, text("params_ema"), weights})), std::pair("params_ema"s, 1.F));
  EXPECT_EQ(found(dictionary({text("epoch"), whole(3), text("model"), dictionary({text("state_dict"), weights})})),
            std::pair("model.state_dict"s, 1.F));
  EXPECT_EQ(found(dictionary({text("whatever"), weights})), std::pair("whatever"s, 1.F));
  // An OrderedDict, with attributes set on it, and a parameter.
  const auto parameter = name("torch._utils", "_rebuild_parameter") + "(" +
                         tensor(storage("FloatStorage", "0", 1), 0, {1}, {1}) + "\x88}tR";
  const auto ordered = name("collections", "OrderedDict") + ")R(" + text("w") + parameter + "u" +
                       dictionary({text("_metadata"), "}"}) + "b";
  EXPECT_EQ(found(ordered), std::pair(""s, 1.F));
  EXPECT_THAT(torch_refusal(torch_zip(dictionary({text("epoch"), whole(3)}), {})), HasSubstr("it holds: epoch"));
  EXPECT_THAT(torch_refusal(torch_zip(whole(3), {})), HasSubstr("holds no dictionary"));
}

TEST(TorchFileTest, NothingThatCouldRunIsUnderstood) {
  for (const std::string& call : {name("os", "system"), name("builtins", "eval"), name("torch", "load"),
                                  name("torch._utils", "_rebuild_qtensor"), text("posix") + text("system") + "\x93"}) {
    EXPECT_THAT(torch_refusal(torch_zip(call + "(" + text("true") + "tR", {})), HasSubstr("wants to make a ")) << call;
  }
  EXPECT_THAT(torch_refusal(torch_zip(name("os", "system"), {})),
              HasSubstr("x.pth: wants to make a os.system, which is not"));
  // Instances, extensions, other persistent things.
  for (const std::string& value : {"(i__main__\nA\n"s, ")o"s, "\x82\x01"s, "P0\n"s, "\x81"s, "\x98"s}) {
    EXPECT_THAT(torch_refusal(torch_zip(value, {})), HasSubstr("pickle instruction 0x")) << value;
  }
  EXPECT_THAT(torch_refusal(torch_zip("(" + text("module") + "tQ", {})), HasSubstr("holds a \"module\""));
  EXPECT_THAT(torch_refusal(zip_file({{"a/data.pkl", pickle("}")}, {"a/constants.pkl", ""}})),
              HasSubstr("TorchScript"));
}

TEST(TorchFileTest, ViewsBeyondTheNumbersAreRefused) {
  const int64_t most = std::numeric_limits<int32_t>::max();
  for (const auto& [offset, sizes, strides] :
       std::vector<std::tuple<int64_t, std::vector<int64_t>, std::vector<int64_t>>>{
           {0, {7}, {1}},
           {1, {2, 3}, {3, 1}},
           {0, {2}, {6}},
           {-1, {2}, {1}},
           {0, {2}, {-1}},
           {0, {-2}, {1}},
           {most, {1}, {1}},
           {0, {most, most, most, most}, {0, 0, 0, 0}},
           {0, {2, 2}, {most, most}},
           {0, {2}, {1, 1}},
           {0, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}}}) {
    EXPECT_THAT(torch_refusal(one_tensor(offset, sizes, strides)), HasSubstr("x.pth: the tensor w ")) << offset;
  }
  const auto lying = torch_zip(dictionary({text("w"), tensor(storage("FloatStorage", "0", 6), 0, {6}, {1})}),
                               {{"0", raw<float>({1, 2})}});
  EXPECT_THAT(torch_refusal(lying), HasSubstr("is made of 6 numbers, the file holds 2"));
  EXPECT_THAT(
      torch_refusal(torch_zip(dictionary({text("w"), tensor(storage("FloatStorage", "0", 1), 0, {1}, {1})}), {})),
      HasSubstr("lacks its part data/0"));
}

TEST(TorchFileTest, EveryPrefixIsAnError) {
  const auto whole_file = one_tensor(0, {2, 3}, {3, 1});
  for (size_t length = 0; length < whole_file.size(); ++length) {
    EXPECT_NE(torch_refusal(whole_file.substr(0, length)), "accepted") << length;
  }
}

TEST(PickleTest, AStreamThatCopiesAgainAndAgainEnds) {
  // A list of a thousand numbers, from which a hundred thousand copies are made.
  std::string bytes = "](";
  for (int i = 0; i < 1000; ++i) bytes += "K\1";
  bytes += "eq\1";
  for (int i = 0; i < 100'000; ++i) bytes += "ctorch\nSize\n(h\1tR";
  try {
    Pickle(bytes + ".");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("holds more than"));
  }
}

TEST(PickleTest, DamageIsAnError) {
  for (const std::string& bytes : {""s,
                                   "."s,
                                   "0."s,
                                   "(0."s,
                                   "t."s,
                                   "h\1."s,
                                   "}a."s,
                                   "]K\1K\2s."s,
                                   "(K\1u."s,
                                   "R."s,
                                   "K\1K\2R."s,
                                   "Q."s,
                                   "b."s,
                                   "X\xFF\xFF\xFF\xFF."s,
                                   "\x8d\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFFx."s,
                                   "cos"s,
                                   "}h\0h\0h\0u."s,
                                   "\x8a\xFF."s,
                                   "\x85."s,
                                   "}q\1(h\1K\1u"s}) {
    EXPECT_THROW(Pickle{bytes}, Error) << bytes;
  }
  EXPECT_NO_THROW(Pickle("}q\1(h\1h\1u."));  // a dictionary that holds itself is only walked as deep as is asked
}

TEST(PickleTest, NumbersAreReadOfEverySize) {
  const auto number_in = [](const std::string& bytes) { return *pickled<int64_t>(Pickle(bytes + ".").value()); };
  EXPECT_EQ(number_in("K\xFF"), 255);
  EXPECT_EQ(number_in("M\1\2"), 513);
  EXPECT_EQ(number_in("J\xFE\xFF\xFF\xFF"), -2);
  EXPECT_EQ(number_in("\x8a\0"s), 0);
  EXPECT_EQ(number_in("\x8a\1\xFE"s), -2);
  EXPECT_EQ(number_in("\x8a\5\0\0\0\0\1"s), int64_t{1} << 32);
  EXPECT_EQ(*pickled<double>(Pickle("G\xBF\xE8\0\0\0\0\0\0."s).value()), -0.75);
}

}  // namespace
}  // namespace forger
