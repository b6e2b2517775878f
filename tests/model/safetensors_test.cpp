#include "model/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cstring>
#include <fstream>

#include "core/files.h"
#include "core/torch.h"
#include "forger/error.h"

namespace forger {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::filesystem::path kGolden = std::filesystem::path(__FILE__).parent_path() / "golden" / "golden.safetensors";

std::filesystem::path scratch(const std::string& name) { return std::filesystem::path(testing::TempDir()) / name; }

std::string with_header(const std::string& json, size_t data_bytes) {
  const uint64_t length = json.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + json + std::string(data_bytes, '\0');
}

std::string refusal(const std::string& bytes) {
  try {
    parse_safetensors(bytes, "m.safetensors");
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::string header_refusal(const std::string& json, size_t data_bytes) {
  return refusal(with_header(json, data_bytes));
}

void expect_values(const at::Tensor& tensor, at::ScalarType type, at::IntArrayRef shape, const at::Tensor& values) {
  EXPECT_EQ(tensor.scalar_type(), type);
  EXPECT_EQ(tensor.sizes(), shape);
  EXPECT_TRUE(torch::equal(tensor.flatten(), values.to(type)));
}

TEST(SafetensorsTest, ReadsTheGoldenFileThatPythonWrote) {
  const TensorFile file = read_safetensors(kGolden);
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"format", "pt"}, {"recipe", "naïve\n"}}));
  ASSERT_EQ(file.tensors.size(), 13u);
  const auto values = torch::tensor({0.0, 1.5, -2.25, 3.0, 65504.0, -0.0009765625}, at::kDouble);
  expect_values(file.tensors.at("double"), at::kDouble, {2, 3}, values);
  expect_values(file.tensors.at("float"), at::kFloat, {2, 3}, values);
  expect_values(file.tensors.at("half"), at::kHalf, {2, 3}, values);
  expect_values(file.tensors.at("bfloat"), at::kBFloat16, {2}, torch::tensor({1.5, -2.25}));
  constexpr auto least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();
  expect_values(file.tensors.at("long"), at::kLong, {2}, torch::tensor({least, most}));
  expect_values(file.tensors.at("int"), at::kInt, {1, 1, 2},
                torch::tensor({int64_t{-2147483648}, int64_t{2147483647}}));
  expect_values(file.tensors.at("short"), at::kShort, {2}, torch::tensor({-32768, 32767}));
  expect_values(file.tensors.at("char"), at::kChar, {2}, torch::tensor({-128, 127}));
  expect_values(file.tensors.at("byte"), at::kByte, {3}, torch::tensor({0, 128, 255}));
  expect_values(file.tensors.at("bool"), at::kBool, {3}, torch::tensor({1, 0, 1}));
  expect_values(file.tensors.at("scalar"), at::kFloat, {}, torch::tensor({42.0}));
  EXPECT_EQ(file.tensors.at("empty").sizes(), (at::IntArrayRef{0, 4}));
  EXPECT_EQ(file.tensors.at("größe/😀 \"quoted\"").item<int>(), 7);
}

TEST(SafetensorsTest, GoldenFileSurvivesWritingAndReading) {
  const TensorFile golden = read_safetensors(kGolden);
  const auto path = scratch("written.safetensors");  // tests/commands/test_formats.py reads it, too
  write_safetensors(path, golden);
  const TensorFile back = read_safetensors(path);
  EXPECT_EQ(back.metadata, golden.metadata);
  ASSERT_EQ(back.tensors.size(), golden.tensors.size());
  for (const auto& [name, tensor] : golden.tensors) {
    EXPECT_EQ(back.tensors.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(back.tensors.at(name), tensor)) << name;
  }
}

TEST(SafetensorsTest, AnyLayoutIsStoredContiguous) {
  const auto images = torch::arange(24, at::kFloat).view({1, 2, 3, 4});
  const auto path = scratch("layout.safetensors");
  write_safetensors(path, {.tensors = {{"last", images.contiguous(at::MemoryFormat::ChannelsLast)},
                                       {"part", images.select(1, 1)},
                                       {"turned", images.view({6, 4}).t()},
                                       {"weight", images.clone().requires_grad_()}},
                           .metadata = {}});
  const auto back = read_safetensors(path).tensors;
  EXPECT_TRUE(torch::equal(back.at("last"), images));
  EXPECT_TRUE(torch::equal(back.at("part"), images.select(1, 1)));
  EXPECT_TRUE(torch::equal(back.at("turned"), images.view({6, 4}).t()));
  EXPECT_TRUE(torch::equal(back.at("weight"), images));
  EXPECT_TRUE(back.at("last").is_contiguous());
  EXPECT_FALSE(back.at("weight").requires_grad());
}

TEST(SafetensorsTest, TensorsAreAlignedForReadersThatMapTheFile) {
  const auto path = scratch("aligned.safetensors");
  write_safetensors(path, {.tensors = {{"a", torch::ones({3}, at::kByte)}, {"b", torch::ones({2}, at::kDouble)}},
                           .metadata = {{"k", "v"}}});
  const std::string bytes = read_file(path);
  EXPECT_THAT(bytes, HasSubstr(R"("b":{"dtype":"F64","shape":[2],"data_offsets":[0,16]})"));
  uint64_t header = 0;
  std::memcpy(&header, bytes.data(), 8);
  EXPECT_EQ(header % 8, 0u);
  EXPECT_EQ(bytes.size(), 8 + header + 19);
}

TEST(SafetensorsTest, FilesWithoutTensorsAreFine) {
  const auto path = scratch("none.safetensors");
  write_safetensors(path, {.tensors = {}, .metadata = {{"only", "text"}}});
  EXPECT_EQ(read_safetensors(path).metadata.at("only"), "text");
  EXPECT_EQ(refusal(with_header("{}", 0)), "");
}

TEST(SafetensorsTest, WhatCannotBeStoredIsRefusedAndLeavesNothing) {
  const auto path = scratch("refused.safetensors");
  std::filesystem::remove(path);
  EXPECT_THROW(write_safetensors(path, {.tensors = {{"c", torch::ones({1}, at::kComplexFloat)}}, .metadata = {}}),
               Error);
  EXPECT_THROW(write_safetensors(path, {.tensors = {{"u", at::Tensor()}}, .metadata = {}}), Error);
  EXPECT_THROW(write_safetensors(path, {.tensors = {{"__metadata__", torch::ones({1})}}, .metadata = {}}), Error);
  EXPECT_THROW(write_safetensors(path, {.tensors = {{"\xff", torch::ones({1})}}, .metadata = {}}), Error);
  EXPECT_THROW(write_safetensors("/nowhere/m.safetensors", {}), Error);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(SafetensorsTest, UnreadableFilesAreErrorsThatNameThem) {
  EXPECT_THROW(read_safetensors("/nowhere/m.safetensors"), Error);
  EXPECT_THROW(read_safetensors(testing::TempDir()), Error);
  const auto path = scratch("empty.safetensors");
  std::ofstream{path};
  try {
    read_safetensors(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(StartsWith(path.string()), HasSubstr("received 0 bytes")));
  }
}

TEST(SafetensorsTest, EveryTruncationIsRefused) {
  const std::string bytes = read_file(kGolden);
  for (size_t size = 0; size < bytes.size(); ++size) ASSERT_NE(refusal(bytes.substr(0, size)), "") << size;
  EXPECT_NE(refusal(bytes + "x"), "");
  EXPECT_EQ(refusal(bytes), "");
}

TEST(SafetensorsTest, HeaderLengthBeyondTheFileIsRefused) {
  EXPECT_THAT(refusal("PK\x03\x04 this is a zip"), HasSubstr("is it a whole .safetensors file?"));
  EXPECT_THAT(refusal(std::string(8, '\xff')), HasSubstr("received a header length of 18446744073709551615"));
}

TEST(SafetensorsTest, BrokenHeadersAreRefused) {
  EXPECT_THAT(header_refusal("", 0), HasSubstr("m.safetensors: header: not JSON"));
  EXPECT_THAT(header_refusal("{\"a\": ", 0), HasSubstr("not JSON"));
  EXPECT_THAT(header_refusal("[]", 0), HasSubstr("received [], accepted: an object"));
  EXPECT_THAT(header_refusal("{\"\xff\": 1}", 0), HasSubstr("not JSON"));
  EXPECT_THAT(header_refusal(std::string(100000, '['), 0), HasSubstr("more than three levels"));
  EXPECT_THAT(header_refusal("{\"a\":" + std::string(100000, '{'), 0), HasSubstr("not JSON"));
  EXPECT_THAT(header_refusal("{\"a\":1}", 0), HasSubstr("tensor \"a\": received 1, accepted: an object"));
  EXPECT_THAT(header_refusal("{\"a\\nb\":1}", 0), HasSubstr("tensor \"a\\x0ab\""));
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

TEST(SafetensorsTest, BrokenEntriesAreRefusedByName) {
  const auto one = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return header_refusal("{" + entry("w", dtype, shape, offsets) + "}", 8);
  };
  EXPECT_EQ(one("F32", "[2]", "[0,8]"), "");
  EXPECT_THAT(one("F33", "[2]", "[0,8]"), HasSubstr("tensor \"w\": dtype: received \"F33\", accepted: F64, F32"));
  EXPECT_THAT(one("F32", "[3]", "[0,8]"), HasSubstr("received 8 bytes for shape [3] of Float, accepted: 12"));
  EXPECT_THAT(one("F32", "[-2]", "[0,8]"), HasSubstr("shape: received [-2]"));
  EXPECT_THAT(one("F32", "[2.0]", "[0,8]"), HasSubstr("shape: received [2.0]"));
  EXPECT_THAT(one("F32", "2", "[0,8]"), HasSubstr("shape: received 2"));
  EXPECT_THAT(one("F32", "[4611686018427387904,4]", "[0,8]"), HasSubstr("fewer than 2^63 bytes"));
  EXPECT_THAT(one("F32", "[9223372036854775807,9223372036854775807,0]", "[0,0]"), HasSubstr("fewer than 2^63 bytes"));
  EXPECT_THAT(one("F32", "[18446744073709551615]", "[0,8]"), HasSubstr("shape: received"));
  EXPECT_THAT(one("F32", "[2]", "[8,0]"), HasSubstr("data_offsets: received [8, 0]"));
  EXPECT_THAT(one("F32", "[2]", "[0]"), HasSubstr("data_offsets: received [0]"));
  EXPECT_THAT(one("F32", "[3]", "[0,12]"), HasSubstr("received an end of 12, accepted: at most 8"));
  EXPECT_THAT(one("F32", "[1]", "[4,8]"), HasSubstr("begins at byte 4, which leaves a hole"));
  EXPECT_THAT(one("F32", "[1]", "[0,4]"), HasSubstr("received 8 bytes of tensors, accepted: 4"));
  std::string many = "1";
  for (int i = 0; i < 64; ++i) many += ",1";
  EXPECT_THAT(one("F32", "[" + many + "]", "[0,4]"), HasSubstr("received 65 dimensions"));
  EXPECT_THAT(header_refusal("{\"w\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8), HasSubstr("data_offsets is missing"));
  EXPECT_THAT(header_refusal("{\"w\":{\"kind\":\"F32\"}}", 8), HasSubstr("received \"kind\""));
}

TEST(SafetensorsTest, OverlapsAndDuplicatesAreRefused) {
  EXPECT_THAT(
      header_refusal("{" + entry("a", "F32", "[2]", "[0,8]") + "," + entry("b", "F32", "[1]", "[4,8]") + "}", 8),
      HasSubstr("tensor \"b\": begins at byte 4, which overlaps"));
  EXPECT_THAT(
      header_refusal("{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("a", "F32", "[1]", "[4,8]") + "}", 8),
      HasSubstr("\"a\" stands twice"));
  EXPECT_THAT(header_refusal("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0),
              HasSubstr("\"dtype\" stands twice"));
}

TEST(SafetensorsTest, MetadataHoldsTextsOnly) {
  EXPECT_THAT(header_refusal("{\"__metadata__\":{\"a\":1}}", 0), HasSubstr("__metadata__: \"a\": received 1"));
  EXPECT_THAT(header_refusal("{\"__metadata__\":[]}", 0), HasSubstr("__metadata__: received []"));
}

TEST(SafetensorsTest, TruthValuesAreZeroOrOne) {
  std::string bytes = with_header("{" + entry("b", "BOOL", "[2]", "[0,2]") + "}", 2);
  EXPECT_EQ(refusal(bytes), "");
  bytes.back() = 2;
  EXPECT_THAT(refusal(bytes), HasSubstr("tensor \"b\": received 2 as a truth value"));
}

RC_GTEST_PROP(SafetensorsTest, ChangedBytesGiveAnErrorOrAFileAndNothingElse, ()) {
  static const std::string golden = read_file(kGolden);
  std::string bytes = golden;
  const auto changes = *rc::gen::inRange(1, 6);
  for (int i = 0; i < changes; ++i) {
    bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = static_cast<char>(*rc::gen::inRange(0, 256));
  }
  refusal(bytes);  // throws what is no forger::Error
}

}  // namespace
}  // namespace forger
