#pragma once

#include <filesystem>
#include <memory>

#include "image/row_writer.h"

// One function a format, used by row_writer.cpp alone, which has checked the shape.
namespace forger::codecs {

std::unique_ptr<RowWriter> jpeg_writer(const std::filesystem::path& path, const PictureShape& shape, int quality);
std::unique_ptr<RowWriter> webp_writer(const std::filesystem::path& path, const PictureShape& shape, int quality);

}  // namespace forger::codecs
