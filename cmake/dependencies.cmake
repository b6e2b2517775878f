# Libraries that Forger stands on. TORCH_DIR may name a LibTorch folder (the one that holds share/cmake/Torch); it goes
# before the environment's CMAKE_PREFIX_PATH, and that before the LibTorch that set-up brought.
if(DEFINED ENV{TORCH_DIR})
  list(PREPEND CMAKE_PREFIX_PATH $ENV{TORCH_DIR})
endif()
string(REPLACE ":" ";" forger_environment_prefixes "$ENV{CMAKE_PREFIX_PATH}")
list(APPEND CMAKE_PREFIX_PATH ${forger_environment_prefixes})
if(EXISTS ${PROJECT_SOURCE_DIR}/.venv)
  file(GLOB forger_local_torch ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
  list(APPEND CMAKE_PREFIX_PATH ${forger_local_torch})
endif()
# A LibTorch with CUDA, such as the wheel that pip brings on most machines, looks for CUDA's toolkit and fails without
# it. Only CUDA code needs the toolkit, and Forger has none; where this target exists, LibTorch does not look.
if(NOT TARGET torch::cudart)
  add_library(torch::cudart INTERFACE IMPORTED)
endif()
find_package(Torch REQUIRED)
if(Torch_VERSION AND Torch_VERSION VERSION_LESS 2.6)
  message(FATAL_ERROR "LibTorch ${Torch_VERSION} is too old; Forger needs 2.6 or newer")
endif()
message(STATUS "LibTorch ${Torch_VERSION} in ${TORCH_INSTALL_PREFIX}")
# CMake itself leaves folders inside the project, such as .venv, out of what it installs.
list(APPEND CMAKE_INSTALL_RPATH ${TORCH_INSTALL_PREFIX}/lib)

find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(fmt REQUIRED)
find_package(ZLIB REQUIRED)
find_package(JPEG REQUIRED)
find_package(LibArchive REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SPNG REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp libwebpdemux libwebpmux)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)

add_library(forger_private_dependencies INTERFACE)
target_link_libraries(forger_private_dependencies INTERFACE
  CLI11::CLI11 nlohmann_json::nlohmann_json simdjson::simdjson fmt::fmt-header-only ZLIB::ZLIB JPEG::JPEG
  LibArchive::LibArchive PkgConfig::SPNG PkgConfig::WEBP PkgConfig::HTTPLIB Threads::Threads)
target_include_directories(forger_private_dependencies SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE})
