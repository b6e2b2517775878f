#include "onnx/onnx_runtime.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/fail.h"
#include "core/text.h"
#include "core/torch.h"
#include "onnx/graph.h"

namespace forger {
namespace {

namespace fs = std::filesystem;

/// Of the C interface that is asked for: functions keep their places in all later ones.
constexpr uint32_t kInterfaceVersion = 3;
/// Places of functions in it.
enum Place : int {
  kGetErrorMessage = 2,
  kCreateEnvironment = 3,
  kCreateSession = 7,
  kRun = 9,
  kCreateSessionOptions = 10,
  kSetLogSeverity = 22,
  kSetThreads = 24,
  kGetInputCount = 30,
  kGetOutputCount = 31,
  kGetInputType = 33,
  kGetOutputType = 34,
  kGetInputName = 36,
  kGetOutputName = 37,
  kCreateTensor = 49,
  kGetTensorData = 51,
  kCastToTensorType = 55,
  kGetElementType = 60,
  kGetDimensionsCount = 61,
  kGetDimensions = 62,
  kGetTypeAndShape = 65,
  kCreateCpuMemory = 69,
  kFree = 76,
  kGetAllocator = 78,
  kReleaseEnvironment = 92,
  kReleaseStatus = 93,
  kReleaseMemory = 94,
  kReleaseSession = 95,
  kReleaseTensor = 96,
  kReleaseType = 98,
  kReleaseTypeAndShape = 99,
  kReleaseSessionOptions = 100,
  kGetMetadata = 111,
  kGetMetadataValue = 116,
  kReleaseMetadata = 118,
  kGetMetadataKeys = 123,
};
constexpr int kErrorsOnly = 3, kDeviceAllocator = 0, kDefaultMemory = 0;

/// What the library's one symbol gives.
struct InterfaceBase {
  void* const* (*functions)(uint32_t version);
  const char* (*version)();
};

/// Libraries of that name in a folder, the youngest first.
std::vector<std::string> libraries_in(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(folder, unreadable)) {
    if (entry.path().filename().string().starts_with("libonnxruntime.so")) found.push_back(entry.path().string());
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

/// Packages of Python's environments under `lib`.
std::vector<fs::path> package_folders(const fs::path& environment) {
  std::vector<fs::path> folders;
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(environment / "lib", unreadable)) {
    if (entry.path().filename().string().starts_with("python3")) folders.push_back(entry.path() / "site-packages");
  }
  return folders;
}

std::vector<std::string> candidates() {
  std::vector<fs::path> folders;
  if (const char* named = std::getenv("ONNXRUNTIME_DIR")) {
    for (const char* inner : {"", "lib", "capi"}) folders.push_back(fs::path(named) / inner);
  }
  Dl_info torch{};
  if (dladdr(reinterpret_cast<const void*>(&at::globalContext), &torch) != 0 && torch.dli_fname != nullptr) {
    // site-packages/torch/lib/libtorch_cpu.so
    folders.push_back(fs::path(torch.dli_fname).parent_path().parent_path().parent_path() / "onnxruntime/capi");
  }
  if (const char* environment = std::getenv("VIRTUAL_ENV")) {
    for (const auto& packages : package_folders(environment)) folders.push_back(packages / "onnxruntime/capi");
  }
  std::vector<std::string> files;
  for (const auto& folder : folders) {
    for (auto& file : libraries_in(folder)) files.push_back(std::move(file));
  }
  files.insert(files.end(), {"libonnxruntime.so.1", "libonnxruntime.so"});
  return files;
}

at::ScalarType type_of(int number) {
  for (const auto type : {at::kFloat, at::kByte, at::kLong}) {
    if (number == static_cast<int>(onnx_type_of(at::empty({0}, type)))) return type;
  }
  fail("ONNX Runtime gave numbers of the type {}, accepted: float32, uint8, int64", number);
}

}  // namespace

std::shared_ptr<const OnnxRuntime> OnnxRuntime::find() {
  for (const auto& file : candidates()) {
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) continue;
    const auto base = reinterpret_cast<const InterfaceBase* (*)()>(dlsym(library, "OrtGetApiBase"));
    if (base != nullptr) return std::shared_ptr<const OnnxRuntime>(new OnnxRuntime(base()));
    dlclose(library);
  }
  return nullptr;
}

OnnxRuntime::OnnxRuntime(const void* base) {
  const auto* interface = static_cast<const InterfaceBase*>(base);
  functions_ = interface->functions(kInterfaceVersion);
  version_ = interface->version();
  call(kCreateEnvironment, kErrorsOnly, "forger", &environment_);
}

/// The library stays: its threads may still be about to end.
OnnxRuntime::~OnnxRuntime() { release(kReleaseEnvironment, environment_); }

template <class... Arguments>
void OnnxRuntime::call(int place, Arguments... arguments) const {
  void* status = reinterpret_cast<void* (*)(Arguments...)>(functions_[place])(arguments...);
  if (status == nullptr) return;
  const std::string message = reinterpret_cast<const char* (*)(const void*)>(functions_[kGetErrorMessage])(status);
  release(kReleaseStatus, status);
  fail("ONNX Runtime {}: {}", version_, first_line(message));
}

void OnnxRuntime::release(int place, void* object) const {
  if (object != nullptr) reinterpret_cast<void (*)(void*)>(functions_[place])(object);
}

OnnxSession::OnnxSession(std::shared_ptr<const OnnxRuntime> runtime, const fs::path& file, int threads)
    : runtime_(std::move(runtime)) {
  void* options = nullptr;
  runtime_->call(kCreateSessionOptions, &options);
  const std::shared_ptr<void> owned(options, [this](void* held) { runtime_->release(kReleaseSessionOptions, held); });
  runtime_->call(kSetLogSeverity, options, kErrorsOnly);
  runtime_->call(kSetThreads, options, threads);
  try {
    runtime_->call(kCreateSession, runtime_->environment_, file.c_str(), options, &session_);
  } catch (const Error& error) {
    fail("{}: {}", file.string(), error.what());
  }
  runtime_->call(kCreateCpuMemory, kDeviceAllocator, kDefaultMemory, &memory_);
  inputs_ = read_plugs(kGetInputCount, kGetInputName, kGetInputType);
  outputs_ = read_plugs(kGetOutputCount, kGetOutputName, kGetOutputType);
  metadata_ = read_metadata();
}

std::vector<int64_t> OnnxSession::read_sides(const void* shape) const {
  size_t count = 0;
  runtime_->call(kGetDimensionsCount, shape, &count);
  std::vector<int64_t> sides(count);
  runtime_->call(kGetDimensions, shape, sides.data(), count);
  return sides;
}

std::vector<OnnxPlug> OnnxSession::read_plugs(int count_place, int name_place, int type_place) const {
  void* allocator = nullptr;
  runtime_->call(kGetAllocator, &allocator);
  size_t count = 0;
  runtime_->call(count_place, static_cast<const void*>(session_), &count);
  std::vector<OnnxPlug> plugs;
  for (size_t i = 0; i < count; ++i) {
    char* name = nullptr;
    runtime_->call(name_place, static_cast<const void*>(session_), i, allocator, &name);
    auto& plug = plugs.emplace_back(OnnxPlug{.name = name, .sides = {}});
    runtime_->call(kFree, allocator, static_cast<void*>(name));
    void* type = nullptr;
    const void* tensor = nullptr;
    runtime_->call(type_place, static_cast<const void*>(session_), i, &type);
    const std::shared_ptr<void> held(type, [this](void* all) { runtime_->release(kReleaseType, all); });
    runtime_->call(kCastToTensorType, static_cast<const void*>(type), &tensor);
    if (tensor != nullptr) plug.sides = read_sides(tensor);
  }
  return plugs;
}

std::map<std::string, std::string> OnnxSession::read_metadata() const {
  void *allocator = nullptr, *metadata = nullptr;
  runtime_->call(kGetAllocator, &allocator);
  runtime_->call(kGetMetadata, static_cast<const void*>(session_), &metadata);
  const std::shared_ptr<void> held(metadata, [this](void* all) { runtime_->release(kReleaseMetadata, all); });
  char** keys = nullptr;
  int64_t count = 0;
  runtime_->call(kGetMetadataKeys, static_cast<const void*>(metadata), allocator, &keys, &count);
  std::map<std::string, std::string> found;
  for (int64_t i = 0; i < count; ++i) {
    char* value = nullptr;
    runtime_->call(kGetMetadataValue, static_cast<const void*>(metadata), allocator, static_cast<const char*>(keys[i]),
                   &value);
    if (value != nullptr) found[keys[i]] = value;
    runtime_->call(kFree, allocator, static_cast<void*>(value));
    runtime_->call(kFree, allocator, static_cast<void*>(keys[i]));
  }
  if (keys != nullptr) runtime_->call(kFree, allocator, static_cast<void*>(keys));
  return found;
}

OnnxSession::~OnnxSession() {
  runtime_->release(kReleaseMemory, memory_);
  runtime_->release(kReleaseSession, session_);
}

std::map<std::string, at::Tensor> OnnxSession::run(const std::map<std::string, at::Tensor>& inputs,
                                                   const std::vector<std::string>& outputs) const {
  const auto owned = [this](void* tensor) {
    return std::shared_ptr<void>(tensor, [this](void* held) { runtime_->release(kReleaseTensor, held); });
  };
  std::vector<at::Tensor> kept;
  std::vector<std::shared_ptr<void>> tensors;
  std::vector<const char*> names, wanted;
  std::vector<void*> given, made(outputs.size(), nullptr);
  for (const auto& [name, tensor] : inputs) {
    const auto& numbers = kept.emplace_back(tensor.contiguous());
    void* value = nullptr;
    runtime_->call(kCreateTensor, static_cast<const void*>(memory_), numbers.data_ptr(), numbers.nbytes(),
                   numbers.sizes().data(), numbers.sizes().size(), static_cast<int>(onnx_type_of(numbers)), &value);
    tensors.push_back(owned(value));
    given.push_back(value);
    names.push_back(name.c_str());
  }
  for (const auto& name : outputs) wanted.push_back(name.c_str());
  runtime_->call(kRun, session_, static_cast<const void*>(nullptr), names.data(), given.data(), given.size(),
                 wanted.data(), wanted.size(), made.data());
  std::map<std::string, at::Tensor> found;
  for (size_t i = 0; i < made.size(); ++i) tensors.push_back(owned(made[i]));
  for (size_t i = 0; i < made.size(); ++i) {
    void *shape = nullptr, *numbers = nullptr;
    runtime_->call(kGetTypeAndShape, static_cast<const void*>(made[i]), &shape);
    const std::shared_ptr<void> held(shape, [this](void* all) { runtime_->release(kReleaseTypeAndShape, all); });
    int type = 0;
    runtime_->call(kGetElementType, static_cast<const void*>(shape), &type);
    const auto sides = read_sides(shape);
    runtime_->call(kGetTensorData, made[i], &numbers);
    found[outputs[i]] = at::from_blob(numbers, sides, type_of(type)).clone();
  }
  return found;
}

}  // namespace forger
